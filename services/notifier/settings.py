"""What the notifier is told by its environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from delivery.channels.settings import ChannelSettings
from delivery.settings import Port, ZoneName


class Settings(ChannelSettings):
    model_config = SettingsConfigDict(populate_by_name=True)

    port: Port = Field(8003, validation_alias="CASEGRID_NOTIFIER_PORT")
    allow_private_targets: bool = Field(
        False, description="webhooks may go to plain http and to private addresses: for the local stack only"
    )
    sending: int = Field(256, ge=1, description="webhook requests under way at once")
    sending_per_subscription: int = Field(
        16, ge=1, description="of these, at most so many to one subscription"
    )
    subscriptions_per_owner: int = Field(500, ge=1, description="of a unit, or of all administrators")
    feed_days: int = Field(30, ge=3, description="how far back streams resume and replays reach")
    log_days: int = Field(90, ge=3, description="how long the delivery log is kept")
    time_zone: ZoneName = Field("Asia/Shanghai", description="of quiet hours and digests")
    desk_unit: str = Field(
        "", description="code of the unit that dispatches: told of returns, calls to make, appeals"
    )
    desk_url: str = Field("", description="where units work; links in notices begin with it")
    mail_url: str = Field(
        "",
        description="where this service is reached from outside: links to confirm and to unsubscribe begin with it",
    )
