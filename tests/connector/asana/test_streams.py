"""Every stream of the connector, against the simulated Asana over real HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connector.asana.connection import AsanaConnector
from connector.asana.reader import AsanaReader
from connector.protocol import Page, RawRecord, Stream
from connector.records import FieldRole, PortfolioRecord, TeamRecord
from simulator.asana.workspace import Workspace
from simulator.faults import Fault, Faults
from tests.connector.asana.conftest import Opener
from tests.connector.asana.organisation import ESTIMATE, HARBOUR, LANTERN, PRIORITY, STATUS, ref, task

ADDRESS = "https://app.asana.com/api/1.0"


def all_pages(connector: AsanaConnector, stream: Stream) -> list[Page]:
    return [page for slice in connector.slices(stream) for page in connector.pages(stream, slice)]


def raws(connector: AsanaConnector, stream: Stream) -> list[RawRecord]:
    return [record for page in all_pages(connector, stream) for record in page.records]


def read(connector: AsanaConnector, stream: Stream) -> dict[str, Any]:
    """The stream's records by id; the histories that come with items are read too, and left out."""
    reader = AsanaReader(ADDRESS, (), ())
    records = [(raw, reader.read(raw)) for raw in raws(connector, stream)]
    return {raw.external_id: record for raw, record in records if raw.stream is stream}


def test_streams_come_in_landing_order_without_changes(connect: Opener) -> None:
    streams = connect().streams()
    assert list(streams) == [stream for stream in Stream if stream in streams]
    assert Stream.CHANGES not in streams
    assert {Stream.ITEMS, Stream.WORKLOGS, Stream.PORTFOLIOS, Stream.TIME_OFF} <= set(streams)


def test_every_record_of_every_stream_can_be_read(connect: Opener) -> None:
    connector = connect()
    counts = {stream: len(read(connector, stream)) for stream in connector.streams()}
    assert counts == {
        Stream.PEOPLE: 3,
        Stream.TEAMS: 1,
        Stream.FIELDS: 3,
        Stream.PROJECTS: 2,
        Stream.SECTIONS: 4,
        Stream.PORTFOLIOS: 2,
        Stream.GOALS: 1,
        Stream.STATUS_UPDATES: 1,
        Stream.ALLOCATIONS: 2,
        Stream.TIME_OFF: 1,
        Stream.ITEMS: 7,
        Stream.WORKLOGS: 2,
    }


def test_the_last_page_of_a_slice_has_no_position_and_an_empty_slice_has_one_page(connect: Opener) -> None:
    connector = connect()
    for stream in connector.streams():
        for slice in connector.slices(stream):
            positions = [page.position for page in connector.pages(stream, slice)]
            assert positions[-1] is None, stream
            assert None not in positions[:-1], stream
    [empty] = connector.pages(Stream.STATUS_UPDATES, LANTERN)
    assert empty.records == ()


def test_records_are_the_bytes_asana_sent(connect: Opener, faults: Faults) -> None:
    odd = '{"gid" :  "77","name":"Two\u00a0words",  "duration":1.50e2}'
    faults.add(
        Fault(path=f"/projects/{HARBOUR}/sections", status=200, body='{"data":[ ' + odd + ' ],"next_page":null}')
    )
    [page] = connect().pages(Stream.SECTIONS, HARBOUR)
    assert page.records == (RawRecord(Stream.SECTIONS, "77", odd.encode()),)


def test_a_task_in_two_projects_comes_once_from_its_first_project(connect: Opener) -> None:
    connector = connect()
    by_slice = {
        slice: [
            r.external_id
            for page in connector.pages(Stream.ITEMS, slice)
            for r in page.records
            if r.stream is Stream.ITEMS
        ]
        for slice in connector.slices(Stream.ITEMS)
    }
    assert by_slice == {HARBOUR: ["1000", "1006", "1001", "1002"], LANTERN: ["1003", "1004", "1005"]}


def test_a_scope_moves_a_shared_task_to_the_project_that_is_followed(connect: Opener) -> None:
    connector = connect(scope=(HARBOUR,))
    assert connector.slices(Stream.ITEMS) == (HARBOUR,)
    [page] = connector.pages(Stream.ITEMS, HARBOUR)
    items = [record.external_id for record in page.records if record.stream is Stream.ITEMS]
    # 1004 is a subtask whose own project is not followed: it belongs where its parent is.
    assert items == ["1000", "1003", "1006", "1001", "1004", "1002", "1005"]


def test_every_task_comes_with_its_history_in_the_same_page(connect: Opener) -> None:
    [page] = connect().pages(Stream.ITEMS, HARBOUR)
    items = [record.external_id for record in page.records if record.stream is Stream.ITEMS]
    changes = {record.external_id: record for record in page.records if record.stream is Stream.CHANGES}
    assert list(changes) == items
    stories = msgspec.json.decode(changes["1000"].payload)
    assert [entry["gid"] for entry in stories] == ["2000", "2001", "2002"]
    assert stories[1]["new_dates"]["due_on"] == "2026-02-15"
    assert changes["1001"].payload == b"[]"


def test_non_breaking_spaces_survive(connect: Opener) -> None:
    assert read(connect(), Stream.ITEMS)["1000"].title == "Dig the\u00a0basin"


def test_subtasks_that_hold_each_other_end(connect: Opener, quayside: Workspace) -> None:
    quayside.tasks["1002"]["num_subtasks"] = 1
    quayside.subtasks["1002"] = ["1001"]
    items = [raw.external_id for raw in raws(connect(), Stream.ITEMS) if raw.stream is Stream.ITEMS]
    assert sorted(items) == ["1000", "1001", "1002", "1003", "1004", "1005", "1006"]


def test_a_task_deleted_while_it_is_read_is_left_out(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(path="/tasks/1006/stories", status=404), Fault(path="/tasks/1000/subtasks", status=404))
    [page] = connect().pages(Stream.ITEMS, HARBOUR)
    assert {(r.stream, r.external_id) for r in page.records} == {(Stream.ITEMS, "1000"), (Stream.CHANGES, "1000")}


def test_fields_of_workspace_and_projects_come_once(connect: Opener) -> None:
    connector = connect()
    found = [raw.external_id for raw in raws(connector, Stream.FIELDS)]
    assert found == [STATUS, ESTIMATE, PRIORITY]
    roles = {gid: field.role for gid, field in read(connector, Stream.FIELDS).items()}
    assert roles == {STATUS: FieldRole.STATUS, ESTIMATE: FieldRole.ESTIMATE, PRIORITY: FieldRole.PRIORITY}


def test_fields_go_on_from_any_position(connect: Opener) -> None:
    connector = connect(page_size=1)
    pages = list(connector.pages(Stream.FIELDS, "100"))
    assert len(pages) == 3
    for number, page in enumerate(pages[:-1]):
        rest = list(connector.pages(Stream.FIELDS, "100", page.position))
        later = {record.external_id for late in pages[number + 1 :] for record in late.records}
        assert later <= {record.external_id for late in rest for record in late.records}
        assert len(rest) == len(pages) - number - 1


def test_portfolios_are_walked_into_each_other_once(connect: Opener) -> None:
    found = read(connect(), Stream.PORTFOLIOS)
    assert found == {
        "700": PortfolioRecord(
            external_id="700", name="portfolio 700", owner_id="1", project_ids=(HARBOUR,), portfolio_ids=("701",)
        ),
        "701": PortfolioRecord(
            external_id="701", name="portfolio 701", owner_id="3", project_ids=(LANTERN,), portfolio_ids=("700",)
        ),
    }


def test_teams_come_with_members_and_goals_with_projects(connect: Opener) -> None:
    connector = connect()
    assert read(connector, Stream.TEAMS)["20"] == TeamRecord(external_id="20", name="Deck", member_ids=("1", "2"))
    assert read(connector, Stream.GOALS)["800"].project_ids == (HARBOUR,)


def test_bookings_of_people_and_of_placeholders(connect: Opener) -> None:
    found = read(connect(), Stream.ALLOCATIONS)
    assert (found["910"].person_id, found["910"].percent, found["910"].total_hours) == ("2", 50, None)
    assert (found["911"].person_id, found["911"].placeholder, found["911"].total_hours) == (None, "A diver", 40)


@pytest.mark.parametrize(("stream", "gid"), [(Stream.WORKLOGS, "900"), (Stream.ALLOCATIONS, "910")])
def test_a_scope_limits_effort_to_its_projects(connect: Opener, stream: Stream, gid: str) -> None:
    connector = connect(scope=(HARBOUR,))
    assert connector.slices(stream) == (HARBOUR,)
    assert [raw.external_id for raw in raws(connector, stream)] == [gid]


def test_a_scope_limits_projects(connect: Opener) -> None:
    assert [raw.external_id for raw in raws(connect(scope=(LANTERN,)), Stream.PROJECTS)] == [LANTERN]


def test_teams_are_not_asked_of_a_workspace_that_is_no_organisation(connect: Opener, quayside: Workspace) -> None:
    quayside.is_organization = False
    assert connect().slices(Stream.TEAMS) == ()


def test_long_lists_are_read_to_their_end(connect: Opener, quayside: Workspace, faults: Faults) -> None:
    for number in range(230):
        gid = f"6{number:04d}"
        quayside.tasks[gid] = task(gid, f"Plank {number}", (LANTERN, "4301"))
        quayside.project_tasks[LANTERN].append(gid)
    pages = list(connect().pages(Stream.ITEMS, LANTERN))
    items = [record.external_id for page in pages for record in page.records if record.stream is Stream.ITEMS]
    assert len(pages) == 3
    assert len(items) == len(set(items)) == 233
    assert all("limit=100" in seen.query for seen in faults.seen("/tasks\\?"))


def test_people_of_two_workspaces_are_two_slices(connect: Opener, quayside: Workspace) -> None:
    quayside.other_workspaces["101"] = {**ref("101", "workspace", "Annex"), "is_organization": False}
    connector = connect()
    assert connector.slices(Stream.PEOPLE) == ("100", "101")
    assert connector.slices(Stream.TEAMS) == ("100",)
