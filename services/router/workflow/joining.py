"""What several reports of one matter do to its case: it is as urgent as all of them say, and merges stay one level
deep (domain §7)."""

from collections.abc import Iterable, Iterator

from services.router.workflow.case import Case
from services.router.workflow.lifecycle import move
from services.router.workflow.raising import Changed, raised
from services.router.workflow.situation import Around, Moment, Rules


def after_merge(
    merged: Case, master: Case, children: Iterable[Case], around: Around, rules: Rules, moment: Moment
) -> Iterator[Changed]:
    """The master's and the children's changes; `children` are the cases that had been merged into `merged`, `around`
    is what the master knows of its reporters with the new one."""
    if change := raised(master, merged.urgency, "merge: more people report it", around, rules, moment):
        yield change
    for child in children:
        yield move(child, master, rules, moment)


def after_reminder(case: Case, around: Around, rules: Rules, moment: Moment) -> Changed | None:
    """One who says it again may make it more urgent (soft point S3, counted anew)."""
    return raised(case, case.urgency, "a reporter asked again", around, rules, moment)
