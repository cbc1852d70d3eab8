"""Plans of invented organisations, read from rows, give the load that the plain way gives: persons and roles alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from portfolio.audit.entry import SYSTEM
from portfolio.capacity.working_time import tell_working_time
from portfolio.model.base import EVER, FAR
from portfolio.model.people import Allocation, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.model.work import ItemAssignee, ItemProject
from portfolio.resources.plan import Plan, read_plan
from portfolio.resources.working_time import WorkingTime
from tests.portfolio.builders import World
from tests.portfolio.resources.plain import Booking, Human, Task, Term, load

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
AS_OF = TODAY.toordinal()
HORIZON = AS_OF + 120
LAST = TODAY + timedelta(days=60)
WEEK = (*[Fraction(8)] * 5, Fraction(0), Fraction(0))
ROLES = ("", "Dev", "QA", "UX")
CLOSE = 1e-6


class Invented:
    """An organisation made by chance, as rows and as the plain way takes it. Persons and roles stand by their names."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        tell_working_time(world.connection, WorkingTime(overhead_percent=0), EVER, NOW, SYSTEM)
        self.persons = {f"P{number}": world.person(f"P{number}") for number in range(5)}
        self.projects = {f"J{number}": world.project(f"J{number}") for number in range(4)}
        self.humans = {name: self._human(ident) for name, ident in self.persons.items()}
        self.humans |= {f"role {role}": Human([Term(0, HORIZON * 2, WEEK, {}, Fraction(1))]) for role in ROLES}
        self.tasks = [self._task() for _ in range(60)]
        self.bookings = [self._booking() for _ in range(12)]

    def _day(self, first: int, last: int) -> date:
        return TODAY + timedelta(days=self.random.randint(first, last))

    def _human(self, ident: int) -> Human:
        """Whose share of a week changes on a day, and who is away for some."""
        since = self._day(-20, 40)
        shares = [Fraction(self.random.randint(0, 4), 4) for _ in range(2)]
        spans = ((date(1, 1, 1), since), (since, FAR))
        terms = []
        for (begin, end), share in zip(spans, shares, strict=True):
            row = {"person_id": ident, "valid_from": begin, "valid_to": end, "fte": float(share)}
            self.world.connection.execute(insert(PersonTerms).values(**row))
            terms.append(Term(begin.toordinal(), end.toordinal(), WEEK, {}, share))
        off: dict[int, Fraction] = {}
        for _ in range(3):
            day, fraction = self._day(-5, 40), Fraction(self.random.randint(1, 2), 2)
            off[day.toordinal()] = min(Fraction(1), off.get(day.toordinal(), Fraction(0)) + fraction)
            self.world._add(TimeOff, person_id=ident, start=day, end=day, fraction=float(fraction))
        return Human(terms, off)

    def _task(self) -> Task:
        whom = self.random.sample(sorted(self.persons), self.random.randint(0, 3))
        where = self.random.sample(sorted(self.projects), self.random.randint(1, 3))
        role = self.random.choice(ROLES)
        hours = Fraction(self.random.randint(1, 160), 4)
        start = self._day(-20, 30) if self.random.random() < 0.6 else None
        due = self._day(-20, 45) if self.random.random() < 0.9 else None
        # Of several, the tracker names one as the assignee, or none of them.
        first = self.persons[whom[0]] if whom and self.random.random() < 0.8 else None
        item = self.world.item(
            self.projects[where[0]], start=start, due=due, assignee_id=first, remaining_s=int(hours * 3600),
            role=role or None,
        )  # fmt: skip
        further = whom if first is None else whom[1:]
        self._rows(ItemAssignee, [{"item_id": item, "person_id": self.persons[name]} for name in further])
        homes = [{"item_id": item, "project_id": self.projects[it], "is_primary": it == where[0]} for it in where]
        self._rows(ItemProject, homes)
        carriers = whom or [f"role {role}"]
        return Task(
            dict.fromkeys(carriers, Fraction(1, len(carriers))), dict.fromkeys(where, Fraction(1, len(where))), hours,
            start.toordinal() if start else None, due.toordinal() if due else None,
        )  # fmt: skip

    def _booking(self) -> Booking:
        who, where = self.random.choice(sorted(self.humans)), self.random.choice(sorted(self.projects))
        first, hard = self._day(-10, 30), self.random.random() < 0.6
        last = first + timedelta(days=self.random.randint(10, 30))
        amount = self.random.randint(1, 12)
        column, name = self.random.choice(
            (("hours_per_day", "per_day"), ("total_hours", "total"), ("percent", "share"))
        )
        percent = column == "percent"
        person = self.persons.get(who)
        self.world._add(
            Allocation, person_id=person, placeholder=None if person else who.removeprefix("role ") or None,
            project_id=self.projects[where], start=first, end=last, kind="hard" if hard else "soft",
            **{column: amount * 25 if percent else amount},
        )  # fmt: skip
        given: Mapping[str, Any] = {name: Fraction(amount, 4) if percent else Fraction(amount)}
        return Booking(who, where, first.toordinal(), last.toordinal(), hard, **given)

    def _rows(self, table: Any, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self.world.connection.execute(insert(table).values(**row))

    def place(self, plan: Plan, name: str) -> int | None:
        """Where a person or role stands among the carriers of a plan; None where it has nothing to do with anything."""
        if name in self.persons:
            return int(np.searchsorted(plan.persons, self.persons[name]))
        role = name.removeprefix("role ")
        return len(plan.persons) + plan.roles.index(role) if role in plan.roles else None


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_of_rows_gives_what_the_plain_way_gives(world: World, seed: int) -> None:
    made = Invented(world, Random(seed))
    plan = read_plan(world.connection, TODAY, NOW)
    told = plan.load(TODAY, LAST)
    hard, soft = load(made.humans, made.tasks, made.bookings, AS_OF, HORIZON)
    for name in made.humans:
        place = made.place(plan, name)
        for day in range(AS_OF, LAST.toordinal() + 1):
            wanted = hard.get((name, day), 0), soft.get((name, day), 0)
            if place is None:
                assert wanted == (0, 0)
                continue
            at = place, day - AS_OF
            assert (told.hard[at], told.soft[at]) == (
                pytest.approx(wanted[0], abs=CLOSE),
                pytest.approx(wanted[1], abs=CLOSE),
            )
    # Nothing is lost on the way: what has no date stands beside the load.
    whole = float(sum(task.hours for task in made.tasks))
    assert plan.rows.work.hours.sum() == pytest.approx(whole)
    undated = float(sum(task.hours for task in made.tasks if task.due is None))
    assert plan.no_date.hours.sum() == pytest.approx(undated)
