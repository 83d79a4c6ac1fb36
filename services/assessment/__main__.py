"""`python -m services.assessment`: the service, until it is told to stop."""

from delivery.service import serve
from delivery.settings import as_told
from services.assessment.app import create_service
from services.assessment.settings import Settings

settings = as_told(Settings)
serve(create_service(settings), settings.port)
