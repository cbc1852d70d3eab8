"""The Jira sites: histories lead back to the beginning, ids and references hold, the two flavours differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from simulator.company.build import Company
from simulator.company.item import Item
from simulator.company.jira_catalogue import FIELDS, KINDS
from simulator.company.names import HOSTILE
from simulator.company.plan import Tracker
from simulator.jira.site import Issue, Site

SITES = [Tracker.CLOUD, Tracker.DATACENTER]


def site_of(company: Company, tracker: Tracker) -> Site:
    return company.cloud if tracker is Tracker.CLOUD else company.datacenter


def items_of(company: Company, tracker: Tracker) -> Iterator[tuple[Item, Issue]]:
    site = site_of(company, tracker)
    for item in company.plan.items:
        if item.project.tracker is tracker:
            yield item, site.issues[item.external_id]


def present(item: Item, issue: Issue, tracker: Tracker) -> dict[str, Any]:
    """The fields of an issue that its changelog tells about, as the changelog writes them."""
    ids, fields = FIELDS[tracker], issue.fields
    user = "accountId" if tracker is Tracker.CLOUD else "key"
    points = ids.points_estimate if "team_managed" in item.project.quirks and ids.points_estimate else ids.points
    shown = {
        "status": fields["status"]["id"],
        "resolution": fields["resolution"] and fields["resolution"]["id"],
        "duedate": fields["duedate"],
        "assignee": fields["assignee"] and fields["assignee"][user],
        "priority": fields["priority"]["id"],
        "timeoriginalestimate": fields["timeoriginalestimate"],
        "timeestimate": fields["timeestimate"],
        "timespent": fields["timespent"],
        "points": fields[points],
        "Sprint": ", ".join(str(sprint["id"]) for sprint in fields[ids.sprint] or []),
        "Flagged": "[10019]" if fields[ids.flagged] else None,
        "project": fields["project"]["id"],
        "Key": issue.key,
        "issuetype": fields["issuetype"]["id"],
        "Start date": fields[ids.start],
        "Target start": fields[ids.start],
        "IssueParentAssociation": fields["parent"]["id"] if fields.get("parent") else None,
        "Epic Link": fields[ids.epic_link],
    }
    return {name: None if value is None else str(value) for name, value in shown.items()}


@pytest.mark.parametrize("tracker", SITES)
def test_histories_lead_back_to_the_beginning(whole: Company, tracker: Tracker) -> None:
    told = set()
    for item, issue in items_of(whole, tracker):
        values = present(item, issue, tracker)
        before = None
        for history in reversed(issue.histories):
            assert before is None or history["created"] <= before
            before = history["created"]
            for entry in history["items"]:
                name = "points" if entry["field"].startswith("Story") else entry["field"]
                if name == "WorklogId":
                    continue
                by_text = name in ("points", "Key", "Epic Link")
                new, old = ("toString", "fromString") if by_text else ("to", "from")
                assert shorter(values[name], by_text) == entry[new], (issue.key, name)
                values[name] = entry[old]
                told.add(name)
        assert values["timespent"] is None
        assert values["resolution"] is None
        assert values["Sprint"] == ""
        assert values["Flagged"] is None
        first_status = item.at_creation("status")
        home = next((old for moved, old, _ in whole.plan.moved if moved is item), item.project)
        statuses = {status["id"]: status for status in site_of(whole, tracker).statuses}
        assert statuses[str(values["status"])]["name"] == home.workflow.step(first_status).name
    parent = "IssueParentAssociation" if tracker is Tracker.CLOUD else "Epic Link"
    start = "Start date" if tracker is Tracker.CLOUD else "Target start"
    assert told >= {"status", "duedate", "assignee", "points", "Sprint", "Flagged", "Key", "issuetype", parent, start}


def shorter(value: str | None, by_text: bool) -> str | None:
    return value.removesuffix(".0") if value and by_text else value


@pytest.mark.parametrize("tracker", SITES)
def test_instants_agree(whole: Company, tracker: Tracker) -> None:
    for _, issue in items_of(whole, tracker):
        fields = issue.fields
        ends = [history["created"] for history in issue.histories] + [c["created"] for c in issue.comments]
        assert fields["updated"] == max([fields["created"], *ends])
        done = fields["status"]["statusCategory"]["key"] == "done"
        assert done == (fields["resolution"] is not None) == (fields["resolutiondate"] is not None)
        if done and tracker is Tracker.CLOUD:
            assert fields["statuscategorychangedate"] == fields["resolutiondate"]
        assert (fields["timespent"] or 0) == sum(log["timeSpentSeconds"] for log in issue.worklogs)
        assert all(log["started"] < log["created"] <= fields["updated"] for log in issue.worklogs)


@pytest.mark.parametrize("tracker", SITES)
def test_ids_are_unique_and_references_hold(whole: Company, tracker: Tracker) -> None:
    site = site_of(whole, tracker)
    issues = list(site.issues.values())
    assert len({issue.key for issue in issues}) == len(issues)
    assert [int(ident) for ident in site.issues] == sorted(map(int, site.issues))
    histories = [history["id"] for issue in issues for history in issue.histories]
    logs = [log["id"] for issue in issues for log in issue.worklogs]
    assert len(set(histories)) == len(histories)
    assert len(set(logs)) == len(logs)
    statuses = {status["id"] for status in site.statuses}
    kinds = {kind["id"] for kind in site.issue_types}
    sprints = {sprint["id"] for listed in site.sprints_by_board.values() for sprint in listed}
    versions = {version["id"] for listed in site.versions.values() for version in listed}
    keys = {issue.key for issue in issues}
    ids = FIELDS[tracker]
    assert set(ids.__dict__.values()) - {None} <= {field["id"] for field in site.fields}
    for issue in issues:
        fields = issue.fields
        assert fields["status"]["id"] in statuses
        assert fields["issuetype"]["id"] in kinds
        assert fields["project"]["id"] in site.projects
        assert {sprint["id"] for sprint in fields[ids.sprint] or []} <= sprints
        assert {version["id"] for version in fields["fixVersions"]} <= versions
        assert fields[ids.epic_link] is None or fields[ids.epic_link] in keys
        assert "parent" not in fields or fields["parent"]["id"] in site.issues
        for entry in (entry for history in issue.histories for entry in history["items"]):
            if entry["field"] == "status":
                assert {entry["from"], entry["to"]} <= statuses
        for link in fields["issuelinks"]:
            other = link.get("outwardIssue") or link.get("inwardIssue")
            back = site.issues[other["id"]].fields["issuelinks"]
            assert link["id"] in {entry["id"] for entry in back}


def test_the_flavours_differ(whole: Company) -> None:
    cloud, datacenter = whole.cloud, whole.datacenter
    assert set(vars(FIELDS[Tracker.CLOUD]).values()) & set(vars(FIELDS[Tracker.DATACENTER]).values()) == set()
    assert all(":" in ident for ident in cloud.users)
    assert all(ident.startswith("JIRAUSER") for ident in datacenter.users)
    children = [issue.fields for issue in cloud.issues.values() if issue.fields.get("parent")]
    assert {"Epic", "Story", "Task"} <= {fields["parent"]["fields"]["issuetype"]["name"] for fields in children}
    dc_children = [issue.fields for issue in datacenter.issues.values() if "parent" in issue.fields]
    assert {fields["issuetype"]["name"] for fields in dc_children} == {"Sub-task"}
    assert any(issue.fields["customfield_10101"] for issue in datacenter.issues.values())
    assert all("hierarchyLevel" in kind for kind in cloud.issue_types)
    entries = [e for issue in datacenter.issues.values() for history in issue.histories for e in history["items"]]
    assert not any("fieldId" in entry for entry in entries)


def test_team_managed_projects_repeat_names_under_own_ids(whole: Company) -> None:
    to_do = [status for status in whole.cloud.statuses if status["name"] == "To Do"]
    assert len(to_do) >= 3
    assert len({status["id"] for status in to_do}) == len(to_do)
    assert {"PROJECT"} == {status["scope"]["type"] for status in to_do if "scope" in status}
    names = {status["name"] for status in whole.cloud.statuses}
    assert {"In Prüfung", "Concluído", "Waiting for Customer"} <= names
    both = ("customfield_10026", "customfield_10016")
    used = {field: sum(issue.fields[field] is not None for issue in whole.cloud.issues.values()) for field in both}
    assert min(used.values()) > 50
    configured = {
        configuration["estimation"].get("field", {}).get("fieldId")
        for configuration in whole.cloud.board_configuration.values()
    }
    assert {*both, "timeoriginalestimate", None} <= configured


@pytest.mark.parametrize("tracker", SITES)
def test_rare_things_are_there(whole: Company, tracker: Tracker) -> None:
    site = site_of(whole, tracker)
    issues = list(site.issues.values())
    assert max(len(issue.histories) for issue in issues) > 40
    assert max(len(issue.worklogs) for issue in issues) > 20
    assert max(len(issue.comments) for issue in issues) > 20
    assert set(HOSTILE) <= {issue.fields["summary"] for issue in issues}
    [(old, ident)] = site.old_keys.items()
    assert site.issues[ident].key != old
    assert old not in {issue.key for issue in issues}
    assert any(user["accountType"] == "app" for user in site.users.values())
    assert any(not user["active"] for user in site.users.values())
    assert any(user["displayName"] != user["displayName"].strip() for user in site.users.values())
    assert {kind["name"] for kind in site.issue_types} == {name for name, _, _ in KINDS.values()}


def test_a_blocked_issue_carries_the_impediment(whole: Company) -> None:
    flagged = [issue.fields["customfield_10021"] for issue in whole.cloud.issues.values()]
    values = {option["value"] for options in flagged if options for option in options}
    assert values == {"Impediment"}
