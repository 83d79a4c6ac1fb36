"""An Apache Kafka of our own: broker and controller in one process, locked jars, two ports of 127.0.0.1."""

import asyncio
import os
import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from string import Template

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from deploy.local.java import find_java
from deploy.local.kafka_jars import class_path
from deploy.local.ports import is_free, require_free, require_unmoved
from deploy.local.postgres_server import LOCALE
from deploy.local.processes import LocalServer, Say, ServerFailed, silent

PROPERTIES = Path(__file__).parent / "kafka" / "server.properties"
JARS = Path(__file__).parents[2] / ".local" / "jars"


@dataclass
class KafkaServer(LocalServer):
    """`short_lived=True` is for ordinary tests: it starts sooner and runs slower."""

    name = "Apache Kafka"
    controller_port: int
    short_lived: bool = False
    jars: Path = JARS
    setting: str = "CASEGRID_KAFKA_PORT"
    controller_setting: str = "CASEGRID_KAFKA_CONTROLLER_PORT"

    def start(self, *, say: Say = silent) -> None:
        """Returns when it lists itself as a working broker; does nothing more when it runs already."""
        with self.process.alone():
            require_unmoved(self.process.find(), self.port, self.setting)
            if self.process.serves(self._answers, say=say):
                return
            require_free(self.port, self.setting)
            require_free(self.controller_port, self.controller_setting)
            java = self._java(say)
            self._configure()
            self._format(java, say)
            command = [*java, "kafka.Kafka", str(self._properties)]
            self.process.start(command, self._answers, say=say, env=_any_path())

    def stop(self) -> None:
        with self.process.alone():
            self.process.stop(signal.SIGTERM)

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _java(self, say: Say) -> list[str]:
        program, release = find_java()
        options = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto"]
        if self.short_lived:
            options.append("-XX:TieredStopAtLevel=1")
        if release >= 22:
            options.append("--enable-native-access=ALL-UNNAMED")
        log = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return [str(program), *options, log, "-cp", class_path(self.jars, say=say)]

    def _configure(self) -> None:
        data = in_properties(str(self._data))
        values = {"port": self.port, "controller_port": self.controller_port, "data": data}
        self._properties.write_text(Template(PROPERTIES.read_text()).substitute(values))

    def _format(self, java: list[str], say: Say) -> None:
        """Kafka writes this file last, so a folder that has it was formatted to the end."""
        if (self._data / "meta.properties").exists():
            return
        say("Apache Kafka: formatting a new log folder")
        asked = ["format", "-t", cluster_id(uuid.uuid4), "-c", str(self._properties), "--ignore-formatted"]
        command = [*java, "kafka.tools.StorageTool", *asked]
        done = subprocess.run(command, capture_output=True, text=True, env=_any_path())
        if done.returncode:
            raise ServerFailed(f"Kafka could not format {self._data}:\n{(done.stdout + done.stderr).strip()}")

    def _answers(self) -> bool:
        if is_free(self.port):
            return False
        with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of his own
            return thread.submit(asyncio.run, _lists_a_broker(self.bootstrap)).result()

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"


def cluster_id(new_id: Callable[[], uuid.UUID]) -> str:
    """As Kafka writes its own: never with a dash in front, which its command line would take for an option."""
    while (text := urlsafe_b64encode(new_id().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def in_properties(text: str) -> str:
    """Java reads its properties as Latin-1, and a backslash as the beginning of something else."""
    units = text.encode("utf-16-be")
    numbers = [int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2)]
    return "".join(
        chr(number) if 32 <= number < 127 and number != ord("\\") else f"\\u{number:04x}"
        for number in numbers
    )


def _any_path() -> dict[str, str]:
    """Java names files by the locale, and in that of a bare machine no letter but the English ones can stand."""
    return {**os.environ, "LC_ALL": LOCALE}


async def _lists_a_broker(bootstrap: str) -> bool:
    """Metadata names a broker only once the controller lets it serve."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except KafkaError:
        return False
    finally:
        await client.close()
