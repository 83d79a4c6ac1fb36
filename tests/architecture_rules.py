"""The house's rules that a program can check: each takes a source file and gives its complaints."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("contracts", "delivery", "services", "deploy", "samples", "benchmarks", "tests")
LONGEST_FILE = 350

# modules of a service that do input or output under a name of their own; a rule does not belong here
IO_MODULES = {
    "intake": {"courier", "front_door", "housekeeping", "reading_rights", "request_headers"},
    "router": {"commanding", "current_rules", "dependencies", "follow_ups", "heeding", "queue", "timers"},
    "notifier": {
        *(
            "deliverer",
            "housekeeping",
            "mailman",
            "passing_on",
            "reading",
            "replaying",
            "site",
            "tail",
            "teller",
        ),
    },
}
_EDGES = re.compile(r"app|settings|handlers|tables|metrics|__main__|__init__|(.*_)?(api|store)(_.*)?")
_IO_LIBRARIES = {"sqlalchemy", "faststream", "fastapi", "starlette", "asyncpg", "aiokafka"}
_SHARED = {"contracts", "delivery"}


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        return self.path.split("/")[0]

    @property
    def service(self) -> str | None:
        parts = self.path.split("/")
        return parts[1] if parts[0] == "services" and len(parts) > 2 else None

    def imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level:
                yield f".{node.module or ''}"
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{name.name}" for name in node.names)

    def calls(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr

    def texts(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def sources() -> list[Source]:
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [Source(str(path.relative_to(ROOT)), path.read_text()) for path in files]


Rule = Callable[[Source], Iterator[str]]


def services_meet_only_in_contracts_and_delivery(source: Source) -> Iterator[str]:
    """A function borrowed from the neighbour ties two databases, two releases and two teams together: the day one of
    them changes it, the other one breaks in production and not in review."""
    if source.service is None:
        return
    for name in source.imports():
        parts = name.split(".")
        if parts[0] in set(ROOMS) - _SHARED - {"services"}:
            yield f"imports {name}"
        if parts[0] == "services" and parts[1] != source.service:
            yield f"imports {name} of another service"


def contracts_need_only_pydantic(source: Source) -> Iterator[str]:
    """An agency in another language or release reads contracts/ first. When they once pull in a driver or a broker,
    they say how we are built instead of what we say."""
    if source.room == "contracts":
        known = set(sys.stdlib_module_names) | {"pydantic", "contracts"}
        yield from (f"imports {name}" for name in source.imports() if name.split(".")[0] not in known)


def delivery_knows_no_service(source: Source) -> Iterator[str]:
    """Delivery that knows one service's case works for the others by accident."""
    if source.room == "delivery":
        known = set(ROOMS) - _SHARED
        yield from (f"imports {name}" for name in source.imports() if name.split(".")[0] in known)


def rules_do_no_input_or_output(source: Source) -> Iterator[str]:
    """A rule that reads the database can be neither replayed nor simulated nor tested by a table of cases; promise 7
    rests on rules that take values and return values."""
    if source.service is None or "/migrations/" in source.path or _is_edge(source):
        return
    for name in source.imports():
        if name.split(".")[0] in _IO_LIBRARIES or name.startswith("delivery.database"):
            yield f"is a rule and imports {name}"


def _is_edge(source: Source) -> bool:
    inside = source.path.split("/")[2:]
    names = {part.removesuffix(".py") for part in inside[:1]} | {inside[-1].removesuffix(".py")}
    return any(_EDGES.fullmatch(name) or name in IO_MODULES.get(source.service or "", ()) for name in names)


def no_dependency_opens_a_transaction(source: Source) -> Iterator[str]:
    """FastAPI runs what follows the `yield` of a dependency when the answer has gone: a commit there that fails has
    already said 201. The transaction stands around the answer, in the endpoint."""
    if source.room not in ("services", "delivery"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and _is_dependency(node):
            attributes = {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
            if attributes & {"transaction", "begin", "commit"}:
                yield f"{node.name} yields inside a transaction"


def _is_dependency(node: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    decorators = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    generates = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(node))
    return generates and "contextmanager" not in decorators and "fixture" not in decorators


def nothing_inside_commits(source: Source) -> Iterator[str]:
    """A store that commits splits the unit of work: the crash falls between the state and its event, and a case
    changes without anybody being told."""
    if source.service is None:
        return
    if "commit" in source.calls():
        yield "calls commit"
    statements = (text.strip().lower() for text in source.texts())
    if any(re.fullmatch(r"(commit|begin|rollback|start transaction)\b.*", text) for text in statements):
        yield "says commit in SQL"


def no_notify_in_sql(source: Source) -> Iterator[str]:
    """NOTIFY takes one lock of the whole database at commit: with it in the write transactions 16 connections wrote
    1,931 rows a second instead of 7,333. The relay is woken in the process, and polls."""
    if source.room not in ("services", "delivery"):
        return
    for text in source.texts():
        if re.search(
            r"(^|;)\s*notify\s+\w+\s*(,\s*'|;|$)|pg_notify\s*\(|create .*\btrigger\b.*notify", text, re.I
        ):
            yield "notifies in SQL"


def nothing_publishes_batches(source: Source) -> Iterator[str]:
    """FastStream's publish_batch puts a whole batch on one random partition and drops its headers: the order per case
    and the type of every event were gone, without an error."""
    names = {node.attr for node in ast.walk(source.tree) if isinstance(node, ast.Attribute)}
    if source.room in ("services", "delivery", "deploy") and "publish_batch" in names:
        yield "publishes batches"


def files_are_short(source: Source) -> Iterator[str]:
    """Nobody reads the second half of a long file before he changes it."""
    if (lines := source.text.count("\n")) > LONGEST_FILE:
        yield f"has {lines} lines: split it by behaviour"


def modules_say_what_they_are_for(source: Source) -> Iterator[str]:
    """A module without its sentence collects what has no other place, and is `utils` a year later."""
    if source.text.strip() and not ast.get_docstring(source.tree):
        yield "does not begin with a sentence that says what it is for"


def tests_lend_nothing_to_each_other(source: Source) -> Iterator[str]:
    """A file that is test and library at once is changed for the one and breaks the other; and a fixture that is
    imported is unknown to the linter. What tests share stands in a module beside them, fixtures in a conftest."""
    if source.room == "tests":
        for name in source.imports():
            if any(part.startswith("test_") for part in name.split(".")):
                yield f"imports {name}: what it takes belongs in a module beside both"


def no_room_for_everything(source: Source) -> Iterator[str]:
    """Names that say nothing attract everything."""
    words = set(re.split(r"[/_.]", source.path))
    if vague := words & {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}:
        yield f"is called {', '.join(vague)}"


def migrations_wait_for_no_lock(source: Source) -> Iterator[str]:
    """A migration that waits for a lock stops all who come after it in the queue: a minute's read became a minute
    without reports. It fails after seconds and is run again."""
    if upgrade := _upgrade(source):
        first = ast.unparse(upgrade.body[0])
        if "lock_timeout" not in first:
            yield "does not begin with a lock timeout"


def migrations_expand_or_contract(source: Source) -> Iterator[str]:
    """During a release the old version runs on the new schema, and a release that is taken back does so for days. So a
    migration adds, or, when no version in use needs it, a later one takes away; then no downgrade is ever needed."""
    if upgrade := _upgrade(source):
        calls = {part.attr for part in ast.walk(upgrade) if isinstance(part, ast.Attribute)}
        takes = {name for name in calls if name.startswith(("drop_", "rename_"))}
        adds = {name for name in calls if name.startswith(("create_", "add_"))} - {"create_index"}
        if takes and adds:
            yield f"adds and takes away: {', '.join(sorted(takes))}"


def _upgrade(source: Source) -> ast.FunctionDef | None:
    if "/migrations/" not in source.path:
        return None
    found = (
        node for node in source.tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    return next(found, None)


RULES: tuple[Rule, ...] = (
    services_meet_only_in_contracts_and_delivery,
    contracts_need_only_pydantic,
    delivery_knows_no_service,
    rules_do_no_input_or_output,
    no_dependency_opens_a_transaction,
    nothing_inside_commits,
    no_notify_in_sql,
    nothing_publishes_batches,
    files_are_short,
    modules_say_what_they_are_for,
    tests_lend_nothing_to_each_other,
    no_room_for_everything,
    migrations_wait_for_no_lock,
    migrations_expand_or_contract,
)
