"""What a run of harm left behind, and a table of it."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from deploy.local.play import Outcome
from tests.chaos.agency import Agency
from tests.chaos.books import Books, Course
from tests.chaos.killer import Harm
from tests.chaos.people import Work, grid_of
from tests.chaos.published import Published, course_of


@dataclass(frozen=True)
class Findings:
    harm: Harm
    outcome: Outcome
    work: Work
    landed_after: float | None
    unready: dict[str, str]
    books: Books
    published: Published
    agency: Agency
    history_after: Course
    """Read once more when nobody listens any longer."""

    @property
    def accepted(self) -> set[str]:
        """Cases of the receipts."""
        return set(self.grids)

    @property
    def grids(self) -> dict[str, str]:
        """In which each accepted report was made, by case."""
        answered = self.outcome.accepted | self.outcome.repeated
        return {case_id: grid_of(key) for key, case_id in answered.items()}

    @property
    def heard(self) -> Course:
        """By webhook, in the order in which the messages first came."""
        return course_of(self.agency.messages.values())

    @property
    def told(self) -> list[str]:
        """Case ids of first dispatches, one for each message."""
        return [
            event["case_id"] for event in self.agency.messages.values() if event["type"] == "case.dispatched"
        ]


def show(found: Findings, seed: int) -> None:
    console = Console()
    harm = Table("", "killed", "away for", "frozen", "for", title=f"seed {seed}")
    for name, killed in sorted(found.harm.killed.items()):
        harm.add_row(name, *_times(killed), *_times(found.harm.frozen[name]))
    counts = Table("what the books say", "cases")
    for name, count in _counts(found).items():
        counts.add_row(name, str(count))
    console.print(harm, counts)


def _times(away: list[float]) -> tuple[str, str]:
    return str(len(away)), f"{min(away):.0f}–{max(away):.0f} s" if away else ""


def _counts(found: Findings) -> dict[str, object]:
    books, published, answers = found.books, found.published, found.agency.answers
    return {
        "accepted (receipts)": len(found.accepted),
        "  of these, told a second time after a lost answer": found.outcome.heard_late,
        "reports in intake": len(books.reports),
        "cases in the router": len(books.cases),
        "first dispatches in the history": len(books.dispatched),
        "first dispatches on the topics": len(published.orders),
        "first dispatches by webhook": len(found.told),
        "assignments in assessment": len(books.assignments),
        "signed by units / in the history": f"{found.work.signed.total()} / {len(books.signed)}",
        "progress noted / in the history": f"{found.work.noted.total()} / {len(books.noted)}",
        "asked again / in the history": f"{found.work.reminded.total()} / {len(books.reminded)}",
        "events in the history": sum(map(len, books.history.values())),
        "records on the topics / of these repeats": f"{published.records} / {published.repeated}",
        "webhooks taken in / requests": f"{len(found.agency.messages)} / {answers.total()}",
        "  of these answered 500": answers["refused"] + answers["taken in, answered 500"],
        "dead letters": len(published.dead),
        "still in outboxes": sum(books.unsent.values()),
        "not ready": ", ".join(found.unready) or "none",
        "at rest after": "never" if found.landed_after is None else f"{found.landed_after:.0f} s",
    }
