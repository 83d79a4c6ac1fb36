"""Personal data stays in the vault: planted everywhere it can be said, it is looked for everywhere it could go."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.width import in_plain_width
from delivery.number_readings import UNSEEN
from delivery.redaction import redact
from delivery.service import Service
from services.intake.handlers import on_case_events
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import a_life
from tests.quickness import is_done_within

PLANTED = {
    "phone": "13912345678",
    "id": "330106199001011237",
    "plate": "浙A12345",
    "name": "张建国",
    "email": "zhang@example.org",
    "address": "云溪路8号3单元502室",
}


async def test_nothing_personal_leaves(http: httpx.AsyncClient, intake: Service, capsysbinary: Any) -> None:
    text = f"我叫{PLANTED['name']}，电话{PLANTED['phone']}，证件{PLANTED['id']}，车{PLANTED['plate']}挡路，{PLANTED['email']}"
    reporter = {"name": PLANTED["name"], "phone": PLANTED["phone"], "email": PLANTED["email"]}
    place = {"lon": 1.0, "lat": 1.0, "address": PLANTED["address"]}
    body = a_report(text=text, reporter=reporter, place=place)
    assert (await http.post("/v1/reports", json=body)).status_code == 201
    async with intake.database.connection() as connection:
        outgoing = await connection.fetch("select key, value, headers from outbox")
        kept = await connection.fetch("select body::text from reports")
    metrics = (await http.get("/metrics")).content
    said = b"".join(bytes(part) for row in outgoing for part in row) + metrics + capsysbinary.readouterr().out
    said += b"".join(row["body"].encode() for row in kept)
    for kind, value in PLANTED.items():
        assert value.encode() not in said, kind


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话139 1234 5678", "139"), ("电话：0571-88123456", "88123456"), ("１３９１２３４５６７８找我", "1391"),
        ("一三九一二三四五六七八 回电", "一三九"), ("call me at (212) 555-0199", "555"), ("+44 20 7946 0958", "7946"),
        ("身份证33010619900101123X", "33010619900101"), ("330106 19900101 1237", "19900101"),
        ("卡号6222 0212 3456 7890 128", "6222"), ("4111 1111 1111 1111 was charged", "4111"),
        ("我叫张建国，在小区门口", "张建国"), ("本人李强反映", "李强"), ("联系人：王小明", "王小明"), ("请找李女士", "李女士"), ("我叫欧阳建国。", "建国"),
        ("My name is John Smith, please", "Smith"), ("This is Mary Jones", "Jones"), ("Contact: Ann Lee", "Lee"),
        ("微信号：zhang_88", "zhang_88"), ("3栋2单元502室漏水", "502"), ("Apt 5B is leaking", "5B"), ("502室", "502"),
        ("车牌浙A·12345", "12345"), ("粤BD12345新能源", "D12345"), ("mail a.b-c@mail.example.com now", "a.b-c"),
    ],
)  # fmt: skip
def test_personal_data_is_taken_out(text: str, left: str) -> None:
    assert left not in redact(text).text


@pytest.mark.parametrize(
    "unseen", ["\u200b", "\u00ad", "\u2060", "\u200d\ufe0f", "\U000e0031", "\u202c", "\u3164"]
)
@pytest.mark.parametrize(
    ("before", "personal", "after"),
    [
        ("电话", "13912345678", "，快来"), ("证件", "330106199001011237", ""), ("我叫", "张建国", "，灯不亮"), ("车", "浙A12345", "挡路"),
        ("mail ", "zhang@example.org", " now"), ("卡号", "6222021234567890128", ""),
    ],
)  # fmt: skip
def test_what_nobody_sees_hides_nothing(before: str, personal: str, after: str, unseen: str) -> None:
    among = unseen.join(personal)
    left = redact(before + among + after)
    assert left.found.total() == 1
    assert personal not in UNSEEN.sub("", left.text)
    assert PLANTED["phone"] not in redact(f"1{unseen}{PLANTED['phone']}").text, "nor by what stands before it"


def test_what_nobody_sees_stays_where_nothing_is_personal() -> None:
    family = "👨\u200d👩\u200d👧 家庭，🏴\U000e0067\U000e0062\U000e007f"
    assert redact(family).text == family


@pytest.mark.parametrize(
    "text",
    [
        "路灯不亮，在解放路120号旁", "打了110和12345都没用", "K12路公交站牌倒了", "2026-11-23 08:30开始停水",
        "部件编码 3301060102000123 井盖破损", "3栋电梯困人", "杨树倒了压住电线", "马路积水30厘米", "房间里没电的有200户左右",
        "Noise: Loud Music/Party at 73-42 68 AVENUE", "I am writing about the park", "E. coli in the water?",
        "楼道堆物，5楼到6楼", "反映三次了", "（括号）ＡＢＣ座１２楼＋３．５米－ａ＠", "井盖不见了，孩子差点掉进去", "高铁站G1234次列车延误",
    ],
)  # fmt: skip
def test_what_is_nobodys_stays(text: str) -> None:
    assert redact(text).text == text


@given(st.text(max_size=200))
def test_a_second_time_changes_nothing(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


_WIDE = st.text("０１３９２ＡＸａ＋－（）＠．张王12ab@-. 电话室我叫［］", max_size=60)


@given(_WIDE)
def test_width_hides_nothing_and_what_stays_keeps_its_own(text: str) -> None:
    left = redact(text)
    assert in_plain_width(left.text) == redact(in_plain_width(text)).text
    assert left.found or left.text == text


@pytest.mark.parametrize(
    "piece", ["1", "a@", "我叫", "1 ", "A ", "张", "1-", "+1", "a.b-", "(1", "单元1", "name is ", "1\u200b"]
)
def test_no_text_makes_redaction_explode(piece: str) -> None:
    text = (piece * 4000)[:4000]
    assert is_done_within(0.1, lambda: redact(text))


async def test_reading_the_vault_is_itself_recorded(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    body = a_report(text="我叫张建国", reporter={"phone": PLANTED["phone"]})
    report = (await http.post("/v1/reports", json=body)).json()["report_id"]
    seen = (await http.get(f"/v1/reports/{report}", headers={"X-Purpose": "call back"})).json()
    assert (seen["original_text"], seen["reporter"]["phone"]) == ("我叫张建国", PLANTED["phone"])
    async with intake.database.connection() as connection:
        rows = await connection.fetch("select reader, purpose, report_id::text, fields from vault_reads")
    assert [(row["reader"], row["purpose"], row["report_id"]) for row in rows] == [
        ("op-1", "call back", report)
    ]
    assert "reporter_phone" in rows[0]["fields"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("回访".encode(), "回访"), ("rückfrage".encode("latin-1"), "rückfrage"), (b"", "")]
)
async def test_why_somebody_reads_is_kept_as_he_wrote_it(
    sent: bytes, kept: str, http: httpx.AsyncClient, intake: Service
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()["report_id"]
    assert (await http.get(f"/v1/reports/{report}", headers={"X-Purpose": sent})).status_code == 200
    async with intake.database.connection() as connection:
        assert await connection.fetchval("select purpose from vault_reads") == kept


async def test_a_unit_sees_the_redacted_report_only(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    body = a_report(text="我叫张建国，灯不亮", reporter={"phone": PLANTED["phone"]})
    receipt = (await http.post("/v1/reports", json=body)).json()
    report, case = receipt["report_id"], receipt["case_id"]
    async with intake.database.transaction() as connection:
        await on_case_events(connection, a_life(case), timetable=BY_DAY)
    headers = {"Authorization": f"Bearer {token('handler', unit='U1')}"}
    answer = await http.get(f"/v1/reports/{report}", headers=headers)
    assert answer.status_code == 200
    assert "张建国" not in answer.text
    assert PLANTED["phone"] not in answer.text
    async with intake.database.connection() as connection:
        assert await connection.fetchval("select count(*) from vault_reads") == 0


@pytest.mark.parametrize(("roles", "status"), [(["agency"], 403), ([], 403)])
async def test_who_has_no_business_there_sees_nothing(
    roles: list[str], status: int, http: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()["report_id"]
    headers = {"Authorization": f"Bearer {token(*roles)}"}
    assert (await http.get(f"/v1/reports/{report}", headers=headers)).status_code == status
