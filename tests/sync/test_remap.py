"""The run that maps anew what is landed: asked for by an approval, under the lease, stopped, broken off, taken up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from connector.protocol import Stream
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Connection, RunRequest
from portfolio.model.oversight import SyncRun, SyncRunStream
from portfolio.store.engine import reading, writing
from sync import versions
from sync.connections import enable_connection
from sync.errors import BusyError
from sync.landing import raw as landing
from sync.mapping.document import Mapping, ProfileRules
from sync.progress import Silent, StreamCounts
from sync.run import remapping
from sync.schedule.requests import remap_wanted, request_remap, waiting
from tests.sync.builders import NOW, Tracker, item, rows

LATER = NOW + timedelta(minutes=5)


def approve(engine: Engine, name: str = "standard") -> int:
    """Put some mapping in force. Returns its number."""
    with writing(engine) as store:
        draft = versions.begin(store, LATER, "ada", COMMAND)
        mapping = Mapping(profiles={name: ProfileRules()})
        changed = versions.change(store, draft.id, draft.revision, mapping, LATER, "ada", COMMAND)
        done = versions.approve(store, changed.id, changed.revision, LATER, "ada", COMMAND)
    assert done.number is not None
    return done.number


def numbers(engine: Engine) -> list[tuple[int | None]]:
    return rows(engine, Connection, "mapping_number")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records at a time."""
    for module in (landing, remapping):
        monkeypatch.setattr(module, "CHUNK", 2)


class AtPage(Silent):
    """Does something once, when the first page is done."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act: Callable[[], object] | None = act

    def page(self, stream: Stream, counts: StreamCounts) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


def test_an_approval_asks_for_it_wherever_something_is_landed(
    engine: Engine, tracker: Tracker, trackers: Callable[[str], Tracker]
) -> None:
    trackers("empty")
    off = trackers("off")
    for each in (tracker, off):
        each.put(Stream.ITEMS, item("1")).sync()
    enable_connection(engine, off.id, False, NOW, COMMAND)
    approve(engine)
    with reading(engine) as store:
        assert [(each.connection_id, each.mode, each.asked_by) for each in waiting(store)] == [
            (tracker.id, "remap", "ada"),
            (off.id, "remap", "ada"),
        ]


def test_it_is_a_run_that_is_told_of_and_takes_the_mapping_up(
    engine: Engine, tracker: Tracker, small_chunks: None
) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(5))).sync()
    number = approve(engine)
    assert numbers(engine) == [(None,)]
    done = tracker.remap()
    counts = done.streams["items"]
    assert (done.state, done.mode, counts.fetched, counts.unchanged) == ("done", "remap", 5, 5)
    assert rows(engine, SyncRun, "mode", "state")[-1] == ("remap", "done")
    assert rows(engine, SyncRunStream, "run_id", "stream", "slices", "slices_done")[-1][1:] == ("items", 3, 3)
    assert numbers(engine) == [(number,)]
    assert rows(engine, RunRequest) == []


def test_it_waits_for_the_lease(engine: Engine, tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1")).sync()
    approve(engine)
    met: list[type[Exception]] = []

    def meanwhile() -> None:
        try:
            tracker.remap()
        except BusyError as error:
            met.append(type(error))

    tracker.remap(progress=AtPage(meanwhile))
    assert met == [BusyError]


def test_what_is_approved_while_it_runs_is_asked_for_still(engine: Engine, tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1")).sync()
    first = approve(engine)
    tracker.now = LATER + timedelta(minutes=1)

    def again() -> None:
        with writing(engine) as store:
            versions.rollback(store, versions.DEFAULTS, tracker.now, "ada", COMMAND)

    tracker.remap(progress=AtPage(again))
    assert numbers(engine) == [(first,)]
    with reading(engine) as store:
        assert remap_wanted(store, tracker.id) is not None
    tracker.remap()
    assert numbers(engine) == [(first + 1,)]
    assert rows(engine, RunRequest) == []


def test_stopped_between_two_batches_the_next_run_of_any_kind_takes_it_up(
    engine: Engine, tracker: Tracker, small_chunks: None
) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(5))).sync()
    number = approve(engine)
    stopped: list[str] = []
    done = tracker.remap(progress=AtPage(lambda: stopped.append("bea")), stop=lambda: next(iter(stopped), None))
    assert (done.state, done.streams["items"].fetched) == ("cancelled", 2)
    assert numbers(engine) == [(None,)]
    tracker.sync()
    assert numbers(engine) == [(number,)]
    assert rows(engine, RunRequest) == []


def test_broken_off_it_is_asked_for_still(engine: Engine, tracker: Tracker, small_chunks: None) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(5))).sync()
    number = approve(engine)

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tracker.remap(progress=AtPage(die))
    assert rows(engine, SyncRun, "state")[-1] == ("interrupted",)
    with reading(engine) as store:
        assert remap_wanted(store, tracker.id) is not None
    assert tracker.remap().state == "done"
    assert numbers(engine) == [(number,)]


def test_a_connection_that_begins_under_a_mapping_maps_nothing_twice(
    engine: Engine, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = approve(engine)
    monkeypatch.setattr("sync.run.streams.remap_landed", pytest.fail)
    tracker.put(Stream.ITEMS, item("1")).sync()
    assert numbers(engine) == [(number,)]
    assert tracker.sync().streams["items"].unchanged == 1


def test_asked_for_under_the_same_mapping_it_is_done_all_the_same(engine: Engine, tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1")).sync()
    with writing(engine) as store:
        request_remap(store, [tracker.id], "ada", LATER)
    assert tracker.remap().streams["items"].fetched == 1
    assert rows(engine, RunRequest) == []
