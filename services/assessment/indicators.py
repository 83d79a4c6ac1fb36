"""The indicators of handling: counts of a period and their rates (domain §6.3)."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, Field

from services.assessment.cohort import Outcome


class Indicators(BaseModel):
    """`due` = in_time + late + open_late; a rate without a denominator is null; `pending` is in no rate."""

    subject: str
    begins: AwareDatetime = Field(serialization_alias="from")
    ends: AwareDatetime = Field(serialization_alias="to")
    as_of: AwareDatetime
    due: int
    in_time: int
    late: int
    open_late: int
    pending: int
    in_time_rate: float | None
    open_late_rate: float | None


def indicators_of(
    subject: str, counts: Mapping[Outcome, int], *, begins: datetime, ends: datetime, as_of: datetime
) -> Indicators:
    """Of what the assignments whose cohort date lies in the period count as."""
    due = sum(counts.values()) - counts[Outcome.PENDING]
    return Indicators(
        subject=subject,
        begins=begins,
        ends=ends,
        as_of=as_of,
        due=due,
        **{each.value: counts[each] for each in Outcome},
        in_time_rate=counts[Outcome.IN_TIME] / due if due else None,
        open_late_rate=counts[Outcome.OPEN_LATE] / due if due else None,
    )
