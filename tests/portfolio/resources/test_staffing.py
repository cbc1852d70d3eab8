"""Hours by person and project: they are the load once more, and say among how many projects a week is divided."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from portfolio.resources.periods import weeks_from
from portfolio.resources.staffing import staffing, switch_loss
from tests.portfolio.builders import World
from tests.portfolio.conftest import Oracle
from tests.portfolio.resources.test_plan import Example


def test_the_worked_example_by_project(world: World, oracle: Oracle) -> None:
    told = oracle("o3_resource")
    example = Example(world, told["input"])
    plan = example.plan()
    found = staffing(plan, weeks_from(example.as_of, 2))
    load = plan.load(example.as_of, date(2026, 3, 15))
    for of_days, of_projects in ((load.hard, found.hard), (load.soft, found.soft)):
        sums = np.zeros(len(of_days))
        np.add.at(sums, found.carrier, of_projects.sum(axis=1))
        assert sums == pytest.approx(of_days.sum(axis=1), abs=1e-6)
    divided = found.projects(len(of_days))
    for name, projects in told["expected"]["active_projects"].items():
        row = int(np.searchsorted(plan.persons, example.persons[name]))
        assert divided[row].tolist() == projects
    # BEN: 5 h booked for DELTA; 10 h of T8, half of it ALPHA's, half GAMMA's.
    ben = found.carrier == np.searchsorted(plan.persons, example.persons["BEN"])
    names = {int(np.searchsorted(plan.projects, ident)): name for name, ident in example.projects.items()}
    second = {names[project]: hours for project, hours in zip(found.project[ben], found.hard[ben, 1], strict=True)}
    assert second == pytest.approx({"ALPHA": 5, "DELTA": 5, "GAMMA": 5}, abs=1e-6)


@pytest.mark.parametrize(("projects", "lost"), [(0, 0), (1, 0), (2, 0.2), (4, 0.6), (9, 1)])
def test_what_switching_is_said_to_cost(projects: int, lost: float) -> None:
    assert switch_loss(projects) == pytest.approx(lost)
