"""A sync never changes what was entered; what it tells stands beside it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from connector.protocol import Stream
from portfolio.audit.entry import COMMAND
from portfolio.model.mapping import ProjectField
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.overlay.enter import enter
from portfolio.store.engine import writing
from sync.merge import merge_person
from tests.sync.builders import NOW, Tracker, item, project, rows


def told(ident: str = "P1", **fields: object) -> object:
    return project(ident, **({"lead_id": "l", "lead_name": "Lee", "due": date(2026, 6, 30)} | fields))


def test_a_sync_and_a_remap_leave_alone_what_was_entered(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.put(Stream.ITEMS, item("1"), slice="P1").sync()
    lee = rows(tracker.engine, Person, "id")[0][0]
    assert rows(tracker.engine, Project, "manager_id", "due", "start") == [(lee, date(2026, 6, 30), None)]
    with writing(tracker.engine) as store:
        ident = store.scalar(select(Project.id))
        enter(store, {ident: {"due": "2026-09-01", "segment": "Retail"}}, NOW, "ada", COMMAND)
    tracker.connector.replace(Stream.PROJECTS, told(due=date(2026, 7, 31), start=date(2026, 1, 1)))
    tracker.now += timedelta(hours=1)
    tracker.sync()
    expected = [(lee, date(2026, 9, 1), date(2026, 1, 1), "Retail")]
    columns = ("manager_id", "due", "start", "segment")
    assert rows(tracker.engine, Project, *columns) == expected
    before = rows(tracker.engine, ProjectField)
    tracker.remap()
    assert rows(tracker.engine, Project, *columns) == expected
    assert rows(tracker.engine, ProjectField) == before
    with writing(tracker.engine) as store:
        enter(store, {ident: {"due": ""}}, NOW, "ada", COMMAND)
    assert rows(tracker.engine, Project, "due") == [(date(2026, 7, 31),)]


def test_a_second_sync_changes_nothing(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.sync()
    before = rows(tracker.engine, ProjectField)
    tracker.now += timedelta(hours=1)
    tracker.sync()
    assert rows(tracker.engine, ProjectField) == before != []


def test_who_is_merged_is_told_and_entered_as_who_stays(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.put(Stream.PROJECTS, told("P2", lead_id="m", lead_name="Mo")).sync()
    lee, mo = (row[0] for row in rows(tracker.engine, Person, "id"))
    with writing(tracker.engine) as store:
        first = store.scalars(select(Project.id).order_by(Project.id)).first()
        enter(store, {first: {"sponsor": "Mo"}}, NOW, "ada", COMMAND)
        merge_person(store, mo, lee)
    assert rows(tracker.engine, Project, "manager_id", "sponsor_id") == [(lee, lee), (lee, None)]
    named = rows(tracker.engine, ProjectField, "field", "told_person_id", "entered_person_id")
    assert {("sponsor", None, lee), ("manager", lee, None)} <= set(named)
    assert mo not in {number for row in named for number in row[1:]}
