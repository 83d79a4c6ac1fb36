"""What the router is told by its environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from delivery.settings import ServiceSettings


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, populate_by_name=True)

    port: int = Field(8002, validation_alias="CASEGRID_ROUTER_PORT")
    overtakes: bool = True
    """Urgent reports overtake a backlog."""
    ruleset: str = Field("example-1", description="shipped; put in force at the first start of all")
    calendar: str = Field(
        "cn", description="cn, weekdays, the name of an uploaded calendar, or a path/file.json"
    )
    time_zone: str = Field(
        "Asia/Shanghai", description="of the built-in calendars; a calendar file has its own"
    )
