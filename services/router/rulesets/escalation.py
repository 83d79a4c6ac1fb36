"""What happens as a limit runs out and after it has: the stages of domain §11.5, for cases of one urgency."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.vocabulary import Clock
from services.router.clocks.limits import Limit
from services.router.rulesets.field_types import LimitText, Part

Told = Literal["assignee", "unit_lead"]


class Reminder(Part):
    """Stage L0: when `share` of the limit has been used; only for limits of at least `if_limit_at_least`.

    `tells` is kept and not used yet: a notice goes to the unit, which says itself who of it is reached.
    """

    share: Annotated[float, Field(gt=0, lt=1)]
    tells: tuple[Told, ...] = ("assignee",)
    if_limit_at_least: LimitText | None = None

    def applies_to(self, limit: Limit) -> bool:
        return self.if_limit_at_least is None or self.if_limit_at_least.minutes <= limit.minutes


class Escalation(Part):
    """L0 reminds before; L1 (yellow) comes when the limit passes; L2 (red) and L3 (bulletin) so long after that."""

    reminders: tuple[Reminder, ...] = ()
    red_after: LimitText
    red_after_by_clock: dict[Clock, LimitText] = Field(default_factory=dict)
    bulletin_after: LimitText

    def red(self, clock: Clock) -> Limit:
        return self.red_after_by_clock.get(clock, self.red_after)
