"""Who is who decides the figures of the past, too: persons who become one, or two, make their past due."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select

from portfolio.audit.entry import COMMAND
from portfolio.figures.restate import next_batch, write_batch
from portfolio.figures.rollup import roll_up
from portfolio.model.oversight import HistoryDue, KpiValue
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.work import Worklog
from portfolio.store.engine import reading, writing
from sync.identities.deciding import Pair, merge, split
from sync.identities.undoing import undo
from sync.persons_past import note
from tests.portfolio.builders import World, noon

DAY = date(2026, 3, 10)
NOW = noon(DAY + timedelta(days=3))
USED = "RES-01"


def _restate(engine: Engine) -> None:
    while True:
        with writing(engine) as store:
            batch = next_batch(store, NOW)
            if batch is None:
                return
            write_batch(store, batch, NOW)


def _of_all(engine: Engine, *, published: bool = False) -> tuple[float | None, int]:
    """Utilisation of everybody on the day: what counts, or what was published before it was restated."""
    superseded = KpiValue.superseded_at.is_not(None) if published else KpiValue.superseded_at.is_(None)
    own = (KpiValue.scope_type == "all", KpiValue.kpi == USED, KpiValue.as_of <= DAY, KpiValue.until > DAY)
    with reading(engine) as store:
        value, n = store.execute(
            select(KpiValue.value, KpiValue.n).where(*own, superseded).order_by(KpiValue.id.desc()).limit(1)
        ).one()
    return value, n


def test_all_that_is_due_is_noted_in_one_order(engine: Engine) -> None:
    """Two who note the same projects in different orders would wait for each other in a circle."""
    noted: list[int] = []
    with writing(engine) as store:
        world = World(store)
        person = world.person("P")
        first, *_, last = (world.project() for _ in range(3))
        world.item(last, created=DAY, assignee_id=person)

        @event.listens_for(store, "before_cursor_execute")
        def _(_c: object, _u: object, statement: str, given: Any, *_: object) -> None:
            if "INSERT INTO history_due" in statement:
                rows = given if isinstance(given, list) else [given]
                noted.extend(next(at for at in (each.values() if isinstance(each, dict) else each)) for each in rows)

        note(store, [person])
    assert noted == [first, last]


def test_a_merge_restates_the_past_and_so_does_taking_it_back(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        persons = [world.person(f"P{number}") for number in range(6)]
        store.execute(insert(Person).values(name="Gone", active=False))
        project = world.project()
        item = world.item(project, "in_progress", created=DAY - timedelta(days=60), assignee_id=persons[5])
        for number, person in enumerate(persons):
            row = {"connection_id": world.tracker_id, "external_id": f"log {number}", "project_id": project}
            logged = {"item_id": item, "person_id": person, "work_date": DAY - timedelta(days=8), "seconds": 36000}
            store.execute(insert(Worklog).values(**row, **logged))
        for day in (DAY, DAY + timedelta(days=1), NOW.date()):
            roll_up(store, as_of=day, now=noon(day))
    _restate(engine)
    before = _of_all(engine)
    (decision,) = merge(engine, [Pair(persons[5], persons[0])], NOW, "ada", COMMAND)
    _restate(engine)
    assert before[1] == 6
    assert _of_all(engine) == (float(before[0] or 0) * 6 / 5, 5)
    assert _of_all(engine, published=True) == before
    undo(engine, decision, NOW, "ada", COMMAND)
    _restate(engine)
    assert _of_all(engine) == before
    with reading(engine) as store:
        assert not store.scalars(select(HistoryDue.project_id)).all()


def test_a_split_restates_the_past_and_so_does_taking_it_back(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        persons = [world.person(f"P{number}") for number in range(6)]
        project, other = world.project(), world.tracker("other")
        item = world.item(project, "in_progress", created=DAY - timedelta(days=60), assignee_id=persons[5])
        accounts = []
        for tracker in (world.tracker_id, other):
            account = {"connection_id": tracker, "external_id": "a", "name": "P0", "person_id": persons[0]}
            accounts.append(store.scalars(insert(PersonIdentity).values(**account).returning(PersonIdentity.id)).one())
        for number, person in enumerate([*persons, persons[0]]):
            row = {"connection_id": other if number == 6 else world.tracker_id, "external_id": f"log {number}"}
            logged = {"person_id": person, "work_date": DAY - timedelta(days=8), "seconds": 36000}
            store.execute(insert(Worklog).values(**row, project_id=project, item_id=item, **logged))
        for day in (DAY, DAY + timedelta(days=1), NOW.date()):
            roll_up(store, as_of=day, now=noon(day))
    _restate(engine)
    before = _of_all(engine)
    _, decision = split(engine, persons[0], [accounts[1]], NOW, "ada", COMMAND)
    _restate(engine)
    assert before[1] == 6
    assert _of_all(engine) == (pytest.approx(float(before[0] or 0) * 6 / 7), 7)
    assert _of_all(engine, published=True) == before
    undo(engine, decision, NOW, "ada", COMMAND)
    _restate(engine)
    assert _of_all(engine) == before
    with reading(engine) as store:
        assert not store.scalars(select(HistoryDue.project_id)).all()
