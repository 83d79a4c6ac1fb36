"""The tables that end a day: where the cases went, how many a second, how quickly, and what is missing."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from contracts.vocabulary import Procedure, Tier, Urgency
from deploy.local.landing import Landing
from deploy.local.observer import Seen
from deploy.local.play import Outcome
from deploy.local.quantiles import quantile


def show(console: Console, outcome: Outcome, seen: Seen, landing: Landing) -> None:
    """Where the cases went, and how quickly."""
    _show_cases(console, seen)
    summary = Table(show_header=False, title="the day in numbers")
    for name, value in numbers(outcome, seen, landing).items():
        summary.add_row(name, value)
    console.print(summary)
    for reason, count in Counter(outcome.refused.values()).most_common():
        console.print(f"refused, {count} times: {reason}", markup=False)
    if not landing.complete:
        console.print(f"[red]{what_is_missing(landing)}")


def numbers(outcome: Outcome, seen: Seen, landing: Landing) -> dict[str, str]:
    """A rate is from the first report sent to the last thing that it counts."""
    submitted = outcome.began + outcome.seconds
    return {
        "reports in": f"{len(outcome.accepted) + len(outcome.repeated) + len(outcome.refused)}",
        "accepted": _with_rate(len(outcome.accepted), outcome.began, submitted),
        "repeats of reports that are known": f"{len(outcome.repeated)}",
        "refused, each with a reason": f"{len(outcome.refused)}",
        "cases dispatched": _with_rate(len(seen.dispatched), outcome.began, seen.last_dispatch_at),
        "joined an open case of the same matter": f"{len(seen.joined)}",
        "waiting at the intake desk for a place": f"{len(landing.waiting)}",
        "notices delivered (signature checked)": _with_rate(
            len(seen.notified), outcome.began, seen.last_notice_at
        ),
        "missing: accepted, but no case": f"{len(landing.without_case)}",
        "missing: a case, but no dispatch": f"{len(landing.without_dispatch)}",
        "missing: dispatched, but no notice": f"{len(landing.without_notice)}",
        "report → dispatch seen by an agency, p50": _milliseconds(seen.latencies, 0.50),
        "report → dispatch seen by an agency, p99": _milliseconds(seen.latencies, 0.99),
    }


def what_is_missing(landing: Landing) -> str:
    return (
        f"of the accepted reports {len(landing.without_case)} have no case, {len(landing.without_dispatch)} a case "
        f"without a dispatch, {len(landing.without_notice)} a dispatch without a notice"
    )


def _with_rate(count: int, began: float, ended: float) -> str:
    return f"{count} ({count / (ended - began):,.1f}/s)" if count and ended > began else f"{count}"


def _show_cases(console: Console, seen: Seen) -> None:
    events = list(seen.dispatched.values())
    _show_shares(console, "tier", list(Tier), [(event["tier"], event["urgency"]) for event in events])
    procedures = [(_procedure(event), event["urgency"]) for event in events]
    _show_shares(console, "procedure", list(Procedure), procedures)


def _procedure(event: dict[str, Any]) -> str:
    return Procedure.APPROVAL if event["type"] == "approval.started" else event["data"]["procedure"]


def _show_shares(console: Console, name: str, kinds: Sequence[str], cases: list[tuple[str, str]]) -> None:
    counts = Counter(cases)
    table = Table(name, *Urgency, "all", "share", title=f"cases dispatched, by {name} and urgency")
    for kind in kinds:
        row = [counts[kind, urgency] for urgency in Urgency]
        table.add_row(kind, *map(str, row), str(sum(row)), _share(sum(row), len(cases)))
    table.add_section()
    columns = [sum(counts[kind, urgency] for kind in kinds) for urgency in Urgency]
    table.add_row("all", *map(str, columns), str(len(cases)), "")
    table.add_row("share", *(_share(number, len(cases)) for number in columns), "", "")
    console.print(table)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _milliseconds(latencies: list[float], share: float) -> str:
    if not latencies:
        return "–"
    return f"{quantile(latencies, share) * 1000:.0f} ms"
