"""What a subscriber hears of an event: why, and how much of it."""

from typing import NamedTuple

from services.notifier.entry import Entry
from services.notifier.privacy import View, view_of
from services.notifier.scope import Relation, Relations, relation_of


class Heard(NamedTuple):
    relation: Relation
    view: View


def heard_by(owner: str | None, entry: Entry, relations: Relations) -> Heard | None:
    """None: the owner of the subscription is not among those who have to do with the case, or may not be told of it."""
    relation = relation_of(owner, relations)
    view = view_of(entry.privacy, relation) if relation else None
    return Heard(relation, view) if relation and view else None
