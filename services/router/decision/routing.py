"""Which procedure, which tier, which unit: the decision that dispatches a report (domain §11.4)."""

from collections.abc import Iterator
from typing import NamedTuple

from contracts.facts.reason import Reason
from contracts.facts.report import Place
from contracts.vocabulary import GENERAL_KIND, Privacy, Procedure, Tier, Urgency
from services.router.decision.classification import Classifier, classified, nobody_classifies
from services.router.decision.guards import Matter, Objection, accused_units, is_in_conflict, objection_to
from services.router.decision.question import Question
from services.router.decision.urgency import urgency_of
from services.router.directory.directory import Directory, Unit
from services.router.rulesets.ruleset import Category, Ruleset


class Order(NamedTuple):
    """Who leads, at which tier; who helps, who must know, who watches on the spot."""

    tier: Tier
    lead: str
    co_handlers: tuple[str, ...]
    copies: tuple[str, ...]
    tracker: str | None


class Decision(NamedTuple):
    """Everything that filing and dispatching need, with the rules that spoke."""

    category: Category
    base_urgency: Urgency
    urgency: Urgency
    points: int
    confirm_by_phone: bool
    call_lines: tuple[str, ...]
    procedure: Procedure
    privacy: Privacy
    grid: str
    order: Order
    reasons: tuple[Reason, ...]

    @property
    def is_emergency_beside(self) -> bool:
        """An application never becomes an emergency: one is opened beside it."""
        return self.procedure is Procedure.APPROVAL and self.urgency is Urgency.CRITICAL


class NobodyAnswers(LookupError):
    """No unit of any tier may lead; only where every unit up to the district's is complained of, or there is none."""


def grid_of(place: Place, located: str | None, directory: Directory) -> str | None:
    """The grid at the point, or the grid that was named; None leaves the report at the intake desk."""
    named = directory.areas.get(place.grid or "")
    return located or (named.code if named is not None and named.tier is Tier.GRID else None)


def decide(
    question: Question, directory: Directory, ruleset: Ruleset, classify: Classifier = nobody_classifies
) -> Decision:
    """Category, urgency, procedure and units of a report; raises NobodyAnswers."""
    category, named = classified(question, directory, ruleset, classify)
    assessed = urgency_of(question, category, ruleset, directory.chain(question.grid).values())
    procedure = procedure_of(category, assessed.urgency)
    privacy = privacy_of(category, question)
    matter = Matter(question, category, accused_units(question, category, directory), directory)
    lead, passed_over = _lead(matter)
    order = _order(lead, matter, assessed.urgency, procedure)
    return Decision(
        category=category,
        base_urgency=assessed.base,
        urgency=assessed.urgency,
        points=assessed.points,
        confirm_by_phone=assessed.confirm_by_phone,
        call_lines=assessed.call_lines,
        procedure=procedure,
        privacy=privacy,
        grid=question.grid,
        order=order,
        reasons=(
            named,
            *assessed.reasons,
            *_about_procedure(category, assessed.urgency, procedure),
            *_about_privacy(category, question, privacy),
            *passed_over,
            Reason(
                rule="lead.competence" if lead.kind in category.lead else "lead.territory", effect=lead.code
            ),
        ),
    )


def procedure_of(category: Category, urgency: Urgency) -> Procedure:
    """The category's, unless danger makes it an emergency; an application never becomes anything else."""
    if category.procedure is Procedure.APPROVAL:
        return Procedure.APPROVAL
    controlled = category.control_limit is not None or category.procedure is Procedure.ON_SPOT
    if urgency is Urgency.CRITICAL or (urgency is Urgency.URGENT and controlled):
        return Procedure.EMERGENCY
    return category.procedure


def privacy_of(category: Category, question: Question) -> Privacy:
    """The highest of the row's, the reporter's wish and what a person has set; where the reporter consented to less
    than the row's, that does not count (domain §8.2)."""
    of_row = Privacy.OPEN if category.code == question.consented_as else category.privacy
    wished = Privacy.CONFIDENTIAL if question.confidential else Privacy.OPEN
    return max(of_row, wished, question.private_at_least, key=lambda privacy: privacy.level)


def _about_procedure(category: Category, urgency: Urgency, procedure: Procedure) -> Iterator[Reason]:
    if procedure is not category.procedure:
        yield Reason(rule="procedure.danger", effect=procedure)
    elif procedure is Procedure.APPROVAL and urgency is Urgency.CRITICAL:
        yield Reason(rule="procedure.beside", effect=Procedure.EMERGENCY)


def _about_privacy(category: Category, question: Question, privacy: Privacy) -> Iterator[Reason]:
    if privacy.level < category.privacy.level:
        yield Reason(rule="privacy.consent", effect=privacy)
    elif privacy is not category.privacy:
        wished = question.confidential and privacy is Privacy.CONFIDENTIAL
        yield Reason(rule="privacy.wish" if wished else "privacy.kept", effect=privacy)


def _lead(matter: Matter) -> tuple[Unit, list[Reason]]:
    """Competence at the row's tier, else that tier's general unit, else one tier up, past those who must not.

    When nobody is on duty up to the district, the district's duty line has it: an answer is owed at any hour.
    """
    passed_over: list[Reason] = []
    last: Unit | None = None
    question, category = matter.question, matter.category
    for unit in matter.directory.who_may_lead(category.lead, category.tier, question.grid):
        objection = objection_to(unit, matter)
        if objection is None:
            return unit, passed_over
        refused = Reason(rule=f"guard.{objection}", effect=unit.code)
        if refused not in passed_over:  # a general unit that is competent too was asked twice
            passed_over.append(refused)
        if objection is Objection.OFF_DUTY and unit.kind == GENERAL_KIND[Tier.DISTRICT]:
            last = unit
    if last is None:
        raise NobodyAnswers(matter.question.grid)
    return last, [*passed_over, Reason(rule="guard.duty_line", effect=last.code)]


def _order(lead: Unit, matter: Matter, urgency: Urgency, procedure: Procedure) -> Order:
    """Everybody once: who leads is not copied, who helps neither, and nobody in conflict hears of it.

    The grid worker tracks; an emergency is never without a tracker, so the next tier up follows it where he cannot.
    """
    directory, grid = matter.directory, matter.question.grid
    helping = [
        directory.manager(grid),
        *(directory.nearest(kind, grid) for kind in matter.category.co_handlers),
    ]
    co_handlers = _codes(helping, matter, without=(lead.code,))
    copies = copies_of(lead.tier, matter, urgency, procedure, without=(lead.code, *co_handlers))
    tracker = trackers_of(matter, procedure)
    return Order(lead.tier, lead.code, co_handlers, copies, tracker[0] if tracker else None)


def copies_of(
    lead: Tier | None, matter: Matter, urgency: Urgency, procedure: Procedure, *, without: tuple[str, ...]
) -> tuple[str, ...]:
    """The general units that are told, by the tier of the lead, and by how it is worked."""
    general = matter.directory.generals(matter.question.grid)
    return _codes([general.get(tier) for tier in _copied(lead, urgency, procedure)], matter, without=without)


def trackers_of(matter: Matter, procedure: Procedure) -> tuple[str, ...]:
    """Who may track, the grid worker first."""
    general = matter.directory.generals(matter.question.grid)
    tiers = Tier if procedure is Procedure.EMERGENCY else (Tier.GRID,)
    return _codes([general.get(tier) for tier in tiers], matter, without=())


def _codes(
    units: Iterator[Unit | None] | list[Unit | None], matter: Matter, *, without: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            unit.code
            for unit in units
            if unit and unit.code not in without and not is_in_conflict(unit, matter)
        )
    )


def _copied(lead: Tier | None, urgency: Urgency, procedure: Procedure) -> list[Tier]:
    """The tiers whose general units are told: by who leads, and by how it is worked."""
    critical = [Tier.DISTRICT] if urgency is Urgency.CRITICAL else []
    by_lead = _TOLD_BY_LEAD.get(lead, ()) if lead else ()
    return [*by_lead, *_TOLD_BY_PROCEDURE.get(procedure, ()), *critical]


_TOLD_BY_LEAD = {Tier.TOWN: (Tier.DISTRICT,), Tier.DISTRICT: (Tier.TOWN, Tier.COMMUNITY, Tier.GRID)}
_TOLD_BY_PROCEDURE = {
    Procedure.COORDINATE: (Tier.COMMUNITY,),
    Procedure.EMERGENCY: (Tier.COMMUNITY, Tier.TOWN, Tier.GRID),
}
