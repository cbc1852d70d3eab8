"""Histories that come beside an item whose own claims to be whole: the fuller one counts, on arrival and ever after."""

from __future__ import annotations

from datetime import timedelta

from connector.protocol import Stream
from connector.records import Change, ChangedField, ChangesRecord, ItemRecord
from portfolio.model.work import FieldChange, Transition
from tests.sync.builders import Tracker, at, item, rows
from tests.sync.fake_connector import raw


def moves(count: int) -> tuple[Change, ...]:
    """So many changes of the due date, a day apart, after one of the status."""
    began = Change(at=at("2026-01-06"), field=ChangedField.STATUS, old_text="To Do", new_text="In Progress")
    due = at("2026-03-01")
    later = (
        Change(
            at=at("2026-01-07") + timedelta(days=n),
            field=ChangedField.DUE,
            old=(due + timedelta(days=n)).date().isoformat(),
            new=(due + timedelta(days=n + 1)).date().isoformat(),
        )
        for n in range(count - 1)
    )
    return (began, *later)


def claiming(changes: tuple[Change, ...]) -> ItemRecord:
    """An item whose embedded history says that it is whole."""
    return item("1", status_id=None, status_name="In Progress", changes=ChangesRecord(item_id="1", changes=changes))


def known(tracker: Tracker) -> tuple[int, int]:
    return len(rows(tracker.engine, Transition)), len(rows(tracker.engine, FieldChange))


def test_an_embedded_history_that_only_claims_to_be_whole_is_not_believed(tracker: Tracker) -> None:
    full = moves(25)
    tracker.put(Stream.ITEMS, claiming(full[5:]), raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=full))).sync()
    assert known(tracker) == (1, 24)
    tracker.remap()
    assert known(tracker) == (1, 24)


def test_a_history_alone_that_grew_is_taken_up(tracker: Tracker) -> None:
    full = moves(25)
    cut = claiming(full[5:])
    tracker.put(Stream.ITEMS, cut, raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=full[1:]))).sync()
    assert known(tracker) == (0, 24)
    tracker.connector.replace(Stream.ITEMS, raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=full)))
    tracker.sync()
    assert known(tracker) == (1, 24)


def test_an_embedded_history_that_outgrew_the_landed_one_counts(tracker: Tracker) -> None:
    first, more = moves(20), moves(21)
    tracker.put(Stream.ITEMS, claiming(first), raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=first))).sync()
    assert known(tracker) == (1, 19)
    # No longer of a length that is in doubt, so the connector sends it embedded only.
    tracker.connector.content[Stream.ITEMS][""] = [raw(Stream.ITEMS, claiming(more))]
    tracker.sync()
    assert known(tracker) == (1, 20)
    tracker.remap()
    assert known(tracker) == (1, 20)
