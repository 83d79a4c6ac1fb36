"""Rulesets over HTTP: uploaded once and for ever, put in force without a restart, edited as a table."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from delivery.service import Service
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from services.router.rulesets.ruleset import SHIPPED, TABLES, Ruleset
from services.router.settings import Settings
from tests.databases import As
from tests.router.builders import a_report
from tests.router.documents import version


async def _kept(http: httpx.AsyncClient, name: str) -> Ruleset:
    return Ruleset.model_validate((await http.get(f"/v1/rulesets/{name}")).json())


async def _in_force(router: Service, at: datetime | None = None) -> str:
    """What another replica works by, that has its own memory."""
    settings = Settings(**router.settings.model_dump())
    replica = CurrentRules(settings, (lambda: at) if at else (lambda: datetime.now(UTC)))
    async with router.database.connection() as connection:
        return (await replica.get(connection)).ruleset.version


async def test_the_shipped_ruleset_is_in_force_from_the_first_start(http: httpx.AsyncClient) -> None:
    (item,) = (await http.get("/v1/rulesets")).json()["items"]
    assert (item["version"], item["uploaded_by"], item["planned_from"]) == (SHIPPED, "system", None)
    assert item["title"].keys() == {"zh", "en"}
    assert datetime.fromisoformat(item["active_since"]) <= datetime.now(UTC)


async def test_replicas_that_start_together_put_one_ruleset_in_force(
    settings: Any, open_database: Callable[[str], Any]
) -> None:
    database = await open_database("router")
    began = datetime.now(UTC)
    clocks = [lambda behind=seconds: began - timedelta(seconds=behind) for seconds in (0, 1, 2, 60)]  # type: ignore[misc]
    replicas = [CurrentRules(Settings(**settings.model_dump()), clock) for clock in clocks]
    await asyncio.gather(*(replica.begin(database) for replica in replicas))
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from ruleset_activations") == 1
        assert await connection.fetchval("select count(*) from rulesets") == 1


async def test_a_version_is_kept_once_and_never_changes(http: httpx.AsyncClient) -> None:
    first = await http.post("/v1/rulesets", json=version("v2"))
    assert (first.status_code, first.json()["version"]) == (201, "v2")
    again = await http.post("/v1/rulesets", json=version("v2"))
    assert (again.status_code, again.json()) == (200, first.json())
    other = await http.post("/v1/rulesets", json=version("v2", ("/clocks/sign/general", "3 work_hour")))
    assert other.status_code == 409
    assert await _kept(http, "v2") == Ruleset.model_validate(version("v2"))


async def test_every_fault_is_answered_and_nothing_kept(http: httpx.AsyncClient) -> None:
    faults = [("/categories/C01-05/lead", ["polise"]), ("/categories/C01-06/handle_limit", "soon")]
    answer = await http.post("/v1/rulesets", json=version("v2", *faults))
    assert answer.status_code == 422
    found = [error["pointer"] for error in answer.json()["errors"]]
    assert found == ["/categories/C01-06/handle_limit", "/categories/C01-05/lead/0"]
    assert (await http.get("/v1/rulesets/v2")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"version": "\\ud800"}',
        b'{"title": {"zh": "\\u0000", "en": "x"}}',
    ],
)
async def test_nonsense_is_the_senders_fault(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post("/v1/rulesets", content=body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "path",
    ["/v1/rulesets", f"/v1/rulesets/{SHIPPED}/activation", f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2"],
)
async def test_only_supervisors_and_administrators_change_rules(
    http: httpx.AsyncClient, as_: As, path: str
) -> None:
    assert (await http.post(path, json={}, headers=as_("operator"))).status_code == 403
    assert (await http.post(path, json={}, headers=as_("supervisor"))).status_code != 403
    assert (await http.get("/v1/rulesets", headers=as_("handler"))).status_code == 200


async def test_what_one_replica_activates_the_next_batch_of_another_works_by(
    http: httpx.AsyncClient, router: Service
) -> None:
    other = CurrentRules(Settings(**router.settings.model_dump()))
    async with router.database.connection() as connection:
        assert (await other.get(connection)).ruleset.version == SHIPPED
    await http.post("/v1/rulesets", json=version("v2", ("/categories/C01-05/urgency", "elevated")))
    activated = await http.post("/v1/rulesets/v2/activation")
    assert activated.status_code == 201
    report = a_report(category="C01-05")
    async with router.database.transaction() as connection:
        await on_reports(connection, [report], other)
    case = (await http.get(f"/v1/cases/{report.case_id}")).json()
    assert (case["rule_set_version"], case["urgency"]) == ("v2", "elevated")
    again = await http.post("/v1/rulesets/v2/activation")
    assert (again.status_code, again.json()) == (200, activated.json())


async def test_a_later_date_takes_effect_by_itself(http: httpx.AsyncClient, router: Service) -> None:
    await http.post("/v1/rulesets", json=version("v2"))
    start = datetime.now(UTC) + timedelta(days=3)
    planned = await http.post("/v1/rulesets/v2/activation", json={"from": start.isoformat()})
    assert (planned.status_code, datetime.fromisoformat(planned.json()["from"])) == (201, start)
    repeated = await http.post("/v1/rulesets/v2/activation", json={"from": start.isoformat()})
    assert repeated.status_code == 200
    assert await _in_force(router) == SHIPPED
    assert await _in_force(router, start - timedelta(seconds=1)) == SHIPPED
    assert await _in_force(router, start) == "v2"
    items = {item["version"]: item for item in (await http.get("/v1/rulesets")).json()["items"]}
    assert datetime.fromisoformat(items["v2"]["planned_from"]) == start
    assert items["v2"]["active_since"] is None
    assert items[SHIPPED]["active_since"]


async def test_of_two_decisions_for_one_time_the_later_holds_and_both_are_remembered(
    http: httpx.AsyncClient, router: Service
) -> None:
    start = datetime.now(UTC) + timedelta(days=3)
    for name in ("v2", "v3"):
        await http.post("/v1/rulesets", json=version(name))
        await http.post(f"/v1/rulesets/{name}/activation", json={"from": start.isoformat()})
    assert await _in_force(router, start) == "v3"
    first = (await http.get("/v1/ruleset-activations", params={"limit": 2})).json()
    rest = (await http.get("/v1/ruleset-activations", params={"after": first["next"]})).json()
    assert [item["version"] for item in first["items"] + rest["items"]] == ["v3", "v2", SHIPPED]
    assert [item["decided_by"] for item in rest["items"]] == ["system"]


@pytest.mark.parametrize(
    ("ruleset", "asked", "status"),
    [
        ("v2", {"from": "2026-01-02T00:00:00Z"}, 422),
        ("v2", {"from": "2026-01-02T00:00:00"}, 422),
        ("v2", {"when": "now"}, 422),
        ("v9", {}, 404),
        ("tomorrow", {"from": (datetime.now(UTC) + timedelta(days=9)).isoformat()}, 422),
    ],
)
async def test_activations_that_cannot_be(
    http: httpx.AsyncClient, router: Service, ruleset: str, asked: dict[str, str], status: int
) -> None:
    future = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    await http.post("/v1/rulesets", json=version("v2"))
    await http.post("/v1/rulesets", json=version("tomorrow", ("/effective_from", future)))
    answer = await http.post(f"/v1/rulesets/{ruleset}/activation", json=asked)
    assert answer.status_code == status
    assert await _in_force(router) == SHIPPED


async def test_a_ruleset_whose_date_lies_ahead_waits_for_it(http: httpx.AsyncClient, router: Service) -> None:
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    await http.post("/v1/rulesets", json=version("later", ("/effective_from", day.isoformat())))
    answer = await http.post("/v1/rulesets/later/activation")
    assert answer.json()["from"] == f"{day - timedelta(days=1)}T16:00:00Z"  # midnight in Shanghai
    assert await _in_force(router) == SHIPPED


async def test_the_table_goes_out_is_edited_and_comes_back_as_a_new_version(http: httpx.AsyncClient) -> None:
    table = await http.get(f"/v1/rulesets/{SHIPPED}/categories.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.content.startswith(b"\xef\xbb\xbfcode,zh,en,")
    assert table.content.count(b"\r\n") == 118
    same = await http.post(f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2", content=table.content)
    assert same.status_code == 201, same.text
    assert await _kept(http, "v2") == Ruleset.model_validate(version("v2"))
    edited = table.text.replace("Street lamp out", "Street lamp dark")
    assert (
        await http.post(f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2", content=edited.encode())
    ).status_code == 409
    await http.post(f"/v1/rulesets/{SHIPPED}/categories.csv?as=v3", content=edited.encode())
    assert (await http.get("/v1/rulesets/v3")).json()["categories"]["C01-05"]["en"] == "Street lamp dark"


@pytest.mark.parametrize(
    ("part", "old", "new", "path"),
    [
        ("classes", "utilities,component", "utilities,event", ("C01", "kind")),
        ("unit_kinds", "lighting,", "lighting,新", ("lighting", "zh")),
        ("clocks", "sign,4 work_hour", "sign,3 work_hour", ("sign", "general")),
        ("escalation", "general,1 work_day", "general,2 work_day", ("general", "red_after")),
        ("red_by_clock", "critical,sign,10", "critical,sign,5", ("critical", "red_after_by_clock", "sign")),
        ("reminders", "general,0.5", "general,0.6", ("general", "reminders", 0, "share")),
        ("floors", "fire or explosion", "fire or blast", ("floors", "F01", "en")),
        ("patterns", "起火", "起大火", ("floors", "F01", "patterns", "zh", 0)),
        ("standing", "risk,4", "risk,5", ("standing", "risk", "zh_within")),
        ("points", "30,urgent", "40,urgent", ("soft", "threshold")),
        ("lines", "119 消防", "消防", ("lines", "119", "zh")),
    ],
)
async def test_every_table_goes_out_and_comes_back(
    http: httpx.AsyncClient, part: str, old: str, new: str, path: tuple[str | int, ...]
) -> None:
    table = (await http.get(f"/v1/rulesets/{SHIPPED}/{part}.csv")).text
    before = (await http.get(f"/v1/rulesets/{SHIPPED}")).json()
    edited = table.replace(old, new, 1)
    assert edited != table
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/{part}.csv?as=v2", content=edited.encode())
    assert answer.status_code == 201, answer.text
    after = (await http.get("/v1/rulesets/v2")).json()
    whole = (TABLES[part].root[0], *path)
    assert _at(after, whole) != _at(before, whole)
    inner: Any = _at(after, whole[:-1])
    inner[whole[-1]] = _at(before, whole)
    assert after | {"version": SHIPPED} == before


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


async def test_an_area_lays_down_its_own_as_a_table(http: httpx.AsyncClient) -> None:
    table = (await http.get(f"/v1/rulesets/{SHIPPED}/overrides.csv")).text
    ours = table + "D11,C01-05,,,,,1 work_day\r\n"
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/overrides.csv?as=ours", content=ours.encode())
    assert answer.status_code == 201, answer.text
    own = (await http.get("/v1/rulesets/ours")).json()["overrides"]["D11"]["categories"]["C01-05"]
    assert own["handle_limit"] == "1 work_day"
    slower = ours.replace("1 work_day", "9 work_day").encode()
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/overrides.csv?as=slower", content=slower)
    assert [(error["row"], error["column"]) for error in answer.json()["errors"]] == [(2, "handle_limit")]


@pytest.mark.parametrize(
    ("part", "row"), [("overrides", "D11,C01-05,,,,,1 work_day"), ("words", "D11,F01,zh,着了")]
)
async def test_what_an_area_laid_down_is_taken_back_as_a_table(
    http: httpx.AsyncClient, part: str, row: str
) -> None:
    """With the last row gone the table says so."""
    empty = (await http.get(f"/v1/rulesets/{SHIPPED}/{part}.csv")).text
    ours = await http.post(f"/v1/rulesets/{SHIPPED}/{part}.csv?as=ours", content=f"{empty}{row}\r\n".encode())
    assert ours.status_code == 201, ours.text
    back = await http.post(f"/v1/rulesets/ours/{part}.csv?as=back", content=empty.encode())
    assert back.status_code == 201, back.text
    assert row not in (await http.get(f"/v1/rulesets/back/{part}.csv")).text
    assert (await http.get("/v1/rulesets/back/categories.csv")).text == (
        await http.get(f"/v1/rulesets/{SHIPPED}/categories.csv")
    ).text


@pytest.mark.parametrize("part", ["patterns", "floors", "categories", "lines"])
async def test_a_table_that_others_rest_on_is_never_emptied(http: httpx.AsyncClient, part: str) -> None:
    header = (await http.get(f"/v1/rulesets/{SHIPPED}/{part}.csv")).text.splitlines()[0]
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/{part}.csv?as=v2", content=f"{header}\r\n".encode())
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (422, "no rows")


async def test_every_table_of_a_ruleset_is_served(http: httpx.AsyncClient) -> None:
    for name, table in TABLES.items():
        text = (await http.get(f"/v1/rulesets/{SHIPPED}/{name}.csv")).content.decode("utf-8-sig")
        assert text.partition("\r\n")[0] == ",".join(table.header), name


async def test_a_fault_of_a_table_of_clocks_is_named_by_row_and_column(http: httpx.AsyncClient) -> None:
    table = (await http.get(f"/v1/rulesets/{SHIPPED}/clocks.csv")).text
    spoilt = table.replace("check,4 work_hour", "check,4 work hours")
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/clocks.csv?as=v2", content=spoilt.encode())
    assert [(error["row"], error["column"]) for error in answer.json()["errors"]] == [(10, "general")]
    assert (await http.get(f"/v1/rulesets/{SHIPPED}/urgency.csv")).status_code == 422


async def test_a_community_that_is_quicker_than_the_ruleset_decides_so(http: httpx.AsyncClient) -> None:
    own = {"D11": {"categories": {"C01-05": {"handle_limit": "1 work_day"}}}}
    assert (await http.post("/v1/rulesets", json=version("ours", ("/overrides", own)))).status_code == 201
    assert (await http.post("/v1/rulesets/ours/activation")).status_code == 201
    limits = []
    for grid in ("D111", "D121"):
        asked = {"channel": "web", "text": "路灯不亮", "category": "C01-05", "place": {"grid": grid}}
        decided = (await http.post("/v1/decisions", json=asked)).json()
        limits += [clock["limit"] for clock in decided["clocks"] if clock["name"] == "handle"]
    assert (decided["ruleset_version"], limits) == ("ours", ["1 work_day", "2 work_day"])


async def test_faults_of_an_edited_table_are_named_by_row_and_column(http: httpx.AsyncClient) -> None:
    table = (await http.get(f"/v1/rulesets/{SHIPPED}/categories.csv")).text
    spoilt = (
        table.replace("\r\nC01-03,", "\r\nC01-02,")
        .replace(",2 urgent_hour,", ",2 urgent hours,", 1)
        .replace(",lighting,", ",lihgting,", 1)
    )
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2", content=spoilt.encode())
    assert answer.status_code == 422
    places = [(error["row"], error["column"]) for error in answer.json()["errors"]]
    assert sorted(places) == [(2, "control_limit"), (4, "code"), (6, "lead")]
    assert all(error["pointer"].startswith("/categories/") for error in answer.json()["errors"])


@pytest.mark.parametrize(
    ("body", "row"), [(b"code,zh\r\n", 1), (b"", 1), ("code\r\nC01-05,路灯".encode("gb18030"), 2)]
)
async def test_what_is_no_table_is_refused(http: httpx.AsyncClient, body: bytes, row: int) -> None:
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2", content=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["row"] == row


async def test_a_large_table_is_taken(http: httpx.AsyncClient) -> None:
    row = version("x")["categories"]["C01-05"]
    rows = {f"categories/C01-{number}": row | {"code": f"C01-{number}"} for number in range(1000, 4000)}
    big = version("big", *rows.items())
    assert (await http.post("/v1/rulesets", json=big)).json()["categories"] == 3117
    table = (await http.get("/v1/rulesets/big/categories.csv")).content
    assert len(table) > 128 * 1024
    assert (await http.post("/v1/rulesets/big/categories.csv?as=bigger", content=table)).status_code == 201


async def test_versions_are_listed_in_pages(http: httpx.AsyncClient) -> None:
    for name in ("v2", "v3"):
        await http.post("/v1/rulesets", json=version(name))
    page = (await http.get("/v1/rulesets", params={"limit": 2})).json()
    rest = (await http.get("/v1/rulesets", params={"limit": 2, "after": page["next"]})).json()
    assert [item["version"] for item in page["items"] + rest["items"]] == [SHIPPED, "v2", "v3"]
    assert rest["next"] is None


async def test_the_rules_of_a_moment_cost_one_question(router: Service) -> None:
    current: CurrentRules = router.app.state.rules
    async with router.database.connection() as connection:
        asked: list[str] = []
        connection.add_query_logger(lambda record: asked.append(record.query))
        rules = await current.get(connection)
        assert await current.get(connection) is rules
    assert len(asked) == 2
