"""`python -m services.router`: the service, until it is told to stop."""

from delivery.service import serve
from delivery.settings import as_told
from services.router.app import create_service
from services.router.settings import Settings

settings = as_told(Settings)
serve(create_service(settings), settings.port)
