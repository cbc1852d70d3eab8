"""Two invented sites of one small firm: a Cloud and a Data Center Jira, complete enough for every stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.jira.site import Issue, Site, jira_time

SPRINT = "customfield_10020"
POINTS = "customfield_10016"
EPIC = "customfield_10014"
TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TODO = {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new"}}
DONE = {"id": "3", "name": "Done", "statusCategory": {"id": 3, "key": "done"}}
TASK = {"id": "100", "name": "Task", "subtask": False, "hierarchyLevel": 0}


def plant(flavour: str, issues: int = 30, histories: int = 3) -> Site:
    """`issues` issues in project 10000 with that many histories each, one in 10001; 10002 is archived and empty."""
    cloud = flavour == "cloud"
    site = Site(flavour=flavour, time_zone="Europe/Oslo", context_path="" if cloud else "/jira")
    for number, name in enumerate(("Wendeline Brick", "Osgood Tile", "Robot Broom")):
        ident = f"70:{number}" if cloud else f"JIRAUSER{number}"
        person: dict[str, Any] = {
            "displayName": name,
            "emailAddress": f"p{number}@plant.invalid",
            "active": number != 1,
        }
        person |= {"accountId": ident, "accountType": "app" if number == 2 else "atlassian"}
        site.users[ident] = person | {"key": ident, "name": f"p{number}"}
    site.me = next(iter(site.users))
    me = site.users[site.me]
    site.hidden_emails = {list(site.users)[1]}
    for ident, key in (("10000", "KILN"), ("10001", "GLAZE"), ("10002", "CLAY")):
        site.projects[ident] = {
            "id": ident,
            "key": key,
            "name": f"The {key.title()}",
            "lead": me,
            "archived": key == "CLAY",
        }
        site.versions[ident] = [
            {
                "id": f"{ident}1",
                "name": "First firing",
                "projectId": int(ident),
                "releaseDate": "2026-05-01",
                "released": True,
            }
        ]
        site.components[ident] = [{"id": f"{ident}2", "name": "Door", "project": key, "projectId": int(ident)}]
    site.fields = [
        {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
        {"id": "issuekey", "name": "Key", "custom": False},
        _field(SPRINT, "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
        _field(POINTS, "Story point estimate", "number", "com.pyxis.greenhopper.jira:jsw-story-points"),
        _field(EPIC, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link"),
    ]
    site.statuses, site.issue_types = [TODO, DONE], [TASK]
    site.link_types = [{"id": "9", "name": "Blocks", "outward": "blocks", "inward": "is blocked by"}]
    _boards(site)
    for number in range(issues):
        _issue(site, str(20000 + number), "10000", f"KILN-{number + 1}", histories)
    _issue(site, "30000", "10001", "GLAZE-1", 0)
    site.touch()
    return site


def _field(ident: str, name: str, kind: str, custom: str) -> dict[str, Any]:
    return {"id": ident, "name": name, "custom": True, "schema": {"type": kind, "custom": custom}}


def _boards(site: Site) -> None:
    """A scrum board, a second one that shows a sprint of the first, and a kanban board."""
    for ident, kind in (("1", "scrum"), ("2", "scrum"), ("3", "kanban")):
        location = {"projectId": 10000, "projectKey": "KILN"}
        site.boards[ident] = {"id": int(ident), "name": f"Board {ident}", "type": kind, "location": location}
    field = {"fieldId": POINTS, "displayName": "Story point estimate"}
    site.board_configuration["1"] = {"estimation": {"type": "field", "field": field}}
    own = [
        {
            "id": number,
            "state": "active",
            "name": f"Sprint {number}",
            "originBoardId": 1,
            "startDate": "2026-01-05T08:00:00.000Z",
        }
        for number in range(1, 61)
    ]
    site.sprints_by_board = {"1": own, "2": [own[0], {"id": 99, "state": "future", "name": "Next", "originBoardId": 2}]}


def _issue(site: Site, ident: str, project: str, key: str, histories: int) -> None:
    person = site.users[site.me]
    fields: dict[str, Any] = {
        "summary": f"Fire {key}",
        "project": {"id": project, "key": key.split("-")[0]},
        "issuetype": TASK,
        "status": DONE if histories % 2 else TODO,
        "assignee": person,
        "reporter": person,
        "created": jira_time(MORNING),
        "updated": jira_time(MORNING),
        "duedate": "2026-03-01",
        POINTS: 3.0,
        SPRINT: [{"id": 1, "name": "Sprint 1", "state": "active", "boardId": 1}],
    }
    issue = Issue(ident, key, fields)
    for number in range(histories):
        moved = (TODO, DONE) if number % 2 == 0 else (DONE, TODO)
        item = {
            "field": "status",
            "fieldtype": "jira",
            "fieldId": "status",
            "from": moved[0]["id"],
            "to": moved[1]["id"],
        }
        item |= {"fromString": moved[0]["name"], "toString": moved[1]["name"]}
        at = jira_time(MORNING + timedelta(hours=number + 1))
        issue.histories.append({"id": f"{ident}{number:03d}", "author": person, "created": at, "items": [item]})
    started = jira_time(MORNING)
    issue.worklogs.append(
        {
            "id": f"5{ident}",
            "issueId": ident,
            "author": person,
            "started": started,
            "created": started,
            "updated": started,
        }
        | {"timeSpentSeconds": 3600}
    )
    site.issues[ident] = issue
