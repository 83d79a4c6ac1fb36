"""Runs the notifier: `python -m services.notifier`."""

from delivery.service import serve
from delivery.settings import as_told
from services.notifier.app import create_service
from services.notifier.settings import Settings

if __name__ == "__main__":
    settings = as_told(Settings)
    serve(create_service(settings), settings.port)
