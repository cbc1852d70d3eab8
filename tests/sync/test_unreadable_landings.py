"""Landed payloads that a reader took on an earlier day and refuses now: left out, with the run going on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connector.protocol import RawRecord, Reader, Stream
from connector.records import Category, FieldRecord, StatusRecord
from portfolio.model.oversight import SyncRun
from portfolio.model.work import WorkItem
from portfolio.store.engine import writing
from sync.landing.raw import Hashed, digest, land
from sync.run.pipeline import sync_connection
from tests.sync.builders import NOW, Tracker, item, rows

REFUSED = b'{"an": "older shape"}'


def spoil(tracker: Tracker, stream: Stream, ident: str = "old") -> None:
    """Land a payload that the reader refuses, as one of an earlier version of the reader would have left it."""
    with writing(tracker.engine) as store:
        land(store, tracker.id, [Hashed(RawRecord(stream, ident, REFUSED), digest(REFUSED))], NOW - timedelta(days=9))


@pytest.mark.parametrize("stream", [Stream.FIELDS, Stream.STATUSES, Stream.PROJECTS, Stream.PORTFOLIOS])
def test_a_run_leaves_out_what_cannot_be_read_any_more(tracker: Tracker, stream: Stream) -> None:
    spoil(tracker, stream)
    known = StatusRecord(external_id="1", name="Somewhere", category=Category.DONE)
    tracker.put(Stream.STATUSES, known).put(Stream.ITEMS, item("1", status_name="Somewhere"))
    assert tracker.sync().state == "done"
    assert rows(tracker.engine, WorkItem, "category") == [("done",)]


def test_mapping_again_leaves_out_what_cannot_be_read_any_more(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), item("2")).sync()
    for stream in (Stream.FIELDS, Stream.PROJECTS, Stream.PORTFOLIOS, Stream.STATUS_UPDATES):
        spoil(tracker, stream)
    spoil(tracker, Stream.CHANGES, "1")
    done = tracker.remap().streams["items"]
    assert (done.fetched, done.quarantined) == (2, 0)


def test_a_run_that_breaks_before_its_first_request_is_not_left_running(tracker: Tracker) -> None:
    def refuse(address: str, fields: Sequence[FieldRecord], wanted: Sequence[str]) -> Reader:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        sync_connection(tracker.engine, tracker.id, tracker.connector, clock=lambda: NOW, readers=refuse)
    assert rows(tracker.engine, SyncRun, "state", "error") == [("interrupted", "unexpected RuntimeError")]
