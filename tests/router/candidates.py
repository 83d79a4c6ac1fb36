"""Matters and cases as the search for duplicates compares them: at noon, in one place, unless a test says otherwise."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from contracts.likeness import Matter
from services.router.duplicates.score import Candidate
from tests.router.builders import NOON

METRE = 1 / 111_195.0  # of latitude, in degrees


def a_matter(category: str = "E01-01", text: str = "垃圾没清", north: float = 0.0, **more: Any) -> Matter:
    """`north` metres from the place of the others; `days` after the noon of the others."""
    at = NOON + timedelta(days=more.pop("days", 0.0))
    return Matter(
        **({"lon": 120.0, "lat": 30.0 + north * METRE, "at": at} | more), category=category, text=text
    )


def a_case(**more: Any) -> Candidate:
    about = {
        name: more.pop(name)
        for name in list(more)
        if name in ("category", "text", "north", "days", "component_id")
    }
    place = {"grid": "D111", "community": "D11", "district": "D"}
    return Candidate(**({"case_id": uuid4(), "matter": a_matter(**about)} | place | more))
