"""What assessment is told by its environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from delivery.settings import Port, ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, populate_by_name=True)

    port: Port = Field(8004, validation_alias="CASEGRID_ASSESSMENT_PORT")
