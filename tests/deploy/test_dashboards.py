"""Every picture on the overview is drawn from metrics that the services really expose."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path
from threading import Thread
from typing import Any

import promql_parser as promql
import pytest
from prometheus_client.parser import text_string_to_metric_families

from delivery.migrations import SERVICES
from deploy.grafana.overview import OVERVIEW, overview, written
from deploy.local.ports import free_port

ROOT = Path(__file__).parents[2]
DRAWN = [panel for panel in overview()["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target["expr"], target["legendFormat"]) for panel in DRAWN for target in panel["targets"]]  # fmt: skip
OF_PROMETHEUS = {"up": {"job", "instance"}}
_NAMES = {"$__rate_interval": "5m", "$__range": "1h"}  # what Grafana fills in


@pytest.fixture(scope="module")
def expositions(postgres_url: str) -> dict[str, str]:
    """What each running service answers on `/metrics`, each in a process of its own, with every counter used once."""
    with ThreadPoolExecutor(2) as pool:
        texts = pool.map(partial(_exposition, postgres_url), SERVICES)
        return dict(zip(SERVICES, texts, strict=True))


@pytest.fixture(scope="module")
def exposed(expositions: dict[str, str]) -> dict[str, set[str]]:
    """The labels of each series, by its name."""
    labels: dict[str, set[str]] = {name: set(known) for name, known in OF_PROMETHEUS.items()}
    for text in expositions.values():
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                labels.setdefault(sample.name, {"job", "instance"}).update(sample.labels)
    return labels


def test_the_dashboard_is_what_the_code_says() -> None:
    assert OVERVIEW.read_text(encoding="utf-8") == written(), "run `make dashboards` and commit the result"


def test_what_the_runbook_watches_is_drawn() -> None:
    rows = re.findall(r"^\| `(casegrid_\w+)", (ROOT / "docs/runbook.md").read_text("utf-8"), re.M)
    assert len(rows) > 10
    assert [name for name in rows if not any(name in query for _, query, _ in QUERIES)] == []


@pytest.mark.parametrize(("title", "query", "legend"), QUERIES)
def test_queries_name_only_what_is_exposed(
    title: str, query: str, legend: str, exposed: dict[str, set[str]]
) -> None:
    kept: set[str] = set()
    for part in _parts(query):
        if isinstance(part, promql.VectorSelector):
            assert part.name in exposed
            assert {matcher.name for matcher in part.matchers.matchers} <= exposed[part.name]
        elif isinstance(part, promql.AggregateExpr):
            by = set(part.modifier.labels) if part.modifier else set()
            kept = kept or by
            below = [each for each in _within(part) if isinstance(each, promql.VectorSelector)]
            assert by <= set.union(*(exposed[each.name] for each in below))
    assert set(re.findall(r"{{(\w+)}}", legend)) <= kept


@pytest.mark.parametrize("panel", DRAWN, ids=lambda panel: panel["title"])
def test_panels_are_read_in_both_languages(panel: dict[str, Any]) -> None:
    assert re.search(r"[一-鿿].* [A-Z][a-z]", panel["title"])
    assert panel["fieldConfig"]["defaults"]["unit"]


def test_no_panel_covers_another() -> None:
    places = [panel["gridPos"] for panel in overview()["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        assert _apart(one, other, "x", "w") or _apart(one, other, "y", "h")


@pytest.mark.skipif(
    not shutil.which("prometheus"), reason="no prometheus on this machine; the queries are parsed"
)
def test_prometheus_answers_every_query(expositions: dict[str, str], tmp_path: Path) -> None:
    with _served(list(expositions.values())) as targets, _prometheus(tmp_path, targets) as ask:
        seen_twice = 'count(sum_over_time(up{job="casegrid"}[5m]) >= 2)'  # a rate needs a second look
        _wait(lambda: ask(seen_twice)[0]["value"][1] == str(len(SERVICES)))
        silent = [(title, query) for title, query, _ in QUERIES if not ask(query)]
    assert silent == []


def _exposition(postgres_url: str, service: str) -> str:
    command = [sys.executable, "-m", "tests.deploy.exposition", service]
    told = os.environ | {"CASEGRID_POSTGRES": postgres_url}
    return subprocess.run(command, cwd=ROOT, env=told, check=True, stdout=subprocess.PIPE, text=True).stdout


def _plain(query: str) -> str:
    for name, value in _NAMES.items():
        query = query.replace(name, value)
    return query


def _parts(query: str) -> list[promql.Expr]:
    return _within(promql.parse(_plain(query)))


def _within(expression: promql.Expr) -> list[promql.Expr]:
    found: list[promql.Expr] = []
    promql.walk(expression, found.append)
    return [part.vector_selector if isinstance(part, promql.MatrixSelector) else part for part in found]


def _apart(one: dict[str, int], other: dict[str, int], start: str, size: str) -> bool:
    return one[start] + one[size] <= other[start] or other[start] + other[size] <= one[start]


@contextmanager
def _served(texts: list[str]) -> Iterator[list[str]]:
    """Each text on a port of its own, as a service would answer; the addresses."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _answering(text)) for text in texts]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield [f"127.0.0.1:{server.server_port}" for server in servers]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _answering(text: str) -> type[BaseHTTPRequestHandler]:
    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Scrapes are nobody's news."""

    return Metrics


@contextmanager
def _prometheus(folder: Path, targets: list[str]) -> Iterator[Any]:
    """A Prometheus with the configuration that we ship, impatient, and with these targets; how to ask it."""
    shipped = (ROOT / "deploy/prometheus/prometheus.yml").read_text()
    (folder / "prometheus.yml").write_text(shipped.replace(" 15s", " 200ms"))
    (folder / "targets.yml").write_text(json.dumps([{"targets": targets}]))
    address = f"127.0.0.1:{free_port()}"
    told = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}"]  # fmt: skip
    with (folder / "log").open("w") as log, subprocess.Popen(["prometheus", *told], stderr=log) as process:
        try:
            yield lambda query: _ask(address, _plain(query))
        finally:
            process.terminate()


def _ask(address: str, query: str) -> Any:
    url = f"http://{address}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)["data"]["result"]


def _wait(condition: Any, *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, IndexError):
            if condition():
                return
        time.sleep(0.1)
    raise TimeoutError("prometheus did not come so far")
