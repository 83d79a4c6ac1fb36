"""What every service is told by its environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Names in the environment begin with `CASEGRID_`; `CASEGRID_POSTGRES` is a server address without a database."""

    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True)

    kafka: str = "127.0.0.1:9092"
    postgres: str = Field("postgresql://127.0.0.1:5432", repr=False)  # an address holds a password
    namespace: str = Field(
        "", description="goes before topics, groups and databases: several casegrids side by side"
    )
    replication: int = Field(1, description="copies of each topic; 3 in a deployment")
    host: str = "127.0.0.1"
    jwks: str = Field("", description="where the keys of token issuers are: a file or an https address")
    issuer: str = "casegrid-local"
    audience: str = "casegrid"
    log_level: str = "info"
    batch_size: int = 500
    pool_size: int = 10

    def database_of(self, service: str) -> str:
        return f"{self.postgres.rstrip('/')}/{self.namespace}casegrid_{service}"
