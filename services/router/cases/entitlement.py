"""Whose people may give a command to a case, of those who have the role for it (domain §11.6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from delivery.auth import Principal
from services.router.cases.visibility import belongs_to
from services.router.directory.directory import Directory
from services.router.workflow.case import Case
from services.router.workflow.commands.oversight import may_appeal
from services.router.workflow.standing_in import lead_now, superior_now, tracker_now
from services.router.workflow.table import DESK, Membership, Transition

Units = tuple[str | None, ...]


def refusal(caller: Principal, row: Transition, case: Case, directory: Directory) -> str | None:
    """Why he may not give the command of `row` to the case, though he has a role for it; None when he may."""
    if row.of == "anyone" or caller.is_admin:
        return None
    entitled = _ENTITLED[row.of]
    for_them = entitled.desk_too and caller.has(*DESK)
    if for_them or entitled.includes(caller.unit, case, directory):
        return None
    return f"only {entitled.named(case, directory)} may {row.command} this case"


def _lead(case: Case, directory: Directory) -> Units:
    return (lead_now(case, directory),)


def _nobody(_: Case, __: Directory) -> Units:
    return ()


@dataclass(frozen=True)
class Entitled:
    """Who `answers`, with the units above or without; who may beside them; whether the desk does it for them."""

    answers: Callable[[Case, Directory], Units] = _lead
    and_above: bool = True
    beside: Callable[[Case, Directory], Units] = _nobody
    desk_too: bool = False

    def includes(self, unit: str | None, case: Case, directory: Directory) -> bool:
        if unit is None:
            return False
        answering = self.answers(case, directory)
        if unit in answering or unit in self.beside(case, directory):
            return True
        return self.and_above and any(belongs_to(unit, each, directory) for each in answering)

    def named(self, case: Case, directory: Directory) -> str:
        """As a refusal says it."""
        units = " or ".join(_known(self.answers(case, directory)))
        return f"{units} and the units above it" if self.and_above else units


def _known(units: Units) -> Iterator[str]:
    return (unit for unit in units if unit is not None)


_ENTITLED: dict[Membership, Entitled] = {
    "lead": Entitled(),
    "turn": Entitled(and_above=False),
    "superior": Entitled(lambda case, directory: (superior_now(case, directory),)),
    "late": Entitled(lambda case, _: may_appeal(case)),
    "at_work": Entitled(beside=lambda case, directory: (*case.co_handlers, tracker_now(case, directory))),
    "contact": Entitled(beside=lambda case, _: (case.first_responsible,), desk_too=True),
}
