"""`python -m services.intake`: the service, until it is told to stop."""

from delivery.service import serve
from delivery.settings import as_told
from services.intake.app import create_service
from services.intake.settings import Settings

settings = as_told(Settings)
serve(create_service(settings), settings.port)
