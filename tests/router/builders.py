"""Builders with good defaults: a square district of four grids, and reports in it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shapely.geometry import mapping, shape
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, Actor, ReportEnvelope
from contracts.events import event_of
from contracts.facts.report import Place, ReportedFacts, ReportSubmitted, SettledOnSpot
from contracts.vocabulary import Tier
from services.router.clocks.calendars import calendar_named
from services.router.directory.directory import Area, Directory, Unit
from services.router.rulesets.ruleset import load_ruleset
from services.router.workflow.situation import Moment, Rules

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in Shanghai

# code: (tier, parent, west, south, east, north)
_SQUARES = {
    "D": (Tier.DISTRICT, None, 0, 0, 4, 4),
    "D1": (Tier.TOWN, "D", 0, 0, 4, 4),
    "D11": (Tier.COMMUNITY, "D1", 0, 0, 2, 4),
    "D12": (Tier.COMMUNITY, "D1", 2, 0, 4, 4),
    "D111": (Tier.GRID, "D11", 0, 0, 2, 2),
    "D112": (Tier.GRID, "D11", 0, 2, 2, 4),
    "D121": (Tier.GRID, "D12", 2, 0, 4, 2),
    "D122": (Tier.GRID, "D12", 2, 2, 4, 4),
}

_GENERAL = {Tier.GRID: "grid_worker", Tier.COMMUNITY: "community_office", Tier.TOWN: "town_government"}


def a_boundary(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [ring]}


def a_directory(*more: Unit, without: tuple[str, ...] = ()) -> Directory:
    """Each area has its general unit, coded U + area; the tree of units follows the tree of areas."""
    areas = {
        code: Area(code, tier, code, parent, shape(a_boundary(*box)))
        for code, (tier, parent, *box) in _SQUARES.items()
    }
    units = [
        Unit(
            f"U{code}",
            code,
            _GENERAL.get(tier, "district_centre"),
            tier,
            code,
            f"U{parent}" if parent else None,
        )
        for code, (tier, parent, *_) in _SQUARES.items()
    ]
    return Directory(1, areas, {unit.code: unit for unit in [*units, *more] if unit.code not in without})


def an_import(directory: Directory | None = None) -> dict[str, Any]:
    """The body of POST /v1/directory/imports that makes the directory."""
    directory = directory or a_directory()
    features = [
        {
            "type": "Feature",
            "properties": {"tier": area.tier, "code": area.code, "name": area.name, "parent": area.parent},
            "geometry": mapping(area.boundary),
        }
        for area in directory.areas.values()
    ]
    units = [vars(unit) for unit in directory.units.values()]
    return {"areas": {"type": "FeatureCollection", "features": features}, "units": units, "duty": []}


def some_rules(directory: Directory | None = None) -> Rules:
    return Rules(directory or a_directory(), load_ruleset(), calendar_named("cn", "Asia/Shanghai"))


def a_moment(at: datetime = NOON) -> Moment:
    return Moment(at, None, uuid7)


def a_report(
    *,
    category: str | None = "C01-05",
    lon: float | None = 1.0,
    lat: float | None = 1.0,
    grid: str | None = None,
    text: str = "路灯不亮",
    facts: ReportedFacts | None = None,
    at: datetime = NOON,
    case_id: UUID | None = None,
    on_spot: SettledOnSpot | None = None,
    by: Actor = SYSTEM,
    channel: str = "hotline",
    attachments: int = 0,
    confidential: bool = False,
) -> ReportEnvelope[ReportSubmitted]:
    fact = ReportSubmitted(
        report_id=uuid7(),
        channel=channel,
        attachments=attachments,
        text=text,
        category=category,
        place=Place(lon=lon, lat=lat, grid=grid),
        facts=facts or ReportedFacts(),
        on_spot=on_spot,
        confidential=confidential,
    )
    event = event_of(
        fact,
        event_id=uuid7(),
        occurred_at=at,
        recorded_at=at,
        actor=by,
        correlation_id=uuid7(),
        case_id=case_id or uuid7(),
    )
    assert isinstance(event, ReportEnvelope)
    return event
