"""Editing, moving and re-parenting issues."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.jira.edits.history import item, items_of, record
from simulator.jira.index import number
from simulator.jira.instants import stored
from simulator.jira.site import Document, Issue, Site

_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"


def edit(site: Site, issue_id: str, changes: Mapping[str, Any], *, at: datetime, by: str) -> None:
    """Set fields by id, in the form the issue's document holds them; a user may be named by id alone.

    One history holds all items. Setting a field to what it is already writes nothing.
    """
    with site.lock:
        issue = site.issues[issue_id]
        items: list[Document] = []
        for name, value in changes.items():
            new = site.users[value] if name in ("assignee", "reporter") and isinstance(value, str) else value
            old = issue.fields.get(name)
            if old != new:
                items += items_of(site, name, old, new)
                issue.fields[name] = new
        tell_time_tracking(issue)
        record(site, issue, items, at, by)
        refresh_stubs(site, issue)


def transition(
    site: Site, issue_id: str, status_id: str, *, at: datetime, by: str, resolution_id: str | None = None
) -> None:
    """Change the status. Entering a done status resolves the issue (with the site's first resolution unless one is
    named), leaving it takes the resolution away."""
    with site.lock:
        issue = site.issues[issue_id]
        old, new = issue.fields.get("status") or {}, by_id(site.statuses, status_id)
        items = items_of(site, "status", old, new)
        issue.fields["status"] = new
        if category(old) != category(new):
            issue.fields["statuscategorychangedate"] = stored(at)
        resolution = _resolution(site, new, resolution_id)
        if resolution != issue.fields.get("resolution"):
            items += items_of(site, "resolution", issue.fields.get("resolution"), resolution)
            issue.fields["resolution"] = resolution
            issue.fields["resolutiondate"] = stored(at) if resolution else None
        record(site, issue, items, at, by)
        refresh_stubs(site, issue)


def move(site: Site, issue_id: str, project_id: str, *, at: datetime, by: str) -> str:
    """Move to another project: the id stays, the key changes and the old key leads to the issue. Returns the key."""
    with site.lock:
        issue, project = site.issues[issue_id], site.projects[project_id]
        old, old_key = issue.fields.get("project") or {}, issue.key
        new = {name: project[name] for name in ("id", "key", "name") if name in project}
        issue.key = next_key(site, project)
        issue.fields["project"] = new
        site.old_keys[old_key] = issue.id
        changed = [
            item("project", "project", (old.get("id"), old.get("name")), (new.get("id"), new.get("name"))),
            item("Key", "issuekey", (None, old_key), (None, issue.key)),
        ]
        record(site, issue, changed, at, by)
        refresh_stubs(site, issue)
        _rename_epic(site, old_key, issue.key)
        site.touch()
        return issue.key


def reparent(site: Site, issue_id: str, parent_id: str | None, *, at: datetime, by: str) -> None:
    """Put an issue below another one, or below none: by its parent; on Data Center by its epic, unless it is a subtask.

    `KeyError` on a site of Data Center without an epic link.
    """
    with site.lock:
        issue = site.issues[issue_id]
        parent = site.issues[parent_id] if parent_id is not None else None
        if site.flavour == "cloud" or (issue.fields.get("issuetype") or {}).get("subtask"):
            edit(site, issue_id, {"parent": stub(parent) if parent else None}, at=at, by=by)
        else:
            links = {(field.get("schema") or {}).get("custom"): field["id"] for field in site.fields}
            edit(site, issue_id, {links[_EPIC_LINK]: parent.key if parent else None}, at=at, by=by)


def _rename_epic(site: Site, old_key: str, key: str) -> None:
    """An epic link shows the epic's present key; that is no change of the issue that has it."""
    for ident in [f["id"] for f in site.fields if (f.get("schema") or {}).get("custom") == _EPIC_LINK]:
        for issue in site.issues.values():
            if issue.fields.get(ident) == old_key:
                issue.fields[ident] = key


def category(status: Document) -> str:
    """The key of a status's category; "" where none is stated."""
    return str((status.get("statusCategory") or {}).get("key", ""))


def refresh_stubs(site: Site, issue: Issue) -> None:
    """Bring the short forms of this issue inside others up to date: linked issues and children."""
    ends = ("inwardIssue", "outwardIssue")
    others = {one[end]["id"] for one in issue.fields.get("issuelinks") or () for end in ends if end in one}
    for other in site.issues.values():
        if other.id in others:
            for one in other.fields["issuelinks"]:
                for end in ends:
                    if end in one and one[end]["id"] == issue.id:
                        one[end] = stub(issue)
        parent = other.fields.get("parent")
        if parent and parent.get("id") == issue.id:
            other.fields["parent"] = stub(issue)


def stub(issue: Issue) -> Document:
    """An issue as it stands inside another one."""
    names = ("summary", "status", "priority", "issuetype")
    return {"id": issue.id, "key": issue.key, "fields": {n: issue.fields[n] for n in names if n in issue.fields}}


def by_id(entries: list[Document], ident: str) -> Document:
    for entry in entries:
        if str(entry.get("id")) == ident:
            return entry
    raise KeyError(ident)


def _resolution(site: Site, status: Document, ident: str | None) -> Document | None:
    if ident is not None:
        return by_id(site.resolutions, ident)
    return site.resolutions[0] if category(status) == "done" and site.resolutions else None


def next_key(site: Site, project: Document) -> str:
    """The project's next free key; numbers of moved and deleted issues are not used again."""
    prefix = f"{project['key']}-"
    known = (*site.issues.values(), *site.deleted_issues.values())
    keys = [issue.key for issue in known] + list(site.old_keys)
    highest = max((number(key.removeprefix(prefix)) for key in keys if key.startswith(prefix)), default=0)
    return f"{prefix}{highest + 1}"


def tell_time_tracking(issue: Issue) -> None:
    """Keep the `timetracking` summary, where the issue has one, in step with the fields in seconds."""
    if "timetracking" not in issue.fields:
        return
    names = {"timeoriginalestimate": "originalEstimate", "timeestimate": "remainingEstimate", "timespent": "timeSpent"}
    told: Document = {}
    for field, name in names.items():
        seconds = issue.fields.get(field)
        if seconds is not None:
            told |= {name: f"{seconds // 60}m", f"{name}Seconds": seconds}
    issue.fields["timetracking"] = told
