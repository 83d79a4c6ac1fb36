"""What a unit has to do with a case, and so whether its subscriptions hear of it."""

from collections.abc import Callable
from enum import StrEnum

from services.notifier.directory import Directory


class Relation(StrEnum):
    """From near to far; of several the nearest counts."""

    ACTS = "acts"  # leads, helps, has the turn, or is named by the fact
    ABOVE = "above"  # one that reports to it acts
    TOLD = "told"  # it, or one that reports to it, is copied
    AREA = "area"  # the case lies on the ground that it answers for
    HOUSE = "house"  # an administrator


_REMEMBERED = 10_000
Relations = dict[str, Relation]
Related = Callable[[frozenset[str], frozenset[str], str | None], Relations]


def relations(
    acting: frozenset[str], told: frozenset[str], grid: str | None, directory: Directory
) -> Relations:
    """Every unit that has to do with a case on which `acting` act and of which `told` are told; nobody else has."""
    found = dict.fromkeys(directory.generals(grid) if grid else (), Relation.AREA)
    found |= {above: Relation.TOLD for unit in told for above in directory.above(unit)}
    found |= {above: Relation.ABOVE for unit in acting for above in directory.above(unit)}
    return found | dict.fromkeys(acting, Relation.ACTS)


def relation_of(owner: str | None, related: Relations) -> Relation | None:
    """None: nothing to do with it. A subscription without a unit is an administrator's."""
    return Relation.HOUSE if owner is None else related.get(owner)


def remembering(directory: Directory) -> Related:
    """`relations` in this directory; the facts of a batch are mostly about the same few units and grids."""
    known: dict[tuple[frozenset[str], frozenset[str], str | None], Relations] = {}

    def related(acting: frozenset[str], told: frozenset[str], grid: str | None) -> Relations:
        key = (acting, told, grid)
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[key] = relations(*key, directory)
        return known[key]

    return related
