"""Whose indicators somebody sees: those of his jurisdiction, read as the router reads it for cases."""

from collections.abc import Iterable

from contracts.vocabulary import Role


def heads_of(roles: Iterable[str], unit: str | None, beside: frozenset[str]) -> frozenset[str] | None:
    """The units that he sees together with all that report to them; None is all there are.

    An administrator sees all, and so does an assessor without a unit that the directory ever knew, and a supervisor
    without any. An assessor sees those `beside` him: of the area that his unit serves. Anybody else begins at his own
    unit.
    """
    held = set(roles)
    assesses = Role.ASSESSOR in held
    if Role.ADMIN in held or (assesses and not beside) or (Role.SUPERVISOR in held and unit is None):
        return None
    if assesses:
        return beside
    return frozenset({unit} if unit else ())
