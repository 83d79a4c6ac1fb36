"""The form of a subscription: what is filled in as the body of the API's call, and where what was refused stands."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.idempotency import KEY_REUSED
from delivery.pages.refusals import Refusals
from services.notifier.filter import Filter
from services.notifier.pages.words import CHANNELS, Voice

Given = Mapping[str, str]
_CODES = ("units", "categories", "grids")
_TICKED = ("tiers", "event_types")
_PACE = "paces."
# a control for each pointer; the longest beginning counts
_PLACES = {
    "/name": "name",
    "/channel": "channel",
    "/target/url": "url",
    "/target": "address",
    **{f"/filter/{name}": name for name in (*_CODES, *_TICKED, "min_urgency")},
    "/from": "from",
}
# what is said of the body as a whole
_ABOUT = {
    "a webhook needs target.url": "url",
    "e-mail needs target.address": "address",
}

in_chinese = Refusals(
    {
        "a webhook needs target.url": "Webhook 须填写推送地址",
        "e-mail needs target.address": "电子邮件须填写邮箱地址",
        "no such type of case event": "没有这种事件",
        "names {} values; a filter may name {} in all": "条件太多，总数不得超过一千",
        "is not a URL": "不是网址",
        "is too long, or holds spaces or control characters": "网址太长，或含有空格、控制字符",
        "must be an https URL": "须为 https 网址",
        "must not hold a user or a password": "网址中不得含有用户名或密码",
        "is not a public address": "不是公网地址",
        "is not an address": "不是网络地址",
        "a webhook needs target.url, a stream has no target": "Webhook 须填写推送地址",
        "e-mail is not set up here": "本系统尚未配置电子邮件",
        "lies in the future": "不能晚于现在",
        "replays reach back {} days": "早于可重放的范围",
        "Input should be a valid datetime{}": "请填写日期和时间",
        "Input should have timezone info": "请填写日期和时间",
        "a replay of this subscription still runs": "上一次重放尚未结束",
        "needs an active webhook; this is a {}": "须为正常状态的 Webhook 订阅",
        "the address has unsubscribed: give another, or subscribe anew": "该邮箱已退订：请换一个地址，或重新订阅",
        "what it was about is no longer kept": "对应的事件已不再保存",
        "only what has failed is tried again; this is {}": "只有失败或过期的投递才能重新发送",
        "{} may have {} subscriptions and has them: {}": "订阅数已达上限，请删除一个或放宽条件",
        f"{KEY_REUSED}, {{}}": "密钥已再次更换，请重新操作",
        "what this Idempotency-Key made has been deleted": "此表单创建的订阅已被删除",
        KEY_REUSED: "此表单已提交过。再次提交将另建一个订阅",
    }
).in_chinese
_ENGLISH = {
    **dict.fromkeys(_ABOUT, "Field required"),
    KEY_REUSED: "This form was sent before. Sent again, it makes another subscription",
}


def said(detail: str, voice: Voice) -> str:
    """A refusal as the page says it."""
    return in_chinese(detail) if voice.lang == "zh" else _ENGLISH.get(detail, detail)


def body_of(given: Given) -> dict[str, Any]:
    return {
        "name": given.get("name", ""),
        "channel": given.get("channel", ""),
        "target": target_of(given),
        "filter": filter_of(given),
    }


def target_of(given: Given) -> dict[str, Any] | None:
    """Only what belongs to the channel."""
    match given.get("channel"):
        case "webhook":
            return _filled({"url": given.get("url", "").strip()})
        case "email":
            paces = {
                name.removeprefix(_PACE): value for name, value in given.items() if name.startswith(_PACE)
            }
            return _filled(
                {
                    "address": given.get("address", "").strip(),
                    "language": given.get("language"),
                    "paces": paces,
                }
            )
    return None


def filter_of(given: Given) -> dict[str, Any]:
    """What is left empty is left out."""
    codes = {name: given.get(name, "").split() for name in _CODES}
    ticked = {name: _ticked(given, name) for name in _TICKED}
    return _filled({**ticked, **codes, "min_urgency": given.get("min_urgency", "")})


def _ticked(given: Given, name: str) -> list[str]:
    return [key.removeprefix(f"{name}.") for key in given if key.startswith(f"{name}.")]


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def given_of(name: str, channel: str, url: str | None, wanted: Filter) -> dict[str, str]:
    """The form of a subscription as it stands."""
    held = wanted.model_dump(mode="json")
    codes = {field: " ".join(held[field]) for field in _CODES if field in held}
    ticked = {f"{field}.{value}": "true" for field in _TICKED for value in held.get(field, ())}
    plain = {"name": name, "channel": channel, "url": url or "", "min_urgency": held.get("min_urgency", "")}
    return plain | codes | ticked


def new_key() -> str:
    """By which a form that is sent twice is known."""
    return secrets.token_urlsafe(18)


def key_of(given: Given) -> str | None:
    """None where it is none of ours: then the form is taken as it comes."""
    key = given.get("key", "")
    return key if re.fullmatch(r"[\w-]{1,100}", key, re.ASCII) else None


EMPTY: Given = {"channel": next(iter(CHANNELS))}


@dataclass(frozen=True)
class Refused:
    """What was not done and why: `beside` a control by its name, or about the `whole`."""

    whole: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict)


NOTHING = Refused()


def refused(detail: str, errors: Iterable[Mapping[str, str]], voice: Voice) -> Refused:
    """The first of what is wrong with each control; `detail` where nothing in particular is."""
    whole: list[str] = []
    beside: dict[str, str] = {}
    for error in errors:
        words = said(error["detail"], voice)
        if (place := _place(error)) is not None:
            beside.setdefault(place, words)
        else:
            whole.append(words)
    return Refused(tuple(whole) if whole or beside else (said(detail, voice),), beside)


def _place(error: Mapping[str, str]) -> str | None:
    if error["detail"] in _ABOUT:
        return _ABOUT[error["detail"]]
    found = [pointer for pointer in _PLACES if error["pointer"].startswith(pointer)]
    return _PLACES[max(found, key=len)] if found else None
