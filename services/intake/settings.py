"""What intake is told by its environment."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from delivery.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, populate_by_name=True)

    port: int = Field(8001, validation_alias="CASEGRID_INTAKE_PORT")
    reporter_secret: SecretStr = Field(
        SecretStr(""),
        description="key of the references that stand for a reporter; without it there are none",
    )
