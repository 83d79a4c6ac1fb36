"""Fixtures: the PostgreSQL and the Kafka of a test run, whether given by address, in containers, or embedded."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import docker
import pytest
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from deploy.local.kafka_server import KafkaServer
from deploy.local.ports import free_port
from deploy.local.postgres_server import PostgresServer
from deploy.local.servers import given_kafka


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Of the server, without a database."""
    if given := os.environ.get("CASEGRID_POSTGRES"):
        yield given
    else:
        with _chosen(container=_postgres_container, embedded=_embedded_postgres) as url:
            yield url


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    if given := given_kafka(os.environ):
        yield given
    else:
        with _chosen(container=_kafka_container, embedded=_embedded_kafka) as bootstrap:
            yield bootstrap


@contextmanager
def server_directory() -> Iterator[Path]:
    """Not pytest's own: only root may enter that, and PostgreSQL is never root."""
    with tempfile.TemporaryDirectory(prefix="casegrid-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


Running = Callable[[], AbstractContextManager[str]]


def _chosen(*, container: Running, embedded: Running) -> AbstractContextManager[str]:
    if os.environ.get("TEST_INFRA") != "containers":
        return embedded()
    if not _engine_answers():
        warnings.warn("TEST_INFRA=containers, but no Docker engine answers: embedded servers", stacklevel=1)
        return embedded()
    return container()


def _engine_answers() -> bool:
    try:
        client = docker.from_env(timeout=5)
        return bool(client.ping())
    except docker.errors.DockerException:
        return False


@contextmanager
def _embedded_postgres() -> Iterator[str]:
    with server_directory() as directory:
        server = PostgresServer(directory, free_port(), durable=False)
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@contextmanager
def _embedded_kafka() -> Iterator[str]:
    with server_directory() as directory:
        server = KafkaServer(directory, free_port(), free_port(), short_lived=True)
        server.start()
        try:
            yield server.bootstrap
        finally:
            server.stop()


@contextmanager
def _postgres_container() -> Iterator[str]:
    container = PostgresContainer("postgres:18", username="postgres", dbname="postgres", driver=None)
    container.with_command("postgres -c max_connections=200 -c fsync=off -c full_page_writes=off")
    with container:
        yield container.get_connection_url().rpartition("/")[0]


@contextmanager
def _kafka_container() -> Iterator[str]:
    """The port is the same inside and outside, since a broker tells its clients where to come back to."""
    port = free_port()
    container = DockerContainer("apache/kafka:4.4.0").with_bind_ports(port, port)
    bootstrap = f"{container.get_docker_client().host()}:{port}"
    container.with_envs(**_kafka_settings(port, bootstrap))
    with container.waiting_for(LogMessageWaitStrategy("Kafka Server started")):
        yield bootstrap


def _kafka_settings(port: int, bootstrap: str) -> dict[str, str]:
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://127.0.0.1:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{bootstrap}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "500",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
