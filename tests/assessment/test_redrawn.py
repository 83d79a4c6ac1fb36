"""After a release that counts otherwise, what is kept is drawn up anew from what the events said."""

from itertools import chain
from typing import Any

import pytest
from typer.testing import CliRunner

from delivery.service import Service
from services.assessment.handlers import on_case_events
from services.assessment.redraw import __main__ as redrawing
from services.assessment.settings import Settings
from tests.assessment import lives
from tests.assessment.builders import a_life


async def test_what_another_release_had_drawn_up_is_as_this_one_draws_it(
    assessment: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrawing, "_AT_ONCE", 2)
    async with assessment.database.transaction() as connection:
        await on_case_events(connection, list(chain.from_iterable(a_life(*life) for life in lives.ALL)))
    ours = await _kept(assessment)
    async with assessment.database.transaction() as connection:
        await connection.execute(
            "update assignments set limit_at = limit_at + interval '1 day', exempt = true"
        )
        await connection.execute("delete from assignments where round > 1")
    assert await redrawing.redraw(Settings(**assessment.settings.model_dump())) == len(lives.ALL)
    assert ours
    assert await _kept(assessment) == ours


async def _kept(assessment: Service) -> list[Any]:
    async with assessment.database.connection() as connection:
        return list(await connection.fetch("select * from assignments order by case_id, round"))


def test_a_database_that_is_away_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGRID_POSTGRES", "postgresql://nobody@127.0.0.1:1")
    ended = CliRunner().invoke(redrawing.cli)
    assert ended.exit_code == 1
    assert "the database of assessment (CASEGRID_POSTGRES): ConnectionRefusedError" in ended.stderr
