"""How issues come and go: creating, deleting, restoring, archiving and hiding them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from simulator.jira.edits.issues import by_id, category, next_key
from simulator.jira.edits.notices import tell_of_issue
from simulator.jira.index import number
from simulator.jira.instants import stored
from simulator.jira.site import Document, Issue, Site


def create_issue(
    site: Site,
    *,
    project_id: str,
    kind_id: str,
    summary: str,
    at: datetime,
    by: str,
    fields: Mapping[str, Any] | None = None,
) -> Issue:
    """A new issue in the project's first status, with the next id and key. `fields` are set as they are."""
    with site.lock:
        project = site.projects[project_id]
        status = next((s for s in site.statuses if category(s) == "new"), site.statuses[0] if site.statuses else None)
        document: Document = {
            "summary": summary,
            "project": {name: project[name] for name in ("id", "key", "name") if name in project},
            "issuetype": by_id(site.issue_types, kind_id),
            "status": status,
            "priority": None,
            "resolution": None,
            "resolutiondate": None,
            "assignee": None,
            "reporter": site.users[by],
            "creator": site.users[by],
            "created": stored(at),
            "updated": stored(at),
            "duedate": None,
            "labels": [],
            "components": [],
            "fixVersions": [],
            "issuelinks": [],
            **(fields or {}),
        }
        ident = str(max((number(one) for one in (*site.issues, *site.deleted_issues)), default=10_000) + 1)
        issue = Issue(ident, next_key(site, project), document)
        site.issues[ident] = issue
        site.touch()
        tell_of_issue(site, "jira:issue_created", issue, at)
        return issue


def delete_issue(site: Site, issue_id: str, *, at: datetime) -> None:
    """Delete for good, with its worklogs; links to it vanish at the other end without a trace there."""
    with site.lock:
        issue = site.deleted_issues[issue_id] = site.issues.pop(issue_id)
        site.old_keys = {key: ident for key, ident in site.old_keys.items() if ident != issue_id}
        instant = int(at.timestamp() * 1000)
        site.deleted_worklogs += [(str(worklog["id"]), instant) for worklog in issue.worklogs]
        gone = {one["id"] for one in issue.fields.get("issuelinks") or ()}
        for other in site.issues.values():
            links = other.fields.get("issuelinks")
            if links and gone:
                other.fields["issuelinks"] = [one for one in links if one["id"] not in gone]
        site.touch()
        tell_of_issue(site, "jira:issue_deleted", issue, at)


def restore_issue(site: Site, issue_id: str, *, at: datetime) -> None:
    """Bring a deleted issue back with its id, key, history and worklogs, as out of a backup; its links stay away."""
    with site.lock:
        issue = site.deleted_issues.pop(issue_id)
        issue.fields |= {"updated": stored(at), "issuelinks": []}
        logged = {str(worklog["id"]) for worklog in issue.worklogs}
        site.deleted_worklogs = [one for one in site.deleted_worklogs if one[0] not in logged]
        for worklog in issue.worklogs:
            worklog["updated"] = stored(at)
        site.issues[issue_id] = issue
        site.touch()
        tell_of_issue(site, "jira:issue_created", issue, at)


def archive_issue(site: Site, issue_id: str, archived: bool = True) -> None:
    """Searches no longer find it; it can still be read by id, and then tells that it is archived."""
    with site.lock:
        issue = site.issues[issue_id]
        issue.archived = archived
        if archived:
            issue.fields["archiveddate"] = issue.fields.get("updated")
        else:
            issue.fields.pop("archiveddate", None)
        site.touch()


def hide_issue(site: Site, issue_id: str, hidden: bool = True) -> None:
    """The account loses sight of it, as when an issue security level is set: to the account it looks deleted."""
    with site.lock:
        site.issues[issue_id].hidden = hidden
        site.touch()
