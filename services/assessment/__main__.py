"""`python -m services.assessment`: the service, until it is told to stop."""

from delivery.service import serve
from services.assessment.app import create_service
from services.assessment.settings import Settings

settings = Settings()
serve(create_service(settings), settings.port)
