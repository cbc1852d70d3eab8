"""Which items there are, and what became of those that are not where they were."""

from __future__ import annotations

import json

import pytest
import responses

from connector.errors import SignInError, SkipError
from connector.jira.named import MOST_FAILURES
from connector.protocol import Named, Roll, Stream, Verdict
from simulator.faults import Fault
from simulator.jira import edits
from tests.connector.jira.conftest import API, CLOUD, Clock, Open, Serve
from tests.connector.jira.plant import MORNING, plant

FLAVOURS = pytest.mark.parametrize("flavour", ["cloud", "datacenter"])


def verdicts(named: Named) -> dict[str, Verdict]:
    assert all(each.why and "\n" not in each.why for each in named.absent)
    return {each.external_id: each.verdict for each in named.absent}


def found(named: Named) -> set[str]:
    return {record.external_id for record in named.records if record.stream is Stream.ITEMS}


@FLAVOURS
def test_the_census_lists_every_item_that_a_search_finds(serve: Serve, connect: Open, flavour: str) -> None:
    site = plant(flavour, issues=30)
    edits.archive_issue(site, "20001")
    edits.hide_issue(site, "20002")
    connector = connect(serve(site))
    rolls = list(connector.census("10000"))
    entries = [entry for roll in rolls for entry in roll.entries]
    assert [ident for ident, _ in entries] == [str(20000 + number) for number in range(30) if number not in (1, 2)]
    assert {changed for _, changed in entries} == ({None} if flavour == "cloud" else {MORNING})
    assert [roll.told for roll in rolls] == [None] * (len(rolls) - 1) + [28]


def test_the_census_of_data_center_goes_by_id(serve: Serve, connect: Open) -> None:
    site = plant("datacenter", issues=30)
    site.page_cap = 7
    rolls = list(connect(serve(site)).census("10000"))
    assert [len(roll.entries) for roll in rolls] == [7, 7, 7, 7, 2]
    assert [roll.told for roll in rolls] == [None] * 4 + [30]
    assert len({ident for roll in rolls for ident, _ in roll.entries}) == 30


@FLAVOURS
def test_a_project_without_items_has_one_empty_roll(serve: Serve, connect: Open, flavour: str) -> None:
    assert list(connect(serve(plant(flavour, issues=0))).census("10000")) == [Roll("10000", (), 0)]


@FLAVOURS
def test_a_project_out_of_sight_has_no_census(serve: Serve, connect: Open, flavour: str) -> None:
    site = plant(flavour, issues=1)
    connector = connect(serve(site))
    edits.hide_project(site, "10000")
    with pytest.raises(SkipError):
        list(connector.census("10000"))


def test_a_count_that_cannot_be_had_is_left_out(web: responses.RequestsMock, connect: Open) -> None:
    web.post(API + "search/jql", json={"issues": [{"id": "7\x00"}, {}], "isLast": True})
    web.post(API + "search/approximate-count", status=403, json={})
    assert list(connect(CLOUD).census("10000")) == [Roll("10000", (("7", None),))]


@FLAVOURS
def test_items_by_name_are_what_a_search_gives(serve: Serve, connect: Open, flavour: str) -> None:
    connector = connect(serve(plant(flavour, issues=130, histories=50)))
    ids = [str(20000 + number) for number in range(130)]
    named = connector.named([*ids, "20000"])
    assert named.absent == ()
    pages = list(connector.pages(Stream.ITEMS, "10000"))
    searched = {(raw.stream, raw.external_id, raw.payload) for page in pages for raw in page.records}
    assert {(raw.stream, raw.external_id, raw.payload) for raw in named.records} == searched
    assert sum(raw.stream is Stream.CHANGES for raw in named.records) == (130 if flavour == "cloud" else 0)
    assert connector.named(()) == Named()


@FLAVOURS
def test_what_became_of_items_that_are_not_there(serve: Serve, connect: Open, clock: Clock, flavour: str) -> None:
    site = plant(flavour, issues=8)
    at = clock.now
    moved = edits.move(site, "20000", "10001", at=at, by=site.me)
    edits.delete_issue(site, "20001", at=at)
    edits.archive_issue(site, "20002")
    edits.hide_issue(site, "20003")
    edits.move(site, "20004", "10002", at=at, by=site.me)
    simulator = serve(site)
    ids = [str(20000 + number) for number in range(6)]
    # One that follows every project, and one that follows two.
    everything = connect(simulator).named(ids)
    assert found(everything) == {"20000", "20005"}
    gone = {"20001": Verdict.DELETED, "20003": Verdict.DELETED}
    archived = {"20002": Verdict.ARCHIVED, "20004": Verdict.ARCHIVED}
    assert verdicts(everything) == gone | archived
    scoped = connect(simulator, scope=("KILN",)).named(ids)
    assert found(scoped) == {"20005"}
    elsewhere = {"20000": Verdict.MOVED, "20004": Verdict.MOVED}
    assert verdicts(scoped) == gone | elsewhere | {"20002": Verdict.ARCHIVED}
    assert [each.why for each in scoped.absent if each.external_id == "20000"] == [
        f"It is in project {moved.split('-')[0]}, which this connection does not follow"
    ]


@FLAVOURS
def test_a_project_made_since_the_list_was_read_is_followed_too(
    serve: Serve, connect: Open, clock: Clock, flavour: str
) -> None:
    site = plant(flavour, issues=2)
    connector = connect(serve(site))
    connector.slices(Stream.ITEMS)
    site.projects["10009"] = {"id": "10009", "key": "NEW", "name": "Just made", "lead": site.users[site.me]}
    made = edits.create_issue(site, project_id="10009", kind_id="100", summary="First", at=clock.now, by=site.me)
    assert found(connector.named([made.id])) == {made.id}


@FLAVOURS
def test_an_account_that_sees_no_project_learns_nothing_of_items(serve: Serve, connect: Open, flavour: str) -> None:
    site = plant(flavour, issues=2)
    connector = connect(serve(site))
    connector.slices(Stream.ITEMS)
    for ident in list(site.projects):
        edits.hide_project(site, ident)
    assert verdicts(connector.named(["20000", "20001"])) == dict.fromkeys(("20000", "20001"), Verdict.UNKNOWN)


@FLAVOURS
def test_trouble_tells_nothing_of_the_items_and_is_not_asked_for_ever(
    serve: Serve, connect: Open, flavour: str
) -> None:
    simulator = serve(plant(flavour, issues=20))
    connector = connect(simulator)
    connector.slices(Stream.ITEMS)
    [faults] = simulator.faults.values()
    faults.add(Fault(path="/issue/", status=503))
    faults.forget()
    ids = [str(20000 + number) for number in range(20)]
    assert verdicts(connector.named(ids)) == dict.fromkeys(ids, Verdict.UNKNOWN)
    assert len({seen.path for seen in faults.seen("/issue/2")}) == MOST_FAILURES


@FLAVOURS
def test_one_item_that_fails_costs_no_other(serve: Serve, connect: Open, flavour: str) -> None:
    simulator = serve(plant(flavour, issues=6))
    connector = connect(simulator)
    [faults] = simulator.faults.values()
    faults.add(
        Fault(path="bulkfetch", status=403),
        Fault(path="/issue/20001", status=500),
        Fault(path="/issue/20003", status=403),
        Fault(path="/issue/20004", status=400),
    )
    named = connector.named([str(20000 + number) for number in range(6)])
    assert found(named) == {"20000", "20002", "20005"}
    unknown = {"20001": Verdict.UNKNOWN, "20004": Verdict.UNKNOWN}
    assert verdicts(named) == unknown | {"20003": Verdict.ACCESS_LOST}


@FLAVOURS
def test_an_expired_token_is_no_news_of_the_items(serve: Serve, connect: Open, flavour: str) -> None:
    simulator = serve(plant(flavour, issues=2))
    connector = connect(simulator)
    connector.slices(Stream.ITEMS)
    [faults] = simulator.faults.values()
    faults.add(Fault(status=401))
    with pytest.raises(SignInError):
        connector.named(["20000"])


@FLAVOURS
def test_an_id_that_is_none_is_not_there(serve: Serve, connect: Open, flavour: str) -> None:
    connector = connect(serve(plant(flavour, issues=2)))
    hostile = ["../myself", "20000/changelog", "", "KILN-1"]
    assert found(connector.named([*hostile, "20001"])) == {"20001"}
    assert set(verdicts(connector.named(hostile))) == set(hostile)


def test_a_history_that_cannot_be_had_leaves_the_items_unknown(web: responses.RequestsMock, connect: Open) -> None:
    project = {"id": "10000", "key": "KILN"}
    web.get(API + "project/search", json={"values": [project], "isLast": True})
    issue = {"id": "1", "fields": {"project": project}, "changelog": {"total": 90, "histories": []}}
    web.post(API + "issue/bulkfetch", json={"issues": [issue]})
    web.post(API + "changelog/bulkfetch", status=503, json={})
    assert verdicts(connect(CLOUD).named(["1"])) == {"1": Verdict.UNKNOWN}
    asked = json.loads(next(call.request.body for call in web.calls if "issue/bulkfetch" in str(call.request.url)))  # type: ignore[attr-defined]
    assert asked == {"issueIdsOrKeys": ["1"], "fields": ["*all", "-comment", "-worklog"], "expand": ["changelog"]}
