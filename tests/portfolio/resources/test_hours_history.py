"""Working hours hold from a day on: what capacity was stays what it was, unless the past is corrected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from portfolio.audit.entry import COMMAND, SYSTEM
from portfolio.calendar import PORTFOLIO_CALENDAR, load_calendar
from portfolio.capacity.calendars import (
    Effect,
    delete_calendar,
    make_calendar,
    read_calendar,
    take_back_hours,
    tell_hours,
)
from portfolio.capacity.holidays import DayOff, add_holidays, remove_holiday
from portfolio.capacity.time_off import Away, add_time_off, remove_time_off
from portfolio.capacity.working_time import take_back_working_time, tell_working_time
from portfolio.figures.due import all_due
from portfolio.figures.explain import explain
from portfolio.figures.restate import next_batch, write_batch
from portfolio.figures.rollup import roll_up
from portfolio.model.access import AuditEntry
from portfolio.model.base import EVER, FAR
from portfolio.model.oversight import HistoryDue, KpiValue
from portfolio.model.people import Calendar, Holiday
from portfolio.model.resources import PersonTerms
from portfolio.model.work import Milestone, Worklog
from portfolio.resources.calendars import read_capacity, read_patterns
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 4)
NOW = noon(TODAY)
DAY = timedelta(days=1)
FIRST, LAST = TODAY - 200 * DAY, TODAY + 60 * DAY
WEEKS = ("8 8 8 8 8 0 0", "7 7 7 7 7 0 0", "9 9 9 9 0 0 0", "0 0 6 6 6 6 6", "7.25 7.25 4 0 0 0 1")


def capacity(world: World, persons: Sequence[int], first: date = FIRST, last: date = LAST) -> Any:
    """Hours by person, and of a role after them, and day."""
    found = read_capacity(world.connection, np.array(persons), 1, first, last)
    return found.daily(first.toordinal(), last.toordinal())


@pytest.fixture
def staffed(world: World) -> list[int]:
    """Five persons: without terms, by a calendar, by it from a day on, with hours of their own, and of the other."""
    persons = [world.person(name) for name in ("Ada", "Ben", "Cy", "Mia", "Ned")]
    north = world.calendar("North", (EVER, WEEKS[0]), (TODAY - 90 * DAY, WEEKS[1]), (TODAY + 20 * DAY, WEEKS[2]))
    south = world.calendar("South", (EVER, WEEKS[3]))
    day_off = {"day": TODAY - 30 * DAY, "fraction": Decimal("0.5")}
    tables: list[tuple[int, date, date, int | None, str | None]] = [
        (persons[1], EVER, FAR, north, None),
        (persons[2], EVER, TODAY - 50 * DAY, south, None),
        (persons[2], TODAY - 50 * DAY, FAR, north, None),
        (persons[3], EVER, FAR, north, "8 8 4 0 0 0 0"),
        (persons[4], EVER, FAR, south, None),
    ]
    world.connection.execute(insert(Holiday), [day_off | {"calendar_id": it} for it in (north, south)])
    for person_id, since, until, calendar_id, hours in tables:
        row = {"person_id": person_id, "valid_from": since, "valid_to": until, "fte": Decimal("0.8")}
        world.connection.execute(insert(PersonTerms).values(**row, calendar_id=calendar_id, hours=hours))
    return persons


def change(world: World, pick: Random) -> None:
    """One of all the changes there are, that holds from today or from a later day on."""
    store, day = world.connection, TODAY + pick.randrange(40) * DAY
    calendar = pick.randint(1, 2)
    made = store.scalar(select(Calendar.id).where(Calendar.name == PORTFOLIO_CALENDAR))
    steps = [
        lambda: tell_hours(store, calendar, pick.choice(WEEKS), day, NOW, COMMAND),
        lambda: tell_working_time(store, WorkingTime(pick.randint(60, 600), pick.randint(0, 90)), day, NOW, COMMAND),
        lambda: take_back_working_time(store, day, NOW, COMMAND),
        lambda: take_back_hours(store, calendar, TODAY + 20 * DAY, NOW, COMMAND),
        lambda: add_holidays(store, calendar, [DayOff(day)], "hand", NOW, COMMAND),
        lambda: remove_holiday(store, calendar, day, NOW, COMMAND),
        lambda: made or make_calendar(store, PORTFOLIO_CALENDAR, pick.choice(WEEKS), NOW, COMMAND),
    ]
    pick.choice(steps)()


@pytest.mark.parametrize("seed", range(3))
def test_no_change_from_today_on_changes_what_capacity_was(world: World, staffed: list[int], seed: int) -> None:
    pick = Random(seed)
    tell_working_time(world.connection, WorkingTime(443, 20), EVER, NOW, SYSTEM)
    world.project()
    past = (TODAY - FIRST).days
    due = len(world.connection.execute(select(HistoryDue)).all())
    before, days = capacity(world, staffed)[:, :past], load_calendar(world.connection)
    for _ in range(25):
        change(world, pick)
        after = capacity(world, staffed)
        assert np.allclose(after[:, :past], before, rtol=1e-6, atol=0)
        now = load_calendar(world.connection)
        assert all(now.workdays(FIRST, TODAY - n * DAY) == days.workdays(FIRST, TODAY - n * DAY) for n in (1, 9, 60))
    assert len(world.connection.execute(select(HistoryDue)).all()) == due == 0


def test_hours_hold_from_their_day_on_for_persons_and_roles(world: World, staffed: list[int]) -> None:
    store, monday = world.connection, date(2026, 3, 9)
    make_calendar(store, PORTFOLIO_CALENDAR, WEEKS[0], NOW, COMMAND)
    tell_working_time(store, WorkingTime(480, 50), monday + DAY, NOW, COMMAND)
    tell_hours(store, 3, WEEKS[2], monday + 2 * DAY, NOW, COMMAND)
    found = capacity(world, staffed, monday, monday + 6 * DAY)
    ada, _, _, mia, _, role = (it.tolist() for it in found)
    assert ada == pytest.approx([6.4, 4, 4.5, 4.5, 0, 0, 0])
    assert role == pytest.approx([8, 8, 9, 9, 0, 0, 0])
    assert mia == pytest.approx([0.8 * 0.8 * 8, 0.8 * 0.5 * 8, 0.8 * 0.5 * 4, 0, 0, 0, 0])
    # What a scenario adds works by the same hours.
    patterns = read_patterns(store)
    assert patterns.calendars[None].later[-1] == ((monday + 2 * DAY).toordinal(), (4.5, 4.5, 4.5, 4.5, 0, 0, 0))
    assert patterns.role.later == [((monday + 2 * DAY).toordinal(), (9, 9, 9, 9, 0, 0, 0))]


def read(world: World, kpi: str, day: date, scope: tuple[str, int] = ("all", 0)) -> tuple[Any, Any]:
    found = explain(world.connection, scope, kpi, day, NOW)
    assert found is not None
    assert found.now is not None
    return found.now.numerator, found.now.denominator


@pytest.fixture
def logged(world: World, staffed: list[int]) -> int:
    """The project for which all of them logged an hour on a day."""
    project, tracker = world.project("Build"), world.tracker("time")
    for number, person in enumerate(staffed):
        row = {"connection_id": tracker, "external_id": str(number), "work_date": TODAY - 20 * DAY, "seconds": 3600}
        world.connection.execute(insert(Worklog).values(**row, person_id=person, project_id=project))
    return project


def test_utilisation_of_the_past_stays_and_a_correction_is_another(world: World, logged: int) -> None:
    days = [TODAY, TODAY - DAY, TODAY - 35 * DAY]
    before = [read(world, kpi, day) for kpi in ("RES-01", "DQ-05") for day in days]
    assert before[0][0] == 5
    tell_hours(world.connection, 1, WEEKS[4], TODAY, NOW, COMMAND)
    tell_working_time(world.connection, WorkingTime(300, 60), TODAY, NOW, COMMAND)
    make_calendar(world.connection, PORTFOLIO_CALENDAR, WEEKS[2], NOW, COMMAND)
    assert [read(world, kpi, day) for kpi in ("RES-01", "DQ-05") for day in days] == before
    tell_hours(world.connection, 1, WEEKS[4], TODAY - 21 * DAY, NOW, COMMAND)
    after = [read(world, kpi, day) for kpi in ("RES-01", "DQ-05") for day in days]
    assert after[0] != before[0]
    assert after[2] == before[2]


def test_a_correction_is_noted_restated_with_a_mark_and_keeps_what_was_published(world: World, logged: int) -> None:
    store = world.connection
    other = world.project()
    published = TODAY - 2 * DAY
    roll_up(store, as_of=published, now=noon(published))
    roll_up(store, as_of=TODAY, now=NOW)
    own = (KpiValue.kpi == "RES-01", KpiValue.scope_type == "all", KpiValue.as_of == published)
    (first,) = store.execute(select(KpiValue).where(*own)).all()
    tell_hours(store, 1, WEEKS[4], TODAY, NOW, COMMAND)
    assert all_due(store, NOW) == ()
    since = TODAY - 21 * DAY
    tell_hours(store, 1, WEEKS[4], since, NOW, COMMAND)
    assert {(it.project_id, it.from_day) for it in all_due(store, NOW)} == {(logged, since), (other, since)}
    entry = store.scalars(select(AuditEntry.new).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert '"correction":true' in entry.replace(" ", "")
    while batch := next_batch(store, NOW):
        write_batch(store, batch, NOW)
    told = {it.origin: it for it in store.execute(select(KpiValue).where(*own))}
    assert (told["observed"].value, told["observed"].superseded_at) == (first.value, NOW)
    assert (told["restated"].value == first.value, told["restated"].superseded_at) == (False, None)


def test_days_off_of_the_past_are_corrections_where_they_count(world: World, logged: int) -> None:
    store, past = world.connection, TODAY - 10 * DAY

    def due() -> list[date]:
        return [it.from_day for it in all_due(store, NOW)]

    nobodys = make_calendar(store, "Nobody's", WEEKS[0], NOW, COMMAND)
    add_holidays(store, nobodys, [DayOff(past)], "hand", NOW, COMMAND)
    add_holidays(store, 1, [DayOff(TODAY), DayOff(TODAY + DAY)], "hand", NOW, COMMAND)
    add_holidays(store, 1, [DayOff(past, "worked", Decimal(0))], "hand", NOW, COMMAND)
    remove_holiday(store, 1, TODAY, NOW, COMMAND)
    assert tell_hours(store, nobodys, WEEKS[1], past, NOW, COMMAND) is Effect.CHANGED
    assert take_back_hours(store, nobodys, past, NOW, COMMAND) is Effect.CHANGED
    assert take_back_hours(store, nobodys, past, NOW, COMMAND) is Effect.SAME
    assert due() == []
    assert tell_hours(store, 1, WEEKS[4], past + 2 * DAY, NOW, COMMAND) is Effect.CORRECTED
    assert due() == [past + 2 * DAY]
    add_holidays(store, 1, [DayOff(past + DAY), DayOff(TODAY)], "hand", NOW, COMMAND)
    assert due() == [past + DAY]
    remove_holiday(store, 1, TODAY - 30 * DAY, NOW, COMMAND)
    assert due() == [TODAY - 30 * DAY]
    tell_working_time(store, WorkingTime(480, 10), TODAY - 40 * DAY, NOW, COMMAND)
    assert due() == [TODAY - 40 * DAY]


def test_time_off_of_the_past_is_a_correction_of_what_all_persons_did(
    world: World, logged: int, staffed: list[int]
) -> None:
    store, past = world.connection, TODAY - 20 * DAY
    published = TODAY - 2 * DAY
    roll_up(store, as_of=published, now=noon(published))
    roll_up(store, as_of=TODAY, now=NOW)
    world.project()
    add_time_off(store, Away(staffed[0], TODAY, TODAY + DAY), NOW, COMMAND)
    assert all_due(store, NOW) == ()
    made = add_time_off(store, Away(staffed[0], past, past + 4 * DAY), NOW, COMMAND)
    assert [(it.project_id, it.from_day) for it in all_due(store, NOW)] == [(logged, past)]
    own = (KpiValue.kpi == "RES-01", KpiValue.scope_type == "all", KpiValue.as_of == published)
    (first,) = store.scalars(select(KpiValue.value).where(*own)).all()
    while batch := next_batch(store, NOW):
        write_batch(store, batch, NOW)
    told = {it.origin: it for it in store.execute(select(KpiValue).where(*own))}
    assert (told["observed"].value, told["observed"].superseded_at) == (first, NOW)
    assert (told["restated"].value > first, told["restated"].superseded_at) == (True, None)
    remove_time_off(store, made, NOW, COMMAND)
    assert [it.from_day for it in all_due(store, NOW)] == [past]
    entries = store.scalars(select(AuditEntry.new).order_by(AuditEntry.id)).all()
    assert [json.loads(it or "{}").get("correction") for it in entries] == [None, True, True]


def test_the_organisations_calendar_takes_over_from_today_on_whatever_was_to_come(world: World) -> None:
    tell_working_time(world.connection, WorkingTime(440, 20), TODAY - DAY, NOW, COMMAND)
    tell_working_time(world.connection, WorkingTime(300, 20), TODAY + 9 * DAY, NOW, COMMAND)
    made = read_calendar(world.connection, make_calendar(world.connection, PORTFOLIO_CALENDAR, WEEKS[2], NOW, COMMAND))
    assert made is not None
    before = "7.333333 7.333333 7.333333 7.333333 7.333333 0 0"
    assert made.hours == ((EVER, WEEKS[0]), (TODAY - DAY, before), (TODAY, WEEKS[2]))


def test_all_that_was_said_of_a_calendar_is_noted_when_it_is_taken_away(world: World) -> None:
    north = make_calendar(world.connection, "North", WEEKS[0], NOW, COMMAND)
    tell_hours(world.connection, north, WEEKS[1], TODAY + DAY, NOW, COMMAND)
    delete_calendar(world.connection, north, NOW, COMMAND)
    noted = world.connection.scalars(select(AuditEntry.old).order_by(AuditEntry.id.desc())).first()
    assert noted is not None
    assert f"{WEEKS[0]}; from {TODAY + DAY}: {WEEKS[1]}" in noted


def test_a_slip_in_working_days_of_the_past_stays_when_the_week_has_four_days(world: World) -> None:
    project = world.project("Build")
    reached = world.milestone(project, TODAY - 40 * DAY, finished_on=TODAY - 20 * DAY)
    calendar = make_calendar(world.connection, PORTFOLIO_CALENDAR, WEEKS[0], NOW, COMMAND)

    def slip() -> list[Any]:
        return [read(world, "SCH-07", day, ("project", project)) for day in (TODAY, TODAY - 10 * DAY, TODAY - 30 * DAY)]

    before = slip()
    assert before[:2] == [(14, 1), (14, 1)]
    tell_hours(world.connection, calendar, WEEKS[2], TODAY, NOW, COMMAND)
    assert slip() == before
    days = {"baseline": TODAY, "due": TODAY + 21 * DAY, "finished_on": None}
    world.connection.execute(update(Milestone).where(Milestone.id == reached).values(days))
    assert slip()[0] == (12, 1)
