"""Bookings made here: what can be booked, what a change leaves as it was, and what a booking does to the load."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from portfolio.audit.entry import COMMAND
from portfolio.bookings.effects import NONE, Effect, Over, effect
from portfolio.bookings.keep import UnconfirmedError, change, end, find_booking, make, remove, rest
from portfolio.bookings.wish import Wish, wrong
from portfolio.faults import EntryError
from portfolio.model.access import AuditEntry
from portfolio.model.base import FAR
from portfolio.model.people import Allocation, Person, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.model.structure import Project
from portfolio.resources.calendars import read_capacity
from portfolio.resources.envelope import Misfit, misfits
from portfolio.resources.load import Bookings, book, by_period
from portfolio.resources.periods import weeks_from
from portfolio.resources.pieces import hours_by_day
from portfolio.resources.plan import Plan, read_plan
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
FRIDAY = date(2026, 3, 6)
HOUR = 3600
AMOUNTS: tuple[dict[str, Any], ...] = (
    {"percent": Decimal(50)},
    {"hours_per_day": Decimal(3)},
    {"total_hours": Decimal(60)},
)


def wish(project: int = 1, person: int | None = 1, **values: Any) -> Wish:
    given = {"start": TODAY, "end": FRIDAY, "role": None} | values
    if not {"percent", "hours_per_day", "total_hours"} & values.keys():
        given["percent"] = Decimal(50)
    return Wish(project_id=project, person_id=person, **given)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"person": None}, "person"),
        ({"role": "Tester"}, "person"),
        ({"person": None, "role": "x" * 101}, "role"),
        ({"start": TODAY - DAY}, "start"),
        ({"end": TODAY - DAY}, "end"),
        ({"end": TODAY + timedelta(days=1831)}, "end"),
        ({"start": TODAY + timedelta(days=3280), "end": TODAY + timedelta(days=3290)}, "end"),
        ({"percent": None}, "amount"),
        ({"percent": Decimal(50), "hours_per_day": Decimal(4)}, "amount"),
        ({"percent": Decimal(0)}, "amount"),
        ({"percent": Decimal("NaN")}, "amount"),
        ({"percent": Decimal(201)}, "amount"),
        ({"percent": Decimal("0.0001")}, "amount"),
        ({"hours_per_day": Decimal("24.5")}, "amount"),
        ({"total_hours": Decimal(121)}, "amount"),
        ({"total_hours": Decimal("Infinity")}, "amount"),
        ({"kind": "maybe"}, "kind"),
    ],
)
def test_what_cannot_be_booked_is_refused_with_its_field(values: dict[str, Any], field: str) -> None:
    assert [it.field for it in wrong(wish(**values), TODAY)] == [field]


@pytest.mark.parametrize(
    "values", [{}, {"percent": Decimal(200)}, {"total_hours": Decimal(120)}, {"person": None, "role": "Tester"}]
)
def test_what_can_be_booked_passes(values: dict[str, Any]) -> None:
    assert list(wrong(wish(**values), TODAY)) == []


def booked(world: World, person: int, first: date, last: date) -> list[float]:
    """The hours a person is booked for, by day: computed from the rows as they stand."""
    persons = np.array(world.connection.scalars(select(Person.id).order_by(Person.id)).all())
    capacity = read_capacity(world.connection, persons, 0, first - 60 * DAY, last + 60 * DAY)
    place = int(np.searchsorted(persons, person))
    rows = world.connection.execute(select(Allocation.__table__).where(Allocation.person_id == person)).all()
    amounts = [(float(it.percent or 0) / 100, float(it.hours_per_day or 0), float(it.total_hours or 0)) for it in rows]
    each = [(place, 1, it.start.toordinal(), it.end.toordinal(), *of) for it, of in zip(rows, amounts, strict=True)]
    numbers = np.array(each, np.float64).reshape(-1, len(Bookings._fields)).T
    pieces = book(Bookings(*numbers[:4].astype(np.int64), *numbers[4:]), capacity)
    daily = capacity.daily(first.toordinal(), last.toordinal())[[place]]
    hours: list[float] = hours_by_day(np.zeros(len(each), np.int64), pieces, daily, first.toordinal())[0].tolist()
    return hours


@pytest.fixture
def ada(world: World) -> int:
    ada = world.person("Ada")
    world._add(TimeOff, person_id=ada, start=date(2026, 2, 25), end=date(2026, 2, 25))
    return ada


def begun(world: World, ada: int, **amount: Any) -> int:
    row = {"person_id": ada, "start": date(2026, 2, 23), "end": date(2026, 3, 13), "kind": "hard"} | amount
    return world._add(Allocation, **({"project_id": world.project()} | row))


@pytest.mark.parametrize("amount", AMOUNTS)
def test_a_change_leaves_the_days_that_are_over_as_they_were(world: World, ada: int, amount: dict[str, Any]) -> None:
    booking_id = begun(world, ada, **amount)
    past = booked(world, ada, date(2026, 2, 23), TODAY - DAY)
    future = booked(world, ada, TODAY, date(2026, 3, 13))
    assert sum(past) > 0
    held = find_booking(world.connection, booking_id)
    assert held is not None
    left = rest(world.connection, held, TODAY)
    same = change(world.connection, booking_id, held.mark(TODAY), left, NONE, NOW, COMMAND)
    assert same != booking_id
    # Nothing but the row is another: what is left is spread as it was.
    assert booked(world, ada, date(2026, 2, 23), TODAY - DAY) == pytest.approx(past, abs=0.01)
    assert booked(world, ada, TODAY, date(2026, 3, 13)) == pytest.approx(future, abs=0.01)
    again = find_booking(world.connection, same)
    assert again is not None
    other = replace(again.wish, percent=None, total_hours=None, hours_per_day=Decimal(7))
    assert change(world.connection, same, again.mark(TODAY), other, NONE, NOW, COMMAND) == same
    assert booked(world, ada, date(2026, 2, 23), TODAY - DAY) == pytest.approx(past, abs=0.01)
    assert booked(world, ada, TODAY, TODAY) == [7.0]
    noted = world.connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert noted == ["booking.changed", "booking.changed"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_one_that_ends_earlier_has_the_days_up_to_then(world: World, ada: int, amount: dict[str, Any]) -> None:
    booking_id = begun(world, ada, **amount)
    before = booked(world, ada, date(2026, 2, 23), FRIDAY)
    held = find_booking(world.connection, booking_id)
    assert held is not None
    end(world.connection, booking_id, held.mark(TODAY), FRIDAY, NOW, COMMAND)
    assert booked(world, ada, date(2026, 2, 23), FRIDAY) == pytest.approx(before, abs=0.01)
    assert booked(world, ada, FRIDAY + DAY, date(2026, 3, 13)) == [0.0] * 7


@pytest.mark.parametrize("told_to", [FAR, date(2026, 2, 1), None])
def test_of_hours_in_all_of_who_left_each_part_keeps_its_own(world: World, ada: int, told_to: date | None) -> None:
    if told_to is not None:
        world.connection.execute(
            insert(PersonTerms).values(person_id=ada, valid_from=date(2026, 1, 1), valid_to=told_to, fte=1)
        )
    # Ada has a day off in the first of three weeks: of 70 h 20 are of that week, unless she worked on none of the days.
    booking_id = begun(world, ada, total_hours=70)
    world.connection.execute(update(Person).where(Person.id == ada).values(active=False))
    held = find_booking(world.connection, booking_id)
    assert held is not None
    until = Decimal("23.333") if told_to == date(2026, 2, 1) else Decimal(20)
    assert rest(world.connection, held, TODAY).total_hours == 70 - until
    end(world.connection, booking_id, held.mark(TODAY), TODAY - DAY, NOW, COMMAND)
    left = find_booking(world.connection, booking_id)
    assert left is not None
    assert left.wish.total_hours == until


def test_what_has_begun_is_not_removed_and_does_not_end_before_yesterday(world: World, ada: int) -> None:
    booking_id = begun(world, ada, percent=50)
    held = find_booking(world.connection, booking_id)
    assert held is not None
    with pytest.raises(EntryError, match="has begun"):
        remove(world.connection, booking_id, held.mark(TODAY), NOW, COMMAND)
    with pytest.raises(EntryError, match="yesterday or later"):
        end(world.connection, booking_id, held.mark(TODAY), date(2026, 2, 27), NOW, COMMAND)
    end(world.connection, booking_id, held.mark(TODAY), TODAY - DAY, NOW, COMMAND)
    assert booked(world, ada, TODAY, FRIDAY) == [0.0] * 5
    over = find_booking(world.connection, booking_id)
    assert over is not None
    with pytest.raises(EntryError, match="It is over"):
        change(world.connection, booking_id, over.mark(TODAY), wish(person=ada), NONE, NOW, COMMAND)


def test_who_booked_and_when_stays_while_it_is_proposed(world: World, ada: int) -> None:
    it, project = Allocation, world.project()
    told = select(it.start, it.kind, it.booked_at).order_by(it.id)
    booking_id = make(world.connection, wish(project, ada, kind="soft", start=FRIDAY), NONE, NOW, COMMAND)
    days = {"end": date(2026, 3, 13), "percent": Decimal(60)}
    later = (NOW + DAY, wish(project, ada, kind="soft", **days)), (NOW + 3 * DAY, wish(project, ada, kind="soft"))
    firm = NOW + 4 * DAY, wish(project, ada, kind="hard")
    for now, wanted in (*later, firm):
        held = find_booking(world.connection, booking_id)
        assert held is not None
        wanted = replace(wanted, start=now.date())
        booking_id = change(world.connection, booking_id, held.mark(now.date()), wanted, NONE, now, COMMAND)
    first, second, third = world.connection.execute(told).all()
    assert [(row.kind, row.booked_at) for row in (first, second)] == [("soft", NOW), ("soft", NOW)]
    assert (third.kind, third.booked_at) == ("hard", firm[0])


def test_what_is_a_trackers_or_was_changed_meanwhile_stays(world: World, ada: int) -> None:
    told = begun(world, ada, percent=50, connection_id=world.tracker_id, external_id="1")
    held = find_booking(world.connection, told)
    assert held is not None
    with pytest.raises(EntryError, match="comes from a tracker"):
        remove(world.connection, told, held.mark(TODAY), NOW, COMMAND)
    project = world.project()
    ours = make(world.connection, wish(project, ada), NONE, NOW, COMMAND)
    seen = find_booking(world.connection, ours)
    assert seen is not None
    change(world.connection, ours, seen.mark(TODAY), wish(project, ada, percent=Decimal(60)), NONE, NOW, COMMAND)
    with pytest.raises(EntryError, match="changed it meanwhile"):
        remove(world.connection, ours, seen.mark(TODAY), NOW, COMMAND)
    now = find_booking(world.connection, ours)
    assert now is not None
    assert now.wish.percent == 60
    remove(world.connection, ours, now.mark(TODAY), NOW, COMMAND)
    assert find_booking(world.connection, ours) is None
    with pytest.raises(EntryError, match="not there any more"):
        remove(world.connection, ours, now.mark(TODAY), NOW, COMMAND)


def test_what_was_seen_on_another_day_is_looked_at_again(world: World, ada: int) -> None:
    booking_id = begun(world, ada, total_hours=70)
    held = find_booking(world.connection, booking_id)
    assert held is not None
    left = rest(world.connection, held, TODAY)
    # By tomorrow a day more has its hours: what was left today would be booked a second time.
    with pytest.raises(EntryError, match="or a day has passed"):
        change(world.connection, booking_id, held.mark(TODAY), left, NONE, NOW + DAY, COMMAND)
    assert find_booking(world.connection, booking_id) == held


def test_nobody_is_booked_who_is_gone_and_nothing_on_what_is_over(world: World, ada: int) -> None:
    with pytest.raises(EntryError, match="The project is closed"):
        make(world.connection, wish(world.project(status="closed"), ada), NONE, NOW, COMMAND)
    for nowhere in (98765, world.project(fed=False)):
        with pytest.raises(EntryError, match="no such project"):
            make(world.connection, wish(nowhere, ada), NONE, NOW, COMMAND)
    world.connection.execute(update(Person).where(Person.id == ada).values(active=False))
    with pytest.raises(EntryError, match="do not work here"):
        make(world.connection, wish(world.project(), ada), NONE, NOW, COMMAND)


def plan_of(world: World) -> Plan:
    return read_plan(world.connection, TODAY, NOW)


def over_of(plan: Plan, person: int, wish: Wish) -> list[float]:
    weeks = weeks_from(max(wish.start, TODAY), 2 + (wish.end - wish.start).days // 7)
    place = int(np.searchsorted(plan.persons, person))
    hours: list[float] = by_period(plan.load(weeks.days[0], weeks.last).over, weeks.starts)[place].tolist()
    return hours


@pytest.mark.parametrize(
    "amount", [{"percent": Decimal(120)}, {"hours_per_day": Decimal(5)}, {"total_hours": Decimal(70)}]
)
@pytest.mark.parametrize("changed", [False, True])
def test_the_effect_is_what_the_plan_shows_after_it_was_booked(
    world: World, ada: int, amount: dict[str, Any], changed: bool
) -> None:
    one, two = world.project(), world.project()
    world.item(one, assignee_id=ada, due=FRIDAY, remaining_s=30 * HOUR)
    world.item(two, assignee_id=ada, due=date(2026, 3, 13), remaining_s=20 * HOUR)
    old = begun(world, ada, project_id=two, total_hours=40) if changed else None
    held = find_booking(world.connection, old) if old else None
    wanted = wish(two, ada, end=date(2026, 3, 18), **amount)
    before = plan_of(world)
    told = effect(before, wanted, held.wish if held else None)
    if held:
        change(world.connection, held.id, held.mark(TODAY), wanted, told, NOW, COMMAND, confirmed=True)
    else:
        make(world.connection, wanted, told, NOW, COMMAND, confirmed=True)
    after, was = over_of(plan_of(world), ada, wanted), over_of(before, ada, wanted)
    more = {
        week: hours - less for week, (hours, less) in enumerate(zip(after, was, strict=True)) if hours - less > 1e-6
    }
    assert [it.more for it in told.over] == pytest.approx(list(more.values()), abs=1e-6)
    assert [it.hours for it in told.over] == pytest.approx([after[week] for week in more], abs=1e-6)
    assert told.over


def test_what_makes_too_much_waits_to_be_confirmed(world: World, ada: int) -> None:
    project = world.project()
    plain = wish(project, ada, hours_per_day=Decimal("6.4"))
    assert effect(plan_of(world), plain) == NONE
    make(world.connection, plain, NONE, NOW, COMMAND)
    # All of the 6.4 h a day are booked: a fifth of them is 1.28 h on each of five days.
    second = wish(world.project(), ada, percent=Decimal(20))
    told = effect(plan_of(world), second)
    assert told == Effect((Over(TODAY, pytest.approx(6.4), pytest.approx(6.4)),))
    assert effect(plan_of(world), replace(second, kind="soft")) == NONE
    with pytest.raises(UnconfirmedError, match=r"6\.4 h too much"):
        make(world.connection, second, told, NOW, COMMAND)
    make(world.connection, second, told, NOW, COMMAND, confirmed=True)
    newest = world.connection.scalar(select(AuditEntry.new).order_by(AuditEntry.id.desc()).limit(1))
    assert newest is not None
    assert '"too_much_h":6.4' in newest


def test_a_booking_of_days_without_capacity_is_asked_about(world: World, ada: int) -> None:
    world._add(TimeOff, person_id=ada, start=TODAY, end=FRIDAY)
    assert effect(plan_of(world), wish(world.project(), ada)) == Effect(idle=True)
    assert effect(plan_of(world), wish(world.project(), ada, end=date(2026, 3, 13))) == NONE


def test_weeks_in_which_bookings_do_not_fit_the_work(world: World, ada: int) -> None:
    one, two, three = (world.project() for _ in range(3))
    mar13 = date(2026, 3, 13)
    world.item(one, assignee_id=ada, due=FRIDAY, remaining_s=20 * HOUR)
    world._add(Allocation, person_id=ada, project_id=one, start=TODAY, end=mar13, percent=25, kind="hard")
    world.item(two, assignee_id=ada, due=FRIDAY, remaining_s=10 * HOUR)
    world._add(Allocation, person_id=ada, project_id=two, start=TODAY, end=FRIDAY, total_hours=12, kind="hard")
    world.item(three, assignee_id=ada, due=FRIDAY, remaining_s=10 * HOUR)
    world._add(Allocation, person_id=ada, project_id=three, start=TODAY, end=FRIDAY, total_hours="12.5", kind="hard")
    plan, weeks = plan_of(world), weeks_from(TODAY, 3)
    found = misfits(plan, weeks, {(ada, one), (ada, two), (ada, three)})
    told = {pair: [(it.day, it.misfit, round(it.hours, 6)) for it in days] for pair, days in found.items()}
    assert told == {
        (ada, one): [(TODAY, Misfit.SMALL, 12.0), (date(2026, 3, 9), Misfit.UNUSED, 8.0)],
        (ada, three): [(TODAY, Misfit.UNUSED, 2.5)],
    }
    assert misfits(plan, weeks, {(ada, two)}) == {}


def test_a_project_that_is_closed_meanwhile_keeps_its_bookings_of_days_that_are_over(world: World, ada: int) -> None:
    booking_id = begun(world, ada, total_hours=60)
    past = booked(world, ada, date(2026, 2, 23), TODAY - DAY)
    world.connection.execute(update(Project).values(status="closed"))
    held = find_booking(world.connection, booking_id)
    assert held is not None
    end(world.connection, booking_id, held.mark(TODAY), TODAY - DAY, NOW, COMMAND)
    assert booked(world, ada, date(2026, 2, 23), TODAY - DAY) == pytest.approx(past, abs=0.01)


def test_what_nobody_may_see_makes_nobody_busy(world: World, ada: int) -> None:
    project = world.project()
    make(world.connection, wish(project, ada), NONE, NOW, COMMAND)
    assert len(plan_of(world).hard.carrier) == 1
    # Its sources feed another project by now: its bookings count again when they come back.
    world.connection.execute(update(Project).values(fed=False))
    assert not len(plan_of(world).hard.carrier)
