"""Matters and cases as the search for duplicates compares them: at noon, in one place, unless a test says otherwise."""

from dataclasses import replace
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


def a_case_here(**more: Any) -> Candidate:
    """Where those of `a_report()` are."""
    case = a_case(**({"category": "C01-05", "text": "路灯不亮"} | more))
    return replace(case, matter=replace(case.matter, lon=1.0, lat=1.0 + case.matter.lat - 30.0, at=NOON))
