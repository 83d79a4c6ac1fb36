"""What the router is told by its environment."""

from pydantic import AwareDatetime, Field
from pydantic_settings import SettingsConfigDict

from delivery.settings import Port, ServiceSettings, ZoneName
from services.router.clocks.time_lapse import Now, real_time, time_lapse
from services.router.rulesets.ruleset import SHIPPED


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="CASEGRID_", frozen=True, populate_by_name=True)

    port: Port = Field(8002, validation_alias="CASEGRID_ROUTER_PORT")
    overtakes: bool = True
    """Urgent reports overtake a backlog."""
    ruleset: str = Field(SHIPPED, description="shipped; put in force at the first start of all")
    calendar: str = Field(
        "cn", description="cn, weekdays, the name of an uploaded calendar, or a path/file.json"
    )
    time_zone: ZoneName = Field(
        "Asia/Shanghai", description="of the built-in calendars; a calendar file has its own"
    )
    time_speed: float = Field(
        1.0, ge=1, le=1e6, description="for demonstrations only: how fast time goes by from time_since on"
    )
    time_since: AwareDatetime | None = None

    def now(self) -> Now:
        return time_lapse(self.time_since, self.time_speed) if self.time_since else real_time
