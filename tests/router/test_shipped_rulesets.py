"""A version never changes, of the rulesets that are shipped either: a database that holds one keeps it as it was."""

from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from delivery.service import Service
from services.router.rulesets import ruleset as shipped_with
from services.router.rulesets import store
from services.router.rulesets.ruleset import SHIPPED, load_ruleset, shipped_versions

# what each file of a version holds, for good: another content is another version, in a folder of its own
CONTENT = {"example-4": "7d6d8a8f837700863bb8863cc0b9e961b2006b28ff425eabe4f627d4aafddb32"}


def _content(version: str) -> str:
    folder = Path(shipped_with.__file__).parent / version
    files = (path for path in sorted(folder.iterdir()) if path.suffix in (".csv", ".json"))
    said = sha256()
    for path in files:
        said.update(path.name.encode() + b"\n" + path.read_text("utf-8").encode())
    return said.hexdigest()


def test_what_is_shipped_under_a_version_never_changes() -> None:
    assert {version: _content(version) for version in shipped_versions()} == CONTENT, (
        "give the changed ruleset a new version, in a new folder"
    )


@pytest.mark.parametrize("version", CONTENT)
def test_a_version_is_what_its_folder_is_called(version: str) -> None:
    assert load_ruleset(version).version == version


async def _older_in_force(router: Service) -> None:
    """A database in which another ruleset has been put in force, by an earlier program."""
    older = load_ruleset().model_copy(update={"version": "example-1"})
    async with router.database.transaction() as connection:
        await connection.execute("delete from ruleset_activations")
        await connection.execute("delete from rulesets")
        await store.ship(connection, older, at=router.app.state.rules.moment().at)


async def test_what_a_later_program_ships_is_kept_and_what_is_in_force_stays(
    router: Service, http: httpx.AsyncClient
) -> None:
    await _older_in_force(router)
    await router.app.state.rules.begin(router.database)
    items = {item["version"]: item for item in (await http.get("/v1/rulesets")).json()["items"]}
    assert set(items) == {"example-1", SHIPPED}
    assert items["example-1"]["active_since"]
    assert items[SHIPPED]["active_since"] is None
    answer = await http.post(f"/v1/rulesets/{SHIPPED}/activation")
    assert answer.status_code == 201, answer.text


async def test_a_start_changes_no_version_that_is_kept_and_says_which_differs(router: Service) -> None:
    await _older_in_force(router)
    another = load_ruleset().model_copy(update={"least_confidence": 0.9})
    async with router.database.transaction() as connection:
        await store.keep(connection, another, by="somebody")
    with capture_logs() as lines:
        await router.app.state.rules.begin(router.database)
    async with router.database.connection() as connection:
        assert (await store.find(connection, SHIPPED)).least_confidence == 0.9
    assert [line["ruleset"] for line in lines if "shipped" in line["event"]] == [SHIPPED]
