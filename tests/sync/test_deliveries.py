"""Deliveries: kept, taken together, done, forgotten; and whom they keep waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from connector.protocol import Stream
from connector.records import SprintRecord
from connector.webhooks import Notice
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Cursor, Delivery
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from sync.connections import enable_connection
from sync.hooks import deliveries
from sync.hooks.deliveries import KEPT, REST
from sync.modes import Mode
from tests.sync.builders import NOW, Tracker, item, rows


def keep(tracker: Tracker, ident: str, *items: str, streams: tuple[Stream, ...] = ()) -> None:
    with writing(tracker.engine) as store:
        deliveries.keep(store, tracker.id, ident, Notice(items, streams), tracker.now)


def test_what_waits_is_taken_together_and_each_thing_once(tracker: Tracker) -> None:
    keep(tracker, "a", "1", "2")
    keep(tracker, "b", "2", "3", streams=(Stream.WORKLOGS,))
    keep(tracker, "b", "4")
    keep(tracker, "c", streams=(Stream.WORKLOGS, Stream.SPRINTS))
    batch = deliveries.take(tracker.engine, tracker.id)
    assert batch is not None
    assert batch.items == ("1", "2", "3")
    assert batch.streams == {Stream.WORKLOGS, Stream.SPRINTS}
    assert len(batch.deliveries) == 3
    assert deliveries.waiting(tracker.engine, NOW) == (tracker.id,)

    keep(tracker, "d", "5")
    deliveries.done(tracker.engine, batch.deliveries, NOW)
    rest = deliveries.take(tracker.engine, tracker.id)
    assert rest is not None
    assert rest.items == ("5",)
    deliveries.done(tracker.engine, rest.deliveries, NOW)
    assert deliveries.take(tracker.engine, tracker.id) is None
    assert deliveries.waiting(tracker.engine, NOW) == ()


def test_a_delivery_that_is_done_is_known_for_a_week(tracker: Tracker) -> None:
    keep(tracker, "a", "1")
    batch = deliveries.take(tracker.engine, tracker.id)
    assert batch is not None
    deliveries.done(tracker.engine, batch.deliveries, NOW)
    keep(tracker, "a", "1")
    assert deliveries.take(tracker.engine, tracker.id) is None
    deliveries.done(tracker.engine, (), NOW + KEPT)
    assert rows(tracker.engine, Delivery) == []


def test_one_that_waits_is_never_forgotten(tracker: Tracker) -> None:
    keep(tracker, "a", "1")
    deliveries.done(tracker.engine, (), NOW + 10 * KEPT)
    assert deliveries.waiting(tracker.engine, NOW + 10 * KEPT) == (tracker.id,)


@pytest.mark.parametrize(
    ("state", "cause", "ago", "waits"),
    [
        ("failed", "webhook", timedelta(0), False),
        ("cancelled", "webhook", timedelta(minutes=4), False),
        ("failed", "webhook", REST, True),
        ("failed", "schedule", timedelta(0), True),
        ("done", "webhook", timedelta(0), True),
    ],
)
def test_after_a_bad_end_there_is_a_rest(tracker: Tracker, state: str, cause: str, ago: timedelta, waits: bool) -> None:
    keep(tracker, "a", "1")
    row = {"connection_id": tracker.id, "mode": "named", "state": state, "cause": cause}
    with writing(tracker.engine) as store:
        store.execute(insert(SyncRun).values(**row, started_at=NOW - ago, finished_at=NOW - ago))
    assert (deliveries.waiting(tracker.engine, NOW) == (tracker.id,)) is waits


def test_a_connection_at_rest_keeps_its_deliveries(tracker: Tracker, engine: Engine) -> None:
    keep(tracker, "a", "1")
    enable_connection(engine, tracker.id, False, NOW, COMMAND)
    assert deliveries.waiting(engine, NOW) == ()
    enable_connection(engine, tracker.id, True, NOW, COMMAND)
    assert deliveries.waiting(engine, NOW) == (tracker.id,)


def test_a_list_that_a_notice_names_is_read_by_the_next_incremental_run(tracker: Tracker) -> None:
    tracker.put(Stream.SPRINTS, SprintRecord(external_id="7", name="Seven", state="active"))
    tracker.put(Stream.LINK_TYPES).put(Stream.ITEMS, item("1"), slice="P1").sync()
    assert "sprints" not in tracker.sync(mode=Mode.INCREMENTAL).streams
    deliveries.make_due(tracker.engine, tracker.id, [Stream.SPRINTS, Stream.WORKLOGS])
    read = tracker.sync(mode=Mode.INCREMENTAL).streams
    assert "sprints" in read
    assert "link_types" not in read
    assert all(at is not None for (at,) in rows(tracker.engine, Cursor, "completed_at"))
