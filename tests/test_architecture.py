"""The house keeps its rules; and each rule is shown to bite."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from delivery.migrations import SERVICES, drift
from tests import architecture_rules as rules
from tests.architecture_rules import ROOT, RULES, Rule, Source, sources

SOURCES = sources()
TALL = '"""Long."""\n' + "x = 1\n" * 400

# a planted violation for each rule, so that a rule that has stopped seeing is seen
VIOLATIONS: list[tuple[Rule, str, str]] = [
    (
        rules.services_meet_only_in_contracts_and_delivery,
        "services/router/a.py",
        "from services.intake import x",
    ),
    (rules.services_meet_only_in_contracts_and_delivery, "services/router/a.py", "import services.intake.b"),
    (
        rules.services_meet_only_in_contracts_and_delivery,
        "services/router/a.py",
        "from deploy.local import x",
    ),
    (rules.contracts_need_only_pydantic, "contracts/a.py", "import orjson"),
    (rules.contracts_need_only_pydantic, "contracts/a.py", "from delivery import outbox"),
    (rules.delivery_knows_no_service, "delivery/a.py", "from services.router import store"),
    (rules.rules_do_no_input_or_output, "services/router/routing.py", "import sqlalchemy as sa"),
    (rules.rules_do_no_input_or_output, "services/router/routing.py", "from fastapi import Depends"),
    (rules.rules_do_no_input_or_output, "services/router/routing.py", "from delivery.database import fetch"),
    (
        rules.no_dependency_opens_a_transaction,
        "services/router/api.py",
        "async def session(request):\n    async with db.transaction() as c:\n        yield c",
    ),
    (rules.nothing_inside_commits, "services/router/store.py", "async def f(c):\n    await c.commit()"),
    (
        rules.nothing_inside_commits,
        "services/router/store.py",
        "async def f(c):\n    await c.execute('commit')",
    ),
    (rules.no_notify_in_sql, "services/router/store.py", "SQL = \"notify cases, 'x'\""),
    (rules.no_notify_in_sql, "delivery/outbox.py", "SQL = \"select pg_notify('cases', $1)\""),
    (
        rules.nothing_publishes_batches,
        "services/router/a.py",
        "async def f(b):\n    await b.publish_batch(1)",
    ),
    (rules.files_are_short, "services/router/a.py", TALL),
    (rules.modules_say_what_they_are_for, "services/router/a.py", "x = 1"),
    (rules.tests_lend_nothing_to_each_other, "tests/router/test_a.py", "from tests.router.test_b import x"),
    (rules.tests_lend_nothing_to_each_other, "tests/router/test_a.py", "from tests.router import test_b"),
    (rules.tests_lend_nothing_to_each_other, "tests/router/builders.py", "from .test_b import x"),
    (rules.no_room_for_everything, "services/router/text_utils.py", '"""Everything."""'),
    (
        rules.migrations_wait_for_no_lock,
        "services/router/migrations/0002_x.py",
        "def upgrade():\n    op.add_column('a', b)",
    ),
    (
        rules.migrations_expand_or_contract,
        "services/router/migrations/0002_x.py",
        "def upgrade():\n    op.add_column('a', b)\n    op.drop_column('a', 'c')",
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_kept(rule: Rule) -> None:
    complaints = [f"{source.path} {complaint}" for source in SOURCES for complaint in rule(source)]
    assert not complaints, f"{rule.__doc__}\n" + "\n".join(complaints)


@pytest.mark.parametrize(("rule", "path", "text"), VIOLATIONS)
def test_bites(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


def test_every_rule_is_shown_to_bite_and_tells_its_story() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == set(RULES)
    assert all(rule.__doc__ for rule in RULES)


def test_the_rules_see_the_whole_house() -> None:
    assert {source.room for source in SOURCES} >= {"contracts", "delivery", "services", "tests"}
    assert {source.service for source in SOURCES} - {None} == set(SERVICES)


def test_modules_declared_to_do_input_and_output_exist() -> None:
    """A list that only grows hides the rule that moved in under an old name."""
    declared = {(service, name) for service, names in rules.IO_MODULES.items() for name in names}
    there = {(source.service, Path(source.path).stem) for source in SOURCES if source.service}
    assert declared <= there


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_what_the_tables_declare(
    service: str, postgres_url: str, template: Callable[[str], str]
) -> None:
    """A column that only the developer's database had was missing on the day of the release."""
    with ThreadPoolExecutor(1) as thread:  # drift runs an event loop of its own
        assert thread.submit(drift, f"{postgres_url}/{template(service)}", service).result() == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_are_one_line(service: str) -> None:
    """Two heads, written by two people the same day, stop `migrate` on the day of the release."""
    files = sorted((ROOT / "services" / service / "migrations").glob("[0-9]*.py"))
    assert [path.name[:4] for path in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert files, "a service has its first migration"
