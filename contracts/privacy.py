"""How private a case is, as its facts say it: intake and the notifier keep one answer."""

from contracts.envelope import Fact
from contracts.facts.case import CaseDispatched, CaseFiled, CasePrivacyChanged
from contracts.vocabulary import Privacy


def privacy_in(fact: Fact) -> Privacy | None:
    """None when the fact says nothing of it."""
    match fact:
        case CaseFiled() | CaseDispatched():
            return fact.privacy
        case CasePrivacyChanged():
            return fact.after
    return None
