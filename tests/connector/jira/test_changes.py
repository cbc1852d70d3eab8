"""What changed since a mark: nothing is missed, whatever the account's time zone, the clock and the editors do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import FeatureAbsentError, SkipError, StaleMarkError
from connector.jira.connection import JiraConnector
from connector.jira.marks import grouped, in_zone, instants, looked_back
from connector.protocol import Delta, Page, Stream
from simulator.jira import edits
from simulator.jira.site import Site
from simulator.serve import Simulator
from tests.connector.jira.conftest import API, CLOUD, Clock, Open, Serve
from tests.connector.jira.plant import plant

FLAVOURS = pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Niue", "America/St_Johns", "Australia/Lord_Howe", "Europe/Berlin")


def whole(connector: JiraConnector, stream: Stream = Stream.ITEMS) -> dict[str, str]:
    """Read every slice whole and return the marks."""
    marks = {}
    for slice in connector.slices(stream):
        pages = list(connector.pages(stream, slice))
        assert len({page.mark for page in pages}) == 1
        marks[slice] = pages[-1].mark or ""
    return marks


def changes(connector: JiraConnector, marks: dict[str, str], stream: Stream = Stream.ITEMS) -> list[Page]:
    """The pages of all deltas; the marks move on as sync would move them."""
    found: list[Page] = []
    for delta in connector.deltas(stream, dict(marks)):
        pages = list(connector.changes(delta))
        assert [page.position is None for page in pages] == [False] * (len(pages) - 1) + [True]
        assert len({page.mark for page in pages}) == 1
        marks |= dict.fromkeys(delta.slices, pages[-1].mark or "")
        found += pages
    return found


def ids(pages: list[Page], stream: Stream = Stream.ITEMS) -> set[str]:
    return {record.external_id for page in pages for record in page.records if record.stream is stream}


def asked(simulator: Simulator) -> list[str]:
    return [seen.path for faults in simulator.faults.values() for seen in faults.seen(r"/\d/search")]


@FLAVOURS
def test_only_what_changed_comes_and_with_its_whole_history(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, histories=130)
    simulator = serve(site)
    marks = whole(connect(simulator))
    at = clock.pass_by(hours=1)
    edits.edit(site, "20003", {"summary": "Hotter"}, at=at, by=site.me)
    edits.transition(site, "30000", "3", at=at, by=site.me)
    made = edits.create_issue(site, project_id="10000", kind_id="100", summary="New", at=at, by=site.me)
    pages = changes(connect(simulator), marks)
    assert ids(pages) == {"20003", "30000", made.id}
    full = {record.external_id: json.loads(record.payload) for page in pages for record in page.records}
    log = full["20003"] if flavour == "cloud" else full["20003"]["changelog"]["histories"]
    assert len(log) == 131
    clock.pass_by(hours=1)
    again = connect(simulator)
    # Once more, because they changed no later than that pass began; then no more.
    assert ids(changes(again, marks)) == {"20003", "30000", made.id}
    assert ids(changes(again, marks)) == set()


@FLAVOURS
@pytest.mark.parametrize("milliseconds", [True, False])
@pytest.mark.parametrize("zone", ZONES)
def test_an_edit_of_any_minute_is_found_in_any_time_zone(
    serve: Serve, connect: Open, clock: Clock, flavour: str, zone: str, milliseconds: bool
) -> None:
    site = plant(flavour, issues=12, histories=0)
    site.time_zone, site.takes_milliseconds = zone, milliseconds
    simulator = serve(site)
    marks = whole(connect(simulator))
    for number in range(6):
        # Once in the very second of the mark, then within the same minute, then minutes and hours later.
        at = clock.pass_by(seconds=(0, 1, 38, 61, 3_600, 40_000)[number])
        edits.edit(site, f"2000{number}", {"summary": f"Turn {number}"}, at=at, by=site.me)
        assert f"2000{number}" in ids(changes(connect(simulator), marks))
    # Six rounds later the first ones are no longer asked for.
    assert "20000" not in ids(changes(connect(simulator), marks))


@FLAVOURS
def test_an_account_may_change_its_time_zone_between_two_passes(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=12, histories=0)
    site.takes_milliseconds = False
    simulator = serve(site)
    connector = connect(simulator)
    marks = whole(connector)
    for number, zone in enumerate(("Pacific/Kiritimati", "Pacific/Niue", "Asia/Kolkata")):
        edits.set_time_zone(site, zone)
        edits.edit(site, f"2000{number}", {"summary": zone}, at=clock.pass_by(minutes=20), by=site.me)
        assert ids(changes(connector, marks)) >= {f"2000{number}"}


@FLAVOURS
@pytest.mark.parametrize("milliseconds", [True, False])
def test_the_hour_that_the_clocks_go_through_twice_loses_nothing(
    serve: Serve, connect: Open, clock: Clock, flavour: str, milliseconds: bool
) -> None:
    site = plant(flavour, issues=12, histories=0)
    site.time_zone, site.takes_milliseconds = "Europe/Oslo", milliseconds
    clock.now = datetime(2026, 10, 24, 22, 50, tzinfo=UTC)
    simulator = serve(site)
    marks = whole(connect(simulator))
    for number in range(10):
        at = clock.pass_by(minutes=23)
        edits.edit(site, f"2000{number}", {"summary": f"Turn {number}"}, at=at, by=site.me)
        assert f"2000{number}" in ids(changes(connect(simulator), marks))


@FLAVOURS
def test_an_item_edited_while_the_pages_are_read_is_not_outrun(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=30, histories=0)
    site.page_cap = 5
    simulator = serve(site)
    marks = whole(connect(simulator))
    at = clock.pass_by(hours=1)
    for number in range(30):
        edits.edit(site, str(20000 + number), {"summary": "Hot"}, at=at, by=site.me)
    connector = connect(simulator)
    [delta] = connector.deltas(Stream.ITEMS, marks)
    latest: dict[str, str] = {}

    def keep(page: Page) -> None:
        for record in page.records:
            latest[record.external_id] = json.loads(record.payload)["fields"]["summary"]

    for page in connector.changes(delta):
        keep(page)
        # One that was just read, and one that was not: both change again, later than the search began.
        at = clock.pass_by(seconds=7)
        for ident in ("20000", "20029"):
            edits.edit(site, ident, {"summary": f"Busy at {at}"}, at=at, by=site.me)
        marks |= dict.fromkeys(delta.slices, page.mark or "")
    clock.pass_by(hours=5)
    for page in changes(connect(simulator), marks):
        keep(page)
    assert latest == {ident: issue.fields["summary"] for ident, issue in site.issues.items() if ident in latest}
    assert len(latest) == 30


@FLAVOURS
def test_an_item_moved_to_another_followed_project_comes_with_that_one(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=5)
    simulator = serve(site)
    marks = whole(connect(simulator))
    key = edits.move(site, "20001", "10001", at=clock.pass_by(hours=3), by=site.me)
    clock.pass_by(hours=3)
    # The projects are far apart, so that each has a delta of its own.
    marks["10000"] = str(int(marks["10000"]) + 3 * 3_600_000)
    deltas = {delta.slices: delta for delta in connect(simulator).deltas(Stream.ITEMS, marks)}
    found = {part: list(connect(simulator).changes(delta)) for part, delta in deltas.items()}
    assert {part: ids(pages) for part, pages in found.items()} == {("10000",): set(), ("10001",): {"20001"}}
    [moved] = [record for page in found[("10001",)] for record in page.records]
    assert json.loads(moved.payload)["key"] == key == "GLAZE-2"


def test_many_projects_share_a_delta_and_unfollowed_ones_are_left_out(
    serve: Serve, connect: Open, clock: Clock
) -> None:
    site = plant("cloud", issues=5)
    for number in range(120):
        ident = str(11000 + number)
        site.projects[ident] = {"id": ident, "key": f"P{number}", "name": f"Project {number}", "lead": {}}
    simulator = serve(site)
    marks = dict.fromkeys(connect(simulator).slices(Stream.ITEMS), str(int(clock.now.timestamp() * 1000)))
    deltas = connect(simulator).deltas(Stream.ITEMS, marks)
    assert sorted(len(delta.slices) for delta in deltas) == [22, 50, 50]
    at = clock.pass_by(hours=1)
    for ident in ("20001", "30000"):
        edits.edit(site, ident, {"summary": "Hot"}, at=at, by=site.me)
    scoped = connect(simulator, scope=("KILN",))
    assert ids([page for delta in scoped.deltas(Stream.ITEMS, marks) for page in scoped.changes(delta)]) == {"20001"}


@FLAVOURS
def test_a_project_lost_to_sight_costs_the_others_nothing(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=5)
    simulator = serve(site)
    connector = connect(simulator)
    marks = whole(connector)
    edits.edit(site, "20001", {"summary": "Hot"}, at=clock.pass_by(hours=1), by=site.me)
    # Still in the list that the connector read when the run began.
    edits.hide_project(site, "10001")
    deltas = connector.deltas(Stream.ITEMS, marks)
    assert {delta.slices for delta in deltas} == {("10000",), ("10001",)}
    for delta in deltas:
        if delta.slices == ("10001",):
            with pytest.raises(SkipError):
                list(connector.changes(delta))
        else:
            assert ids(list(connector.changes(delta))) == {"20001"}
    assert [delta.slices for delta in connect(simulator).deltas(Stream.ITEMS, marks)] == [("10000",)]


@FLAVOURS
def test_a_clock_that_was_set_back_has_the_slices_read_whole(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=5)
    edits.shift_clock(site, 1800)
    simulator = serve(site)
    marks = whole(connect(simulator))
    assert {int(mark) // 1000 for mark in marks.values()} == {int(clock.now.timestamp()) + 1800}
    edits.shift_clock(site, 0)
    at = clock.pass_by(minutes=5)
    edits.edit(site, "20001", {"summary": "Hot"}, at=at, by=site.me)
    assert connect(simulator).deltas(Stream.ITEMS, marks) == ()
    edits.shift_clock(site, 1800)
    assert len(connect(simulator).deltas(Stream.ITEMS, marks)) == 1


@FLAVOURS
def test_nothing_is_asked_that_the_marks_do_not_call_for(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    simulator = serve(plant(flavour, issues=300, histories=0))
    marks = whole(connect(simulator))
    clock.pass_by(hours=1)
    for faults in simulator.faults.values():
        faults.forget()
    assert ids(changes(connect(simulator), marks)) == set()
    # Whether the projects can be searched, whether milliseconds are understood, and what changed.
    assert len(asked(simulator)) == 3


def test_a_tracker_that_tells_no_time_gives_no_mark(web: responses.RequestsMock, connect: Open) -> None:
    web.post(API + "search/jql", json={"issues": [], "isLast": True})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert page.mark is None


@FLAVOURS
def test_worklogs_made_changed_and_deleted_are_told(serve: Serve, connect: Open, clock: Clock, flavour: str) -> None:
    site = plant(flavour, issues=5)
    simulator = serve(site)
    marks = whole(connect(simulator), Stream.WORKLOGS)
    # Within the minute that Jira keeps to itself, before and after the mark.
    early = edits.add_worklog(site, "20001", seconds=60, started=clock.now, at=clock.now, by=site.me)
    late = edits.add_worklog(
        site, "20002", seconds=60, started=clock.now, at=clock.now - timedelta(seconds=30), by=site.me
    )
    clock.pass_by(hours=1)
    pages = changes(connect(simulator), marks, Stream.WORKLOGS)
    assert ids(pages, Stream.WORKLOGS) == {early, late}
    assert [page.gone for page in pages] == [()] * len(pages)
    at = clock.pass_by(hours=1)
    edits.edit_worklog(site, early, at=at, by=site.me, seconds=120)
    edits.delete_worklog(site, late, at=at, by=site.me)
    edits.delete_issue(site, "20003", at=at)
    clock.pass_by(hours=1)
    pages = changes(connect(simulator), marks, Stream.WORKLOGS)
    assert ids(pages, Stream.WORKLOGS) == {early}
    assert set(pages[-1].gone) == {late, "520003"}


def test_a_worklog_delta_tells_what_is_gone_and_survives_a_clock_set_back(
    serve: Serve, connect: Open, clock: Clock
) -> None:
    simulator = serve(plant("cloud", issues=1))
    mark = str(int(clock.now.timestamp() * 1000))
    [delta] = connect(simulator).deltas(Stream.WORKLOGS, {"": mark})
    assert delta == Delta(Stream.WORKLOGS, ("",), mark, tells_gone=True)
    clock.pass_by(hours=-2)
    assert connect(simulator).deltas(Stream.WORKLOGS, {"": mark}) == ()


def test_worklogs_are_read_whole_where_the_site_keeps_no_list_of_the_deleted(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.get(API + "worklog/updated", json={"values": [], "lastPage": True, "until": 9})
    web.get(API + "worklog/deleted", status=404, json={})
    connector = connect(CLOUD)
    with pytest.raises(StaleMarkError):
        list(connector.changes(Delta(Stream.WORKLOGS, ("",), "5000", tells_gone=True)))
    web.replace(responses.GET, API + "worklog/updated", status=404, json={})
    with pytest.raises(FeatureAbsentError):
        list(connector.changes(Delta(Stream.WORKLOGS, ("",), "5000", tells_gone=True)))


Edit = Callable[[Site, datetime], Any]


@FLAVOURS
@pytest.mark.parametrize(
    ("stream", "edit"),
    [
        (Stream.SPRINTS, lambda site, at: edits.edit_sprint(site, 1, name="Renamed", state="closed")),
        (Stream.MILESTONES, lambda site, at: edits.release_version(site, "100001", at.date())),
        (Stream.PROJECTS, lambda site, at: edits.archive_project(site, "10001")),
        (Stream.PEOPLE, lambda site, at: edits.edit_user(site, site.me, displayName="Wendeline Stone")),
    ],
    ids=["sprint", "version", "project", "person"],
)
def test_what_moves_no_item_is_seen_by_the_streams_read_whole(
    serve: Serve, connect: Open, clock: Clock, flavour: str, stream: Stream, edit: Edit
) -> None:
    site = plant(flavour, issues=1)
    simulator = serve(site)

    def seen() -> set[bytes]:
        connector = connect(simulator)
        assert connector.deltas(stream, dict.fromkeys(connector.slices(stream), "1")) == ()
        pages = (page for slice in connector.slices(stream) for page in connector.pages(stream, slice))
        return {record.payload for page in pages for record in page.records}

    before = seen()
    edit(site, clock.pass_by(hours=1))
    assert seen() != before


@FLAVOURS
def test_a_link_made_and_taken_away_is_seen_at_both_ends(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=3)
    simulator = serve(site)
    marks = whole(connect(simulator))
    link = edits.link(site, "9", "20000", "30000", at=clock.pass_by(hours=1), by=site.me)
    clock.pass_by(minutes=30)
    assert ids(changes(connect(simulator), marks)) == {"20000", "30000"}
    edits.unlink(site, link, at=clock.pass_by(hours=1), by=site.me)
    pages = changes(connect(simulator), marks)
    assert ids(pages) == {"20000", "30000"}
    assert [json.loads(r.payload)["fields"]["issuelinks"] for page in pages for r in page.records] == [[], []]


@given(
    since_ms=st.integers(1_000_000_000_000, 2_100_000_000_000),
    zone=st.sampled_from([*ZONES, "Africa/Casablanca", "Antarctica/Troll", "Asia/Kathmandu"]),
    fold=st.booleans(),
)
def test_a_date_of_jql_is_never_later_than_meant_nor_long_before(since_ms: int, zone: str, fold: bool) -> None:
    text = in_zone(since_ms, zone).strip('"')
    read = datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=ZoneInfo(zone), fold=int(fold))
    back_ms = since_ms - read.timestamp() * 1000
    assert 0 <= back_ms < 6 * 3_600_000


@given(
    since_ms=st.integers(1_000_000_000_000, 2_100_000_000_000),
    zone=st.sampled_from(ZONES),
    unknown=st.sampled_from(["", "Mars/Olympus", "GMT+02:00", "../../etc/passwd"]),
)
def test_an_unknown_time_zone_goes_back_a_day_more(since_ms: int, zone: str, unknown: str) -> None:
    text = in_zone(since_ms, unknown).strip('"')
    read = datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    assert read.timestamp() * 1000 <= since_ms


def test_slices_far_apart_are_asked_for_apart() -> None:
    hour = 3_600_000
    marks = {"a": 10 * hour, "b": 11 * hour, "c": 11 * hour + 1, "d": 20 * hour}
    assert grouped(marks) == [(10 * hour, ("a", "b")), (11 * hour + 1, ("c",)), (20 * hour, ("d",))]
    assert [len(names) for _, names in grouped(dict.fromkeys(map(str, range(101)), 5))] == [50, 50, 1]


def test_marks_that_are_none_or_lie_ahead_are_not_relied_on() -> None:
    assert instants({"a": "1000", "b": "", "c": "x", "d": "61001"}, 1000) == {"a": 1000}
    assert instants({"d": "61000"}, 1000) == instants({"d": "61000"}, None) == {"d": 61_000}
    assert looked_back("600001") == 1
    assert looked_back("5") == 0


@FLAVOURS
def test_the_whole_list_of_worklogs_names_those_that_were_deleted(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=4)
    connector = connect(serve(site))
    edits.delete_worklog(site, "520001", at=clock.now, by=site.me)
    clock.pass_by(minutes=2)
    pages = list(connector.pages(Stream.WORKLOGS))
    assert [page.gone for page in pages if page.position is None] == [("520001",)]
