"""What a sync says of the past: from which day on which project's past is another."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update

from connector.protocol import Stream
from connector.records import (
    Change,
    ChangedField,
    ChangesRecord,
    ItemRecord,
    Membership,
    MilestoneRecord,
    StatusUpdateRecord,
    WorklogRecord,
)
from portfolio.model.base import FAR
from portfolio.model.oversight import HistoryDue
from portfolio.model.structure import Project
from portfolio.model.work import MilestoneVersion
from portfolio.store.engine import writing
from sync.mapping.profile import Profile
from sync.mapping.rules import Rules
from sync.write.ledger import Ledger
from sync.write.past import first_difference
from sync.write.retire import retire
from tests.once import Once
from tests.sync.builders import NOW, Tracker, at, item, person, project, rows
from tests.sync.fake_connector import raw

CREATED = date(2026, 1, 5)
OLD, NEW = "old", "new"


def _span(since: int, until: int | None, state: str) -> tuple[Any, ...]:
    return (date(2026, 1, since), FAR if until is None else date(2026, 1, until), 1, state)


@pytest.mark.parametrize(
    ("before", "after", "day"),
    [
        ([], [_span(5, None, OLD)], 5),
        ([_span(5, None, OLD)], [_span(5, None, OLD)], None),
        ([_span(5, None, OLD)], [_span(5, None, NEW)], 5),
        ([_span(5, None, OLD)], [_span(5, 9, OLD), _span(9, None, NEW)], 9),
        ([_span(5, 9, OLD), _span(9, None, NEW)], [_span(5, 7, OLD), _span(7, None, NEW)], 7),
        ([_span(5, 9, OLD)], [_span(5, None, OLD)], 9),
        ([_span(5, 9, OLD), _span(9, 12, NEW)], [_span(5, 9, OLD)], 9),
        ([_span(5, None, OLD)], [_span(3, None, OLD)], 3),
    ],
)
def test_the_first_day_that_differs(before: list[Any], after: list[Any], day: int | None) -> None:
    expected = None if day is None else date(2026, 1, day)
    assert first_difference(before, after) == first_difference(after, before) == expected


def below(parent: str, **fields: Any) -> ItemRecord:
    """A sub-task that is in no project of its own."""
    return item("3", parent_id=parent, memberships=(), kind_name="Sub-task", subtask=True, **fields)


@pytest.fixture
def company(engine: Engine, once: Once) -> Tracker:
    return once(engine, _company)


def _company(engine: Engine) -> Tracker:
    tracker = Tracker(engine)
    tracker.put(Stream.PROJECTS, project(), project("P2"))
    tracker.put(Stream.PEOPLE, person("a"))
    tracker.put(
        Stream.ITEMS,
        item("1", kind_name="Story"),
        item("2", parent_key="ONE-1", kind_name="Story"),
        below("2"),
        item("4", memberships=(Membership("P2"),), created=at("2026-02-02")),
    )
    tracker.sync()
    return tracker


def due(engine: Engine, *, forget: bool = True) -> dict[str, date]:
    """What is due, by the project's code; nothing is, afterwards."""
    codes = dict(rows(engine, Project, "id", "code"))
    found = {codes[ident]: day for ident, day in rows(engine, HistoryDue, "project_id", "from_day")}
    with writing(engine) as store:
        store.execute(delete(HistoryDue))
    return found


def test_all_of_a_new_project_is_due_and_nothing_after_a_sync_that_changes_nothing(
    company: Tracker, engine: Engine
) -> None:
    assert due(engine) == {"PRJ1": CREATED, "PRJ2": date(2026, 2, 2)}
    company.sync()
    assert due(engine) == {}


def test_what_changes_today_is_no_change_of_the_past(company: Tracker, engine: Engine) -> None:
    due(engine)
    moved = Change(at=NOW, field=ChangedField.DUE, old=None, new="2026-05-01")
    company.put(Stream.ITEMS, raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(moved,))), item("5", created=NOW))
    company.connector.replace(
        Stream.ITEMS,
        item("1", kind_name="Story", due=date(2026, 5, 1)),
        item("2", parent_key="ONE-1", kind_name="Story", title="Another title"),
        below("2", title="Another title"),
    )
    company.sync()
    # The first says since today that it has a history: it was known to have been as it is, and is now.
    assert due(engine) in ({}, {"PRJ1": CREATED})
    company.connector.replace(
        Stream.ITEMS, item("3", parent_id="2", memberships=(), kind_name="Sub-task", subtask=True)
    )
    company.sync()
    assert due(engine) == {}


def test_a_history_that_turns_out_another_is_due_from_the_day_that_differs(company: Tracker, engine: Engine) -> None:
    due(engine)
    moved = Change(at=at("2026-02-20"), field=ChangedField.DUE, old=None, new="2026-05-01")
    company.put(Stream.ITEMS, raw(Stream.CHANGES, ChangesRecord(item_id="4", changes=(moved,))))
    company.connector.replace(
        Stream.ITEMS, item("4", memberships=(Membership("P2"),), created=at("2026-02-02"), due=date(2026, 5, 1))
    )
    company.sync()
    assert due(engine).keys() == {"PRJ2"}


def test_an_item_that_hangs_elsewhere_changes_the_past_of_both_projects(company: Tracker, engine: Engine) -> None:
    due(engine)
    company.connector.replace(
        Stream.ITEMS, item("3", parent_id="4", memberships=(), kind_name="Sub-task", subtask=True)
    )
    company.sync()
    assert due(engine) == {"PRJ1": CREATED, "PRJ2": CREATED}


def test_time_spent_and_reports_are_of_their_days(company: Tracker, engine: Engine) -> None:
    due(engine)
    worklog = WorklogRecord(external_id="w", item_id="4", person_id="a", work_date=date(2026, 2, 20), seconds=60)
    report = StatusUpdateRecord(external_id="r", project_id="P1", status="on_track", title="", created=at("2026-02-25"))
    company.put(Stream.WORKLOGS, worklog).put(Stream.STATUS_UPDATES, report)
    company.sync()
    assert due(engine) == {"PRJ1": date(2026, 2, 25), "PRJ2": date(2026, 2, 20)}
    company.sync()
    assert due(engine) == {}


def version(**fields: Any) -> MilestoneRecord:
    return MilestoneRecord(
        **{"external_id": "1", "name": "Release", "project_id": "P1", "due": date(2026, 3, 1)} | fields
    )


@pytest.fixture
def dated(company: Tracker, engine: Engine) -> Tracker:
    """The company with a version that was read on an earlier day."""
    company.put(Stream.MILESTONES, version())
    company.sync()
    with writing(engine) as store:
        store.execute(update(MilestoneVersion).values(valid_from=CREATED))
    return company


def test_a_new_version_was_there_as_long_as_the_work(company: Tracker, engine: Engine) -> None:
    due(engine)
    company.put(Stream.MILESTONES, version())
    company.sync()
    assert due(engine) == {"PRJ1": CREATED}
    company.sync()
    assert due(engine) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"released": True}, {"PRJ1": date(2026, 3, 1)}),
        ({"due": date(2026, 3, 2)}, {}),
        ({"name": "Another name"}, {}),
        ({"archived": True}, {"PRJ1": CREATED}),
        ({"project_id": "P2"}, {"PRJ1": CREATED, "PRJ2": date(2026, 2, 2)}),
    ],
)
def test_what_is_said_of_a_version_changes_the_past(
    dated: Tracker, engine: Engine, fields: dict[str, Any], expected: dict[str, date]
) -> None:
    due(engine)
    dated.connector.replace(Stream.MILESTONES, version(**fields))
    dated.sync()
    assert due(engine) == expected


def test_of_the_first_due_date_that_was_read_it_is_said_that_it_was_so_before(company: Tracker, engine: Engine) -> None:
    company.put(Stream.MILESTONES, version())
    company.sync()
    due(engine)
    company.connector.replace(Stream.MILESTONES, version(due=date(2026, 3, 2)))
    company.sync()
    assert due(engine) == {"PRJ1": CREATED}


def test_a_version_that_is_gone_was_never_there(dated: Tracker, engine: Engine) -> None:
    due(engine)
    with writing(engine) as store:
        retire(store, Ledger(store, dated.id, Rules(Profile()), 1, NOW), Stream.MILESTONES, {"1": "gone"})
    assert due(engine) == {"PRJ1": CREATED}
