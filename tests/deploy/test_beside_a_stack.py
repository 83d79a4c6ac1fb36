"""What runs in the background stays there, whatever is played on it."""

from pathlib import Path

import psutil
import pytest

from deploy.local.service_processes import PORTS
from deploy.local.stack import stack
from tests.deploy.own_stack import environment_of, running, started


@pytest.mark.timeout(600)  # ends in one where nothing else runs
def test_a_week_on_a_stack_that_runs_leaves_it_running_in_real_time(directory: Path) -> None:
    environment = environment_of(directory)
    with running(directory, ["up"], environment) as up:
        assert up.wait(250) == 0
        with started(directory, ["run", "--once", "--week", "5"], environment) as run:
            assert run.wait(250) == 0, (directory / "said").read_text()
        found = stack(directory, environment=environment)
        assert [name for name in PORTS if found.services[name].is_ready()] == list(PORTS)
        router = found.services["router"].process.find()
        assert isinstance(router, psutil.Process)
        assert "CASEGRID_TIME_SPEED" not in router.environ()
