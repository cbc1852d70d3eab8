"""When a new project could begin: the laws of it, and a company where it is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.people import Allocation, Person
from portfolio.resources.plan import read_plan
from portfolio.resources.working_time import WorkingTime
from portfolio.scenario.faults import ScenarioError
from portfolio.scenario.naming import everything
from portfolio.scenario.new_project import NewProject, read_new_project, starts
from portfolio.scenario.start import Blocked, Earliest, earliest
from tests.portfolio.builders import World

_HOURS = st.integers(0, 40).map(float)
_FREE = st.lists(st.lists(_HOURS, min_size=12, max_size=12), min_size=2, max_size=2).map(np.array)
_DEMAND = st.lists(st.lists(_HOURS, min_size=3, max_size=3), min_size=2, max_size=2).map(np.array)
_NEVER = 10**6


def _week(found: Earliest) -> int:
    return _NEVER if found.week is None else found.week


@given(_FREE, _DEMAND, st.integers(0, 1), st.integers(0, 2), st.integers(0, 11), _HOURS)
def test_more_to_do_begins_never_earlier_and_more_room_never_later(free, demand, role, week, when, hours) -> None:  # type: ignore[no-untyped-def]
    found = _week(earliest(free, demand))
    more, room = demand.copy(), free.copy()
    more[role, week] += hours
    room[role, when] += hours
    assert _week(earliest(free, more)) >= found
    assert _week(earliest(room, demand)) <= found


@given(_FREE, _DEMAND)
def test_it_fits_where_it_begins_and_in_no_week_before(free, demand) -> None:  # type: ignore[no-untyped-def]
    found = earliest(free, demand)
    fits = [bool((demand <= free[:, week : week + 3]).all()) for week in range(10)]
    assert found.week == (fits.index(True) if any(fits) else None)
    assert len(found.blocked) == (found.week if found.week is not None else 10)
    assert all(it.lacking > 0 for it in found.blocked)


def test_the_role_that_lacks_most_is_named() -> None:
    free = np.array([[0.0, 20, 20, 20], [40.0, 0, 40, 40]])
    assert earliest(free, np.array([[20.0], [30.0]])) == Earliest(2, (Blocked(0, 20.0), Blocked(1, 30.0)))


def test_beside_the_plan_as_it_stands(world: World) -> None:
    """Ada is booked firmly for two weeks and proposed for a third, 10 h a week are nobody's; Ben is free."""
    as_of = date(2026, 3, 4)
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    ada, _ = (world._add(Person, name=name, role=role) for name, role in (("Ada", "QA"), ("Ben", "Dev")))
    project = world.project()
    for first, weeks, kind in ((9, 2, "hard"), (23, 1, "soft")):
        start = date(2026, 3, first)
        days = {"start": start, "end": start + timedelta(weeks=weeks, days=-3)}
        world._add(Allocation, person_id=ada, project_id=project, percent=100, kind=kind, **days)
    world._add(
        Allocation, placeholder="QA", project_id=project, start=date(2026, 3, 30), end=date(2026, 4, 3),
        total_hours=10, kind="hard",
    )  # fmt: skip
    plan = read_plan(world.connection, as_of, datetime(2026, 3, 4, 9, tzinfo=UTC))

    def told(qa: float | tuple[float, ...]) -> list[date | None]:
        found = starts(world.connection, plan, NewProject(2, {"Dev": 40.0, "QA": qa}), everything(plan))
        assert {role for _, role, _ in found.firm.blocked} <= {"QA"}
        return [found.firm.day, found.with_proposed.day]

    assert told((40.0, 30.0)) == [date(2026, 3, 23), date(2026, 4, 6)]
    assert told(80.0) == [date(2026, 4, 6), date(2026, 4, 6)]
    assert told(81.0) == [None, None]
    assert told(0.0) == [date(2026, 3, 9), date(2026, 3, 9)]
    with pytest.raises(ScenarioError, match=r"role Cook.*There are: Dev, QA"):
        starts(world.connection, plan, NewProject(2, {"Cook": 40.0}), everything(plan))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"weeks": 0, "roles": {"QA": 1}}', "1 at least"),
        ('{"weeks": 2, "roles": {}}', "one role"),
        ('{"weeks": 2, "roles": {"QA": -1}}', "from 0 to"),
        ('{"weeks": 2, "roles": {"QA": [1, 2, 3]}}', "2 weeks at most"),
        ('{"weeks": 2, "roles": {"QA": "much"}}', "Write it like"),
        ("[", "Write it like"),
    ],
)
def test_what_is_no_demand_is_told(content: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        read_new_project(content, toml=False)
    assert read_new_project("weeks = 2\n[roles]\nQA = 3", toml=True) == NewProject(2, {"QA": 3.0})
