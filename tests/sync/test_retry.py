"""Trying quarantined records again without asking the tracker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from connector.protocol import Stream
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Absence, Cursor, Quarantine
from portfolio.model.landing import Lease as LeaseRow
from portfolio.model.oversight import SyncRun
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from sync.errors import BusyError, UnknownConnectionError
from sync.retry import Retried, retry
from sync.run.lease import TERM
from tests.sync.builders import NOW, Tracker, item, rows
from tests.sync.fake_connector import readers

LATER = NOW + timedelta(hours=1)


class Strict:
    """The fake tracker's reader, which takes some ids for nonsense until it has learned better."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)

    def __call__(self, *given: Any) -> Any:
        inner, refused = readers(*given), self.refused

        class Reader:
            def read(self, raw: Any) -> Any:
                if raw.external_id in refused:
                    raise ValueError(f"the points of an item are no number: {len(refused)}")
                return inner.read(raw)

        return Reader()


def again(tracker: Tracker, reading_with: Any = readers, **which: Any) -> Retried:
    return retry(tracker.engine, tracker.id, clock=lambda: LATER, by=COMMAND, readers=reading_with, **which)


def held(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, Quarantine, "external_id", "reason", "last_seen_at")


@pytest.fixture
def quarantined(tracker: Tracker) -> Tracker:
    """Three items, of which two could not be read."""
    tracker.put(Stream.ITEMS, item("1"), item("2", title="Two"), item("3"), slice="P1")
    tracker.sync(readers=Strict("2", "3"))
    assert [row[0] for row in held(tracker.engine)] == ["2", "3"]
    return tracker


def test_what_can_be_read_by_now_is_an_item_and_leaves(quarantined: Tracker) -> None:
    engine = quarantined.engine
    cursors, runs = rows(engine, Cursor), rows(engine, SyncRun)
    assert again(quarantined) == Retried(2, 2, 0)
    assert held(engine) == []
    assert {title for (title,) in rows(engine, WorkItem, "title")} == {"Item 1", "Two", "Item 3"}
    # The tracker was not asked, and nothing says that it was.
    assert rows(engine, Cursor) == cursors
    assert rows(engine, SyncRun) == runs
    assert rows(engine, LeaseRow) == []
    assert again(quarantined) == Retried(0, 0, 0)


def test_what_still_cannot_be_read_gets_its_new_reason_and_keeps_when_it_came(quarantined: Tracker) -> None:
    assert again(quarantined, Strict("2")) == Retried(2, 1, 0)
    assert held(quarantined.engine) == [("2", "the points of an item are no number: 1", NOW)]


def test_one_record_or_one_reason_at_a_time(quarantined: Tracker) -> None:
    with reading(quarantined.engine) as store:
        first = store.scalar(select(Quarantine.id).where(Quarantine.external_id == "2"))
    with writing(quarantined.engine) as store:
        store.execute(update(Quarantine).where(Quarantine.external_id == "3").values(reason="another"))
    assert again(quarantined, reason="another").tried == 1
    assert [row[0] for row in held(quarantined.engine)] == ["2"]
    assert again(quarantined, held_id=first) == Retried(1, 1, 0)


def test_a_run_under_way_is_not_disturbed(quarantined: Tracker) -> None:
    with writing(quarantined.engine) as store:
        lease = {"connection_id": quarantined.id, "owner": "elsewhere", "run_id": 9, "expires_at": LATER + TERM}
        store.execute(insert(LeaseRow).values(**lease))
    with pytest.raises(BusyError):
        again(quarantined)
    assert len(held(quarantined.engine)) == 2
    assert [run for (run,) in rows(quarantined.engine, LeaseRow, "run_id")] == [9]


def test_what_has_no_id_or_is_gone_in_the_tracker_is_left_out(quarantined: Tracker) -> None:
    with writing(quarantined.engine) as store:
        nameless = {"reason": "no id", "payload": b"", "first_seen_at": NOW, "last_seen_at": NOW, "stream": "items"}
        store.execute(
            insert(Quarantine).values(connection_id=quarantined.id, external_id="hash:00", run_id=1, **nameless)
        )
        gone = {"stream": "items", "external_id": "2", "observed_at": NOW}
        store.execute(insert(Absence).values(connection_id=quarantined.id, **gone))
    assert again(quarantined) == Retried(1, 1, 2)
    assert [row[0] for row in held(quarantined.engine)] == ["2", "hash:00"]


def test_a_payload_that_cannot_be_unpacked_stays(quarantined: Tracker) -> None:
    with writing(quarantined.engine) as store:
        store.execute(update(Quarantine).where(Quarantine.external_id == "2").values(payload=b"broken"))
    assert again(quarantined) == Retried(2, 1, 0)
    assert [row[0] for row in held(quarantined.engine)] == ["2"]


def test_a_connection_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(UnknownConnectionError):
        retry(engine, 77, clock=lambda: LATER, by=COMMAND, readers=readers)
