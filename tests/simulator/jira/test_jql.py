"""JQL as the simulated Jira reads it: time zones, minutes, ids, errors in Jira's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.jira.index import SiteIndex
from simulator.jira.jql import QueryError, parse
from simulator.jira.jql_match import Matcher
from simulator.jira.site import Site

NOW = datetime(2026, 3, 1, 10, 10, tzinfo=UTC)


def keys(site: Site, jql: str) -> list[str]:
    return [issue.key for issue in Matcher(site, SiteIndex(site), NOW).find(parse(jql))]


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.fixture
def site(make_site):
    return make_site("cloud")


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("project = ONE AND id > 104 ORDER BY id ASC", ["ONE-5", "ONE-6"]),
        ("project in (1, TWO) and key in (ONE-2, two-1) order by key", ["ONE-2", "TWO-1"]),
        ('project = "Project TWO"', ["TWO-1"]),
        ("project = one and not id <= 105", ["ONE-6"]),
        ("issue in (102, ONE-1) order by created asc, id desc", ["ONE-2", "ONE-1"]),
        ("project = ONE and (key = ONE-1 or key = ONE-3) order by id", ["ONE-1", "ONE-3"]),
        ("project = ONE and sprint = 7 and key not in (ONE-1, ONE-2, ONE-3, ONE-4) order by id", ["ONE-5", "ONE-6"]),
        ("category = Growth and cf[2] >= 3 and key = ONE-1", ["ONE-1"]),
        ('project = TWO and "Story Points" = 3.0', ["TWO-1"]),
        ("labels = red and component is EMPTY and project = TWO", ["TWO-1"]),
        ("project = TWO and status != 'In Progress' and type = Task", ["TWO-1"]),
        ("project = TWO and due >= 2026-03-20 and due < 2026-03-21", ["TWO-1"]),
        ("project = TWO and assignee = currentUser()", []),
        ("project = TWO and summary ~ 'of two'", ["TWO-1"]),
        ("parent = ONE-1", []),
    ],
)
def test_clauses(site, jql, expected):
    assert keys(site, jql) == expected


def test_without_an_order_the_newest_id_comes_first(site):
    assert keys(site, "project = ONE") == [f"ONE-{number}" for number in range(6, 0, -1)]


def test_only_a_bare_number_is_an_instant_and_only_where_the_site_takes_it(site):
    moment = epoch("2026-03-01T10:05:30+00:00")
    assert keys(site, f"project = ONE AND updated >= {moment} ORDER BY id") == ["ONE-5", "ONE-6"]
    with pytest.raises(QueryError, match="is invalid"):
        keys(site, f'project = ONE AND updated >= "{moment}"')
    site.takes_milliseconds = False
    with pytest.raises(QueryError, match="is invalid"):
        keys(site, f"project = ONE AND updated >= {moment}")


def test_date_texts_are_read_in_the_time_zone_of_the_account(site):
    # ONE-3 was updated at 10:03:30 UTC, which is 23:03:30 in Auckland.
    in_utc = 'project = ONE AND updated >= "2026/03/01 10:03" ORDER BY id'
    assert keys(site, in_utc) == ["ONE-3", "ONE-4", "ONE-5", "ONE-6"]
    site.time_zone = "Pacific/Auckland"
    assert keys(site, in_utc) == [f"ONE-{number}" for number in range(1, 7)]
    assert keys(site, 'project = ONE AND updated >= "2026-03-01 23:03" ORDER BY id') == [
        "ONE-3",
        "ONE-4",
        "ONE-5",
        "ONE-6",
    ]
    assert keys(site, 'project = ONE AND updated >= "2026-03-02"') == []


def test_date_texts_know_minutes_only(site):
    # A text that names the minute of an update does not reach the half minute after it.
    assert keys(site, 'project = ONE AND updated <= "2026/03/01 10:03" ORDER BY id') == ["ONE-1", "ONE-2"]
    assert keys(site, 'project = ONE AND updated > "2026/03/01 10:05" ORDER BY id') == ["ONE-5", "ONE-6"]
    with pytest.raises(QueryError, match="Date value '2026/03/01 10:03:30' for field 'updated' is invalid"):
        keys(site, 'project = ONE AND updated > "2026/03/01 10:03:30"')


def test_a_bare_number_is_an_instant_whatever_the_time_zone(site):
    site.time_zone = "Pacific/Auckland"
    moment = epoch("2026-03-01T10:05:30+00:00")
    assert keys(site, f"project = ONE AND updated >= {moment} ORDER BY id") == ["ONE-5", "ONE-6"]
    assert keys(site, f"project = ONE AND updated > {moment} ORDER BY id") == ["ONE-6"]


def test_relative_dates_count_from_the_servers_now(site):
    assert keys(site, "project = ONE AND updated >= -5m ORDER BY id") == ["ONE-5", "ONE-6"]
    assert keys(site, "project = ONE AND updated >= '-1h 4w'") != []
    assert keys(site, "project = ONE AND updated < -3d") == []


def test_archived_projects_and_lost_issues_are_not_found(site):
    site.issues["101"].archived = True
    site.issues["102"].hidden = True
    assert keys(site, "id > 0 ORDER BY id") == ["ONE-3", "ONE-4", "ONE-5", "ONE-6", "TWO-1"]
    assert keys(site, "project = OLD") == []


def test_serialised_sprints_are_found_by_id(site):
    text = "com.atlassian.greenhopper.service.sprint.Sprint@1a[id=9,rapidViewId=1,state=ACTIVE,name=id=7,goal=<null>]"
    site.issues["101"].fields["customfield_1"] = [text]
    assert keys(site, "sprint = 9") == ["ONE-1"]


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("project in (ONE, NOPE)", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Nowhere", "The value 'Nowhere' does not exist for the field 'status'."),
        ("key = ONE-99", "An issue with key 'ONE-99' does not exist"),
        ("nothing = 1", "Field 'nothing' does not exist or you do not have permission to view it."),
        ("project ONE", "Expecting operator but got 'ONE'"),
        ("project = ONE AND", "before the end of the query"),
        ("project = ONE key = 2", "Expecting either 'OR' or 'AND' but got 'key'"),
        ("(project = ONE", "Expecting"),
        ("project in ONE", "Expecting '('"),
        ("project = 'ONE", "reserved JQL character"),
        ("project = ONE order by a, b, c, d, e, f, g, h", "order by is 7"),
    ],
)
def test_what_jira_refuses(site, jql, words):
    with pytest.raises(QueryError) as caught:
        keys(site, jql)
    assert words in caught.value.messages[0]
