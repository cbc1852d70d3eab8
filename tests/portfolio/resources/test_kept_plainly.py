"""Whatever is done, in whatever order: the plan that is kept gives the load of one that is read from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from sqlalchemy import Engine, delete, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, ActorKind
from portfolio.bookings.asking import Action, Ask, Side
from portfolio.bookings.effects import NONE
from portfolio.bookings.keep import change, end, find_booking, make, remove
from portfolio.bookings.requests import Deed, act, ask_for, find_request
from portfolio.bookings.wish import Wish
from portfolio.capacity.calendars import make_calendar, tell_hours
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.holidays import DayOff, add_holidays
from portfolio.capacity.time_off import Away, add_time_off, remove_time_off
from portfolio.faults import EntryError
from portfolio.model.access import User
from portfolio.model.people import Allocation, Calendar, Person, TimeOff
from portfolio.model.resources import ResourceRequest
from portfolio.model.structure import Project
from portfolio.model.work import ItemAssignee, WorkItem
from portfolio.resources.heat import COLUMNS, HeatMap, heat_map
from portfolio.resources.kept import kept_plan
from portfolio.resources.periods import Columns, periods_from, weeks_from
from portfolio.resources.plan import Plan, read_plan
from portfolio.store.engine import reading, writing
from sync.errors import PersonDecisionError
from sync.identities.deciding import Pair, merge
from sync.identities.details import change_details, read_details
from tests.portfolio.builders import World

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
PERIODS = (weeks_from(TODAY, 8), periods_from(TODAY, Columns.DAY, 20))
ROLES = ("QA", "Dev", "UX", "Ops", "A, B")
DAY = timedelta(days=1)


class Company:
    """Some persons with work, and what can become of them."""

    def __init__(self, engine: Engine, random: Random) -> None:
        self.engine, self.random, self.runs = engine, random, 0
        with writing(engine) as store:
            self.world = world = World(store)
            user = store.execute(insert(User).values(name="ada", created_at=NOW).returning(User.id)).scalar_one()
            self.by = Actor(ActorKind.USER, user)
            for number in range(6):
                world.person(f"P{number}")
            for _ in range(4):
                world.project(fed=True)
            make_calendar(store, "portfolio", "8 8 8 8 8 0 0", NOW, self.by)
            make(store, Wish(1, 1, None, TODAY, self.day(20), hours_per_day=Decimal(3)), NONE, NOW, self.by)
        for _ in range(25):
            self.item()

    @contextmanager
    def building(self) -> Iterator[World]:
        with writing(self.engine) as store:
            self.world.connection = store
            yield self.world

    def ids(self, table: type) -> list[int]:
        with reading(self.engine) as store:
            return list(store.scalars(select(table.id).order_by(table.id)))  # type: ignore[attr-defined]

    def some(self, table: type) -> int | None:
        return self.random.choice([None, *self.ids(table)])

    def day(self, first: int = -5, last: int = 50) -> date:
        return TODAY + self.random.randint(first, last) * DAY

    def status(self) -> str:
        return self.random.choice(("active", "active", "active", "closed"))

    def item(self) -> None:
        """A tracker tells of an item more; its run is not over yet."""
        with self.building() as world:
            item = world.item(
                self.random.choice(self.ids(Project)),
                self.random.choice(("todo", "in_progress")),
                assignee_id=self.some(Person),
                role=self.random.choice((None, *ROLES[:3])),
                due=self.random.choice((None, self.day())),
                start=self.random.choice((None, self.day())),
                estimate_s=self.random.choice((None, 0, 3600 * self.random.randint(1, 60))),
            )
            if self.random.random() < 0.2 and (also := self.some(Person)):
                world.connection.execute(insert(ItemAssignee).values(item_id=item, person_id=also))

    def wish(self) -> Wish:
        person, start = self.some(Person), self.day(0)
        role = self.random.choice(ROLES) if person is None else None
        project = self.random.choice(self.ids(Project))
        name = self.random.choice(("hours_per_day", "percent", "total_hours"))
        amount = {name: Decimal(self.random.randint(1, 24_000)) / 1000}
        kind = self.random.choice(("hard", "soft"))
        return Wish(project, person, role, start, start + self.random.randint(0, 20) * DAY, kind=kind, **amount)

    def books(self) -> None:
        with writing(self.engine) as store:
            make(store, self.wish(), NONE, NOW, self.by)

    def books_otherwise(self) -> None:
        booking_id = self.some(Allocation)
        with writing(self.engine) as store:
            booking = find_booking(store, booking_id or 0)
            if booking is None:
                return
            it, seen = self.random.choice((change, end, remove)), booking.mark(TODAY)
            if it is change:
                change(store, booking.id, seen, self.wish(), NONE, NOW, self.by)
            elif it is end:
                end(store, booking.id, seen, self.day(), NOW, self.by)
            else:
                remove(store, booking.id, seen, NOW, self.by)

    def asks_for(self) -> None:
        wish, hours = self.wish(), Decimal(self.random.randint(1, 40))
        with writing(self.engine) as store:
            ask_for(
                store, Ask(wish.project_id, self.random.choice(ROLES), hours, wish.start, wish.end), "", NOW, self.by
            )

    def answers(self) -> None:
        with writing(self.engine) as store:
            found = find_request(store, self.some(ResourceRequest) or 0)
            if found is not None:
                person, action = self.some(Person), self.random.choice(list(Action))
                deed = Deed(action, found.last_step, person_id=person, note="So it is.", confirmed=True)
                act(store, found.id, deed, frozenset(Side), NOW, self.by)

    def is_away(self) -> None:
        start = self.day()
        with writing(self.engine) as store:
            share = Decimal(self.random.choice(("1", "0.5")))
            away = Away(self.random.choice(self.ids(Person)), start, start + self.random.randint(0, 9) * DAY, share)
            add_time_off(store, away, NOW, self.by)

    def is_not_away(self) -> None:
        with writing(self.engine) as store:
            remove_time_off(store, self.some(TimeOff) or 0, NOW, self.by)

    def works_otherwise(self) -> None:
        person = self.random.choice(self.ids(Person))
        with reading(self.engine) as store:
            details = read_details(store, TODAY, [person])[person]
        new = details._replace(
            fte=Decimal(self.random.choice(("1", "0.5", "0.8", "0"))),
            role=self.random.choice((None, *ROLES)),
            active=self.random.random() < 0.8,
            hours=self.random.choice((None, "8 8 4 0 0 0 0")),
        )
        change_details(self.engine, person, new, NOW, self.by, self.day())

    def is_one_with(self) -> None:
        persons = self.ids(Person)
        if len(persons) > 3:
            gone, stays = self.random.sample(persons, 2)
            merge(self.engine, [Pair(gone, stays)], NOW, "ada", self.by)

    def changes_calendar(self) -> None:
        calendar = self.ids(Calendar)[0]
        with writing(self.engine) as store:
            if self.random.random() < 0.5:
                hours = self.random.choice(("8 8 8 8 0 0 0", "6 6 6 6 6 0 0"))
                tell_hours(store, calendar, hours, self.day(), NOW, self.by)
            else:
                add_holidays(store, calendar, [DayOff(self.day(), "", Decimal(1))], "hand", NOW, self.by)

    def syncs(self) -> None:
        """A run that brings items, persons, bookings, and ends of projects; and ends."""
        for _ in range(self.random.randint(0, 2)):
            self.item()
        with self.building() as world:
            store = world.connection
            items = list(store.scalars(select(WorkItem.id)))
            item = self.random.choice(items)
            new = {"assignee_id": self.some(Person), "due": self.day(), "estimate_s": 3600 * self.random.randint(0, 80)}
            store.execute(update(WorkItem).where(WorkItem.id == item).values(**new))
            if self.random.random() < 0.2:
                store.execute(delete(ItemAssignee).where(ItemAssignee.item_id == item))
            if self.random.random() < 0.2:
                world.person("New")
            project = update(Project).where(Project.id == self.random.choice(self.ids(Project)))
            if self.random.random() < 0.4:
                store.execute(project.values(status=self.status()))
            if self.random.random() < 0.4:
                store.execute(project.values(fed=self.random.random() < 0.9))
            self.runs += 1
            world.run(world.tracker_id, NOW + self.runs * timedelta(minutes=self.random.choice((1, -1))))

    def is_entered(self) -> None:
        """Something is entered that says by no word what it changes: here that a project is closed."""
        with writing(self.engine) as store:
            project = self.random.choice(self.ids(Project))
            store.execute(update(Project).where(Project.id == project).values(status=self.status()))
            append(store, NOW, self.by, "something.new")


def rows(plan: Plan, found: HeatMap) -> dict[int | str, list[np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    """What there is of each person (by id) and each role."""
    keys = [*plan.persons.tolist(), *plan.roles]
    return {key: [getattr(found, name)[place] for name in COLUMNS] for place, key in enumerate(keys)}


def same(kept: Plan, plain: Plan) -> None:
    assert kept.persons.tolist() == plain.persons.tolist()
    # A role stays where nothing is booked for it any more, and has nothing to do.
    assert set(plain.roles) <= set(kept.roles)
    for periods in PERIODS:
        one, other = rows(kept, heat_map(kept, periods)), rows(plain, heat_map(plain, periods))
        for key, columns in one.items():
            if key not in other:
                assert not columns[1].any()
                assert not columns[2].any()
                continue
            for told, expected in zip(columns, other[key], strict=True):
                assert np.allclose(told, expected, rtol=0, atol=1e-9), key
    for name, part in plain.unplanned.items():
        assert np.array_equal(np.sort(kept.unplanned[name].item), np.sort(part.item))
    assert sorted(kept.rows.item.tolist()) == sorted(plain.rows.item.tolist())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_kept_plan_is_what_would_be_read(engine: Engine, seed: int) -> None:
    random = Random(seed)
    company = Company(engine, random)
    often = {
        company.books: 6, company.books_otherwise: 4, company.asks_for: 2, company.answers: 3, company.is_away: 3,
        company.is_not_away: 1, company.works_otherwise: 3, company.is_one_with: 1, company.changes_calendar: 1,
        company.syncs: 1, company.is_entered: 1,
    }  # fmt: skip
    for _ in range(60 if engine.dialect.name == "sqlite" else 12):
        with reading(engine) as store:
            before = kept_plan(store, TODAY, NOW)
            heat_map(before, PERIODS[0])
        deeds = random.choices(list(often), list(often.values()), k=random.choice((1, 1, 1, 2, 4)))
        for deed in deeds:
            with suppress(EntryError, CapacityError, PersonDecisionError):
                deed()
        with reading(engine) as store:
            kept = kept_plan(store, TODAY, NOW)
            same(kept, read_plan(store, TODAY, NOW))
        # Who books, is away or works otherwise has no open work read again.
        if not {company.is_one_with, company.syncs, company.is_entered} & set(deeds):
            assert kept.rows.item is before.rows.item
