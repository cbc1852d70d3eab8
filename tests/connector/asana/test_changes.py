"""What changed since a mark: by events while their token lives, else by what was modified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from connector.asana.connection import AsanaConnector
from connector.asana.marks import Mark, read_mark, write_mark
from connector.errors import ForbiddenError, StaleMarkError
from connector.protocol import Delta, Page, Stream
from simulator.asana import edits
from simulator.asana.workspace import Workspace
from simulator.faults import Fault, Faults
from tests.connector.asana.conftest import Opener
from tests.connector.asana.organisation import HARBOUR, LANTERN, STATUS


def now() -> datetime:
    """The simulator's time. Asked for anew each time: a suite may run for longer than a delta reaches back."""
    return datetime.now(UTC)


def by() -> dict[str, Any]:
    """Who edits, and when: now."""
    return {"at": now(), "by": "1"}


@pytest.fixture(params=["events", "modified"])
def way(request: pytest.FixtureRequest, quayside: Workspace) -> str:
    """How the connector may hear of changes; in both all that is there must come out the same."""
    quayside.events_allowed = request.param == "events"
    return request.param


def marks(connector: AsanaConnector, stream: Stream = Stream.ITEMS) -> dict[str, str]:
    """The marks of whole passes over all slices."""
    found: dict[str, str] = {}
    for slice in connector.slices(stream):
        pages = list(connector.pages(stream, slice))
        [mark] = {page.mark for page in pages}
        assert mark
        found[slice] = mark
    return found


def changes(connector: AsanaConnector, marks: dict[str, str]) -> dict[str, list[Page]]:
    """The pages of each slice's delta; `marks` go on to where it ended."""
    found: dict[str, list[Page]] = {}
    for delta in connector.deltas(Stream.ITEMS, dict(marks)):
        [slice] = delta.slices
        found[slice] = list(connector.changes(delta))
        assert [page.position is None for page in found[slice]] == [False] * (len(found[slice]) - 1) + [True]
        [mark] = {page.mark for page in found[slice]}
        assert mark
        marks[slice] = mark
    return found


def items(pages: list[Page]) -> list[str]:
    return [raw.external_id for page in pages for raw in page.records if raw.stream is Stream.ITEMS]


def gone(pages: list[Page]) -> set[str]:
    return {gid for page in pages for gid in page.gone}


def test_nothing_changed_costs_one_request_a_project(connect: Opener, faults: Faults) -> None:
    connector = connect()
    known = marks(connector)
    faults.forget()
    found = changes(connector, known)
    assert [(items(pages), gone(pages)) for pages in found.values()] == [([], set()), ([], set())]
    assert [(seen.path, seen.status) for seen in faults.log] == [("/api/1.0/events", 200)] * 2


def test_a_changed_task_comes_as_the_list_gives_it_with_its_history(
    connect: Opener, quayside: Workspace, faults: Faults, way: str
) -> None:
    connector = connect()
    known = marks(connector)
    edits.edit(quayside, "1006", due_on="2026-07-01", **by())
    edits.comment(quayside, "1006", "Later.", **by())
    found = changes(connector, known)
    assert (items(found[HARBOUR]), items(found[LANTERN])) == (["1006"], [])
    [page] = connect().pages(Stream.ITEMS, HARBOUR)
    records = [record for one in found[HARBOUR] for record in one.records]
    assert records == [record for record in page.records if record.external_id == "1006"]
    assert [record.stream for record in records] == [Stream.ITEMS, Stream.CHANGES]
    if way == "events":
        assert items(changes(connector, known)[HARBOUR]) == []


def test_a_new_subtask_comes_with_its_parent(connect: Opener, quayside: Workspace, way: str) -> None:
    connector = connect()
    known = marks(connector)
    gid = edits.create_task(quayside, "Grease the hinge", parent="1006", **by())
    below = edits.create_task(quayside, "Buy grease", parent=gid, **by())
    found = items(changes(connector, known)[HARBOUR])
    assert {gid, below} <= set(found) <= {"1006", gid, below}
    assert found.index(gid) < found.index(below)


def test_a_changed_subtask_comes_although_its_parent_did_not_change(
    connect: Opener, quayside: Workspace, way: str
) -> None:
    connector = connect()
    known = marks(connector)
    edits.complete(quayside, "1002", **by())
    edits.complete(quayside, "1005", **by())
    found = changes(connector, known)
    assert (items(found[HARBOUR]), items(found[LANTERN])) == (["1002"], ["1005"])


def test_a_task_of_two_projects_comes_once(connect: Opener, quayside: Workspace, way: str) -> None:
    connector = connect()
    known = marks(connector)
    edits.assign(quayside, "1003", "3", **by())
    found = changes(connector, known)
    assert (items(found[HARBOUR]), items(found[LANTERN])) == ([], ["1003"])
    assert gone(found[HARBOUR]) == gone(found[LANTERN]) == set()


def test_a_task_that_leaves_its_first_project_counts_to_the_next(
    connect: Opener, quayside: Workspace, way: str
) -> None:
    connector = connect()
    known = marks(connector)
    edits.remove_from_project(quayside, "1003", LANTERN, **by())
    found = changes(connector, known)
    assert (items(found[HARBOUR]), items(found[LANTERN])) == (["1003"], [])
    assert gone(found[LANTERN]) == set()


def test_a_task_moved_to_another_project_comes_there_with_all_below_it(
    connect: Opener, quayside: Workspace, way: str
) -> None:
    connector = connect()
    known = marks(connector)
    edits.move_to_project(quayside, "1000", HARBOUR, LANTERN, **by())
    found = changes(connector, known)
    assert items(found[HARBOUR]) == []
    assert {"1000", "1001", "1002"} <= set(items(found[LANTERN]))
    assert len(items(found[LANTERN])) == len(set(items(found[LANTERN])))
    assert gone(found[HARBOUR]) == gone(found[LANTERN]) == set()


def test_a_task_moved_between_sections_comes(connect: Opener, quayside: Workspace, way: str) -> None:
    connector = connect()
    known = marks(connector)
    edits.move_to_section(quayside, "1006", HARBOUR, "5300", **by())
    assert items(changes(connector, known)[HARBOUR]) == ["1006"]


def test_a_subtask_put_below_another_task_comes_with_all_below_it(
    connect: Opener, quayside: Workspace, way: str
) -> None:
    connector = connect()
    known = marks(connector)
    edits.reparent(quayside, "1001", "1003", **by())
    found = changes(connector, known)
    assert {"1001", "1002"} <= set(items(found[LANTERN]))
    assert not {"1001", "1002"} & set(items(found[HARBOUR]))
    assert not gone(found[HARBOUR]) & {"1001", "1002"}


def test_a_task_that_leaves_all_followed_projects_is_gone_with_all_below_it(
    connect: Opener, quayside: Workspace
) -> None:
    connector = connect(scope=(HARBOUR,))
    known = marks(connector)
    edits.move_to_project(quayside, "1000", HARBOUR, LANTERN, **by())
    found = changes(connector, known)[HARBOUR]
    assert items(found) == []
    assert {"1000", "1001", "1002"} <= gone(found)


def test_deleted_tasks_are_gone_and_come_back(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    known = marks(connector)
    trash = edits.delete_task(quayside, "1000", **by())
    found = changes(connector, known)
    assert gone(found[HARBOUR]) >= {"1000", "1001", "1002"}
    assert items(found[HARBOUR]) == []
    edits.undelete_task(quayside, trash, **by())
    back = changes(connector, known)[HARBOUR]
    assert set(items(back)) == {"1000", "1001", "1002"}
    assert gone(back) == set()


def test_a_task_deleted_and_taken_out_of_the_trash_between_two_passes_is_there(
    connect: Opener, quayside: Workspace
) -> None:
    connector = connect()
    known = marks(connector)
    edits.undelete_task(quayside, edits.delete_task(quayside, "1006", **by()), **by())
    found = changes(connector, known)[HARBOUR]
    assert (items(found), gone(found)) == (["1006"], set())


def test_more_events_than_one_answer_holds_are_read_to_their_end(
    connect: Opener, quayside: Workspace, faults: Faults
) -> None:
    connector = connect()
    known = marks(connector)
    for number in range(120):
        edits.create_task(quayside, f"Bollard {number}", project=HARBOUR, **by())
    faults.forget()
    found = changes(connector, known)
    assert len(set(items(found[HARBOUR]))) == len(items(found[HARBOUR])) == 120
    assert max(len(page.records) for page in found[HARBOUR]) <= 200
    assert len(faults.seen(f"/events\\?resource={HARBOUR}")) > 1
    assert items(changes(connector, known)[HARBOUR]) == []


@pytest.mark.parametrize("when", ["before", "in the middle"])
def test_an_expired_token_is_said_and_nothing_is_read(
    connect: Opener, quayside: Workspace, faults: Faults, when: str
) -> None:
    connector = connect()
    known = marks(connector)
    for number in range(120):
        edits.comment(quayside, "1006", f"Note {number}", **by())
    if when == "before":
        edits.expire_sync_tokens(quayside)
    else:
        body = '{"sync":"fresh","errors":[{"message":"Sync token invalid or too old."}]}'
        faults.add(Fault(path="/events\\?.*sync=", status=412, body=body, skip=1))
    [delta] = [one for one in connector.deltas(Stream.ITEMS, known) if one.slices == (HARBOUR,)]
    pages = connector.changes(delta)
    with pytest.raises(StaleMarkError):
        next(pages)
    faults.clear()
    again = marks(connector)
    edits.complete(quayside, "1006", **by())
    assert items(changes(connector, again)[HARBOUR]) == ["1006"]


def test_without_events_only_what_was_modified_or_may_have_been_is_read_whole(
    connect: Opener, quayside: Workspace, faults: Faults
) -> None:
    quayside.events_allowed = False
    connector = connect()
    known = marks(connector)
    assert all(mark and mark.sync is None for mark in map(read_mark, known.values()))
    faults.forget()
    found = changes(connector, known)
    assert [(items(pages), gone(pages)) for pages in found.values()] == [([], set()), ([], set())]
    assert faults.seen("/stories") == []


def test_when_events_come_into_reach_the_next_mark_goes_on_from_them(
    connect: Opener, quayside: Workspace, faults: Faults
) -> None:
    quayside.events_allowed = False
    connector = connect()
    known = marks(connector)
    quayside.events_allowed = True
    edits.complete(quayside, "1006", **by())
    assert items(changes(connector, known)[HARBOUR]) == ["1006"]
    faults.forget()
    assert items(changes(connector, known)[HARBOUR]) == []
    assert [seen.path for seen in faults.log] == ["/api/1.0/events"] * 2


def test_when_events_go_out_of_reach_the_mark_s_instant_serves(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    known = marks(connector)
    quayside.events_allowed = False
    edits.complete(quayside, "1002", **by())
    assert items(changes(connector, known)[HARBOUR]) == ["1002"]


def test_lists_whose_offset_expires_lose_nothing(connect: Opener, quayside: Workspace, faults: Faults) -> None:
    quayside.events_allowed = False
    connector = connect(page_size=1)
    known = marks(connector)
    for gid in ("1000", "1006", "1002"):
        edits.complete(quayside, gid, **by())
    faults.add(Fault(path="/tasks\\?.*offset=", status=400, count=1))
    assert set(items(changes(connector, known)[HARBOUR])) >= {"1000", "1006", "1002"}


def test_a_project_that_was_hidden_is_out_of_reach(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    known = marks(connector)
    edits.hide(quayside, HARBOUR)
    [delta] = [one for one in connector.deltas(Stream.ITEMS, known) if one.slices == (HARBOUR,)]
    with pytest.raises(ForbiddenError):
        list(connector.changes(delta))


def test_a_mark_that_cannot_be_read_asks_for_the_whole_slice(connect: Opener) -> None:
    connector = connect()
    assert connector.deltas(Stream.ITEMS, {HARBOUR: "", LANTERN: "{}"}) == ()
    assert connector.deltas(Stream.PEOPLE, {"100": write_mark(Mark(now()))}) == ()
    with pytest.raises(StaleMarkError):
        list(connector.changes(Delta(Stream.ITEMS, (HARBOUR,), "nonsense")))


def test_a_clock_that_was_set_back_asks_for_the_whole_slice(connect: Opener, quayside: Workspace) -> None:
    quayside.events_allowed = False
    ahead = write_mark(Mark(now() + timedelta(hours=2)))
    with pytest.raises(StaleMarkError, match="clock"):
        list(connect().changes(Delta(Stream.ITEMS, (HARBOUR,), ahead)))


def test_a_subtask_is_gone_when_the_task_above_it_is_hidden(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    known = marks(connector)
    edits.complete(quayside, "1001", **by())
    edits.hide(quayside, "1000")
    found = changes(connector, known)[HARBOUR]
    assert (items(found), gone(found)) == ([], {"1000", "1001"} & gone(found))
    assert "1001" in gone(found)


def test_a_custom_field_s_change_is_heard(connect: Opener, quayside: Workspace, way: str) -> None:
    connector = connect()
    known = marks(connector)
    edits.set_custom_value(quayside, "1006", STATUS, "511", **by())
    assert items(changes(connector, known)[HARBOUR]) == ["1006"]


def test_an_event_of_another_shape_costs_no_other(connect: Opener, faults: Faults) -> None:
    connector = connect()
    known = marks(connector)
    odd = ["nothing", {"resource": 5}, {"action": "changed", "resource": {"gid": "1006", "resource_type": "task"}}]
    body = msgspec.json.encode({"data": odd, "sync": "next", "has_more": False}).decode()
    faults.add(Fault(path=f"/events\\?resource={HARBOUR}", status=200, body=body))
    found = changes(connector, known)
    assert items(found[HARBOUR]) == ["1006"]
    assert read_mark(known[HARBOUR]).sync == "next"  # type: ignore[union-attr]


def test_effort_is_read_over_a_moving_window(connect: Opener, quayside: Workspace, faults: Faults) -> None:
    connector = connect()
    known = marks(connector, Stream.WORKLOGS)
    today = now().date()
    recent = edits.book_time(quayside, "1000", 60, today - timedelta(days=50), project=HARBOUR, **by())
    older = edits.book_time(quayside, "1000", 30, today - timedelta(days=70), project=HARBOUR, **by())
    [delta] = connector.deltas(Stream.WORKLOGS, known)
    assert delta.tells_gone is False
    [page] = connector.changes(delta)
    found = {record.external_id for record in page.records}
    assert recent in found
    assert older not in found
    assert page.position is None
    assert page.mark
    whole = {record.external_id for page in connector.pages(Stream.WORKLOGS, "100") for record in page.records}
    assert {recent, older} <= whole


def test_effort_of_a_scope_is_asked_by_project(connect: Opener, quayside: Workspace, faults: Faults) -> None:
    connector = connect(scope=(HARBOUR,))
    known = marks(connector, Stream.WORKLOGS)
    [delta] = connector.deltas(Stream.WORKLOGS, known)
    faults.forget()
    assert list(connector.changes(delta))
    [seen] = faults.log
    assert f"attributable_to={HARBOUR}" in seen.query
    assert "entered_on_start_date" in seen.query


def test_a_task_that_cannot_be_read_is_left_to_the_reader(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    known = marks(connector)
    edits.complete(quayside, "1006", **by())
    quayside.tasks["1006"]["num_subtasks"] = "many"
    found = changes(connector, known)[HARBOUR]
    assert items(found) == ["1006"]
