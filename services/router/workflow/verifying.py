"""What is thought of a report before it is filed: how urgent and how private it may be, and whether the nearest grid
worker looks at it before anybody is sent (domain §11.6, T02)."""

from datetime import datetime

from contracts.vocabulary import Privacy, Tier, Urgency
from delivery.local_time import local
from services.router.decision.classification import likely_code
from services.router.decision.question import Question
from services.router.decision.routing import privacy_of
from services.router.decision.urgency import urgency_of
from services.router.rulesets.ruleset import Category
from services.router.workflow.case import Case
from services.router.workflow.situation import Around, Rules


def first_urgency(case: Case, rules: Rules, at: datetime) -> Urgency:
    """By its words and facts, so that the desk sees the worst first; what may be critical counts as that until somebody
    has asked. In whose words it is said nobody knows yet: those of every area count."""
    category, question = _likely(case, rules, at)
    found = urgency_of(question, category, rules.ruleset, rules.ruleset.overrides)
    return Urgency.CRITICAL if found.confirm_by_phone else found.urgency


def first_lines(case: Case, rules: Rules, at: datetime) -> tuple[str, ...]:
    """The emergency lines that its words and facts name."""
    category, question = _likely(case, rules, at)
    return urgency_of(question, category, rules.ruleset, rules.ruleset.overrides).call_lines


def first_privacy(case: Case, rules: Rules, at: datetime) -> Privacy:
    """As it would be filed now, so that nobody sees meanwhile what he may not see then."""
    return privacy_of(*_likely(case, rules, at))


def _likely(case: Case, rules: Rules, at: datetime) -> tuple[Category, Question]:
    code, _ = likely_code(case.wanted_category, case.text, rules.ruleset, rules.classify)
    question = Question(
        text=case.text,
        at=local(at, rules.calendar.zone),
        grid="",
        category=code,
        channel=case.channel,
        facts=case.stated,
        confidential=case.confidential,
        at_least=case.raised_to or Urgency.GENERAL,
        private_at_least=case.private_at_least or Privacy.OPEN,
    )
    return rules.ruleset.category(code), question


def is_verified_first(case: Case, around: Around, rules: Rules, at: datetime) -> bool:
    """As the ruleset wants it for the channel, where no photo shows it and somebody is there to look. What joins an
    open case, or what a grid worker has settled, has been seen; what is urgent does not wait, and what is sealed is not
    for him: he may be the one complained of."""
    wanted = rules.ruleset.verification
    return (
        case.channel in wanted.channels
        and not case.attachments
        and around.master is None
        and around.on_spot is None
        and Tier.GRID in rules.directory.generals(around.grid or "")
        and first_privacy(case, rules, at) is not Privacy.SEALED
        and first_urgency(case, rules, at).level <= wanted.at_most.level
    )
