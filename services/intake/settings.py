"""What intake is told by its environment."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from delivery.channels.settings import ChannelSettings
from delivery.settings import Port, ZoneName


class Settings(ChannelSettings):
    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, populate_by_name=True)

    port: Port = Field(8001, validation_alias="CASEGRID_INTAKE_PORT")
    reporter_secret: SecretStr = Field(
        SecretStr(""),
        description="key of the references that stand for a reporter; without it there are none",
    )
    vault_days: int = Field(
        730,
        ge=90,
        description="how long after the end of their cases personal data are kept; of applications always",
    )
    status_url: str = Field(
        "", description="where residents follow a report; the receipt number goes to its end"
    )
    time_zone: ZoneName = Field(
        "Asia/Shanghai", description="of the hours in which residents are not disturbed"
    )
