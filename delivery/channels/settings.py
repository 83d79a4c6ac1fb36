"""What a service that writes to people is told about the ways out."""

from typing import Literal

from pydantic import Field, SecretStr, model_validator
from standardwebhooks import Webhook

from delivery.settings import ServiceSettings


class ChannelSettings(ServiceSettings):
    """An empty host or address: that way is not configured, and what would have gone there is recorded so."""

    smtp_host: str = Field("", description="e-mail leaves here; empty: e-mail is not configured")
    smtp_port: int = Field(587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="tls: from the first byte (port 465); none: for a relay on this machine only"
    )
    smtp_ca: str = Field("", description="a PEM file to trust instead of the system's authorities")
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_sender: str = Field("casegrid@localhost", description="what e-mail is from: name <address>")
    gateway_url: str = Field(
        "", description="SMS, app and calls are posted here; empty: they are not configured"
    )
    gateway_secret: SecretStr = Field(
        SecretStr(""), description="whsec_…: signs what is posted, as Standard Webhooks ask"
    )

    @model_validator(mode="after")
    def _gateway_can_tell_us(self) -> "ChannelSettings":
        """What is posted holds telephone numbers: a gateway that anybody could post to is refused at the start."""
        if self.gateway_url:
            try:
                Webhook(self.gateway_secret.get_secret_value())
            except Exception:  # whatever is wrong with it, it is this setting
                raise ValueError("CASEGRID_GATEWAY_URL needs CASEGRID_GATEWAY_SECRET, as whsec_…") from None
        return self
