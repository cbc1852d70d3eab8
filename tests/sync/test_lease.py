"""One run of a connection at a time, whatever process it is in."""

from __future__ import annotations

import contextlib
import platform
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert, select, update

from connector.errors import TrackerDownError
from connector.protocol import Page, Stream
from portfolio.model.landing import Cursor
from portfolio.model.landing import Lease as Row
from portfolio.model.oversight import SyncRun
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from sync.errors import BusyError, LostLeaseError
from sync.run.lease import TERM, Heartbeat, Lease, is_dead, this_process
from tests.sync.builders import NOW, Tracker, item, rows
from tests.sync.fake_connector import FakeConnector


def another_holds(tracker: Tracker) -> int:
    """Another process's run, and its lease. Its run id."""
    with writing(tracker.engine) as store:
        row = {"connection_id": tracker.id, "mode": "full", "state": "running", "started_at": NOW}
        run_id = store.execute(insert(SyncRun).values(**row).returning(SyncRun.id)).scalar_one()
        store.execute(
            insert(Row).values(connection_id=tracker.id, owner="elsewhere", run_id=run_id, expires_at=NOW + TERM)
        )
    return run_id


def states(tracker: Tracker) -> list[str]:
    return [state for (state,) in rows(tracker.engine, SyncRun, "state")]


class Meanwhile(FakeConnector):
    """Does something between the first and the second page of items."""

    def __init__(self, inner: FakeConnector, act: Any) -> None:
        super().__init__(page_size=1)
        self.content, self.trouble = inner.content, inner.trouble
        self.act = act
        self.written = threading.Event()

    def pages(self, stream: Stream, slice: str = "", position: str | None = None) -> Iterator[Page]:
        for number, page in enumerate(super().pages(stream, slice, position)):
            if stream is Stream.ITEMS and number == 1:
                assert self.written.wait(timeout=30)
                self.act()
            yield page

    # As a Progress: told when a page is committed.
    def started(self, stream: Stream, slices: int) -> None: ...

    def page(self, stream: Stream, counts: Any) -> None:
        if stream is Stream.ITEMS:
            self.written.set()

    def finished(self, stream: Stream) -> None: ...


def interrupted_by(tracker: Tracker, act: Any) -> Any:
    tracker.put(Stream.ITEMS, item("1"), item("2"), item("3"), slice="P1")
    meanwhile = Meanwhile(tracker.connector, act)
    tracker.connector = meanwhile
    return lambda: tracker.sync(threads=1, progress=meanwhile)


def test_a_second_run_does_not_start_while_one_is_under_way(tracker: Tracker) -> None:
    refused: list[str] = []

    def start_another() -> None:
        before = rows(tracker.engine, SyncRun)
        second = Tracker.__new__(Tracker)
        second.engine, second.id, second.now, second.connector = tracker.engine, tracker.id, NOW, FakeConnector()
        with pytest.raises(BusyError) as busy:
            second.sync()
        refused.append(str(busy.value))
        assert rows(tracker.engine, SyncRun) == before

    assert interrupted_by(tracker, start_another)().state == "done"
    [said] = refused
    assert said.startswith("connection 'one' is being synced by another process since 2026-03-02 09:00 UTC (")
    assert states(tracker) == ["done"]
    assert len(rows(tracker.engine, WorkItem)) == 3
    assert rows(tracker.engine, Row) == [], "a run that ended lets go"


def test_a_live_foreign_lease_is_respected(tracker: Tracker) -> None:
    another_holds(tracker)
    with pytest.raises(BusyError, match="since 2026-03-02 09:00 UTC \\(elsewhere\\)"):
        tracker.sync()
    assert states(tracker) == ["running"]


def test_a_lease_over_its_term_is_taken_over_and_only_then_is_its_run_interrupted(tracker: Tracker) -> None:
    another_holds(tracker)
    tracker.now = NOW + TERM - timedelta(seconds=1)
    with pytest.raises(BusyError):
        tracker.sync()
    tracker.now = NOW + TERM
    assert tracker.sync().state == "done"
    assert states(tracker) == ["interrupted", "done"]


def test_a_dead_process_of_this_machine_keeps_nobody_waiting(tracker: Tracker) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    another_holds(tracker)
    with writing(tracker.engine) as store:
        store.execute(update(Row).values(owner=f"{platform.node()}, process {int(gone.stdout)}"))
    assert tracker.sync().state == "done"
    assert states(tracker) == ["interrupted", "done"]


def test_only_a_process_of_this_machine_can_be_known_to_be_dead() -> None:
    assert not is_dead(this_process())
    assert not is_dead("elsewhere, process 999999999")
    assert not is_dead(f"{platform.node()}, process 99999999999999999999999999")
    assert not is_dead("elsewhere")


def test_other_connections_are_not_kept_waiting(tracker: Tracker, engine: Engine) -> None:
    another_holds(tracker)
    assert Tracker(engine, "two").put(Stream.ITEMS).sync().state == "done"


def test_a_run_that_lost_its_lease_stops_and_writes_nothing_more(tracker: Tracker) -> None:
    def lose() -> None:
        with writing(tracker.engine) as store:
            store.execute(Row.__table__.update().values(run_id=999, owner="elsewhere"))

    with pytest.raises(LostLeaseError, match="took over the sync of connection 'one'"):
        interrupted_by(tracker, lose)()
    assert [ident for (ident,) in rows(tracker.engine, WorkItem, "external_id")] == ["1"]
    assert [
        position for stream, position in rows(tracker.engine, Cursor, "stream", "position") if stream == "items"
    ] == ["1"]
    [(state, error)] = rows(tracker.engine, SyncRun, "state", "error")
    assert state == "interrupted"
    assert error.startswith("another process took over")
    assert rows(tracker.engine, Row, "run_id") == [(999,)], "the other's lease is left alone"


def test_every_committed_page_renews_the_lease(tracker: Tracker) -> None:
    seen: list[Any] = []

    def look() -> None:
        seen.extend(rows(tracker.engine, Row, "expires_at"))
        tracker.now = NOW + timedelta(seconds=50)

    interrupted_by(tracker, look)()
    tracker.put(Stream.WORKLOGS)
    assert seen == [(NOW + TERM,)]
    renewed: list[Any] = []

    def later(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("UPDATE lease SET expires_at"):
            renewed.append(statement)

    event.listen(tracker.engine, "before_cursor_execute", later)
    tracker.sync()
    event.remove(tracker.engine, "before_cursor_execute", later)
    assert len(renewed) >= len(tracker.connector.content), "each stream has at least one page"


@pytest.mark.parametrize("error", [TrackerDownError("The tracker went away"), KeyboardInterrupt(), RuntimeError()])
def test_a_run_that_ends_badly_lets_go_too(tracker: Tracker, error: BaseException) -> None:
    tracker.connector.trouble[Stream.ITEMS, ""] = (0, error)
    with contextlib.suppress(KeyboardInterrupt, RuntimeError):
        tracker.sync()
    assert rows(tracker.engine, Row) == []
    tracker.connector.trouble.clear()
    assert tracker.sync().state == "done"


def test_a_thread_renews_the_lease_while_nothing_arrives(tracker: Tracker) -> None:
    run_id = another_holds(tracker)
    later, renewed = NOW + timedelta(seconds=40), threading.Event()
    event.listen(tracker.engine, "commit", lambda connection: renewed.set())
    with Heartbeat(tracker.engine, Lease(tracker.id, "one", run_id), lambda: later, every_s=0.001):
        assert renewed.wait(timeout=30)
    with reading(tracker.engine) as store:
        assert store.scalar(select(Row.expires_at)) == later + TERM


def test_the_thread_ends_when_the_lease_is_lost(tracker: Tracker) -> None:
    run_id = another_holds(tracker)
    heartbeat = Heartbeat(tracker.engine, Lease(tracker.id, "one", run_id + 1), lambda: NOW, every_s=0.001)
    with heartbeat:
        heartbeat._thread.join(timeout=30)
        assert not heartbeat._thread.is_alive()
    assert rows(tracker.engine, Row, "expires_at") == [(NOW + TERM,)]


def test_a_lease_let_go_of_just_when_its_owner_is_asked_for_is_taken(engine: Engine) -> None:
    """Where other processes write meanwhile (PostgreSQL), the row may be gone between two statements."""
    tracker = Tracker(engine)
    another_holds(tracker)
    letting_go = iter([True])

    def let_go(store: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT lease.owner") and next(letting_go, False):
            store.exec_driver_sql("DELETE FROM lease")

    event.listen(engine, "before_cursor_execute", let_go)
    with writing(engine) as store:
        values = {"connection_id": tracker.id, "mode": "full", "state": "running", "started_at": NOW}
        run_id = store.execute(insert(SyncRun).values(**values).returning(SyncRun.id)).scalar_one()
        Lease(tracker.id, "one", run_id).acquire(store, NOW)
    assert rows(engine, Row, "run_id") == [(run_id,)]
