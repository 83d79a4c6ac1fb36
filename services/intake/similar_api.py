"""Before a report is made: which open cases may be the same matter (the merge score of domain §7.3)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.likeness import SUGGESTED, Matter, likeness
from contracts.vocabulary import OutwardStep, Role
from delivery.auth import require
from delivery.field_types import Code
from delivery.service import Running
from services.intake import matters_store

router = APIRouter(tags=["reports"])
_ASKS = Depends(require(Role.OPERATOR, Role.GRID_WORKER, Role.DISPATCHER, Role.SHIFT_LEADER))


class Asked(BaseModel):
    """A point or a component; the more is given, the surer the score."""

    model_config = ConfigDict(extra="forbid")

    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    component_id: Code | None = None
    category: Code | None = None
    text: str = Field("", max_length=4000)
    limit: int = Field(10, ge=1, le=500)

    @model_validator(mode="after")
    def _is_somewhere(self) -> "Asked":
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("half_a_point", "lon and lat go together")
        if self.lon is None and self.component_id is None:
            raise PydanticCustomError("nowhere", "give lon and lat, or component_id")
        return self


class Parts(BaseModel):
    """Each 0 to 1; the score weighs them 0.35, 0.35, 0.20, 0.10."""

    category: float
    distance: float
    similarity: float
    recency: float


class Similar(BaseModel):
    """`likely`: the score is one at which a person should look; `metres` null when the place is no point."""

    case_id: UUID
    category: str | None
    step: OutwardStep | None
    text: str
    reported_at: AwareDatetime
    score: float
    likely: bool
    parts: Parts
    metres: float | None
    same_component: bool


class Found(BaseModel):
    """A list of one page: whoever looks further gives a greater `limit`."""

    items: list[Similar]
    next: None = None


@router.get("/v1/reports/similar", dependencies=[_ASKS])
async def show_similar(asked: Annotated[Asked, Query()], service: Running) -> Found:
    """The likeliest first; the text is redacted, and who reported is not told."""
    matter = Matter(
        category=asked.category or "",
        text=asked.text,
        at=datetime.now(UTC),
        lon=asked.lon,
        lat=asked.lat,
        component_id=asked.component_id,
    )
    async with service.database.connection() as connection:
        rows = await matters_store.around(connection, matter)
    found = sorted((_similar(matter, row) for row in rows), key=lambda item: -item.score)
    return Found(items=[item for item in found if item.score > 0][: asked.limit])


def _similar(asked: Matter, row: Any) -> Similar:
    other = Matter(
        category=row["category"] or "",
        text=row["text"],
        at=row["at"],
        lon=row["lon"],
        lat=row["lat"],
        component_id=row["component_id"],
        limit=row["limit"] or timedelta(),
    )
    found = likeness(asked, other)
    return Similar(
        case_id=row["case_id"],
        category=row["category"],
        step=row["step"],
        text=row["text"],
        reported_at=row["accepted_at"],
        score=round(found.score, 4),
        likely=found.score >= SUGGESTED,
        parts=Parts(**{name: round(getattr(found, name), 4) for name in Parts.model_fields}),
        metres=found.metres,
        same_component=found.same_component,
    )
