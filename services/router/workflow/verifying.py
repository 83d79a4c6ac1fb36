"""Which reports the nearest grid worker looks at before anybody is sent (domain §11.6, T02)."""

from contracts.vocabulary import Tier, Urgency
from services.router.workflow.case import Case
from services.router.workflow.situation import Around, Rules


def is_to_be_verified(case: Case, around: Around, rules: Rules) -> bool:
    """As the ruleset wants it for the channel, where no photo shows it and somebody is there to look. What joins an
    open case, or what a grid worker has settled, has been seen."""
    return (
        case.channel in rules.ruleset.verification.channels
        and not case.attachments
        and around.master is None
        and around.on_spot is None
        and Tier.GRID in rules.directory.generals(around.grid or "")
    )


def may_wait(urgency: Urgency, rules: Rules) -> bool:
    """Whether so urgent a case may wait until somebody has looked."""
    return urgency.level <= rules.ruleset.verification.at_most.level
