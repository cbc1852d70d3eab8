"""Bookings and efforts as trackers hold them, also wrong ones: what has a place is kept, and the load can be read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.records import AllocationRecord
from portfolio.model.landing import Quarantine
from portfolio.model.people import Allocation, Person
from portfolio.model.work import WorkItem
from portfolio.resources.plan import read_plan
from portfolio.store.engine import reading
from sync.mapping.transforms import MOST_SECONDS
from tests.sync.builders import NOW, Tracker, item, person, project, rows

HOUR = 3600
TODAY = NOW.date()


def booking(ident: str, **fields: Any) -> AllocationRecord:
    given = {"project_id": "P1", "person_id": "a", "start": TODAY, "end": TODAY + timedelta(days=30)}
    return AllocationRecord(external_id=ident, **(given | fields))


@pytest.fixture
def filled(tracker: Tracker) -> Tracker:
    return tracker.put(Stream.PROJECTS, project()).put(Stream.PEOPLE, person("a"), person("b"))


def test_when_a_booking_was_first_seen_stays(filled: Tracker, engine: Engine) -> None:
    filled.put(Stream.ALLOCATIONS, booking("1", percent=50)).sync()
    first = rows(engine, Allocation, "external_id", "booked_at")
    assert first == [("1", NOW)]
    filled.now += timedelta(days=3)
    filled.put(Stream.ALLOCATIONS, booking("1", percent=60), booking("2", percent=10)).sync()
    assert rows(engine, Allocation, "external_id", "booked_at") == [*first, ("2", filled.now)]
    assert [float(each) for (each,) in rows(engine, Allocation, "percent")] == [60, 10]


def test_what_cannot_be_a_booking_has_no_place_and_says_why(filled: Tracker, engine: Engine) -> None:
    filled.put(
        Stream.ALLOCATIONS,
        booking("much", percent=400),
        booking("ends first", start=TODAY, end=TODAY - timedelta(days=1), percent=50),
        booking("percent", percent=1e6),
        booking("below", hours_per_day=-8),
        booking("day", hours_per_day=25),
        booking("total", total_hours=1e12),
        booking("none"),
    ).sync()
    assert {ident for (ident,) in rows(engine, Allocation, "external_id")} == {"much", "none"}
    reasons = dict(rows(engine, Quarantine, "external_id", "reason"))
    assert reasons.keys() == {"ends first", "percent", "below", "day", "total"}
    assert "before it starts" in reasons["ends first"]
    assert reasons["percent"] == "a booking of 1000000 percent is beyond reason: 0 to 999 is not"
    again = filled.sync().streams["allocations"]
    assert (again.created, again.updated) == (0, 0)


def test_a_plan_of_wrong_numbers_can_be_read_and_loses_nothing(filled: Tracker, engine: Engine) -> None:
    filled.put(Stream.ALLOCATIONS, booking("much", percent=400, person_id="b"))
    filled.put(
        Stream.ITEMS,
        item("negative", assignee_id="a", estimate_s=-5 * HOUR, due=TODAY),
        item("below", assignee_id="a", remaining_s=-5 * HOUR, due=TODAY),
        item("huge", assignee_id="a", estimate_s=MOST_SECONDS, due=TODAY + timedelta(days=1)),
        item("beyond", assignee_id="a", estimate_s=MOST_SECONDS + 1, due=TODAY),
        item("backwards", assignee_id="b", remaining_s=6 * HOUR, start=TODAY + timedelta(days=9), due=TODAY),
        item("far", assignee_id="b", remaining_s=6 * HOUR, due=date(9998, 12, 31)),
    ).sync()
    assert rows(engine, Quarantine, "external_id") == [("beyond",)]
    with reading(engine) as store:
        plan = read_plan(store, TODAY, NOW)
        keys = dict(store.execute(select(WorkItem.id, WorkItem.external_id)).all())
        persons = dict(store.execute(select(Person.name, Person.id)).all())
    hours = {
        keys[it]: number for it, number in zip(plan.rows.item.tolist(), plan.rows.work.hours.tolist(), strict=True)
    }
    assert hours == {"huge": MOST_SECONDS / HOUR, "backwards": 6, "far": 6}
    load = plan.load(TODAY, TODAY + timedelta(days=30))
    assert np.isfinite(load.hard).all()
    assert (load.hard >= 0).all()
    a, b = (int(np.searchsorted(plan.persons, persons[f"Person {name}"])) for name in "ab")
    assert load.hard[a].sum() == pytest.approx(MOST_SECONDS / HOUR)
    # Of the booking of the same project, four times what one can do, the work is a part.
    assert load.hard[b] == pytest.approx(4 * load.capacity[b])
    assert load.over[b].sum() == pytest.approx(3 * load.capacity[b].sum())
