"""`make replay`: a 311 export through the front door of a district made from its boundaries."""

import asyncio
import csv
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from deploy.local.beginning import begin
from deploy.local.boundaries import directory_of
from deploy.local.closing import show
from deploy.local.day import import_directory
from deploy.local.missing import while_all_runs
from deploy.local.play import Outcome, Report, landing_after, play
from deploy.local.stack import LOCAL, Stack, stack, start
from deploy.local.telling import complain, console, failures_told, say
from services.intake.tabular import (
    AcceptedRow,
    RejectedRow,
    column_map,
    fitting_map,
    read_rows,
)

INTERRUPTED = 130  # as shells say it
_REASONS_SHOWN = 10


def main(
    reports: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="the export, as CSV")],
    boundaries: Annotated[Path, typer.Option(exists=True, file_okay=False, help="folder of GeoJSON files")],
    columns: Annotated[
        str | None,
        typer.Option(help="name of a column map, or the path of one; without, the one that fits the header"),
    ] = None,
    speed: Annotated[float | None, typer.Option(help="times real time; without, as fast as it goes")] = None,
) -> None:
    """Read, submit, follow; every row ends as accepted or rejected with its reason. Exits with 1 when an accepted
    report has not landed or a part of the stack is gone for good, with 130 when it was interrupted."""
    with failures_told():
        ran_before = stack(LOCAL).runs
        accepted, rejected, directory = _given(reports, columns, boundaries)
    try:
        with failures_told():
            running = start(LOCAL, say=say)
            complete = asyncio.run(
                while_all_runs(running, _replay(running, accepted, rejected, directory, speed))
            )
    except KeyboardInterrupt:
        if not ran_before:
            stack(LOCAL).stop()
        raise typer.Exit(INTERRUPTED) from None
    say("the stack stays up; `make down` stops it")
    if not complete:
        raise typer.Exit(1)


def _given(
    reports: Path, columns: str | None, boundaries: Path
) -> tuple[list[AcceptedRow], list[RejectedRow], dict[str, Any]]:
    """Read before anything is started, which what cannot be read would leave running."""
    try:
        columns = columns or fitting_map_of(reports)
        say(f"columns as in {columns}")
        return *read_export(reports, columns), directory_of(boundaries)
    except (ValueError, csv.Error) as error:
        complain(str(error))
        raise typer.Exit(1) from None


def fitting_map_of(export: Path) -> str:
    with export.open(encoding="utf-8-sig", newline="") as stream:
        return fitting_map(stream)


def read_export(path: Path, columns: str) -> tuple[list[AcceptedRow], list[RejectedRow]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(read_rows(stream, column_map(columns)))
    accepted = [row for row in rows if isinstance(row, AcceptedRow)]
    return accepted, [row for row in rows if isinstance(row, RejectedRow)]


async def _replay(
    running: Stack,
    accepted: list[AcceptedRow],
    rejected: list[RejectedRow],
    directory: dict[str, Any],
    speed: float | None,
) -> bool:
    await import_directory(running, directory)
    outcome = Outcome()
    try:
        _, seen = await play(
            running, reports_of(accepted), len(accepted), console, speed=speed, outcome=outcome
        )
        landing = await landing_after(running, outcome, seen)
        show(console, outcome, seen, landing)
    except asyncio.CancelledError:
        say(
            f"interrupted: {outcome.answered} of {len(accepted)} reports are answered; the same command goes on"
        )
        raise
    finally:
        listed = rejections(accepted, rejected, outcome)
        write_rejected(running.directory / "rejected.csv", listed)
        show_rejected(listed, len(accepted) + len(rejected), running.directory / "rejected.csv")
    return landing.complete


def reports_of(rows: list[AcceptedRow]) -> list[Report]:
    """In the order of their times; those without one go with the first that has one."""
    times = {row.reference: _second(row.report) for row in rows}
    first = min((at for at in times.values() if at is not None), default=0.0)
    dated = {reference: first if at is None else at for reference, at in times.items()}
    return sorted(
        (Report(row.reference, dated[row.reference], row.report) for row in rows),
        key=lambda report: report.at,
    )


def _second(report: dict[str, Any]) -> float | None:
    return datetime.fromisoformat(report["occurred_at"]).timestamp() if report.get("occurred_at") else None


def rejections(
    accepted: list[AcceptedRow], rejected: list[RejectedRow], outcome: Outcome
) -> list[tuple[int, str]]:
    """Line and reason, in the order of the lines: what was not sent, and what intake refused."""
    unsent = [(row.line, f"{reason.column}: {reason.detail}") for row in rejected for reason in row.reasons]
    refused = [
        (row.line, f"refused: {outcome.refused[row.reference]}")
        for row in accepted
        if row.reference in outcome.refused
    ]
    return sorted([*unsent, *refused])


def write_rejected(path: Path, listed: list[tuple[int, str]]) -> None:
    """Nothing that the row says: an export may hold personal data."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("line", "reason"))
        writer.writerows(listed)


def show_rejected(listed: list[tuple[int, str]], rows: int, path: Path) -> None:
    """The commonest reasons; the file has all."""
    counts = Counter(reason for _, reason in listed)
    table = Table("reason", "rows", title="rejected rows")
    for reason, count in counts.most_common(_REASONS_SHOWN):
        table.add_row(Text(reason), str(count))
    if listed:
        console.print(table)
    rejected = len({line for line, _ in listed})
    say(f"{rejected} of {rows} rows rejected; each with its reasons: {path}")


if __name__ == "__main__":
    begin()
    typer.run(main)
