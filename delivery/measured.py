"""Counts and times HTTP requests."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from delivery.metrics import HTTP_REQUESTS, HTTP_SECONDS


class Measured:
    """Counts and times each request by its route, so that ids in paths do not multiply the series."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            HTTP_REQUESTS.labels(self.service, scope["method"], route, str(status)).inc()
            HTTP_SECONDS.labels(self.service, route).observe(time.perf_counter() - began)
