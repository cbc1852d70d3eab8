"""Booked and logged hours of weeks that are over, and how far they agree."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from sqlalchemy import insert, update

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER
from portfolio.model.people import Allocation, Person, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.model.work import Worklog
from portfolio.resources.actual import Accuracy, Compared, accuracy, closed_weeks, read_compared
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World

HOUR = 3600
FIRST, SECOND = date(2026, 2, 16), date(2026, 2, 23)


def test_a_week_is_over_when_its_sunday_is() -> None:
    assert closed_weeks(date(2026, 3, 1), 2) == (date(2026, 2, 9), date(2026, 2, 16))
    assert closed_weeks(date(2026, 3, 2), 2) == (FIRST, SECOND)


def book(world: World, person: int | None, project: int, first: date, last: date, **values: Any) -> None:
    told = {"person_id": person, "project_id": project, "start": first, "end": last, "kind": "hard"}
    world._add(Allocation, **told | values)


def log(world: World, person: int | None, project: int | None, day: date, hours: float, **values: Any) -> None:
    number = next(world.numbers)
    told = {"connection_id": world.tracker_id, "external_id": f"log{number}", "person_id": person, "work_date": day}
    world._add(Worklog, **told | {"project_id": project, "seconds": int(hours * HOUR), "rejected": False} | values)


def test_what_was_booked_beside_what_was_logged(world: World) -> None:
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    ada, ben, one, two = world.person("Ada"), world.person("Ben"), world.project(), world.project()
    # Half of each day; on the Friday Ada was away.
    book(world, ada, one, date(2026, 2, 19), date(2026, 2, 24), percent=50)
    world._add(TimeOff, person_id=ada, start=date(2026, 2, 20), end=date(2026, 2, 20), fraction=1)
    # 30 h over three weeks, of which one is looked at; proposed ones, roles, and weeks outside do not count.
    book(world, ben, two, date(2026, 2, 9), date(2026, 2, 27), total_hours=30)
    book(world, ben, one, FIRST, FIRST, percent=100, kind="soft")
    book(world, None, one, FIRST, FIRST, percent=100, placeholder="Tester")
    book(world, ada, one, date(2026, 3, 2), date(2026, 3, 6), percent=100)
    log(world, ada, one, date(2026, 2, 22), 3)
    log(world, ada, one, date(2026, 2, 16), 2)
    log(world, ada, two, date(2026, 2, 23), 4)
    log(world, ben, two, date(2026, 2, 15), 9)
    log(world, ben, two, date(2026, 2, 26), 9, rejected=True)
    log(world, ben, None, date(2026, 2, 26), 9)
    found = read_compared(world.connection, (FIRST, SECOND))
    expected = [
        Compared(ada, one, FIRST, 4, 5), Compared(ada, one, SECOND, 8, 0), Compared(ada, two, SECOND, 0, 4),
        Compared(ben, two, FIRST, 10, 0), Compared(ben, two, SECOND, 10, 0),
    ]  # fmt: skip
    assert [it[:3] for it in found] == [it[:3] for it in expected]
    assert [it.planned for it in found] == pytest.approx([it.planned for it in expected])
    assert [it.logged for it in found] == pytest.approx([it.logged for it in expected])
    by_person = accuracy((it.person_id, it) for it in found)
    assert by_person[ada] == pytest.approx(Accuracy(planned=12, logged=9, least=4, most=17))
    assert (by_person[ada].value, by_person[ben].value) == pytest.approx((4 / 17, 0))
    assert Accuracy().value is None


def test_what_was_booked_of_who_left_since_was_booked(world: World) -> None:
    tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, datetime.now(UTC), SYSTEM)
    told, untold, one = world.person("Ada"), world.person("Ben"), world.project()
    world.connection.execute(
        insert(PersonTerms).values(person_id=told, valid_from=EVER, valid_to=date(2026, 2, 23), fte=0.5)
    )
    for person in (told, untold):
        book(world, person, one, FIRST, date(2026, 3, 1), total_hours=28)
    book(world, told, one, FIRST, date(2026, 2, 17), percent=50)
    book(world, untold, one, SECOND, date(2026, 3, 1), percent=100)
    away = world.person("Cy")
    world._add(TimeOff, person_id=away, start=FIRST, end=date(2026, 3, 1), fraction=1)
    book(world, away, one, FIRST, date(2026, 3, 1), total_hours=10)
    world.connection.execute(update(Person).where(Person.id != away).values(active=False))
    found = {(it.person_id, it.week): it.planned for it in read_compared(world.connection, (FIRST, SECOND))}
    # By hours that are told, all before the last day and half of two half days; else as everybody works. Of days on
    # which somebody does not work at all, so many hours of each all the same.
    assert found == pytest.approx(
        {(told, FIRST): 28 + 4, (untold, FIRST): 14, (untold, SECOND): 14 + 40, (away, FIRST): 5, (away, SECOND): 5}
    )


hours = st.floats(0, 100, allow_nan=False)


@given(st.lists(st.tuples(hours, hours), max_size=20))
def test_however_plan_and_time_are_grouped_they_add_up(
    weeks: list[tuple[float, float]],
) -> None:
    compared = [Compared(place % 3, 1, FIRST, *pair) for place, pair in enumerate(weeks)]
    whole = accuracy(((), it) for it in compared).get((), Accuracy())
    parts = accuracy((it.person_id, it) for it in compared).values()
    assert (sum(it.least for it in parts), sum(it.most for it in parts)) == pytest.approx((whole.least, whole.most))
    assert whole.value is None or 0 <= whole.value <= 1
    assert whole.planned + whole.logged == pytest.approx(whole.least + whole.most)
