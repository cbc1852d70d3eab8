"""The load of many persons from many open items: read from the database and computed for half a year of weeks.

python -m tests.bench.load ITEMS PERSONS
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from math import inf
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, insert

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.bookings.effects import NONE
from portfolio.bookings.keep import make as make_booking
from portfolio.bookings.wish import Wish
from portfolio.capacity.time_off import Away, add_time_off
from portfolio.model.landing import Connection as Tracker
from portfolio.model.people import Person, TimeOff
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.resources.heat import heat_map
from portfolio.resources.kept import kept_plan
from portfolio.resources.parts import parts_of
from portfolio.resources.periods import weeks_from
from portfolio.resources.plan import Plan, read_plan
from portfolio.scenario.naming import everything
from portfolio.scenario.operations import AddPerson, DelayProject, DropProject, Reassign
from portfolio.scenario.run import run
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.migrate import upgrade
from portfolio.store.upsert import Values, insert_values
from sync.tables import table_of
from tests.bench.measure import say
from tests.bench.past import TODAY
from tests.bench.visits import visited
from tests.portfolio.builders import noon
from webapp.accounts.users import add_account

WEEKS, ROUNDS, AT_ONCE = 26, 3, 20_000
BARS = {"read and computed": 1.5, "kept": 0.050, "a booking more": 0.020, "a day off more": 0.020}
PAGE, PAGE_BAR = "/resources?size=500", 0.150
ITEM = (
    "id", "connection_id", "external_id", "key", "url", "title", "project_id", "inherits_project", "kind",
    "mapped_kind", "tracker_kind", "status", "category", "flow", "assignee_id", "created_at", "updated_at",
    "created_on", "start", "due", "estimate_s", "remaining_s", "is_leaf", "labels", "synthetic", "profile_version",
)  # fmt: skip


def make(engine: Engine, items: int, persons: int) -> None:
    """Fill an empty database with open items of 2,000 projects at most, and a time off for every fourth person."""
    upgrade(engine)
    projects = max(1, min(2000, items // 50))
    with writing(engine) as store:
        tracker = {"name": "made up", "tracker": "jira", "address": "https://jira.example", "settings": "{}"}
        store.execute(insert(Tracker).values(**tracker, secret_ref="store", created_at=noon(TODAY)))
        named = [(f"P{number}", f"Project {number}") for number in range(projects)]
        insert_values(store, table_of(Project), ("code", "name"), named)
        people = [(f"Person {number}", number % 5 > 0, "tracker") for number in range(persons)]
        insert_values(store, table_of(Person), ("name", "active", "origin"), people)
        away = [
            (who, TODAY + timedelta(days=who % 90), TODAY + timedelta(days=who % 90 + 9), 1)
            for who in range(4, persons, 4)
        ]
        insert_values(store, table_of(TimeOff), ("person_id", "start", "end", "fraction"), away)
        for first in range(1, items + 1, AT_ONCE):
            rows = list(_items(first, min(AT_ONCE, items + 1 - first), persons, projects))
            insert_values(store, table_of(WorkItem), ITEM, rows)


def _items(first: int, count: int, persons: int, projects: int) -> Iterator[Values]:
    chance, at = np.random.default_rng(first), noon(TODAY)
    for item, (who, where, start, length, hours) in enumerate(chance.integers(0, 10**6, (count, 5)).tolist(), first):
        begins = TODAY + timedelta(days=start % 150 - 20)
        yield (
            item, 1, str(item), str(item), "", "", where % projects + 1, False, "task", "", "Task", "Open", "todo",
            "active", who % persons + 1 if who % 20 else None, at, at, TODAY, begins if start % 3 else None,
            begins + timedelta(days=length % 40) if length % 9 else None, None, 3600 * (hours % 30) if hours % 7 else
            None, True, "", False, 1,
        )  # fmt: skip


def main(items: int, persons: int) -> None:
    """Make the portfolio, and say what CPU its load takes; the best of the rounds counts."""
    weeks, now = weeks_from(TODAY, WEEKS), noon(TODAY)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'sightline.db'}")
        make(engine, items, persons)
        say(f"\nload of {persons:,} persons over {WEEKS} weeks from {items:,} open items, SQLite, CPU")

        def asked() -> Plan:
            with reading(engine) as connection:
                plan = kept_plan(connection, TODAY, now)
            heat_map(plan, weeks)
            return plan

        with reading(engine) as connection:
            tell("read and computed", lambda: heat_map(read_plan(connection, TODAY, now), weeks))
        plan = asked()
        tell("kept", asked)
        tell("one person of it", lambda: parts_of(plan, 7, weeks))
        for words, enter in (("a booking more", _books), ("a day off more", _is_away)):
            tell(words, asked, lambda number, enter=enter: enter(engine, number))  # type: ignore[misc]
        with reading(engine) as connection:
            tell("read, and a scenario", lambda: _scenario(connection, read_plan(connection, TODAY, now)), rounds=1)
            tell("a scenario", lambda: _scenario(connection, asked()))
        with writing(engine) as store:
            user_id = add_account(store, "ada", usual(*Role), now, COMMAND)
        seen = sorted(visited(engine, user_id, f"{PAGE}&columns=week&number={WEEKS}"))
        say(f"  page of 500 rows: median {seen[len(seen) // 2]:.3f} s, 95th {seen[-2]:.3f} s (bar {PAGE_BAR:g})")
        engine.dispose()


def tell(
    words: str, act: Callable[[], object], before: Callable[[int], None] | None = None, rounds: int = ROUNDS
) -> None:
    """Say what CPU it takes; `before` is done before each round, and does not count."""
    best = inf
    for number in range(rounds):
        if before is not None:
            before(number)
        best = min(best, _seconds(act))
    bar = f" (bar {BARS[words]:g} at 1,000,000)" if words in BARS else ""
    say(f"  {words:<26}{best:>9.3f} s{bar}")


def _books(engine: Engine, number: int) -> None:
    wish = Wish(1 + number, 7, None, TODAY, TODAY + timedelta(days=60), hours_per_day=Decimal(2))
    with writing(engine) as store:
        make_booking(store, wish, NONE, noon(TODAY), COMMAND)


def _is_away(engine: Engine, number: int) -> None:
    day = TODAY + timedelta(days=10 + number)
    with writing(engine) as store:
        add_time_off(store, Away(7, day, day), noon(TODAY), COMMAND)


def _scenario(connection: Connection, plan: Plan) -> object:
    """An item goes to somebody else, a project is later, one is dropped, and somebody comes."""
    operations = (
        Reassign(item=str(plan.rows.item[0]), persons=(7,)),
        DelayProject(project="P5", workdays=10),
        DropProject(project="P6"),
        AddPerson(role="Tester", first=TODAY),
    )
    return run(connection, plan, operations, everything(plan), weeks_from(plan.as_of, WEEKS), with_cost=True)


def _seconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
