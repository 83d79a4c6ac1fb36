"""`make replay`: a 311 export through the front door of a district made from its boundaries."""

import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from contracts.vocabulary import GENERAL_KIND, Tier
from deploy.local.day import import_directory
from deploy.local.interruptions import heed_interruptions
from deploy.local.play import Report, play, show, waiting_at_desk
from deploy.local.processes import ServerFailed
from deploy.local.stack import LOCAL, stack, start
from services.intake.tabular import AcceptedRow, RejectedRow, column_map, read_rows
from services.router.rulesets.ruleset import load_ruleset

console = Console()


def main(
    reports: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="the export, as CSV")],
    boundaries: Annotated[Path, typer.Option(exists=True, file_okay=False, help="folder of GeoJSON files")],
    columns: Annotated[str, typer.Option(help="name of a column map, or the path of one")] = "nyc_311",
    speed: Annotated[float | None, typer.Option(help="times real time; without, as fast as it goes")] = None,
) -> None:
    """Read, submit, follow; every row ends as accepted or rejected with its reason."""
    accepted, rejected = read_export(reports, columns)
    ran_before = stack(LOCAL).runs
    try:
        running = start(LOCAL, say=console.print)
        asyncio.run(_replay(running, accepted, boundaries, speed))
    except ServerFailed as error:
        console.print(f"[red]{error}")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        if not ran_before:
            stack(LOCAL).stop()
        raise
    show_rejected(rejected, len(accepted) + len(rejected))
    console.print("the stack stays up; `make down` stops it")


def read_export(path: Path, columns: str) -> tuple[list[AcceptedRow], list[RejectedRow]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(read_rows(stream, column_map(columns)))
    accepted = [row for row in rows if isinstance(row, AcceptedRow)]
    return accepted, [row for row in rows if isinstance(row, RejectedRow)]


async def _replay(running: Any, accepted: list[AcceptedRow], boundaries: Path, speed: float | None) -> None:
    await import_directory(running, directory_of(boundaries))
    outcome, seen = await play(running, reports_of(accepted), len(accepted), console, speed=speed)
    show(console, outcome, seen, waiting=len(await waiting_at_desk(running)))


def reports_of(rows: list[AcceptedRow]) -> list[Report]:
    return sorted(
        (Report(row.reference, _second(row.report), row.report) for row in rows), key=lambda row: row.at
    )


def _second(report: dict[str, Any]) -> float:
    return datetime.fromisoformat(report["occurred_at"]).timestamp() if report.get("occurred_at") else 0.0


def directory_of(folder: Path) -> dict[str, Any]:
    """A directory from boundaries alone: each area gets its general unit, each district and town one of each kind."""
    features = [
        feature
        for file in sorted(folder.glob("*.geojson"))
        for feature in orjson.loads(file.read_bytes())["features"]
        if feature["properties"].get("tier") in set(Tier)
    ]
    areas = [feature["properties"] for feature in features]
    units = [unit for area in areas for unit in _units(area)]
    return {"areas": {"type": "FeatureCollection", "features": features}, "units": units, "duty": []}


def _units(area: dict[str, Any]) -> list[dict[str, Any]]:
    """Professional units report to the general unit of their area, and that to the one of the area above."""
    tier = Tier(area["tier"])
    place = {"tier": tier, "area": area["code"]}
    above = f"U-{area['parent']}" if tier is not Tier.DISTRICT else None
    general = {"code": f"U-{area['code']}", "name": area["name"], "kind": GENERAL_KIND[tier], "parent": above}
    kinds = [kind for kind, said in load_ruleset("example-1").unit_kinds.items() if said.tier is tier]
    professional = [
        {
            "code": f"U-{area['code']}-{kind}",
            "name": f"{area['name']} {kind}",
            "kind": kind,
            "parent": f"U-{area['code']}",
        }
        for kind in kinds
        if kind != GENERAL_KIND[tier]
    ]
    return [unit | place for unit in [general, *professional]]


def show_rejected(rejected: list[RejectedRow], rows: int) -> None:
    """All reasons with their counts, and the first rows of each."""
    counts = Counter(f"{reason.column}: {reason.detail}" for row in rejected for reason in row.reasons)
    table = Table("reason", "rows", "such as", title=f"{len(rejected)} of {rows} rows rejected")
    for reason, count in counts.most_common():
        lines = [
            str(row.line) for row in rejected if reason in {f"{r.column}: {r.detail}" for r in row.reasons}
        ]
        table.add_row(reason, str(count), "lines " + ", ".join(lines[:5]))
    console.print(table)


if __name__ == "__main__":
    heed_interruptions()
    typer.run(main)
