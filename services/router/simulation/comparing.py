"""Two decisions on the same report beside each other, and what many such pairs come to."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.router.decision.classification import Classifier
from services.router.decision.question import Question
from services.router.decision.routing import Decision, NobodyAnswers, decide
from services.router.directory.directory import Directory
from services.router.rulesets.ruleset import Ruleset

NOBODY = "nobody"


@dataclass(frozen=True)
class Outcome:
    """What a unit or a reporter would notice of a decision; the rules that spoke say why."""

    category: str
    urgency: str
    procedure: str
    tier: str
    lead_unit: str
    rules: tuple[str, ...]

    def differs(self, other: "Outcome") -> dict[str, list[str]]:
        """Before and after of each thing that is not the same."""
        return {
            name: [getattr(self, name), getattr(other, name)]
            for name in NOTICED
            if getattr(self, name) != getattr(other, name)
        }


NOTICED = ("category", "urgency", "procedure", "tier", "lead_unit")
# counted over all reports, not only where something changed
COUNTED = ("tier", "urgency", "procedure", "lead_unit")
_PLURAL = {"tier": "tiers", "urgency": "urgencies", "procedure": "procedures", "lead_unit": "units"}


@dataclass(frozen=True)
class Judge:
    """One ruleset with everything that it decides by."""

    ruleset: Ruleset
    directory: Directory
    classify: Classifier

    def outcome(self, question: Question) -> Outcome:
        try:
            decision = decide(question, self.directory, self.ruleset, self.classify)
        except NobodyAnswers:
            return Outcome(NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, ())
        return _outcome(decision)


def _outcome(decision: Decision) -> Outcome:
    return Outcome(
        decision.category.code,
        decision.urgency,
        decision.procedure,
        decision.order.tier,
        decision.order.lead,
        tuple(reason.rule for reason in decision.reasons),
    )


@dataclass
class Comparison:
    """Grows with each report; keeps the first `keep` cases that would have gone another way."""

    before: Judge
    after: Judge
    keep: int
    reports: int = 0
    changed: int = 0
    unroutable: int = 0
    cases: list[dict[str, Any]] = field(default_factory=list)
    _counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, case_id: UUID, question: Question) -> None:
        was, becomes = self.before.outcome(question), self.after.outcome(question)
        self.reports += 1
        self.unroutable += becomes.lead_unit == NOBODY
        for name in COUNTED:
            self._counts[name, getattr(was, name), "before"] += 1
            self._counts[name, getattr(becomes, name), "after"] += 1
        if changes := was.differs(becomes):
            self.changed += 1
            if len(self.cases) < self.keep:
                why = {"before": was.rules, "after": becomes.rules}
                self.cases.append({"case_id": case_id, **changes, "rules": why})

    def shares(self) -> dict[str, dict[str, dict[str, int]]]:
        """`{"tiers": {"grid": {"before": 3, "after": 4}}}`; of units only those whose number changes."""
        return {_PLURAL[name]: dict(self._shares(name)) for name in COUNTED}

    def _shares(self, name: str) -> Iterator[tuple[str, dict[str, int]]]:
        for value in sorted({value for counted, value, _ in self._counts if counted == name}):
            both = {when: self._counts[name, value, when] for when in ("before", "after")}
            if name != "lead_unit" or both["before"] != both["after"]:
                yield value, both
