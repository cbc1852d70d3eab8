"""A small simulated Jira for one history: two followed projects, one beside them, some items with a past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.jira import edits
from simulator.jira.site import Site

SPRINT, EPIC_LINK = "customfield_10020", "customfield_10014"
ALPHA, BETA, BESIDE = "10000", "10001", "10002"
KEYS = {ALPHA: "ALPHA", BETA: "BETA", BESIDE: "OTHER"}
EPIC, STORY, TASK, SUBTASK = "100", "101", "102", "103"
TODO, DOING, REVIEW, DONE = "1", "2", "3", "4"
BLOCKS, RELATES = "20", "21"
RESOLVED, DROPPED = "30", "31"
BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def build(flavour: str, *, takes_milliseconds: bool, items: int = 8) -> Site:
    """A site with `items` issues, of which the last two are in the project beside."""
    cloud = flavour == "cloud"
    site = Site(flavour, time_zone="Europe/Oslo", context_path="" if cloud else "/jira")
    site.takes_milliseconds = takes_milliseconds
    _people(site)
    for ident, key in KEYS.items():
        site.projects[ident] = {"id": ident, "key": key, "name": f"Project {key}", "lead": site.users[site.me]}
        site.versions[ident], site.components[ident] = [], []
        board = str(int(ident) - 9999)
        location = {"projectId": int(ident), "projectKey": key}
        site.boards[board] = {"id": int(board), "name": f"Board {key}", "type": "scrum", "location": location}
        site.sprints_by_board[board] = []
    _catalogue(site)
    past = BEGINNING - timedelta(days=20)
    edits.new_sprint(site, "1", "Sprint one", start=past)
    edits.new_version(site, ALPHA, "First", due=past.date())
    for number in range(items):
        _issue(site, number, ALPHA if number % 2 == 0 else BETA, past + timedelta(hours=number))
    _issue(site, items, BESIDE, past)
    site.touch()
    return site


def person_ids(site: Site) -> list[str]:
    return sorted(site.users)


def _issue(site: Site, number: int, project: str, at: datetime) -> None:
    who = person_ids(site)[number % 3]
    kind = EPIC if number == 0 else STORY
    issue = edits.create_issue(site, project_id=project, kind_id=kind, summary=f"Item {number}", at=at, by=who)
    issue.fields |= {"timeoriginalestimate": None, "timeestimate": None, "timespent": None, SPRINT: None}
    if number % 3 == 1:
        edits.transition(site, issue.id, DOING, at=at + timedelta(days=1), by=who)
        edits.edit(site, issue.id, {"assignee": who, "duedate": "2026-03-20"}, at=at + timedelta(days=2), by=who)
        edits.add_worklog(site, issue.id, seconds=3600, started=at, at=at + timedelta(days=3), by=who)
    if number == 2:
        # More than Cloud embeds in a search.
        for turn in range(45):
            status = (DOING, TODO)[turn % 2]
            edits.transition(site, issue.id, status, at=at + timedelta(minutes=turn + 1), by=who)


def _people(site: Site) -> None:
    for number, name in enumerate(("Ada Okafor", "Bo Lindqvist", "Chi Marino", "Dag Solvang")):
        ident = f"70:{number}" if site.flavour == "cloud" else f"JIRAUSER{number}"
        site.users[ident] = {
            "accountId": ident,
            "accountType": "atlassian",
            "key": ident,
            "name": f"user{number}",
            "displayName": name,
            "emailAddress": f"user{number}@chaos.invalid",
            "active": True,
        }
    site.me = min(site.users)


def _catalogue(site: Site) -> None:
    categories = {TODO: ("To Do", 2, "new"), DOING: ("In Progress", 4, "indeterminate"),
                  REVIEW: ("In Review", 4, "indeterminate"), DONE: ("Done", 3, "done")}  # fmt: skip
    site.statuses = [
        {"id": ident, "name": name, "statusCategory": {"id": number, "key": key}}
        for ident, (name, number, key) in categories.items()
    ]
    levels = {EPIC: ("Epic", 1), STORY: ("Story", 0), TASK: ("Task", 0), SUBTASK: ("Sub-task", -1)}
    site.issue_types = [
        {"id": ident, "name": name, "subtask": level < 0, "hierarchyLevel": level}
        for ident, (name, level) in levels.items()
    ]
    site.link_types = [
        {"id": BLOCKS, "name": "Blocks", "outward": "blocks", "inward": "is blocked by"},
        {"id": RELATES, "name": "Relates", "outward": "relates to", "inward": "relates to"},
    ]
    site.resolutions = [{"id": RESOLVED, "name": "Done"}, {"id": DROPPED, "name": "Won't Do"}]
    site.priorities = [{"id": "2", "name": "High"}]
    site.fields = [
        {"id": "summary", "name": "Summary", "custom": False, "schema": {"type": "string", "system": "summary"}},
        _field(SPRINT, "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
        _field(EPIC_LINK, "Epic Link", "any", "com.pyxis.greenhopper.jira:gh-epic-link"),
    ]


def _field(ident: str, name: str, kind: str, custom: str) -> dict[str, Any]:
    return {"id": ident, "name": name, "custom": True, "schema": {"type": kind, "custom": custom}}
