"""What every service is told by its environment."""

import sys
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from aiokafka.conn import collect_hosts
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from delivery.field_types import detail_of, shaped

_LEVELS = ("debug", "info", "warning", "error", "critical")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("no time zone such as Asia/Shanghai") from None
    return name


def _level(name: str) -> str:
    if name.lower() not in _LEVELS:
        raise ValueError(f"none of {', '.join(_LEVELS)}")
    return name


def _brokers(addresses: str) -> str:
    try:
        collect_hosts(addresses)
    except ValueError:
        raise ValueError("no addresses such as host:9092,other:9092") from None
    return addresses


Port = Annotated[int, Field(ge=1, le=65_535)]
ZoneName = Annotated[str, AfterValidator(_zone)]


class ServiceSettings(BaseSettings):
    """Names in the environment begin with `CASEGRID_`, and an empty one is as good as none; `CASEGRID_POSTGRES` is a
    server address without a database."""

    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, env_ignore_empty=True)

    kafka: Annotated[str, AfterValidator(_brokers)] = "127.0.0.1:9092"
    # not shown: an address holds a password
    postgres: Annotated[str, shaped(r"^postgres(ql)?://", "an address that begins with postgresql://")] = (
        Field("postgresql://127.0.0.1:5432", repr=False)
    )
    namespace: str = Field(
        "", description="goes before topics, groups and databases: several casegrids side by side"
    )
    replication: int = Field(1, ge=1, description="copies of each topic; 3 in a deployment")
    host: str = "127.0.0.1"
    jwks: str = Field("", description="where the keys of token issuers are: a file or an https address")
    issuer: str = "casegrid-local"
    audience: str = "casegrid"
    log_level: Annotated[str, AfterValidator(_level)] = "info"
    batch_size: int = Field(500, ge=1)
    pool_size: int = Field(10, ge=1)

    def database_of(self, service: str) -> str:
        return f"{self.postgres.rstrip('/')}/{self.namespace}casegrid_{service}"


S = TypeVar("S", bound=BaseSettings)


def as_told(kind: type[S]) -> S:
    """What a process begins with; what is wrong is said by name, and never by value, which may be a secret."""
    try:
        return kind()
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            name = str(found["loc"][0]) if found["loc"] else "settings"
            setting = name if not name.islower() else f"CASEGRID_{name.upper()}"
            print(f"{setting}: {detail_of(found)}", file=sys.stderr)
        raise SystemExit(2) from None
