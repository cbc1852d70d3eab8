"""Runs: nothing torn, nothing lost, nothing written twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, event, insert, select, update

from connector.errors import FeatureAbsentError, ForbiddenError, MissingError, SignInError, TrackerDownError
from connector.protocol import RawRecord, Stream
from connector.records import Change, ChangedField, ChangesRecord
from portfolio.model.base import Base
from portfolio.model.landing import Cursor, MappingProfile, Quarantine
from portfolio.model.landing import RawRecord as Landed
from portfolio.model.oversight import KpiValue, SyncRun, SyncRunStream
from portfolio.model.structure import Project
from portfolio.model.work import Transition, WorkItem
from portfolio.store.engine import reading, writing
from sync.landing.raw import digest
from sync.run.pipeline import sync_connection
from tests.sync.builders import NOW, Tracker, at, item, rows
from tests.sync.fake_connector import raw, readers

OF_RUNS = {"sync_run", "sync_run_stream", "cursor", "kpi_value"}


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that do not tell of runs themselves."""
    with reading(engine) as store:
        return {
            table.name: [tuple(row) for row in store.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
            if table.name not in OF_RUNS
        }


def told(ident: str, *changes: Change) -> ChangesRecord:
    return ChangesRecord(item_id=ident, changes=changes)


def moved(when: str, old: str, new: str) -> Change:
    return Change(at=at(when), field=ChangedField.STATUS, old_text=old, new_text=new)


def test_first_sync_lands_and_maps_every_record(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(5)), slice="P1")
    summary = tracker.sync()
    assert (summary.state, summary.error) == ("done", None)
    assert msgspec.to_builtins(summary.streams["items"]) == {
        "fetched": 5,
        "unchanged": 0,
        "created": 5,
        "updated": 0,
        "quarantined": 0,
        "retired": 0,
        "slices": 1,
        "slices_done": 1,
        "note": None,
    }
    assert [key for (key,) in rows(tracker.engine, WorkItem, "key")] == [f"ONE-{n}" for n in range(5)]
    hashes = rows(tracker.engine, Landed, "stream", "external_id", "hash")
    assert ("items", "3", digest(raw(Stream.ITEMS, item("3")).payload)) in hashes
    assert rows(tracker.engine, SyncRunStream, "stream", "fetched", "created") == [("items", 5, 5), ("projects", 1, 1)]
    with reading(tracker.engine) as store:
        assert store.scalar(select(KpiValue.id).where(KpiValue.as_of == NOW.date()).limit(1)) is not None


def test_second_sync_changes_no_row(tracker: Tracker) -> None:
    history = told("1", moved("2026-01-10", "To Do", "In Progress"), moved("2026-01-12", "In Progress", "Done"))
    tracker.put(
        Stream.ITEMS,
        item("1", status_name="Done", status_id="9"),
        raw(Stream.CHANGES, history),
        item("2", parent_id="1"),
    )
    tracker.sync()
    before = everything(tracker.engine)
    writes: list[str] = []
    event.listen(
        tracker.engine, "before_cursor_execute", lambda *a: writes.append(a[2]) if " work_item" in a[2] else None
    )
    tracker.now += timedelta(hours=1)
    summary = tracker.sync()
    assert (summary.streams["items"].unchanged, summary.streams["changes"].unchanged) == (2, 1)
    assert everything(tracker.engine) == before
    assert [w for w in writes if w.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_changed_item_is_updated_and_its_children_replaced(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), raw(Stream.CHANGES, told("1")))
    tracker.sync()
    history = told("1", moved("2026-01-10", "To Do", "In Progress"))
    tracker.connector.replace(
        Stream.ITEMS, item("1", status_id=None, status_name="In Progress"), raw(Stream.CHANGES, history)
    )
    summary = tracker.sync()
    assert (summary.streams["items"].updated, summary.streams["changes"].updated) == (1, 1)
    assert rows(tracker.engine, WorkItem, "category", "started_on") == [("in_progress", at("2026-01-10").date())]
    assert rows(tracker.engine, Transition, "to_status") == [("In Progress",)]


@pytest.mark.parametrize("part", ["item", "changes"])
def test_item_and_history_are_mapped_together_when_only_one_changed(tracker: Tracker, part: str) -> None:
    first = told("1", moved("2026-01-10", "To Do", "In Progress"))
    doing = item("1", status_id=None, status_name="In Progress")
    tracker.put(Stream.ITEMS, doing, raw(Stream.CHANGES, first))
    tracker.sync()
    more = told("1", moved("2026-01-09", "Backlog", "To Do"), *first.changes)
    renamed = msgspec.structs.replace(doing, title="Renamed")
    tracker.connector.replace(Stream.ITEMS, renamed if part == "item" else raw(Stream.CHANGES, more))
    tracker.sync()
    turns = rows(tracker.engine, Transition, "from_status", "to_status")
    assert turns == [("Backlog", "To Do"), ("To Do", "In Progress")][-2 if part == "changes" else -1 :]
    assert rows(tracker.engine, WorkItem, "title") == [("Renamed" if part == "item" else "Item 1",)]


def test_duplicates_within_a_run_are_unchanged(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), item("1"), item("2"), slice="P1").put(Stream.ITEMS, item("1"), slice="P2")
    counts = tracker.sync(threads=1).streams["items"]
    assert (counts.fetched, counts.created, counts.unchanged) == (4, 2, 2)


class TornError(Exception):
    pass


def test_a_page_that_fails_half_way_leaves_nothing_and_its_cursor_stands(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), item("2"), item("3"), item("4"))
    tracker.connector.page_size = 500

    def tear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO item_version"):
            raise TornError

    event.listen(tracker.engine, "before_cursor_execute", tear)
    with pytest.raises(TornError):
        tracker.sync()
    event.remove(tracker.engine, "before_cursor_execute", tear)
    assert rows(tracker.engine, WorkItem) == []
    assert [stream for (stream,) in rows(tracker.engine, Landed, "stream")] == ["projects"]
    assert [stream for (stream,) in rows(tracker.engine, Cursor, "stream")] == ["projects"]
    assert rows(tracker.engine, SyncRun, "state", "error") == [("interrupted", "unexpected TornError")]
    assert tracker.sync().streams["items"].created == 4


def test_cursor_follows_the_pages_and_is_complete_at_the_end(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, *(item(str(n)) for n in range(5)), slice="P1")
    tracker.connector.trouble[Stream.ITEMS, "P1"] = (2, TrackerDownError("The tracker went away."))
    summary = tracker.sync()
    assert (summary.state, summary.error) == ("failed", "The tracker went away..")
    cursors = {row[0]: row[1:] for row in rows(tracker.engine, Cursor, "stream", "position", "completed_at", "mark")}
    assert cursors["items"] == ("4", None, None)
    assert cursors["projects"] == (None, NOW, None)
    assert len(rows(tracker.engine, WorkItem)) == 4
    tracker.connector.trouble.clear()
    summary = tracker.sync()
    assert (summary.streams["items"].unchanged, summary.streams["items"].created) == (4, 1)
    done = {row[0]: row[1:] for row in rows(tracker.engine, Cursor, "stream", "position", "completed_at")}
    assert done["items"] == (None, NOW)


def test_a_slice_out_of_reach_is_noted_and_the_run_goes_on(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), slice="P1").put(Stream.ITEMS, item("2"), slice="P2")
    tracker.connector.trouble[Stream.ITEMS, "P1"] = (
        0,
        ForbiddenError("The project is closed to us", remedy="Ask for access."),
    )
    summary = tracker.sync()
    assert summary.state == "partial"
    assert rows(tracker.engine, SyncRun, "state", "error") == [("partial", None)]
    assert summary.streams["items"].note == "P1: The project is closed to us. Ask for access."
    assert [key for (key,) in rows(tracker.engine, WorkItem, "key")] == ["ONE-2"]
    assert [name for stream, name in rows(tracker.engine, Cursor, "stream", "slice") if stream == "items"] == ["P2"]


def test_a_stream_out_of_reach_leaves_the_run_partial_too(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"))
    tracker.connector.trouble[Stream.PEOPLE, ""] = (0, MissingError("There is no list of people"))
    assert tracker.sync().state == "partial"
    tracker.connector.trouble.clear()
    assert tracker.sync().state == "done"


def test_a_feature_the_plan_does_not_include_is_only_noted(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"))
    tracker.connector.trouble[Stream.GOALS, ""] = (0, FeatureAbsentError("Goals are not in this plan"))
    summary = tracker.sync()
    assert (summary.state, summary.streams["goals"].note) == ("done", "Goals are not in this plan.")


def test_a_partial_run_leaves_nothing_undone_for_the_next(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), slice="P1")
    tracker.connector.trouble[Stream.ITEMS, "P2"] = (0, ForbiddenError("The project is closed to us"))
    tracker.connector.content[Stream.ITEMS]["P2"] = []
    assert tracker.sync().state == "partial"
    touched: list[str] = []
    event.listen(
        tracker.engine, "before_cursor_execute", lambda *a: touched.append(a[2]) if "INTO kpi_value" in a[2] else None
    )
    assert tracker.sync().state == "partial"
    assert touched == []


def test_refused_sign_in_ends_the_run_with_one_line(tracker: Tracker) -> None:
    tracker.connector.trouble[Stream.PROJECTS, ""] = (0, SignInError("The token was refused", remedy="Make a new one."))
    summary = tracker.sync()
    assert (summary.state, summary.error) == ("failed", "The token was refused. Make a new one.")
    assert rows(tracker.engine, SyncRun, "state", "error") == [("failed", "The token was refused. Make a new one.")]
    assert rows(tracker.engine, KpiValue) == []


def test_stopping_by_hand_marks_the_run(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"))
    tracker.connector.trouble[Stream.ITEMS, ""] = (0, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        tracker.sync()
    [(state, error)] = rows(tracker.engine, SyncRun, "state", "error")
    assert state == "interrupted"
    assert error.startswith("Stopped by hand")


def test_a_run_left_open_by_a_dead_process_is_marked(tracker: Tracker) -> None:
    with writing(tracker.engine) as store:
        row = {"connection_id": tracker.id, "mode": "full", "state": "running", "started_at": NOW - timedelta(days=1)}
        store.execute(insert(SyncRun).values(**row))
    tracker.sync()
    assert [state for (state,) in rows(tracker.engine, SyncRun, "state")] == ["interrupted", "done"]


def test_what_a_broken_run_left_undone_is_done_by_the_next(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1", parent_id="2"), item("2"))
    tracker.put(Stream.WORKLOGS)
    tracker.connector.trouble[Stream.WORKLOGS, ""] = (0, TrackerDownError("The tracker went away"))
    tracker.sync()
    assert rows(tracker.engine, KpiValue) == []
    tracker.connector.trouble.clear()
    assert tracker.sync().streams["items"].unchanged == 2
    assert dict(rows(tracker.engine, WorkItem, "external_id", "is_leaf")) == {"1": True, "2": False}
    assert rows(tracker.engine, KpiValue) != []


class TestQuarantine:
    def test_what_cannot_be_read_waits_with_a_reason_and_leaves_when_it_succeeds(self, tracker: Tracker) -> None:
        broken = RawRecord(Stream.ITEMS, "7", b'{"external_id": "7", "created": "yesterday"}')
        tracker.put(Stream.ITEMS, item("1"), broken)
        summary = tracker.sync()
        assert (summary.streams["items"].created, summary.streams["items"].quarantined) == (1, 1)
        [(ident, reason, first)] = rows(tracker.engine, Quarantine, "external_id", "reason", "first_seen_at")
        assert (ident, first) == ("7", NOW)
        assert reason == "Invalid RFC3339 encoded datetime - at `$.created`"
        tracker.now += timedelta(hours=1)
        assert tracker.sync().streams["items"].quarantined == 1
        assert rows(tracker.engine, Quarantine, "first_seen_at", "last_seen_at") == [(NOW, tracker.now)]
        tracker.connector.replace(Stream.ITEMS, item("7"))
        summary = tracker.sync()
        assert (summary.streams["items"].created, summary.streams["items"].quarantined) == (1, 0)
        assert rows(tracker.engine, Quarantine) == []

    def test_a_landed_record_that_goes_bad_keeps_its_rows_and_may_come_back(self, tracker: Tracker) -> None:
        tracker.put(Stream.ITEMS, item("1"))
        tracker.sync()
        tracker.connector.replace(Stream.ITEMS, RawRecord(Stream.ITEMS, "1", b"[]"))
        assert tracker.sync().streams["items"].quarantined == 1
        assert rows(tracker.engine, WorkItem, "title") == [("Item 1",)]
        tracker.connector.replace(Stream.ITEMS, item("1"))
        assert tracker.sync().streams["items"].unchanged == 1
        assert rows(tracker.engine, Quarantine) == []

    def test_a_record_without_an_id_is_kept_under_its_hash(self, tracker: Tracker) -> None:
        nameless = RawRecord(Stream.ITEMS, "", b'{"title": "no id"}')
        tracker.put(Stream.ITEMS, nameless, item("1"))
        for _ in range(2):
            assert tracker.sync().streams["items"].quarantined == 1
        found = rows(tracker.engine, Quarantine, "external_id", "reason")
        assert found == [(f"hash:{digest(nameless.payload).hex()}", "the record carries no id")]

    def test_a_record_without_an_id_leaves_when_it_is_not_met_again(self, tracker: Tracker) -> None:
        nameless = RawRecord(Stream.ITEMS, "", b'{"title": "no id"}')
        tracker.put(Stream.ITEMS, nameless, item("1"), slice="P1").put(Stream.ITEMS, item("2"), slice="P2").sync()
        tracker.connector.content[Stream.ITEMS]["P1"] = [raw(Stream.ITEMS, item("1"))]
        tracker.connector.trouble[Stream.ITEMS, "P2"] = (0, ForbiddenError("The project is closed to us"))
        tracker.sync()
        assert len(rows(tracker.engine, Quarantine)) == 1, "a stream that was not read whole vouches for nothing"
        tracker.connector.trouble.clear()
        tracker.sync()
        assert rows(tracker.engine, Quarantine) == []

    def test_an_unmappable_item_takes_its_history_along(self, tracker: Tracker) -> None:
        wild = item("1", due=at("1200-01-01").date())
        tracker.put(Stream.ITEMS, wild, raw(Stream.CHANGES, told("1")))
        summary = tracker.sync()
        assert summary.streams["changes"].quarantined == 1
        reasons = dict(rows(tracker.engine, Quarantine, "stream", "reason"))
        assert reasons["items"] == "the due date 1200-01-01 is outside of any plan"
        assert reasons["changes"].startswith("its item is in quarantine")

    def test_an_unreadable_history_does_not_cost_the_item(self, tracker: Tracker) -> None:
        tracker.put(Stream.ITEMS, item("1"), RawRecord(Stream.CHANGES, "1", b"null"))
        summary = tracker.sync()
        assert (summary.streams["items"].created, summary.streams["changes"].quarantined) == (1, 1)
        assert rows(tracker.engine, WorkItem, "synthetic") == [(True,)]


def test_profile_is_stored_once_and_again_when_the_catalogue_changes(tracker: Tracker) -> None:
    from connector.records import Category, StatusRecord

    tracker.put(Stream.STATUSES, StatusRecord(external_id="1", name="Somewhere", category=Category.TODO))
    tracker.put(Stream.ITEMS, item("1", status_id="1", status_name="Somewhere"))
    tracker.sync()
    tracker.sync()
    assert rows(tracker.engine, MappingProfile, "version") == [(1,)]
    tracker.connector.replace(Stream.STATUSES, StatusRecord(external_id="1", name="Somewhere", category=Category.DONE))
    assert tracker.sync().streams["items"].unchanged == 1
    assert rows(tracker.engine, MappingProfile, "version") == [(1,), (2,)]
    assert rows(tracker.engine, WorkItem, "category", "profile_version") == [("done", 2)]


def test_a_profile_change_that_a_failed_run_did_not_map_again_is_not_forgotten(tracker: Tracker) -> None:
    from connector.records import Category, StatusRecord

    tracker.put(Stream.STATUSES, StatusRecord(external_id="1", name="Somewhere", category=Category.TODO))
    tracker.put(Stream.ITEMS, item("1", status_id="1", status_name="Somewhere"))
    tracker.sync()
    tracker.connector.replace(Stream.STATUSES, StatusRecord(external_id="1", name="Somewhere", category=Category.DONE))
    tracker.connector.trouble[Stream.ITEMS, ""] = (0, TrackerDownError("The tracker went away"))
    assert tracker.sync().state == "failed"
    assert rows(tracker.engine, MappingProfile, "version") == [(1,), (2,)]
    tracker.connector.trouble.clear()
    assert tracker.sync().streams["items"].unchanged == 1
    assert rows(tracker.engine, WorkItem, "category", "profile_version") == [("done", 2)]
    mapped: list[str] = []
    event.listen(
        tracker.engine, "before_cursor_execute", lambda *a: mapped.append(a[2]) if "INTO work_item" in a[2] else None
    )
    tracker.sync()
    assert mapped == [], "what is mapped with the newest profile is not mapped again"


def test_progress_is_told_of_every_stream(tracker: Tracker) -> None:
    seen: list[tuple[str, Any]] = []

    class Told:
        def started(self, stream: Stream, slices: int) -> None:
            seen.append((f"{stream} starts", slices))

        def page(self, stream: Stream, counts: Any) -> None:
            seen.append((f"{stream} page", counts.fetched))

        def finished(self, stream: Stream) -> None:
            seen.append((f"{stream} ends", None))

    tracker.put(Stream.ITEMS, item("1"))
    tracker.sync(progress=Told())
    assert seen == [
        ("projects starts", 1),
        ("projects page", 1),
        ("projects ends", None),
        ("items starts", 1),
        ("items page", 1),
        ("items ends", None),
    ]


def test_admin_edits_of_a_project_survive_an_unchanged_sync(tracker: Tracker) -> None:
    tracker.sync()
    with writing(tracker.engine) as store:
        store.execute(update(Project).values(phase="closing"))
    tracker.sync()
    assert rows(tracker.engine, Project, "phase") == [("closing",)]


def test_run_on_an_unknown_connection_says_so(engine: Engine, tracker: Tracker) -> None:
    from sync.errors import UnknownConnectionError

    with pytest.raises(UnknownConnectionError, match="no connection 99"):
        sync_connection(engine, 99, tracker.connector, clock=lambda: NOW, readers=readers)
