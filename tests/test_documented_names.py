"""What documents name is there: settings, metrics, targets, modules, files, headings, endpoints, events, messages."""

import ast
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import pytest
from prometheus_client import REGISTRY

from contracts.events import FACTS
from contracts.topics import TOPICS
from delivery.migrations import SERVICES
from delivery.settings import ServiceSettings
from deploy.local.service_processes import PORTS, port_setting
from services.router.rulesets.ruleset import TABLES
from tests.architecture_rules import ROOT, sources

PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in [
        *(ROOT / "README.md", ROOT / "samples/README.md", ROOT / "contracts/README.md"),
        *ROOT.glob("services/**/README.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("deploy/*.example"),
    ]
}
MAKEFILE = (ROOT / "Makefile").read_text()
HERE = re.compile(r"\.(py|md|json|jsonl|geojson|csv|toml|ya?ml|example)$|^[\w-]+/([\w.*-]+/)*$")
# what is there once somebody has run or set up casegrid
MADE_LATER = re.compile(r"^(\.local|\.venv)/|^deploy/[\w-]*\.env$")
# a folder of the system, and what Kafka and PostgreSQL say
NOT_OURS = {
    *("/var/lib/casegrid", "all log dirs … have failed"),
    *('could not write to file "pg_wal/…', "database system is shut down"),
}
METHODS = ("", "GET", "POST", "PUT", "PATCH", "DELETE")
EVENT = re.compile(r"^(case|report|approval|notice|score|unit|area|duty)\.(?!(py|json)$)\w+$")
TOPIC = re.compile(r"^[a-z]+(\.[<>a-z]+)?\.v\d+(\.dead)?$")


def test_every_setting_is_one() -> None:
    found = {name for text in PAGES.values() for name in _settings(text)}
    assert len(found) > 30
    assert found - _known_settings() == set()


def test_every_metric_is_one() -> None:
    for service in SERVICES:
        import_module(f"services.{service}.app")
    named = {
        name
        for span in _all_spans()
        for name in re.findall(r"^(casegrid_\w+)", span)
        if name.removeprefix("casegrid_") not in SERVICES
    }
    assert len(named) > 12
    assert named - set(REGISTRY._names_to_collectors) == set()


def test_every_command_can_be_given() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    asked = [found for text in PAGES.values() for found in re.findall(r"(?:`|^)make ([^`\n#]+)", text, re.M)]
    assert len(asked) > 15
    for command in asked:
        name, *told = command.split()
        assert name in targets, command
        for variable in (word.partition("=")[0] for word in told if "=" in word):
            assert f"$({variable})" in MAKEFILE or f"$(origin {variable})" in MAKEFILE, command
    modules = {name for text in PAGES.values() for name in re.findall(r"python -m ([\w.]+)", text)}
    assert len(modules) > 8
    for name in modules:
        found = find_spec(name)
        assert found, name
        assert not found.submodule_search_locations or find_spec(f"{name}.__main__"), name


@pytest.mark.parametrize("page", PAGES)
def test_every_file_is_there(page: str) -> None:
    missing = [
        span
        for span in _spans(PAGES[page])
        if HERE.search(span) and not re.search(r"[\s=]|^/", span) and not _is_there(span)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        path, _, heading = target.partition("#")
        if ":" in path:
            continue
        linked = ((ROOT / page).parent / path) if path else ROOT / page
        assert linked.exists(), target
        assert not heading or heading in set(_headings(linked.read_text("utf-8"))), target


def test_every_endpoint_is_one(operations: dict[tuple[str, str], set[str]]) -> None:
    named = set()
    for span in _all_spans():
        method, _, path = span.split(" {")[0].rpartition(" ")
        if span in NOT_OURS or not re.match(r"^(…/|/[a-z])[\w/{}…?=&-]*$", path) or method not in METHODS:
            continue
        named.add(span)
        path, _, query = path.partition("?")
        fitting = [
            parameters
            for (one, of), parameters in operations.items()
            if method in ("", one) and _ends_with(of, path)
        ]
        assert fitting, span
        asked = set(re.findall(r"(\w+)=", query))
        assert any(asked <= parameters for parameters in fitting), span
    assert len(named) > 30


def test_every_event_and_topic_is_one() -> None:
    events = {span for span in _all_spans() if EVENT.match(span)}
    topics = {span.removesuffix(".dead") for span in _all_spans() if TOPIC.match(span)}
    assert len(events) > 10
    assert events - set(FACTS) == set()
    assert topics - {topic.name for topic in TOPICS} - {"dispatch.<tier>.v1"} == set()


def test_what_the_runbook_looks_for_is_said() -> None:
    """Every part of a message that it quotes stands in the code, between what is filled in."""
    rows = re.findall(r"^\|(.+)\|$", PAGES["docs/runbook.md"], re.M)
    quoted = {span for row in rows for span in re.findall(r"`([^`]+)`", row)}
    parts = {part for span in quoted if _is_said(span) for part in _said(span)}
    assert len(parts) > 15
    assert {part for part in parts if part not in _literals()} == set()


@pytest.fixture
def operations(settings: ServiceSettings) -> dict[tuple[str, str], set[str]]:
    """Of each method and path the names of its parameters."""
    found: dict[tuple[str, str], set[str]] = {}
    for name in SERVICES:
        own = import_module(f"services.{name}.settings").Settings(**settings.model_dump())
        app = import_module(f"services.{name}.app").create_service(own).app
        described = app.openapi()["paths"]
        found |= {("GET", route.path): set() for route in app.routes if route.path not in described}
        for path, item in described.items():
            for method, operation in item.items():
                parameters = {each["name"] for each in operation.get("parameters", ())}
                found[method.upper(), path] = parameters
    return found


def _spans(text: str) -> Iterator[str]:
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S))


def _all_spans() -> Iterator[str]:
    for text in PAGES.values():
        yield from _spans(text)


def _settings(text: str) -> Iterator[str]:
    """`CASEGRID_SMTP_HOST`, `_PORT`: what begins with a line is another of the last that was named whole."""
    for line in text.splitlines():
        whole = ""
        for name in re.findall(r"CASEGRID_[A-Z_]*[A-Z]|(?<=`)_[A-Z]+(?=`)", line):
            whole = name if name.startswith("C") else whole.rpartition("_")[0] + name
            yield whole


def _known_settings() -> set[str]:
    known = set(re.findall(r"CASEGRID_\w+", (ROOT / "deploy/compose.yaml").read_text()))
    for name in PORTS:
        known |= {port_setting(name), f"CASEGRID_{name.upper()}_URL"}
        fields = import_module(f"services.{name}.settings").Settings.model_fields.items()
        known |= {str(field.validation_alias or f"CASEGRID_{each.upper()}") for each, field in fields}
    return known | {text for text in _strings() if re.fullmatch(r"CASEGRID_\w+", text)}


def _is_there(name: str) -> bool:
    pattern = re.sub(r"<\w+>", "*", name).rstrip("/")
    return (
        bool(MADE_LATER.search(name))
        or name.removesuffix(".csv") in TABLES
        or any(fnmatch(f"/{path}", f"*/{pattern}") for path in _files())
    )


@cache
def _files() -> list[str]:
    rooms = ("contracts", "delivery", "services", "deploy", "samples", "benchmarks", "docs", "tests")
    return [
        *rooms,
        "README.md",
        *(str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*")),
    ]


def _headings(text: str) -> Iterator[str]:
    for title in re.findall(r"^#+ (.+)$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _ends_with(path: str, named: str) -> bool:
    """`{id}` stands for whatever the path calls it, and `…` for what comes before."""
    plain: Callable[[str], str] = lambda text: re.sub(r"{\w+}", "{}", text)  # noqa: E731
    return plain(path).endswith(plain(named).removeprefix("…"))


def _is_said(span: str) -> bool:
    """Words for people, not a command, a statement or a call."""
    first = span.split()[0]
    return (
        span not in NOT_OURS
        and len(span.split()) > 2
        and not re.match(r"^([A-Z]+$|[-./\"{]|(python|make|select|docker|set|up|chronyc|school)$)", first)
    )


def _said(span: str) -> Iterator[str]:
    parts = (part.strip(" :") for part in re.split(r"…|: |(?= keeps failing)", span))
    yield from (part for part in parts if " " in part)


@cache
def _literals() -> str:
    return "\n".join(_strings())


@cache
def _strings() -> tuple[str, ...]:
    nodes = (node for source in sources() for node in ast.walk(source.tree))
    return tuple(
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
