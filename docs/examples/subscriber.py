"""A subscriber: `SECRET=whsec_… python subscriber.py 9000`. Needs aiohttp and standardwebhooks."""

import os
import sys

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SECRET"])
seen: set[str] = set()  # yours lives in a database, and is written with the work


async def receive(request: web.Request) -> web.Response:
    try:
        event = webhook.verify(await request.read(), dict(request.headers))
    except WebhookVerificationError:
        return web.Response(status=401)
    if request.headers["webhook-id"] not in seen:  # what comes again comes under the same id
        work(event)
        seen.add(request.headers["webhook-id"])
    return web.Response(status=204)  # within ten seconds; long work belongs behind it


def work(event: dict) -> None:
    case = event["data"]
    what = case.get("data", {})  # a test is about no case, and a sealed case says nothing more
    print(event["type"], event.get("subject"), case.get("urgency"), what.get("lead"), flush=True)


app = web.Application()
app.router.add_post("/", receive)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
