"""What endpoints of the router ask for beside what delivery has: the rules of the moment, a supervisor of all units."""

from typing import Annotated

from fastapi import Depends, Request

from contracts.vocabulary import Role
from delivery.auth import Principal, require
from delivery.problems import Problem
from delivery.service import Running
from services.router.current_rules import CurrentRules
from services.router.directory.ground import speaks_for_all


async def _current(request: Request) -> CurrentRules:
    current: CurrentRules = request.app.state.rules
    return current


Current = Annotated[CurrentRules, Depends(_current)]


async def _supervises_all(
    caller: Annotated[Principal, Depends(require(Role.SUPERVISOR))], service: Running, current: Current
) -> Principal:
    async with service.database.connection() as connection:
        directory = (await current.get(connection)).directory
    if not speaks_for_all(caller.roles, caller.unit, directory):
        detail = "this binds all units: it is for a supervisor of the district's general unit, or of none"
        raise Problem(403, detail)
    return caller


SupervisorOfAll = Annotated[Principal, Depends(_supervises_all)]
