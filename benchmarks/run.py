"""`make bench`: all benchmarks, a table, results.json and the figures in RESULTS.md."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import accepting, decisions, latency, routing
from benchmarks.memory import resident
from benchmarks.stand import machine, stand

FOLDER = Path(__file__).parent
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
Row = tuple[str, str, str, str, str]
console = Console()


def main(
    quick: Annotated[
        bool, typer.Option(help="one short round, nothing is written: does it all still run?")
    ] = False,
) -> None:
    """Medians of five interleaved rounds; a baseline beside each."""
    found = measure(rounds=1 if quick else 5, quick=quick)
    rows = rows_of(found)
    table = Table("what", "casegrid", "bare", "ratio", "goal")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if not quick:
        (FOLDER / "results.json").write_text(json.dumps(found, indent=1) + "\n")
        write_figures(found, rows)


def measure(*, rounds: int, quick: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "rounds": rounds,
        "machine": machine(),
    }
    console.print("decisions")
    found["decisions"] = decisions.measure(rounds=rounds, quick=quick)
    with stand(rounds=rounds, quick=quick) as ready:
        found["memory idle"] = resident(ready)
        console.print("latency")
        found["latency"] = latency.measure(ready)
        found["memory under load"] = resident(ready)
        console.print("routing")
        found["routing"] = routing.measure(ready)
        # last: what it leaves on the topics would be worked in the time of another
        console.print("accepting")
        found["accepting"] = accepting.measure(ready)
    return found


def rows_of(found: dict[str, Any]) -> list[Row]:
    """what, casegrid, bare, ratio, goal"""
    rows: list[Row] = []
    for each in found["accepting"]:
        rows.append(_rate(f"intake, accepts/s at {each['clients']} clients", each, "≥ 0.4 of bare"))
    rows.append(
        _rate(
            f"router, reports/s draining {found['routing']['reports']:,}",
            found["routing"],
            "≥ 0.5 of bare, ≥ 2,000/s",
        )
    )
    rows.append(_rate("dry runs of a decision/s, in one process", found["decisions"], ""))
    times = found["latency"]
    for name, goal in (("p50", "≤ 25 ms"), ("p99", "≤ 120 ms")):
        ours, bare = times[f"ours {name}"], times[f"bare {name}"]
        rows.append(
            (
                f"report → dispatch at {times['rate']:.0f}/s, {name}",
                f"{ours:.1f} ms",
                f"{bare:.1f} ms",
                f"{ours / bare:.1f}",
                goal,
            )
        )
    for service, idle in found["memory idle"].items():
        loaded = found["memory under load"].get(service, float("nan"))
        rows.append(
            (f"{service}, resident memory idle / under load", f"{idle:.0f} / {loaded:.0f} MB", "", "", "")
        )
    return rows


def _rate(what: str, each: dict[str, float], goal: str) -> Row:
    return (what, f"{each['ours']:,.0f}", f"{each['bare']:,.0f}", f"{each['ours'] / each['bare']:.2f}", goal)


def write_figures(found: dict[str, Any], rows: list[Row]) -> None:
    """Between the marks of RESULTS.md; the words around them are people's."""
    said = "\n".join(f"- {name}: {value}" for name, value in found["machine"].items())
    lines = [
        "| what | casegrid | bare | ratio | goal |",
        "|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    path = FOLDER / "RESULTS.md"
    before, _, rest = path.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    figures = (
        f"{_BEGIN}\n\n{found['at']}, medians of {found['rounds']} rounds\n\n{said}\n\n"
        + "\n".join(lines)
        + f"\n\n{_END}"
    )
    path.write_text(before + figures + after, "utf-8")


if __name__ == "__main__":
    typer.run(main)
