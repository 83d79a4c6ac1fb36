"""Which procedure, which tier, which unit: the decision that dispatches a report (domain §11.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.facts.case import Reason
from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import Privacy, Procedure, Tier, Urgency
from services.router.decision.urgency import urgency_of
from services.router.directory.directory import Directory, Unit
from services.router.rulesets.ruleset import Category, Ruleset


@dataclass(frozen=True)
class Order:
    """Who leads, at which tier; who helps, who must know, who watches on the spot."""

    tier: Tier
    lead: str
    co_handlers: tuple[str, ...]
    copies: tuple[str, ...]
    tracker: str | None


@dataclass(frozen=True)
class Decision:
    """Everything that filing and dispatching need, with the rules that spoke."""

    category: Category
    urgency: Urgency
    procedure: Procedure
    privacy: Privacy
    grid: str
    order: Order
    reasons: tuple[Reason, ...]


class NobodyAnswers(LookupError):
    """No unit of any tier answers for the grid; a directory with a unit for each district never comes to this."""


def grid_of(place: Place, located: str | None, directory: Directory) -> str | None:
    """The grid at the point, or the grid that was named; None leaves the report at the intake desk."""
    named = directory.areas.get(place.grid or "")
    return located or (named.code if named is not None and named.tier is Tier.GRID else None)


def decide(
    wanted: str | None,
    stated: ReportedFacts,
    grid: str,
    confidential: bool,
    directory: Directory,
    ruleset: Ruleset,
) -> Decision:
    """Category, urgency, procedure and units of a report in `grid`; raises NobodyAnswers."""
    category = ruleset.category(wanted)
    urgency, reasons = urgency_of(category, stated)
    procedure = procedure_of(category, urgency)
    order = order_of(category, urgency, procedure, grid=grid, directory=directory)
    named = Reason(
        rule="category.given" if wanted == category.code else "category.unclassified", effect=category.code
    )
    led = Reason(rule=f"lead.{order.tier}", effect=order.lead)
    privacy = (
        Privacy.CONFIDENTIAL if confidential and category.privacy is not Privacy.SEALED else category.privacy
    )
    return Decision(category, urgency, procedure, privacy, grid, order, (named, *reasons, led))


def procedure_of(category: Category, urgency: Urgency) -> Procedure:
    """The category's, unless danger makes it an emergency; an application never becomes anything else."""
    if category.procedure is Procedure.APPROVAL:
        return Procedure.APPROVAL
    controlled = category.control_limit is not None or category.procedure is Procedure.ON_SPOT
    if urgency is Urgency.CRITICAL or (urgency is Urgency.URGENT and controlled):
        return Procedure.EMERGENCY
    return category.procedure


def order_of(
    category: Category, urgency: Urgency, procedure: Procedure, *, grid: str, directory: Directory
) -> Order:
    """Exactly one lead: competence at the row's tier, else that tier's general unit, else one tier up."""
    lead = next(_who_may_lead(category, grid, directory), None)
    if lead is None:
        raise NobodyAnswers(grid)
    general = directory.generals(grid)
    helping = (_find(kind, grid, directory) for kind in category.co_handlers)
    co_handlers = tuple(dict.fromkeys(unit.code for unit in helping if unit and unit.code != lead.code))
    told = (general[tier].code for tier in _copied(lead.tier, urgency, procedure) if tier in general)
    copies = tuple(dict.fromkeys(code for code in told if code != lead.code and code not in co_handlers))
    tracker = general.get(Tier.GRID)
    return Order(lead.tier, lead.code, co_handlers, copies, tracker.code if tracker else None)


_UPWARD = {tier: tuple(Tier)[level:] for level, tier in enumerate(Tier)}


def _who_may_lead(category: Category, grid: str, directory: Directory) -> Iterator[Unit]:
    for tier in _UPWARD[category.tier]:
        competent = (directory.serving(kind, tier, grid) for kind in category.lead)
        yield from filter(None, [*competent, directory.generals(grid).get(tier)])


def _find(kind: str, grid: str, directory: Directory) -> Unit | None:
    """The nearest unit of a kind: the lowest tier that has one."""
    return next(filter(None, (directory.serving(kind, tier, grid) for tier in Tier)), None)


def _copied(lead: Tier, urgency: Urgency, procedure: Procedure) -> list[Tier]:
    """The tiers whose general units are told: by who leads, and by how it is worked."""
    by_lead = {Tier.TOWN: [Tier.DISTRICT], Tier.DISTRICT: [Tier.TOWN, Tier.COMMUNITY, Tier.GRID]}
    by_procedure = {
        Procedure.COORDINATE: [Tier.COMMUNITY],
        Procedure.EMERGENCY: [Tier.COMMUNITY, Tier.TOWN, Tier.GRID],
    }
    critical = [Tier.DISTRICT] if urgency is Urgency.CRITICAL else []
    return [*by_lead.get(lead, []), *by_procedure.get(procedure, []), *critical]
