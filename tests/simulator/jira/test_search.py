"""Searching over HTTP: tokens on Cloud, offsets on Data Center, and what each refuses."""

from __future__ import annotations

import pytest

from simulator.jira import edits

JQL = "/rest/api/3/search/jql"
ALL = "project = ONE ORDER BY id ASC"


def walk(cloud, **body):
    """All pages of a search by token."""
    pages, token = [], None
    while True:
        page = cloud.post(JQL, {"jql": ALL, **body, **({"nextPageToken": token} if token else {})})
        assert "total" not in page
        assert "startAt" not in page
        pages.append(page)
        token = page.get("nextPageToken")
        assert page["isLast"] == (token is None)
        if token is None:
            return pages


def test_cloud_shows_ids_only_unless_asked(cloud):
    page = cloud.get(JQL, jql=ALL)
    assert page == {"issues": [{"id": str(number)} for number in range(101, 107)], "isLast": True}


def test_cloud_pages_by_token_until_there_is_none(cloud):
    pages = walk(cloud, fields=["summary"], maxResults=4)
    assert [[issue["key"] for issue in page["issues"]] for page in pages] == [
        ["ONE-1", "ONE-2", "ONE-3", "ONE-4"],
        ["ONE-5", "ONE-6"],
    ]
    assert all(set(issue["fields"]) == {"summary"} for page in pages for issue in page["issues"])


def test_cloud_tokens_never_repeat_but_may_be_used_again(cloud):
    tokens = [page["nextPageToken"] for page in walk(cloud, maxResults=1)[:-1]]
    assert len(set(tokens)) == 5
    again = cloud.post(JQL, {"jql": ALL, "maxResults": 1, "nextPageToken": tokens[2]})
    assert again["issues"] == [{"id": "104"}]


def test_cloud_keeps_a_search_steady_while_issues_change(cloud, world):
    first = cloud.post(JQL, {"jql": "project = ONE ORDER BY updated ASC", "maxResults": 2})
    edits.edit(cloud.site, "101", {"summary": "Now the latest"}, at=world.now, by="acc-mira")
    edits.delete_issue(cloud.site, "103", at=world.now)
    body = {"jql": "project = ONE ORDER BY updated ASC", "maxResults": 9, "nextPageToken": first["nextPageToken"]}
    assert [issue["id"] for issue in cloud.post(JQL, body)["issues"]] == ["104", "105", "106"]


def test_cloud_grants_fewer_than_asked_when_fields_are_shown(cloud):
    cloud.site.page_cap = 2
    assert len(cloud.post(JQL, {"jql": ALL, "fields": ["*all"], "maxResults": 5000})["issues"]) == 2
    assert len(cloud.post(JQL, {"jql": ALL, "fields": ["id"], "maxResults": 5000})["issues"]) == 6
    assert len(cloud.post(JQL, {"jql": ALL, "fields": ["id"], "expand": "changelog"})["issues"]) == 2


@pytest.mark.parametrize("jql", ["", "ORDER BY id"])
def test_cloud_refuses_unbounded_queries(cloud, jql):
    refused = cloud.refused("POST", JQL, 400, json={"jql": jql})
    assert "Unbounded JQL queries are not allowed" in refused["errorMessages"][0]


@pytest.mark.parametrize(
    "body",
    [
        {"jql": ALL, "expand": ["changelog"]},
        {"jql": ALL, "startAt": 0},
        {"jql": ALL, "maxResults": "50"},
        {"jql": ALL, "nextPageToken": "bm9uc2Vuc2U="},
        {"jql": ALL, "reconcileIssues": list(range(51))},
        ["not an object"],
    ],
)
def test_cloud_refuses_bodies_it_does_not_know(cloud, body):
    assert cloud.refused("POST", JQL, 400, json=body)["errorMessages"]


def test_cloud_takes_the_null_members_client_libraries_send(cloud):
    body = {"jql": ALL, "fields": ["id"], "properties": None, "reconcileIssues": [], "expand": "changelog"}
    assert len(cloud.post(JQL, body)["issues"]) == 6


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/rest/api/3/search", "/rest/api/2/search"])
def test_cloud_has_removed_the_old_search(cloud, method, path):
    assert "has been removed" in cloud.refused(method, path, 410)["errorMessages"][0]


def test_cloud_counts_roughly(cloud):
    assert cloud.post("/rest/api/3/search/approximate-count", {"jql": "project = ONE"}) == {"count": 6}


def test_an_unknown_project_kills_the_whole_query(either):
    path = JQL if either.site.flavour == "cloud" else "/rest/api/2/search"
    refused = either.refused("GET", path, 400, params={"jql": "project in (ONE, NOPE)"})
    assert refused == {
        "errorMessages": ["The value 'NOPE' does not exist for the field 'project'."],
        "warningMessages": [],
    }


def test_datacenter_pages_by_offset(datacenter):
    page = datacenter.get("/rest/api/2/search", jql=ALL, startAt=4, maxResults=4, fields="summary")
    assert (page["startAt"], page["maxResults"], page["total"]) == (4, 4, 6)
    assert [issue["key"] for issue in page["issues"]] == ["ONE-5", "ONE-6"]
    assert datacenter.get("/rest/api/2/search", jql=ALL, startAt=6)["issues"] == []


def test_datacenter_silently_lowers_what_is_asked(datacenter):
    datacenter.site.page_cap = 3
    page = datacenter.get("/rest/api/2/search", jql=ALL, maxResults=1000)
    assert (page["maxResults"], len(page["issues"]), page["total"]) == (3, 3, 6)


def test_datacenter_wants_expand_as_a_list(datacenter):
    body = {"jql": ALL, "fields": ["summary"], "maxResults": 1, "startAt": 0}
    assert datacenter.post("/rest/api/2/search", {**body, "expand": ["changelog"]})["issues"][0]["changelog"]
    refused = datacenter.refused("POST", "/rest/api/2/search", 400, json={**body, "expand": "changelog"})
    assert "VALUE_STRING" in refused["errorMessages"][0]


def test_datacenter_may_refuse_to_page_far(datacenter):
    datacenter.site.window = 5
    assert datacenter.get("/rest/api/2/search", jql=ALL, maxResults=5)["total"] == 6
    params = {"jql": ALL, "startAt": 3, "maxResults": 3}
    assert datacenter.refused("GET", "/rest/api/2/search", 500, params=params)["errorMessages"]


def test_datacenter_warns_instead_when_told_not_to_validate(datacenter):
    page = datacenter.get("/rest/api/2/search", jql="project in (TWO, NOPE)", validateQuery="false")
    assert [issue["key"] for issue in page["issues"]] == ["TWO-1"]
    assert page["warningMessages"] == ["The value 'NOPE' does not exist for the field 'project'."]


def test_fields_may_be_left_out_of_all(either):
    path = JQL if either.site.flavour == "cloud" else "/rest/api/2/search"
    page = either.get(path, jql="key = ONE-1", fields=["*all", "-comment,-description"])
    fields = page["issues"][0]["fields"]
    assert "worklog" in fields
    assert not {"comment", "description"} & set(fields)
    shown = either.get(path, jql="key = ONE-1", fields="*navigable")["issues"][0]["fields"]
    assert "summary" in shown
    assert not {"comment", "worklog", "timetracking"} & set(shown)
