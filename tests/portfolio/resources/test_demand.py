"""Demand against capacity by role: the worked example by role, and that nothing is lost between roles."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from sqlalchemy import update

from portfolio.model.people import Person
from portfolio.resources.demand import demand
from portfolio.resources.groups import Group, Grouping, groups_of
from portfolio.resources.heat import heat_map
from portfolio.resources.periods import Columns, periods_from, weeks_from
from tests.portfolio.builders import World
from tests.portfolio.conftest import Oracle
from tests.portfolio.resources.test_plan import Example

CLOSE = 1e-6


def test_the_worked_example_by_role(world: World, oracle: Oracle) -> None:
    told = oracle("o3_resource")
    example, expected = Example(world, told["input"]), told["expected"]
    testers = [example.persons["ANA"], example.persons["CY"]]
    world.connection.execute(update(Person).where(Person.id.in_(testers)).values(role="Tester"))
    plan = example.plan()
    found = demand(
        plan, groups_of(world.connection, Grouping.ROLE, plan.persons, plan.as_of), weeks_from(example.as_of, 2)
    )
    needs = dict(zip(found.roles, map(found.needs, range(len(found.roles))), strict=True))
    sizes = dict(zip(found.roles, found.persons, strict=True))
    assert sizes == {"Tester": 2, "QA": 0, None: 1}
    for week in (0, 1):
        for what, part in (("capacity", "capacity"), ("hard", "firm"), ("soft", "proposed")):
            both = sum(expected[what][name][week] for name in ("ANA", "CY"))
            assert getattr(needs["Tester"][week], part) == pytest.approx(both, abs=CLOSE)
        unassigned = expected["unassigned_by_role"]["QA"][week]
        assert needs["QA"][week] == pytest.approx((0, 0, unassigned, 0), abs=CLOSE)
        assert needs["QA"][week].gap == pytest.approx(-unassigned, abs=CLOSE)
        team = expected["team"]
        assert found.total[week] == pytest.approx(
            (team["capacity"][week], team["hard"][week], team["unassigned"][week], team["soft"][week]), abs=CLOSE
        )


def test_months_have_all_hours_of_their_days(world: World, oracle: Oracle) -> None:
    plan = Example(world, oracle("o3_resource")["input"]).plan()
    everybody = [Group("One", dict.fromkeys(range(len(plan.persons)), 1.0))]
    months = demand(plan, everybody, periods_from(date(2026, 3, 2), Columns.MONTH, 3))
    days = heat_map(plan, periods_from(date(2026, 3, 2), Columns.DAY, 31))
    people = len(plan.persons)
    assert sum(need.firm for need in months.total) == pytest.approx(days.hard[:people].sum())
    assert sum(need.unassigned for need in months.total) == pytest.approx(days.hard[people:].sum())
    assert months.total[0].capacity == pytest.approx(days.capacity[:people, :30].sum())
    assert np.all(months.capacity[months.roles.index("QA")] == 0)
