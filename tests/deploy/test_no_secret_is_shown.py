"""What a traceback or a failed test prints of our own objects names no password and no token."""

from pathlib import Path

from delivery.settings import ServiceSettings
from deploy.local.servers import Servers
from deploy.local.service_processes import LocalService
from deploy.local.stack import Stack

ADDRESS = "postgresql://admin:hidden@host:5432"


def test_settings_show_no_password() -> None:
    assert "hidden" not in repr(ServiceSettings(postgres=ADDRESS))


def test_the_stack_shows_no_password_and_no_token() -> None:
    service = LocalService("intake", Path(), 8001, {"CASEGRID_POSTGRES": ADDRESS})
    stack = Stack(
        Path(), Servers(ADDRESS, "host:9092"), {"intake": service}, {"CASEGRID_ADMIN_TOKEN": "hidden"}
    )
    assert "hidden" not in repr(stack)
