"""Who is free: weeks in a row, whatever is off in between; and the day on which firm work ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.people import Allocation, TimeOff
from portfolio.model.resources import PersonSkill, RoleSkill
from portfolio.resources.bench import Bench, Free, bench
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import read_plan
from portfolio.resources.skills import read_skills
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World

TODAY = date(2026, 3, 2)
WEEK = timedelta(weeks=1)


def benches(world: World, number: int, day: date = TODAY) -> dict[int, Bench]:
    plan = read_plan(world.connection, day, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    return {int(plan.persons[place]): it for place, it in bench(plan, weeks_from(day, number)).items()}


def book(world: World, person: int, project: int, weeks: range, percent: int, **values: Any) -> None:
    for week in weeks:
        start = TODAY + week * WEEK
        told = {"person_id": person, "project_id": project, "start": start, "end": start + timedelta(days=4)}
        world._add(Allocation, **told | {"percent": percent, "kind": "hard"} | values)


def test_who_is_free_from_when_on(world: World) -> None:
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    project = world.project()
    ada, ben, cy, mia, ned = (world.person(name) for name in ("Ada", "Ben", "Cy", "Mia", "Ned"))
    # Full for two weeks, then an hour in ten; away for a week in between.
    book(world, ada, project, range(2), 90)
    book(world, ada, project, range(2, 8), 10)
    away = TODAY + 4 * WEEK
    world._add(TimeOff, person_id=ada, start=away, end=away + timedelta(days=4), fraction=1)
    # At 40 % nobody is free; nor with three weeks in a row; proposed bookings take nothing.
    book(world, ben, project, range(8), 40)
    book(world, cy, project, range(3, 5), 80)
    book(world, cy, project, range(8), 100, kind="soft")
    # Free for five weeks, then not.
    book(world, mia, project, range(5, 8), 100)
    world.connection.execute(
        insert(TimeOff).values(person_id=ned, start=TODAY, end=TODAY + 20 * WEEK, fraction=1)
    )  # fmt: skip
    found = benches(world, 8)
    end, last = date(2026, 4, 26), date(2026, 4, 24)
    assert found[ada] == Bench(Free(TODAY + 2 * WEEK, end, weeks=5, hours=5 * 36, goes_on=True), last)
    assert found[ben] == Bench(None, last)
    assert found[cy] == Bench(None, date(2026, 4, 3))
    assert found[mia] == Bench(Free(TODAY, date(2026, 4, 5), weeks=5, hours=200, goes_on=False), last)
    assert ned not in found
    assert benches(world, 9)[cy].free == Free(TODAY + 5 * WEEK, end + WEEK, weeks=4, hours=160, goes_on=True)


def test_what_is_left_of_a_week_is_none_of_the_four(world: World) -> None:
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    project, ada, ben = world.project(), world.person("Ada"), world.person("Ben")
    book(world, ada, project, range(4, 8), 100)
    book(world, ben, project, range(5, 8), 100)
    friday, saturday = TODAY + timedelta(days=4), TODAY + timedelta(days=5)
    found = benches(world, 8, friday)
    assert found[ada].free is None
    # It is free all the same.
    assert found[ben].free == Free(friday, date(2026, 4, 5), weeks=4, hours=168, goes_on=False)
    # What is left of a weekend goes with a whole week.
    assert benches(world, 8, saturday)[ben].free == Free(saturday, date(2026, 4, 5), 4, hours=160, goes_on=False)


def test_work_ends_when_the_last_of_it_is_due(world: World) -> None:
    project, ada, ben = world.project(), world.person("Ada"), world.person("Ben")
    for due in (date(2026, 3, 6), date(2026, 3, 20), None):
        world.item(project, assignee_id=ada, due=due, remaining_s=3600)
    # What is overdue is done in the next days.
    world.item(project, assignee_id=ben, due=date(2026, 2, 2), remaining_s=3600)
    found = benches(world, 4)
    assert (found[ada].firm_until, found[ben].firm_until) == (date(2026, 3, 20), date(2026, 3, 6))


def test_what_persons_can_on_a_day_and_what_roles_ask_for(world: World) -> None:
    ada, ben = world.person("Ada"), world.person("Ben")
    for person, skill, since, level in (
        (ada, "Rust", "2026-01-01", 2), (ada, "Rust", "2026-03-01", 4), (ada, "Rust", "2026-04-01", 5),
        (ada, "SQL", "2026-01-01", 3), (ada, "SQL", "2026-02-01", 0),
    ):  # fmt: skip
        values = {"person_id": person, "skill": skill, "valid_from": date.fromisoformat(since), "level": level}
        world.connection.execute(insert(PersonSkill).values(**values))
    for role, skill, level in (("Engineer", "Rust", 4), ("Writer", "SQL", 1)):
        world.connection.execute(insert(RoleSkill).values(role=role, skill=skill, level=level))
    skills = read_skills(world.connection, TODAY)
    assert skills.of(ada) == {"Rust": 4}
    fits = np.array([[skills.fits(who, role) for role in ("Engineer", "Writer", "Other")] for who in (ada, ben)])
    # Of Ben nobody said what he can.
    assert fits.tolist() == [[True, False, True], [True, True, True]]
    assert not read_skills(world.connection, date(2026, 2, 1)).fits(ada, "Engineer")
