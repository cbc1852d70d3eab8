"""What each kind of run reads, and what becomes of what is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select

from connector.errors import ForbiddenError, TrackerDownError
from connector.protocol import RawRecord, Stream
from connector.records import Membership, SprintRecord, WorklogRecord
from portfolio.audit.entry import COMMAND
from portfolio.facts.numbers import numbers
from portfolio.model.landing import Absence, Cursor, Hold, Quarantine, SliceCount
from portfolio.model.landing import RawRecord as Landed
from portfolio.model.oversight import SyncRun
from portfolio.model.work import ItemVersion, Sprint, WorkItem, Worklog
from portfolio.store.engine import reading
from sync import holds
from sync.modes import Mode
from tests.once import Once
from tests.sync.builders import NOW, Tracker, item, project, rows
from tests.sync.changing_connector import ChangingConnector
from tests.sync.test_run import everything


@pytest.fixture
def company(engine: Engine, once: Once) -> Tracker:
    """Two projects with five items each, read once."""
    return once(engine, _company)


def _company(engine: Engine) -> Tracker:
    made = Tracker(engine)
    made.connector = ChangingConnector()
    made.put(Stream.PROJECTS, project("P1"), project("P2"))
    connector(made).edit(*(item(str(n)) for n in range(5)))
    connector(made).edit(*(item(str(n), memberships=in_project("P2")) for n in range(5, 10)), slice="P2")
    made.sync(mode=Mode.INCREMENTAL)
    connector(made).asked.clear()
    return made


def in_project(name: str) -> tuple[Membership, ...]:
    return (Membership(name),)


def sprint(ident: str) -> SprintRecord:
    return SprintRecord(external_id=ident, name=f"Sprint {ident}", state="active")


def worklog(ident: str) -> WorklogRecord:
    return WorklogRecord(external_id=ident, item_id="1", work_date=NOW.date(), seconds=60)


def connector(tracker: Tracker) -> ChangingConnector:
    assert isinstance(tracker.connector, ChangingConnector)
    return tracker.connector


def states(tracker: Tracker) -> dict[str, str | None]:
    """The fate of each item that is not live."""
    return {
        ident: gone for ident, gone, at in rows(tracker.engine, WorkItem, "external_id", "gone", "deleted_at") if at
    }


def test_the_first_run_reads_everything_and_the_next_what_changed(company: Tracker) -> None:
    connector(company).edit(item("3", title="Renamed"))
    counts = company.sync(mode=Mode.INCREMENTAL).streams["items"]
    assert (counts.fetched, counts.updated, counts.slices, counts.slices_done) == (1, 1, 2, 2)
    assert connector(company).asked == ["projects::", "changes:P1,P2:10"]
    assert ("Renamed",) in rows(company.engine, WorkItem, "title")
    assert {mark for stream, mark in rows(company.engine, Cursor, "stream", "mark") if stream == "items"} == {"11"}


def test_lists_of_reference_are_read_again_after_an_hour(company: Tracker) -> None:
    company.put(Stream.SPRINTS, sprint("7"))
    company.sync(mode=Mode.INCREMENTAL)
    connector(company).asked.clear()
    company.now += timedelta(minutes=59)
    company.sync(mode=Mode.INCREMENTAL)
    assert "sprints::" not in connector(company).asked
    company.now += timedelta(minutes=1)
    company.sync(mode=Mode.INCREMENTAL)
    assert "sprints::" in connector(company).asked


def test_a_project_met_for_the_first_time_is_read_whole(company: Tracker) -> None:
    company.put(Stream.PROJECTS, project("P3"))
    connector(company).edit(item("20", memberships=in_project("P3")), slice="P3")
    company.sync(mode=Mode.INCREMENTAL)
    assert connector(company).asked[-2:] == ["items:P3:", "changes:P1,P2:10"] or "items:P3:" in connector(company).asked
    assert len(rows(company.engine, WorkItem)) == 11


def test_a_mark_that_is_too_old_has_the_slices_read_whole(company: Tracker) -> None:
    connector(company).edit(item("3", title="Renamed"))
    connector(company).reach = 99
    summary = company.sync(mode=Mode.INCREMENTAL)
    assert (summary.state, summary.streams["items"].fetched, summary.streams["items"].updated) == ("done", 10, 1)
    assert summary.streams["items"].slices_done == 2


def test_a_pass_that_was_broken_off_goes_on_and_keeps_the_mark_of_its_beginning(engine: Engine) -> None:
    tracker = Tracker(engine)
    made = tracker.connector = ChangingConnector()
    tracker.put(Stream.PROJECTS, project("P1"))
    made.edit(*(item(str(n)) for n in range(5)))
    made.trouble[Stream.ITEMS, "P1"] = (2, TrackerDownError("The tracker went away"))
    assert tracker.sync(mode=Mode.INCREMENTAL).state == "failed"
    made.trouble.clear()
    # Changed in a page that was read before the break.
    made.content[Stream.ITEMS]["P1"][0] = made.content[Stream.ITEMS]["P1"][0]
    made.edits += 1
    made.changed["0"] = made.edits
    made.asked.clear()
    assert tracker.sync(mode=Mode.INCREMENTAL).streams["items"].fetched == 1
    assert "items:P1:4" in made.asked
    marks = [mark for stream, mark in rows(engine, Cursor, "stream", "mark") if stream == "items"]
    assert marks == ["5"]
    assert tracker.sync(mode=Mode.INCREMENTAL).streams["items"].fetched == 1


def test_a_quiet_tracker_has_nothing_written(company: Tracker) -> None:
    company.sync(mode=Mode.CENSUS)
    before = everything(company.engine)
    company.now += timedelta(minutes=5)
    for mode in (Mode.INCREMENTAL, Mode.INCREMENTAL, Mode.FULL):
        company.sync(mode=mode)
    assert everything(company.engine) == before


def test_a_deleted_item_is_observed_asked_for_and_kept_in_history(company: Tracker) -> None:
    company.now += timedelta(days=3)
    connector(company).remove("3")
    assert company.sync(mode=Mode.INCREMENTAL).state == "done"
    assert states(company) == {}
    summary = company.sync(mode=Mode.CENSUS)
    assert summary.streams["items"].retired == 1
    assert states(company) == {"3": "deleted"}
    (fate,) = rows(company.engine, Absence, "stream", "external_id", "verdict", "why", "applied_at")
    assert fate == ("items", "3", "deleted", "Gone.", company.now)
    with reading(company.engine) as store:
        (ident,) = store.scalars(select(WorkItem.id).where(WorkItem.external_id == "3"))
        ends = store.scalars(select(ItemVersion.valid_to).where(ItemVersion.item_id == ident)).all()
        assert max(ends) == company.now.date()
        open_items = {day: sum(n["open_items"] for n in numbers(store, day).values()) for day in days(company)}
    assert list(open_items.values()) == [10, 9]
    assert rows(company.engine, Landed, "external_id", "retired_at").count(("3", company.now)) == 1


def days(tracker: Tracker) -> tuple[object, ...]:
    return tracker.now.date() - timedelta(days=1), tracker.now.date()


def test_what_is_counted_is_what_was_kept_in_the_end(company: Tracker) -> None:
    connector(company).remove("3")
    company.sync(mode=Mode.CENSUS)
    assert rows(company.engine, SliceCount, "slice", "told", "listed", "kept") == [("P1", 4, 4, 4), ("P2", 5, 5, 5)]


def test_an_item_that_comes_back_is_as_if_it_had_never_gone(company: Tracker) -> None:
    before = rows(company.engine, ItemVersion)
    kept = next(entry for entry in connector(company).content[Stream.ITEMS]["P1"] if entry.external_id == "3")
    connector(company).remove("3")
    company.sync(mode=Mode.CENSUS)
    connector(company).content[Stream.ITEMS]["P1"].append(kept)
    # Its time of change is old: only the census can tell that it is there again.
    company.sync(mode=Mode.INCREMENTAL)
    assert states(company) == {"3": "deleted"}
    company.sync(mode=Mode.CENSUS)
    assert states(company) == {}
    assert rows(company.engine, ItemVersion) == before
    assert rows(company.engine, Absence) == []


def test_a_full_run_retires_what_it_did_not_meet(company: Tracker) -> None:
    connector(company).remove("3", "7")
    assert company.sync(mode=Mode.FULL).streams["items"].retired == 2
    assert states(company) == {"3": "deleted", "7": "deleted"}


def test_items_of_a_project_out_of_sight_were_not_deleted(company: Tracker) -> None:
    del connector(company).content[Stream.ITEMS]["P2"]
    connector(company).content[Stream.PROJECTS][""].pop()
    company.sync(mode=Mode.CENSUS)
    assert states(company) == dict.fromkeys("56789", "access_lost")


def test_a_slice_that_cannot_be_read_retires_nothing(company: Tracker) -> None:
    connector(company).content[Stream.ITEMS]["P2"].clear()
    connector(company).trouble[Stream.ITEMS, "P2"] = (0, ForbiddenError("The account may not see this"))
    assert company.sync(mode=Mode.FULL).state == "partial"
    assert states(company) == {}


def test_too_much_missing_at_once_is_held_until_a_person_decides(company: Tracker) -> None:
    connector(company).edit(*(item(str(n)) for n in range(100, 130)))
    company.sync(mode=Mode.CENSUS)
    connector(company).remove(*(str(n) for n in range(100, 120)))
    summary = company.sync(mode=Mode.CENSUS)
    assert (summary.state, summary.held) == ("done", 20)
    assert states(company) == {}
    assert rows(company.engine, Hold, "missing", "total", "decision") == [(20, 40, None)]
    # A decision about another number than there is now decides nothing.
    assert not holds.decide(company.engine, company.id, approve=True, name="ada", by=COMMAND, now=NOW, shown=19)
    # Without a decision it stays so, and a rejection has the next census look again.
    assert company.sync(mode=Mode.CENSUS).held == 20
    assert holds.decide(company.engine, company.id, approve=False, name="ada", by=COMMAND, now=NOW)
    assert rows(company.engine, Absence) == []
    assert company.sync(mode=Mode.CENSUS).held == 20
    assert holds.decide(company.engine, company.id, approve=True, name="ada", by=COMMAND, now=NOW)
    summary = company.sync(mode=Mode.INCREMENTAL)
    assert (summary.held, summary.streams["items"].retired, len(states(company))) == (0, 20, 20)
    assert rows(company.engine, Hold) == []
    assert not holds.decide(company.engine, company.id, approve=True, name="ada", by=COMMAND, now=NOW)


def test_an_approval_of_some_is_none_of_many_more(company: Tracker) -> None:
    connector(company).edit(*(item(str(n)) for n in range(100, 160)))
    company.sync(mode=Mode.CENSUS)
    connector(company).remove(*(str(n) for n in range(100, 120)))
    company.sync(mode=Mode.CENSUS)
    holds.decide(company.engine, company.id, approve=True, name="ada", by=COMMAND, now=NOW)
    connector(company).remove(*(str(n) for n in range(120, 150)))
    assert company.sync(mode=Mode.CENSUS).held == 50
    assert states(company) == {}


def test_what_is_back_before_a_decision_is_held_no_more(company: Tracker) -> None:
    connector(company).edit(*(item(str(n)) for n in range(100, 130)))
    company.sync(mode=Mode.CENSUS)
    kept = list(connector(company).content[Stream.ITEMS]["P1"])
    connector(company).remove(*(str(n) for n in range(100, 130)))
    assert company.sync(mode=Mode.CENSUS).held == 30
    connector(company).content[Stream.ITEMS]["P1"][:] = kept
    assert company.sync(mode=Mode.CENSUS).held == 0
    assert rows(company.engine, Absence) == rows(company.engine, Hold) == []


def test_the_census_finds_what_no_delta_told_of(company: Tracker) -> None:
    connector(company).edit(item("30"))
    connector(company).changed["30"] = 0
    company.sync(mode=Mode.INCREMENTAL)
    assert len(rows(company.engine, WorkItem)) == 10
    assert company.sync(mode=Mode.CENSUS).streams["items"].created == 1
    assert rows(company.engine, SliceCount, "slice", "told", "listed", "kept") == [("P1", 6, 6, 6), ("P2", 5, 5, 5)]


def test_a_project_that_comes_back_is_read_whole(company: Tracker) -> None:
    kept = dict(connector(company).content[Stream.ITEMS])
    listed = list(connector(company).content[Stream.PROJECTS][""])
    del connector(company).content[Stream.ITEMS]["P2"]
    connector(company).content[Stream.PROJECTS][""].pop()
    company.sync(mode=Mode.CENSUS)
    assert len(states(company)) == 5
    connector(company).content |= {Stream.ITEMS: kept, Stream.PROJECTS: {"": listed}}
    company.sync(mode=Mode.INCREMENTAL)
    assert states(company) == {}


def test_what_waits_in_quarantine_and_is_gone_leaves_it(company: Tracker) -> None:
    bad = RawRecord(Stream.ITEMS, "66", b'{"external_id": 66}')
    connector(company).content[Stream.ITEMS]["P1"].append(bad)
    connector(company).changed["66"] = 99
    assert company.sync(mode=Mode.INCREMENTAL).streams["items"].quarantined == 1
    company.sync(mode=Mode.CENSUS)
    assert rows(company.engine, Quarantine, "external_id") == [("66",)]
    connector(company).remove("66")
    company.sync(mode=Mode.CENSUS)
    assert rows(company.engine, Quarantine, "external_id") == []


def test_records_that_left_a_list_leave_the_portfolio(company: Tracker) -> None:
    company.put(Stream.SPRINTS, sprint("7"), sprint("8")).put(Stream.WORKLOGS, worklog("1"), worklog("2"))
    company.sync(mode=Mode.CENSUS)
    for stream in (Stream.SPRINTS, Stream.WORKLOGS):
        connector(company).content[stream][""].pop()
    assert company.sync(mode=Mode.FULL).streams["sprints"].retired == 1
    # A worklog may be unlisted for a minute because it was changed.
    company.now += timedelta(minutes=2)
    assert company.sync(mode=Mode.INCREMENTAL).streams["worklogs"].retired == 1
    assert rows(company.engine, Sprint, "external_id") == [("7",)]
    assert rows(company.engine, Worklog, "external_id") == [("1",)]


def test_what_the_tracker_says_is_gone_is_retired_at_once(company: Tracker) -> None:
    company.put(Stream.WORKLOGS, worklog("1"), worklog("2"))
    company.sync(mode=Mode.INCREMENTAL)
    connector(company).gone[Stream.WORKLOGS] = ("2", "never heard of")
    assert company.sync(mode=Mode.INCREMENTAL).streams["worklogs"].retired == 1
    assert rows(company.engine, Worklog, "external_id") == [("1",)]


def test_a_rumour_that_an_item_is_gone_is_asked_after(company: Tracker) -> None:
    connector(company).gone[Stream.ITEMS] = ("2", "3", "never heard of")
    connector(company).remove("2")
    company.sync(mode=Mode.INCREMENTAL)
    assert states(company) == {"2": "deleted"}


def test_items_by_name_are_brought_up_to_date_alone(company: Tracker) -> None:
    connector(company).edit(item("3", title="Renamed"), item("4", title="Also renamed"))
    connector(company).remove("2")
    summary = company.sync(mode=Mode.NAMED, ids=("3", "2", "2", "unheard of"), cause="webhook")
    assert (summary.streams["items"].fetched, summary.streams["items"].retired) == (1, 1)
    titles = [title for (title,) in rows(company.engine, WorkItem, "title")]
    assert "Renamed" in titles
    assert "Also renamed" not in titles
    assert states(company) == {"2": "deleted"}
    assert rows(company.engine, SyncRun, "mode", "cause")[-1] == ("named", "webhook")
    assert connector(company).asked == []
    # The next pass still has what was named too.
    assert company.sync(mode=Mode.INCREMENTAL).streams["items"].updated == 1


def test_a_run_stops_between_batches_when_asked(company: Tracker) -> None:
    connector(company).edit(item("3", title="Renamed"))
    summary = company.sync(mode=Mode.INCREMENTAL, stop=lambda: "ada")
    assert (summary.state, summary.error) == (
        "cancelled",
        "stopped by ada. What was committed is kept; the next run goes on from there.",
    )
    assert company.sync(mode=Mode.INCREMENTAL).state == "done"
    assert ("Renamed",) in rows(company.engine, WorkItem, "title")


def test_a_dry_run_counts_everything_and_writes_nothing(engine: Engine) -> None:
    tracker = Tracker(engine)
    tracker.connector = ChangingConnector()
    tracker.put(Stream.PROJECTS, project("P1"))
    connector(tracker).edit(*(item(str(n)) for n in range(5)))
    counts = tracker.sync(mode=Mode.INCREMENTAL, dry_run=True).streams["items"]
    assert (counts.fetched, counts.created) == (5, 5)
    assert rows(engine, WorkItem) == rows(engine, SyncRun) == rows(engine, Cursor) == rows(engine, Landed) == []
    assert tracker.sync(mode=Mode.INCREMENTAL).streams["items"].created == 5
    connector(tracker).remove("3")
    assert tracker.sync(mode=Mode.CENSUS, dry_run=True).streams["items"].retired == 1
    assert states(tracker) == {}


def test_a_first_run_tells_the_database_as_its_tables_fill(engine: Engine) -> None:
    tracker = Tracker(engine)
    tracker.connector = ChangingConnector(page_size=100)
    tracker.put(Stream.PROJECTS, project("P1"))
    connector(tracker).edit(*(item(str(n)) for n in range(1_200)))
    looked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("ANALYZE"):
            looked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    tracker.sync(mode=Mode.INCREMENTAL)
    event.remove(engine, "before_cursor_execute", note)
    # How many pages are written at once is a matter of chance; that it looks again and again is not.
    assert len(looked) in ((1, 2) if engine.dialect.name == "postgresql" else (0,))
