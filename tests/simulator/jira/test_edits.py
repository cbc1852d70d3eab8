"""A running site is changed as people would; what the account then sees over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from simulator.jira import edits

API = "/rest/api/2/"


@pytest.fixture
def made(either, world):
    """When and by whom."""
    return {"at": world.now, "by": either.site.me}


def found(browser, jql):
    if browser.site.flavour == "cloud":
        page = browser.post("/rest/api/3/search/jql", {"jql": jql + " ORDER BY id ASC", "fields": ["summary"]})
    else:
        page = browser.get(API + "search", jql=jql + " ORDER BY id ASC", fields="summary")
    return [issue["key"] for issue in page["issues"]]


def items(browser, ident):
    """The items of the latest history, by field."""
    log = browser.get(API + f"issue/{ident}", expand="changelog")["changelog"]["histories"]
    latest = log[0 if browser.site.flavour == "cloud" else -1]
    return {item["field"]: (item["from"], item["fromString"], item["to"], item["toString"]) for item in latest["items"]}


def test_create(either, made):
    issue = edits.create_issue(either.site, project_id="2", kind_id="10", summary="New", **made)
    assert issue.key == "TWO-2"
    assert found(either, "project = TWO") == ["TWO-1", "TWO-2"]
    shown = either.get(API + "issue/TWO-2")["fields"]
    assert shown["status"]["name"] == "To Do"
    assert shown["created"] == shown["updated"] == "2026-03-02T12:00:00.000+0000"


def test_edit_writes_one_history_with_each_field_in_jiras_form(either, made):
    person = next(ident for ident in either.site.users if "gone" in ident)
    changes = {
        "duedate": "2026-04-01",
        "timeestimate": 3600,
        "assignee": person,
        "customfield_2": 5.0,
        "customfield_4": "2026-03-05",
        "customfield_1": [],
        "labels": ["red"],
        "summary": "Summary of ONE-1",
    }
    tolo = "acc-tolo" if either.site.flavour == "cloud" else "KEY-tolo"
    edits.edit(either.site, "101", changes, **made)
    assert items(either, "101") == {
        "duedate": ("2026-03-20", "2026-03-20 00:00:00.0", "2026-04-01", "2026-04-01 00:00:00.0"),
        "timeestimate": ("7200", "7200", "3600", "3600"),
        "assignee": (tolo, "Tolo", person, "Gone"),
        "Story Points": (None, "3", None, "5"),
        "Start date": ("", "", "2026-03-05", "05/Mar/26"),
        "Sprint": ("7", "Sprint [7], first", "", ""),
        "labels": (None, "red blue", None, "red"),
    }
    assert found(either, 'updated >= "2026/03/02 12:00" AND project = ONE') == ["ONE-1"]


def test_an_edit_that_changes_nothing_leaves_no_trace(either, made):
    edits.edit(either.site, "101", {"summary": "Summary of ONE-1"}, **made)
    shown = either.get(API + "issue/101", expand="changelog")
    assert shown["changelog"]["total"] == 0
    assert shown["fields"]["updated"].startswith("2026-03-01T10:01:30")


def test_transition_resolves_and_reopens(either, made):
    edits.transition(either.site, "101", "5", **made)
    assert items(either, "101") == {
        "status": ("1", "To Do", "5", "Done"),
        "resolution": (None, None, "1", "Done"),
    }
    assert either.get(API + "issue/101")["fields"]["resolutiondate"] == "2026-03-02T12:00:00.000+0000"
    edits.transition(either.site, "101", "3", **made)
    reopened = either.get(API + "issue/101")["fields"]
    assert (reopened["resolution"], reopened["resolutiondate"]) == (None, None)
    assert ("statuscategorychangedate" in reopened) == (either.site.flavour == "cloud")


def test_move_keeps_the_id_and_the_old_key_leads_on(either, made):
    assert edits.move(either.site, "102", "2", **made) == "TWO-2"
    assert either.get(API + "issue/ONE-2")["key"] == "TWO-2"
    assert either.get(API + "issue/102")["key"] == "TWO-2"
    assert "ONE-2" not in found(either, "project = ONE")
    assert found(either, "project = TWO") == ["TWO-2", "TWO-1"]
    assert items(either, "102") == {
        "project": ("1", "Project ONE", "2", "Project TWO"),
        "Key": (None, "ONE-2", None, "TWO-2"),
    }
    again = edits.create_issue(either.site, project_id="1", kind_id="10", summary="Next", **made)
    assert again.key == "ONE-7"


def test_an_epic_link_shows_the_present_key_of_an_epic_that_moved(either, made):
    custom = {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"}
    either.site.fields.append({"id": "customfield_9", "name": "Epic Link", "custom": True, "schema": custom})
    either.site.issues["101"].fields["customfield_9"] = "ONE-2"
    before = either.get(API + "issue/101")["fields"]["updated"]
    edits.move(either.site, "102", "2", **made)
    shown = either.get(API + "issue/101")["fields"]
    assert (shown["customfield_9"], shown["updated"]) == ("TWO-2", before)


def test_what_is_deleted_archived_or_hidden_leaves_the_searches(either, made):
    worklog = edits.add_worklog(either.site, "101", seconds=60, started=made["at"], **made)
    edits.delete_issue(either.site, "101", at=made["at"])
    edits.archive_issue(either.site, "102")
    edits.hide_issue(either.site, "103")
    assert found(either, "project = ONE") == ["ONE-4", "ONE-5", "ONE-6"]
    assert [ident for ident, _ in either.site.deleted_worklogs] == [worklog]
    for lost in ("101", "ONE-1", "103", "ONE-3"):
        refused = either.refused("GET", API + f"issue/{lost}", 404)
        assert refused["errorMessages"] == ["Issue does not exist or you do not have permission to see it."]
    assert either.get(API + "issue/102")["key"] == "ONE-2"
    edits.archive_issue(either.site, "102", False)
    edits.hide_issue(either.site, "103", False)
    assert found(either, "project = ONE") == ["ONE-2", "ONE-3", "ONE-4", "ONE-5", "ONE-6"]
    edits.archive_project(either.site, "1")
    assert found(either, "project = ONE") == []


def test_an_archived_issue_read_by_id_tells_that_it_is(either):
    edits.archive_issue(either.site, "102")
    assert either.get(API + "issue/102")["fields"]["archiveddate"].startswith("2026-03-01")
    edits.archive_issue(either.site, "102", False)
    assert "archiveddate" not in either.get(API + "issue/102")["fields"]


def test_a_deleted_issue_can_come_back_and_its_id_and_key_are_no_other_s(either, made):
    worklog = edits.add_worklog(either.site, "106", seconds=60, started=made["at"], **made)
    edits.link(either.site, "20", "106", "101", **made)
    edits.delete_issue(either.site, "106", at=made["at"])
    edits.delete_issue(either.site, "301", at=made["at"])
    other = edits.create_issue(either.site, project_id="1", kind_id="10", summary="Next", **made)
    assert (other.id, other.key) == ("302", "ONE-7")
    edits.restore_issue(either.site, "106", at=made["at"])
    assert "ONE-6" in found(either, "project = ONE")
    shown = either.get(API + "issue/106")["fields"]
    assert (shown["updated"], shown["issuelinks"]) == ("2026-03-02T12:00:00.000+0000", [])
    assert [one["id"] for one in shown["worklog"]["worklogs"]] == [worklog]
    assert either.site.deleted_worklogs == []


def test_an_issue_goes_below_another_one_and_out_again(either, made):
    cloud = either.site.flavour == "cloud"
    epic = {"id": "customfield_9", "name": "Epic Link", "custom": True}
    epic["schema"] = {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link"}
    either.site.fields.append(epic)
    edits.reparent(either.site, "101", "102", **made)
    shown = either.get(API + "issue/101")["fields"]
    assert (shown["parent"]["key"] if cloud else shown["customfield_9"]) == "ONE-2"
    name = "IssueParentAssociation" if cloud else "Epic Link"
    assert items(either, "101") == {name: (None, None, "102", "ONE-2")}
    edits.reparent(either.site, "101", None, **made)
    shown = either.get(API + "issue/101")["fields"]
    assert (shown["parent"] if cloud else shown["customfield_9"]) is None


def test_a_project_out_of_sight_looks_deleted(either):
    edits.hide_project(either.site, "1")
    assert either.refused("GET", API + "project/ONE", 404)["errorMessages"]
    assert either.refused("GET", API + "issue/ONE-1", 404)["errorMessages"]
    assert "ONE" not in [project["key"] for project in either.get(API + "project")]
    path = "/rest/api/3/search/jql" if either.site.flavour == "cloud" else API + "search"
    assert (
        "'ONE' does not exist" in either.refused("GET", path, 400, params={"jql": "project = ONE"})["errorMessages"][0]
    )
    edits.hide_project(either.site, "1", False)
    assert len(found(either, "project = ONE")) == 6


def test_worklogs_move_time_spent_and_time_left(either, made):
    started = made["at"] - timedelta(hours=27)
    ident = edits.add_worklog(either.site, "101", seconds=1800, started=started, **made)
    assert items(either, "101") == {
        "timespent": (None, None, "1800", "1800"),
        "timeestimate": ("7200", "7200", "5400", "5400"),
        "WorklogId": (None, None, ident, ident),
    }
    edits.edit_worklog(either.site, ident, seconds=3600, **made)
    fields = either.get(API + "issue/101")["fields"]
    assert (fields["timespent"], fields["timeestimate"]) == (3600, 3600)
    assert fields["worklog"]["worklogs"][0]["timeSpentSeconds"] == 3600
    edits.delete_worklog(either.site, ident, **made)
    fields = either.get(API + "issue/101")["fields"]
    assert (fields["timespent"], fields["timeestimate"], fields["worklog"]["total"]) == (0, 7200, 0)


def test_links_stand_at_both_ends(either, made):
    ident = edits.link(either.site, "20", "101", "201", **made)
    one, two = (either.get(API + f"issue/{key}")["fields"]["issuelinks"] for key in ("ONE-1", "TWO-1"))
    assert one[0]["outwardIssue"]["key"] == "TWO-1"
    assert two[0]["inwardIssue"]["key"] == "ONE-1"
    assert one[0]["id"] == two[0]["id"] == ident
    assert items(either, "201") == {"Link": (None, None, "ONE-1", "This issue is blocked by ONE-1")}
    edits.transition(either.site, "201", "5", **made)
    status = either.get(API + "issue/ONE-1")["fields"]["issuelinks"][0]["outwardIssue"]["fields"]["status"]
    assert status["name"] == "Done"
    edits.unlink(either.site, ident, **made)
    assert [either.get(API + f"issue/{key}")["fields"]["issuelinks"] for key in ("ONE-1", "TWO-1")] == [[], []]
    assert items(either, "101") == {"Link": ("TWO-1", "This issue blocks TWO-1", None, None)}


def test_sprints_and_versions_change_without_touching_issues(either, made):
    before = either.get(API + "issue/101")["fields"]["updated"]
    ident = edits.new_sprint(either.site, "1", "Sprint 9", start=made["at"], end=made["at"] + timedelta(days=14))
    edits.edit_sprint(either.site, 7, name="Renamed", state="closed", completeDate=made["at"])
    edits.release_version(either.site, "30", date(2026, 3, 2))
    sprints = either.get("/rest/agile/1.0/board/1/sprint")["values"]
    assert [(sprint["id"], sprint["state"]) for sprint in sprints] == [(7, "closed"), (8, "future"), (ident, "future")]
    assert sprints[0]["completeDate"] == "2026-03-02T12:00:00.000Z"
    assert sprints[2]["startDate"] == "2026-03-02T12:00:00.000Z"
    assert "Renamed" in str(either.get(API + "issue/101")["fields"]["customfield_1"])
    assert either.get(API + "project/ONE/versions")[0]["released"] is True
    assert either.get(API + "issue/101")["fields"]["updated"] == before


def test_a_renamed_person_is_renamed_everywhere(either):
    edits.edit_user(either.site, next(ident for ident in either.site.users if "tolo" in ident), displayName="Tolo Two")
    assert either.get(API + "issue/101")["fields"]["assignee"]["displayName"] == "Tolo Two"


def test_an_unknown_id_is_a_key_error(either, made):
    with pytest.raises(KeyError):
        edits.transition(either.site, "101", "999", **made)
    with pytest.raises(KeyError):
        edits.edit_worklog(either.site, "999", **made)
