"""A database that goes away in the middle of a page: nothing is lost, nothing is written twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, event

from connector.protocol import Stream
from portfolio.model.people import PersonIdentity
from portfolio.model.work import WorkItem
from portfolio.store.errors import DatabaseAway, DatabaseLocked, StoreError
from sync.run import work
from tests.sync.builders import Tracker, item, person, rows


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "PAUSES_S", (0.0, 0.0))


class Fails:
    """Has the database fail at the n-th insert of item versions and the next ones, so many times."""

    def __init__(self, engine: Engine, error: StoreError, *, first: int, times: int) -> None:
        self.error, self.first, self.left, self.seen = error, first, times, 0
        event.listen(engine, "before_cursor_execute", self)

    def __call__(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO item_version"):
            self.seen += 1
            if self.seen >= self.first and self.left:
                self.left -= 1
                raise self.error


@pytest.mark.parametrize("error", [DatabaseAway("it is away", "Wait."), DatabaseLocked("it is busy", "Wait.")])
def test_a_page_the_database_could_not_take_is_written_again(tracker: Tracker, error: StoreError) -> None:
    people = [person(f"u{n}") for n in range(6)]
    given = [item(str(n), assignee_id=f"u{n}", people=(people[n],)) for n in range(6)]
    tracker.put(Stream.ITEMS, *given)
    tracker.connector.page_size = 3
    fails = Fails(tracker.engine, error, first=1, times=2)
    summary = tracker.sync(threads=1)
    assert (summary.state, fails.left) == ("done", 0)
    assert summary.streams["items"].created == 6
    assert [row for (row,) in rows(tracker.engine, WorkItem, "assignee_id") if row is None] == []
    # Who was met in the page that was rolled back is known just once.
    assert len(rows(tracker.engine, PersonIdentity)) == 6


def test_a_database_that_stays_away_ends_the_run_and_the_next_goes_on(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(6)))
    fails = Fails(tracker.engine, DatabaseAway("it is away", "Wait."), first=1, times=3)
    with pytest.raises(DatabaseAway):
        tracker.sync(threads=1)
    assert (fails.left, rows(tracker.engine, WorkItem)) == (0, [])
    assert tracker.sync().streams["items"].created == 6
