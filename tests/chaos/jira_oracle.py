"""What a portfolio must show of a simulated Jira, from its documents alone. Knows no connector and no sync."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from simulator.jira.site import Document, Issue, Site
from tests.chaos.jira_world import ALPHA, BETA, BLOCKS, EPIC_LINK, SPRINT
from tests.chaos.portrait import ItemPortrait, Portrait

_CATEGORIES = {"new": "todo", "indeterminate": "in_progress", "done": "done"}


def expected(site: Site, scoped: bool, fates: Mapping[str, set[str]], today: date) -> Portrait:
    """The portrait the portfolio should be. `fates` is what ever befell an issue."""
    followed = {ident for ident in site.projects if not scoped or ident in (ALPHA, BETA)}
    there = {
        issue.id: issue
        for issue in site.issues.values()
        if not issue.archived and not issue.hidden and issue.project_id in followed
    }
    sprints = _sprints(site, scoped)
    items = {ident: _item(site, issue, there, set(sprints)) for ident, issue in there.items()}
    born = [issue.project_id for issue in there.values() if issue.fields["created"][:10] <= today.isoformat()]
    return Portrait(
        items=items,
        gone={ident: fates.get(ident, ()) for ident in {*site.issues, *site.deleted_issues} - items.keys()},
        links=frozenset(link for issue in there.values() for link in _links(issue, there)),
        projects={i: (p["name"], bool(p.get("archived"))) for i, p in site.projects.items() if i in followed},
        sprints=sprints,
        milestones={str(v["id"]): _milestone(v) for p in followed for v in site.versions.get(p, ())},
        reports={},
        people={ident: (user["displayName"], user["active"]) for ident, user in site.users.items()},
        counted=dict(Counter(born)),
    )


def unseen(site: Site) -> frozenset[str]:
    """The issues that are or were in a project that is archived now.

    Jira finds those in it no more, so what becomes of them cannot be known; nor can it be known that one had left it.
    """
    closed = {i for i, project in {**site.projects, **site.out_of_sight}.items() if project.get("archived")}
    everything = [*site.issues.values(), *site.deleted_issues.values()]
    return frozenset(issue.id for issue in everything if closed & {issue.project_id, *_left(issue)})


def _left(issue: Issue) -> set[str]:
    """The projects the issue once was in."""
    items = [item for history in issue.histories for item in history["items"]]
    return {item["from"] for item in items if item["field"] == "project"}


def _item(site: Site, issue: Issue, there: Mapping[str, Issue], sprints: set[str]) -> ItemPortrait:
    fields = issue.fields
    assignee, parent = fields.get("assignee"), _parent(issue, there)
    return ItemPortrait(
        title=fields["summary"],
        key=issue.key,
        project=issue.project_id,
        projects=frozenset({issue.project_id}),
        status=fields["status"]["name"],
        category=_category(fields["status"]["statusCategory"]["key"], (fields.get("resolution") or {}).get("name")),
        assignee=assignee["accountId"] if assignee else None,
        due=date.fromisoformat(fields["duedate"]) if fields.get("duedate") else None,
        estimate_s=fields.get("timeoriginalestimate"),
        parent=parent,
        turns=_turns(site, issue),
        worked=frozenset((str(log["id"]), log["timeSpentSeconds"]) for log in issue.worklogs),
        sprints=frozenset(str(one["id"]) for one in fields.get(SPRINT) or ()) & sprints,
    )


def _parent(issue: Issue, there: Mapping[str, Issue]) -> str | None:
    """The parent, if it is there itself."""
    named = issue.fields.get("parent")
    if named:
        return named["id"] if named["id"] in there else None
    key = issue.fields.get(EPIC_LINK)
    return next((one.id for one in there.values() if one.key == key), None) if key else None


def _category(key: str, resolution: str | None) -> str:
    return "cancelled" if key == "done" and resolution == "Won't Do" else _CATEGORIES[key]


def _turns(site: Site, issue: Issue) -> int | None:
    """How often the issue went to another status or category; None where the tracker's clock went back meanwhile."""
    told = [history["created"] for history in issue.histories]
    if told != sorted(told):
        return None
    keys = {status["name"]: status["statusCategory"]["key"] for status in site.statuses}
    status: str = next(s["name"] for s in site.statuses if s["statusCategory"]["key"] == "new")
    resolution: str | None = None
    turns = 0
    for _, moment in groupby(issue.histories, key=lambda history: history["created"]):
        before = (status, _category(keys[status], resolution))
        for history in moment:
            for item in history["items"]:
                if item["field"] == "status":
                    status = item["toString"]
                elif item["field"] == "resolution":
                    resolution = item["toString"]
        turns += before != (status, _category(keys[status], resolution))
    return turns


def _links(issue: Issue, there: Mapping[str, Issue]) -> list[tuple[str, str, str]]:
    return [
        ("FS" if link["type"]["id"] == BLOCKS else "relates", issue.id, link["outwardIssue"]["id"])
        for link in issue.fields["issuelinks"]
        if "outwardIssue" in link and link["outwardIssue"]["id"] in there
    ]


def _sprints(site: Site, scoped: bool) -> dict[str, tuple[str, str]]:
    boards = ("1", "2") if scoped else tuple(site.boards)
    return {str(one["id"]): (one["name"], one["state"]) for board in boards for one in site.sprints_by_board[board]}


def _milestone(version: Document) -> tuple[str, Any, Any]:
    due = date.fromisoformat(version["releaseDate"]) if version.get("releaseDate") else None
    return version["name"], due, due if version["released"] else None
