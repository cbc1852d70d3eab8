"""What hangs on an issue: worklogs, comments and links."""

from __future__ import annotations

from datetime import datetime

from simulator.jira.edits.history import item, items_of, record, touch_updated
from simulator.jira.edits.issues import stub, tell_time_tracking
from simulator.jira.edits.notices import tell
from simulator.jira.instants import stored
from simulator.jira.site import Document, Issue, Site


def add_worklog(
    site: Site, issue_id: str, *, seconds: int, started: datetime, at: datetime, by: str, comment: str = ""
) -> str:
    """Log work; the remaining estimate sinks by it. Returns the worklog's id."""
    with site.lock:
        issue, ident = site.issues[issue_id], site.new_id()
        author = site.users[by]
        issue.worklogs.append(
            {
                "id": ident,
                "issueId": issue.id,
                "author": author,
                "updateAuthor": author,
                "comment": comment,
                "created": stored(at),
                "updated": stored(at),
                "started": stored(started),
                "timeSpent": f"{seconds // 60}m",
                "timeSpentSeconds": seconds,
            }
        )
        _spend(site, issue, seconds, (None, ident), at, by)
        tell(site, "worklog_created", at, worklog={"id": ident, "issueId": issue.id})
        return ident


def edit_worklog(
    site: Site, worklog_id: str, *, at: datetime, by: str, seconds: int | None = None, started: datetime | None = None
) -> None:
    """Correct a worklog: how long, when, or both."""
    with site.lock:
        issue, worklog = _worklog(site, worklog_id)
        difference = 0 if seconds is None else seconds - int(worklog["timeSpentSeconds"])
        if seconds is not None:
            worklog |= {"timeSpentSeconds": seconds, "timeSpent": f"{seconds // 60}m"}
        if started is not None:
            worklog["started"] = stored(started)
        worklog |= {"updated": stored(at), "updateAuthor": site.users[by]}
        _spend(site, issue, difference, (worklog_id, worklog_id), at, by)
        tell(site, "worklog_updated", at, worklog={"id": worklog_id, "issueId": issue.id})


def delete_worklog(site: Site, worklog_id: str, *, at: datetime, by: str) -> None:
    """Take a worklog away; `worklog/deleted` tells of it."""
    with site.lock:
        issue, worklog = _worklog(site, worklog_id)
        issue.worklogs.remove(worklog)
        site.deleted_worklogs.append((worklog_id, int(at.timestamp() * 1000)))
        _spend(site, issue, -int(worklog["timeSpentSeconds"]), (worklog_id, None), at, by)
        tell(site, "worklog_deleted", at, worklog={"id": worklog_id, "issueId": issue.id})


def add_comment(site: Site, issue_id: str, *, body: str, at: datetime, by: str) -> str:
    """Comment on an issue: moves `updated`, writes no history. Returns the comment's id."""
    with site.lock:
        issue, ident, author = site.issues[issue_id], site.new_id(), site.users[by]
        who = {"author": author, "updateAuthor": author}
        issue.comments.append({"id": ident, **who, "body": body, "created": stored(at), "updated": stored(at)})
        touch_updated(issue, at)
        tell(site, "comment_created", at, comment={"id": ident}, issue={"id": issue.id, "key": issue.key})
        return ident


def link(site: Site, type_id: str, source_id: str, target_id: str, *, at: datetime, by: str) -> str:
    """Link two issues: "source <outward phrase> target" ("A blocks B"). Returns the link's id."""
    with site.lock:
        kind = next(kind for kind in site.link_types if str(kind.get("id")) == type_id)
        source, target, ident = site.issues[source_id], site.issues[target_id], site.new_id()
        for issue, other, end, phrase in (
            (source, target, "outwardIssue", kind["outward"]),
            (target, source, "inwardIssue", kind["inward"]),
        ):
            links = issue.fields.get("issuelinks") or []
            issue.fields["issuelinks"] = [*links, {"id": ident, "type": kind, end: stub(other)}]
            told = (other.key, f"This issue {phrase} {other.key}")
            record(site, issue, [item("Link", None, (None, None), told)], at, by)
        tell(site, "issuelink_created", at, issueLink=_ends(ident, source_id, target_id))
        return ident


def unlink(site: Site, link_id: str, *, at: datetime, by: str) -> None:
    """Take a link away at both ends."""
    with site.lock:
        ends: dict[str, str] = {}
        for issue in site.issues.values():
            links: list[Document] = issue.fields.get("issuelinks") or []
            for one in [one for one in links if one["id"] == link_id]:
                end = "outward" if "outwardIssue" in one else "inward"
                key = one[f"{end}Issue"]["key"]
                issue.fields["issuelinks"] = [other for other in links if other is not one]
                told = (key, f"This issue {one['type'][end]} {key}")
                ends[end] = issue.id
                record(site, issue, [item("Link", None, told, (None, None))], at, by)
        if ends:
            tell(site, "issuelink_deleted", at, issueLink=_ends(link_id, ends.get("outward"), ends.get("inward")))


def _ends(link_id: str, source: str | None, target: str | None) -> Document:
    return {"id": link_id, "sourceIssueId": source, "destinationIssueId": target}


def _worklog(site: Site, worklog_id: str) -> tuple[Issue, Document]:
    for issue in site.issues.values():
        for worklog in issue.worklogs:
            if worklog["id"] == worklog_id:
                return issue, worklog
    raise KeyError(worklog_id)


def _spend(
    site: Site, issue: Issue, seconds: int, worklog: tuple[str | None, str | None], at: datetime, by: str
) -> None:
    """Move time spent and time left by `seconds` and write the three items Jira writes together."""
    items: list[Document] = []
    spent, left = issue.fields.get("timespent"), issue.fields.get("timeestimate")
    after: dict[str, int] = {"timespent": max((spent or 0) + seconds, 0)}
    if left is not None:
        after["timeestimate"] = max(left - seconds, 0)
    for name, value in after.items():
        if issue.fields.get(name) != value:
            items += items_of(site, name, issue.fields.get(name), value)
            issue.fields[name] = value
    tell_time_tracking(issue)
    before, now = worklog
    record(site, issue, [*items, item("WorklogId", None, (before, before), (now, now))], at, by)
