"""What an agency does over HTTP again and again: it makes a webhook, it tries a filter."""

PATH = "/v1/subscriptions"
TRIAL = "/v1/filters/trial"


def a_webhook(url="http://127.0.0.1:9/hook", **changes):
    return {"name": "路灯 lights", "channel": "webhook", "target": {"url": url}} | changes


async def made(client, headers, **changes):
    answer = await client.post(PATH, json=a_webhook(**changes), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def tried(client, headers, **wanted):
    answer = await client.post(TRIAL, json={"filter": wanted}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()
