"""Paging: every stream to its end, whatever the site does to its pages."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from requests import PreparedRequest

from connector.errors import BadAnswerError, FeatureAbsentError, ForbiddenError, ScopeError
from connector.jira.connection import JiraConnector
from connector.protocol import Page, RawRecord, Stream
from tests.connector.jira.conftest import AGILE, API, CLOUD, CORPORATE, DC_API, Open, Serve
from tests.connector.jira.plant import plant


def everything(connector: JiraConnector, stream: Stream) -> list[Page]:
    return [page for slice in connector.slices(stream) for page in connector.pages(stream, slice)]


def records(pages: list[Page], stream: Stream) -> list[RawRecord]:
    return [record for page in pages for record in page.records if record.stream is stream]


def issue(ident: int, **changelog: Any) -> dict[str, Any]:
    whole = {"startAt": 0, "maxResults": 0, "total": 0, "histories": []} | changelog
    return {"id": str(ident), "key": f"KILN-{ident}", "fields": {}, "changelog": whole}


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_all_items_come_once_in_pages_the_site_makes_smaller(serve: Serve, connect: Open, flavour: str) -> None:
    site = plant(flavour, issues=50)
    site.page_cap = 7
    pages = everything(connect(serve(site), page_size=100), Stream.ITEMS)
    found = Counter(record.external_id for record in records(pages, Stream.ITEMS))
    assert set(found) == set(site.issues)
    assert set(found.values()) == {1}
    assert [page.position is None for page in pages if page.slice == "10000"] == [False] * 7 + [True]


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_reading_goes_on_from_a_position(serve: Serve, connect: Open, flavour: str) -> None:
    simulator = serve(plant(flavour, issues=30))
    first = next(connect(simulator, page_size=10).pages(Stream.ITEMS, "10000"))
    rest = connect(simulator, page_size=10).pages(Stream.ITEMS, "10000", first.position)
    found = [record.external_id for page in [first, *rest] for record in page.records]
    assert found == [str(20000 + number) for number in range(30)]


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_histories_cut_short_are_completed_on_the_same_page(serve: Serve, connect: Open, flavour: str) -> None:
    site = plant(flavour, issues=4, histories=130)
    pages = [page for page in everything(connect(serve(site), page_size=2), Stream.ITEMS) if page.slice == "10000"]
    for page in pages:
        completed = {record.external_id: json.loads(record.payload) for record in records([page], Stream.CHANGES)}
        for record in records([page], Stream.ITEMS):
            embedded = json.loads(record.payload)["changelog"]
            histories = completed.get(record.external_id, embedded["histories"])
            assert len({history["id"] for history in histories}) == 130
    # Only Cloud cuts what it embeds.
    assert len(records(pages, Stream.CHANGES)) == (4 if flavour == "cloud" else 0)


def test_completed_histories_are_merged_over_pages_by_id(web: responses.RequestsMock, connect: Open) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1, total=5), issue(2, total=3), issue(3)]})
    bodies: list[dict[str, Any]] = []

    def bulk(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body or "")
        bodies.append(body)
        if "nextPageToken" not in body:
            logs = [{"issueId": "1", "changeHistories": [{"id": "11"}, {"id": "12"}]}]
            return 200, {}, json.dumps({"issueChangeLogs": logs, "nextPageToken": "more"})
        logs = [
            {"issueId": "1", "changeHistories": [{"id": "12"}, {"id": "13"}]},
            {"issueId": "2", "changeHistories": [{"id": "21"}]},
        ]
        return 200, {}, json.dumps({"issueChangeLogs": logs})

    web.add_callback(responses.POST, API + "changelog/bulkfetch", callback=bulk)
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    changes = {record.external_id: json.loads(record.payload) for record in records([page], Stream.CHANGES)}
    assert changes == {"1": [{"id": "11"}, {"id": "12"}, {"id": "13"}], "2": [{"id": "21"}]}
    assert [body["issueIdsOrKeys"] for body in bodies] == [["1", "2"], ["1", "2"]]


def test_histories_are_read_one_by_one_where_the_bulk_call_is_closed(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1, total=3), issue(2, total=3)]})
    web.post(API + "changelog/bulkfetch", status=403, json={})
    web.get(API + "issue/1/changelog", json={"values": [{"id": "11"}, {"id": "12"}], "total": 3, "isLast": False})
    web.get(API + "issue/1/changelog", json={"values": [{"id": "13"}], "total": 3, "isLast": True})
    web.get(API + "issue/2/changelog", status=404, json={})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    changes = {record.external_id: json.loads(record.payload) for record in records([page], Stream.CHANGES)}
    assert changes == {"1": [{"id": "11"}, {"id": "12"}, {"id": "13"}]}


def test_a_history_that_cannot_be_had_is_left_out_and_costs_no_other(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1, total=3), issue(2, total=3)]})
    web.post(API + "changelog/bulkfetch", status=403, json={})
    web.get(API + "issue/1/changelog", status=403, json={})
    web.get(API + "issue/2/changelog", json={"values": [{"id": "21"}], "total": 1, "isLast": True})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert [record.external_id for record in records([page], Stream.ITEMS)] == ["1", "2"]
    assert [record.external_id for record in records([page], Stream.CHANGES)] == ["2"]


def test_no_history_is_made_up_for_an_issue_the_bulk_answer_leaves_out(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1, total=3), issue(2, total=3)]})
    web.post(API + "changelog/bulkfetch", json={"issueChangeLogs": [{"issueId": "2", "changeHistories": []}]})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert [record.external_id for record in records([page], Stream.CHANGES)] == ["2"]


def test_an_issue_of_data_center_without_a_changelog_has_no_history(web: responses.RequestsMock, connect: Open) -> None:
    web.get(DC_API + "serverInfo", json={"version": "9.12.0", "deploymentType": "Server"})
    web.get(DC_API + "search", json={"issues": [issue(1, total=3)], "total": 1})
    web.get(DC_API + "issue/1", json={"id": "1"})
    [page] = connect(CORPORATE).pages(Stream.ITEMS, "10000")
    assert [(record.stream, record.external_id) for record in page.records] == [(Stream.ITEMS, "1")]


def test_a_history_as_long_as_sites_cut_is_not_believed_to_be_whole(web: responses.RequestsMock, connect: Open) -> None:
    histories = [{"id": str(number)} for number in range(40)]
    web.post(API + "search/jql", json={"issues": [issue(1, total=40, histories=histories)]})
    web.post(API + "changelog/bulkfetch", json={"issueChangeLogs": [{"issueId": 1, "changeHistories": histories * 2}]})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert len(json.loads(records([page], Stream.CHANGES)[0].payload)) == 40


def test_cloud_asks_for_all_fields_but_the_long_lists(web: responses.RequestsMock, connect: Open) -> None:
    web.post(API + "search/jql", json={"issues": []})
    [page] = connect(CLOUD, page_size=42).pages(Stream.ITEMS, "10000")
    assert page == Page(Stream.ITEMS, "10000", ())
    assert json.loads(web.calls[-1].request.body or "") == {
        "jql": "project = 10000 ORDER BY id ASC",
        "fields": ["*all", "-comment", "-worklog"],
        "expand": "changelog",
        "maxResults": 42,
    }


def test_a_page_token_that_comes_back_is_an_error_and_no_endless_loop(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1)], "nextPageToken": "again"})
    pages = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert next(pages).position == "again"
    with pytest.raises(BadAnswerError, match="same page token twice"):
        next(pages)


def test_short_and_empty_pages_do_not_end_a_search(web: responses.RequestsMock, connect: Open) -> None:
    for answer in (
        {"issues": [issue(1)], "nextPageToken": "a"},
        {"issues": [], "nextPageToken": "b"},
        {"issues": [issue(2)], "isLast": True},
    ):
        web.post(API + "search/jql", json=answer)
    pages = list(connect(CLOUD).pages(Stream.ITEMS, "10000"))
    assert [[record.external_id for record in page.records] for page in pages] == [["1"], [], ["2"]]


def test_a_stored_token_that_has_expired_begins_the_slice_again(serve: Serve, connect: Open) -> None:
    simulator = serve(plant("cloud", issues=5))
    pages = list(connect(simulator).pages(Stream.ITEMS, "10000", "c29tZXRoaW5nL29sZA=="))
    assert len(records(pages, Stream.ITEMS)) == 5


def test_data_center_goes_by_id_and_not_by_offset(web: responses.RequestsMock, connect: Open) -> None:
    for answer in ({"issues": [issue(9), issue(10)], "total": 3}, {"issues": [issue(11)]}, {"issues": []}):
        web.get(DC_API + "search", json=answer)
    list(connect(CORPORATE).pages(Stream.ITEMS, "10000"))
    asked = [call.request.params for call in web.calls if "search" in str(call.request.url)]  # type: ignore[attr-defined]
    assert [question["jql"] for question in asked] == [
        "project = 10000 ORDER BY id ASC",
        "project = 10000 AND id > 10 ORDER BY id ASC",
        "project = 10000 AND id > 11 ORDER BY id ASC",
    ]
    assert {question["startAt"] for question in asked} == {"0"}


def test_an_issue_no_one_can_identify_is_kept_for_the_reader_to_refuse(
    web: responses.RequestsMock, connect: Open
) -> None:
    web.post(API + "search/jql", json={"issues": [issue(1), {"key": "KILN-2"}, 7]})
    [page] = connect(CLOUD).pages(Stream.ITEMS, "10000")
    assert [record.external_id for record in page.records] == ["1", "", ""]


def test_a_scope_follows_its_projects_alone(serve: Serve, connect: Open) -> None:
    connector = connect(serve(plant("cloud", issues=3)), scope=("GLAZE", "10002"))
    assert connector.slices(Stream.ITEMS) == ("10001",)
    assert connector.slices(Stream.MILESTONES) == ("10001", "10002")
    assert [record.external_id for record in records(everything(connector, Stream.PROJECTS), Stream.PROJECTS)] == [
        "10001",
        "10002",
    ]
    assert records(everything(connector, Stream.BOARDS), Stream.BOARDS) == []


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_an_unknown_project_in_the_scope_is_named(serve: Serve, connect: Open, flavour: str) -> None:
    connector = connect(serve(plant(flavour, issues=1)), scope=("KILN", "KILM", "KLIN"))
    with pytest.raises(ScopeError, match="KILM, KLIN"):
        list(connector.pages(Stream.PROJECTS))
    assert [gap.what for gap in connector.probe().gaps if "Project" in gap.what] == [
        "Project KILM of the scope",
        "Project KLIN of the scope",
    ]


def test_a_former_key_in_the_scope_leads_to_its_project(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "project/search", json={"values": [], "isLast": True})
    web.get(API + "project/OVEN", json={"id": "10000", "key": "KILN"})
    assert connect(CLOUD, scope=("OVEN",)).slices(Stream.ITEMS) == ("10000",)


def test_lists_by_offset_go_on_after_short_pages(web: responses.RequestsMock, connect: Open) -> None:
    sizes = [50, 30, 39]
    ids = iter(range(200))

    def boards(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        values = [{"id": next(ids), "type": "kanban"} for _ in range(sizes.pop(0))]
        return 200, {}, json.dumps({"values": values, "isLast": not sizes, "total": 119})

    web.add_callback(responses.GET, AGILE + "board", callback=boards)
    web.get(API + "project/search", json={"values": [], "isLast": True})
    connector = connect(CLOUD)
    connector._known_boards()
    assert [call.request.params["startAt"] for call in web.calls if "agile" in str(call.request.url)] == [
        "0",
        "50",
        "80",
    ]  # type: ignore[attr-defined]


def test_an_empty_page_that_promises_more_is_an_error(web: responses.RequestsMock, connect: Open) -> None:
    web.get(AGILE + "board", json={"values": [], "isLast": False})
    with pytest.raises(BadAnswerError, match="empty page"):
        list(connect(CLOUD).pages(Stream.BOARDS))


def test_people_are_listed_until_an_empty_page(web: responses.RequestsMock, connect: Open) -> None:
    for people in ([{"accountId": "1"}, {"accountId": "2"}], [{"accountId": "3"}, {"displayName": "Nobody"}], []):
        web.get(API + "users/search", json=people)
    found = records(everything(connect(CLOUD), Stream.PEOPLE), Stream.PEOPLE)
    assert [record.external_id for record in found] == ["1", "2", "3", ""]


def test_people_that_come_twice_are_an_error_and_no_endless_loop(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "users/search", json=[{"accountId": "1"}])
    with pytest.raises(BadAnswerError, match="same page twice"):
        list(connect(CLOUD).pages(Stream.PEOPLE))


def test_people_that_may_not_be_listed_leave_the_rest(serve: Serve, connect: Open) -> None:
    site = plant("cloud", issues=1)
    site.denied.add("USER_PICKER")
    connector = connect(serve(site))
    with pytest.raises(ForbiddenError):
        list(connector.pages(Stream.PEOPLE))
    assert len(records(everything(connector, Stream.PROJECTS), Stream.PROJECTS)) == 3


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_a_sprint_shown_on_two_boards_comes_once_from_its_own(serve: Serve, connect: Open, flavour: str) -> None:
    connector = connect(serve(plant(flavour, issues=1)))
    pages = everything(connector, Stream.SPRINTS)
    found = Counter(record.external_id for record in records(pages, Stream.SPRINTS))
    assert len(found) == 61
    assert set(found.values()) == {1}
    again = list(connector.pages(Stream.SPRINTS, "", pages[0].position))
    assert [record.external_id for record in records(again, Stream.SPRINTS)] == ["99"]


def test_boards_carry_their_configuration_or_null(web: responses.RequestsMock, connect: Open) -> None:
    web.get(AGILE + "board", json={"values": [{"id": 1}, {"id": 2}], "isLast": True})
    web.get(AGILE + "board/1/configuration", json={"estimation": {"type": "none"}})
    web.get(AGILE + "board/2/configuration", status=403, json={})
    [page] = connect(CLOUD).pages(Stream.BOARDS)
    assert [json.loads(record.payload) for record in page.records] == [
        {"board": {"id": 1}, "configuration": {"estimation": {"type": "none"}}},
        {"board": {"id": 2}, "configuration": None},
    ]


def test_a_site_without_jira_software_has_no_boards(web: responses.RequestsMock, connect: Open) -> None:
    web.get(AGILE + "board", status=404, json={})
    with pytest.raises(FeatureAbsentError, match="no boards"):
        list(connect(CLOUD).pages(Stream.BOARDS))


def test_worklogs_follow_the_instants_the_site_names(web: responses.RequestsMock, connect: Open) -> None:
    first = {"values": [{"worklogId": 1}, {"worklogId": 2}], "until": 500, "nextPage": "x", "lastPage": False}
    web.get(API + "worklog/updated", json=first, match=[responses.matchers.query_param_matcher({"since": 0})])
    last = {"values": [{"worklogId": 3}], "until": 900, "lastPage": True}
    web.get(API + "worklog/updated", json=last, match=[responses.matchers.query_param_matcher({"since": 500})])
    web.post(API + "worklog/list", json=[{"id": "1"}, {"id": "2"}])
    web.post(API + "worklog/list", json=[{"id": "3"}])
    web.get(API + "worklog/deleted", json={"values": [{"worklogId": 9}], "until": 900, "lastPage": True})
    pages = everything(connect(CLOUD), Stream.WORKLOGS)
    assert [page.gone for page in pages] == [(), ("9",)]
    assert [page.position for page in pages] == ["500", None]
    assert [record.external_id for record in records(pages, Stream.WORKLOGS)] == ["1", "2", "3"]


def test_worklogs_that_do_not_move_on_are_an_error(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "worklog/updated", json={"values": [], "until": 0, "lastPage": False})
    with pytest.raises(BadAnswerError, match="same worklogs twice"):
        list(connect(CLOUD).pages(Stream.WORKLOGS))


@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_site_without_the_list_of_worklogs_says_so(web: responses.RequestsMock, connect: Open, status: int) -> None:
    web.get(API + "worklog/updated", status=status, json={})
    with pytest.raises(FeatureAbsentError):
        list(connect(CLOUD).pages(Stream.WORKLOGS))


def test_the_probe_says_who_we_are_and_what_is_missing(serve: Serve, connect: Open) -> None:
    site = plant("cloud", issues=1)
    probe = connect(serve(site)).probe()
    assert (probe.flavour, probe.account_name, probe.time_zone, probe.projects) == (
        "cloud",
        "Wendeline Brick",
        "Europe/Oslo",
        3,
    )
    assert [gap.what for gap in probe.gaps] == ["E-mail addresses"]
    site.denied.add("USER_PICKER")
    site.projects.clear()
    gaps = connect(serve(site)).probe().gaps
    assert [gap.what for gap in gaps] == ["All projects", "The list of people"]
    assert all(gap.why and gap.remedy for gap in gaps)


@pytest.mark.parametrize(("people", "cut"), [(999, False), (1000, True), (1001, False)])
def test_the_probe_notes_a_list_of_people_that_ends_where_data_center_cuts_it(
    web: responses.RequestsMock, connect: Open, people: int, cut: bool
) -> None:
    def search(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked = parse_qs(urlsplit(str(request.url)).query)
        first, size = int(asked["startAt"][0]), int(asked["maxResults"][0])
        listed = range(first, min(first + size, people))
        return 200, {}, json.dumps([{"key": f"u{n}", "emailAddress": f"u{n}@plant.invalid"} for n in listed])

    web.get(DC_API + "serverInfo", json={"version": "9.12.0", "deploymentType": "Server"})
    web.get(DC_API + "myself", json={"key": "u0", "displayName": "Wendeline Brick"})
    web.get(DC_API + "project", json=[{"id": "10000", "key": "KILN", "name": "The Kiln"}])
    web.get(DC_API + "worklog/updated", json={"values": [], "lastPage": True})
    web.add_callback(responses.GET, DC_API + "user/search", callback=search)
    gaps = connect(CORPORATE).probe().gaps
    assert [gap.what for gap in gaps] == (["People after the first 1000"] if cut else [])


def test_the_probe_notes_a_missing_worklog_list(web: responses.RequestsMock, connect: Open) -> None:
    web.get(API + "myself", json={"accountId": "1", "displayName": "Wendeline Brick"})
    web.get(API + "project/search", json={"values": [{"id": "1", "key": "KILN"}], "isLast": True})
    web.get(API + "users/search", json=[{"accountId": "2", "emailAddress": "p@plant.invalid"}])
    web.get(API + "worklog/updated", status=404, json={})
    assert [gap.what for gap in connect(CLOUD).probe().gaps] == ["This site does not list its worklogs"]
