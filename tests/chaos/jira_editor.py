"""A random editor of a simulated Jira: edits by name, their objects chosen by number, so that a history can shrink.

An edit that finds no object does nothing. What people cannot do to archived issues is not done to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from simulator.jira import edits
from simulator.jira.site import Issue, Site
from tests.chaos.jira_world import (
    ALPHA,
    BETA,
    BLOCKS,
    DOING,
    DONE,
    DROPPED,
    EPIC,
    RELATES,
    REVIEW,
    SPRINT,
    STORY,
    SUBTASK,
    TASK,
    TODO,
    person_ids,
)
from tests.chaos.stage import Clock

T = TypeVar("T")
ZONES = ("UTC", "America/Los_Angeles", "Asia/Kathmandu", "Europe/Oslo", "Pacific/Auckland")
SKEWS_S = (0, 120, -120, 7200)


class JiraEditor:
    """Edits one site. `touched` are the ids of issues of the latest edits, `fates` what ever befell an issue.

    `needs_full` tells that only a full run is sure to find everything: the tracker's clock was set back, or an issue
    came into sight again, which is no change of the worklogs that were changed meanwhile.
    """

    def __init__(self, site: Site, clock: Clock, scoped: bool) -> None:
        self.site = site
        self.clock = clock
        self.scoped = scoped
        self.fates: dict[str, set[str]] = {}
        self.touched: set[str] = set()
        self.needs_full = False

    def apply(self, name: str, pick: int, value: int) -> None:
        """Make one edit."""
        with self.site.lock:
            EDITS[name](self, pick, value)

    def now(self) -> datetime:
        """The time on the tracker's clock."""
        return self.clock() + timedelta(seconds=self.site.clock_offset_s)

    def who(self, pick: int) -> str:
        people = person_ids(self.site)
        return people[pick % len(people)]

    def issue(self, pick: int) -> Issue | None:
        """An issue that people can work on."""
        open_ones = [one for one in self.site.issues.values() if not one.archived and self._open(one.project_id)]
        return self.note(chosen(sorted(open_ones, key=lambda one: int(one.id)), pick))

    def note(self, issue: Issue | None) -> Issue | None:
        if issue is not None:
            self.touched.add(issue.id)
        return issue

    def befalls(self, issue: Issue, *fates: str) -> None:
        self.fates.setdefault(issue.id, set()).update(fates)

    def _open(self, project: str) -> bool:
        return project in self.site.projects and not self.site.projects[project].get("archived")

    def project(self, pick: int) -> str | None:
        """A project that people can work in."""
        return chosen([ident for ident in sorted(self.site.projects) if self._open(ident)], pick)


def chosen(things: Sequence[T], pick: int) -> T | None:
    return things[pick % len(things)] if things else None


def _create(it: JiraEditor, pick: int, value: int) -> None:
    project = it.project(pick)
    if project is not None:
        kind = (STORY, TASK, EPIC)[value % 3]
        plain = dict.fromkeys(("timeoriginalestimate", "timeestimate", "timespent", SPRINT))
        made = edits.create_issue(
            it.site,
            project_id=project,
            kind_id=kind,
            summary=f"New {pick}.{value}",
            at=it.now(),
            by=it.who(pick),
            fields=plain,
        )
        it.note(made)


def _create_subtask(it: JiraEditor, pick: int, value: int) -> None:
    parent = it.issue(pick)
    if parent is None or parent.fields["issuetype"]["subtask"]:
        return
    _create(it, 0, 0)
    child = max(it.site.issues.values(), key=lambda one: int(one.id))
    kind = next(kind for kind in it.site.issue_types if kind["id"] == SUBTASK)
    project = it.site.projects[parent.project_id]
    child.fields["project"] = {name: project[name] for name in ("id", "key", "name")}
    child.fields["issuetype"] = kind
    numbers = [int(key.rpartition("-")[2]) for key in _keys(it.site) if key.rpartition("-")[0] == project["key"]]
    child.key = f"{project['key']}-{max(numbers, default=0) + 1}"
    it.site.touch()
    edits.reparent(it.site, child.id, parent.id, at=it.now(), by=it.who(value))


def _keys(site: Site) -> list[str]:
    issues = [*site.issues.values(), *site.deleted_issues.values()]
    return [*(one.key for one in issues), *site.old_keys]


def _edit(**made: Callable[[JiraEditor, int], Any]) -> Callable[[JiraEditor, int, int], None]:
    def act(it: JiraEditor, pick: int, value: int) -> None:
        issue = it.issue(pick)
        if issue is not None:
            changes = {name: make(it, value) for name, make in made.items()}
            edits.edit(it.site, issue.id, changes, at=it.now(), by=it.who(value))

    return act


def _day(it: JiraEditor, value: int) -> str | None:
    return None if value % 5 == 0 else (date(2026, 2, 1) + timedelta(days=value % 90)).isoformat()


def _transition(it: JiraEditor, pick: int, value: int) -> None:
    issue = it.issue(pick)
    if issue is not None:
        status = (TODO, DOING, REVIEW, DONE)[value % 4]
        dropped = DROPPED if status == DONE and value % 3 == 0 else None
        edits.transition(it.site, issue.id, status, at=it.now(), by=it.who(pick), resolution_id=dropped)


def _move(it: JiraEditor, pick: int, value: int) -> None:
    issue, project = it.issue(pick), it.project(value)
    if issue is not None and project is not None and project != issue.project_id:
        edits.move(it.site, issue.id, project, at=it.now(), by=it.who(pick))
        if it.scoped and project not in (ALPHA, BETA):
            it.befalls(issue, "moved")


def _reparent(it: JiraEditor, pick: int, value: int) -> None:
    issue = it.issue(pick)
    epics = [one for one in it.site.issues.values() if one.fields["issuetype"]["id"] == EPIC and not one.archived]
    epic = chosen(sorted(epics, key=lambda one: int(one.id)), value)
    if issue is not None and issue.fields["issuetype"]["id"] in (STORY, TASK):
        target = epic.id if epic is not None and value % 4 else None
        edits.reparent(it.site, issue.id, target, at=it.now(), by=it.who(pick))


def _delete(it: JiraEditor, pick: int, _value: int) -> None:
    issue = it.issue(pick)
    if issue is not None:
        it.befalls(issue, "deleted", *(("access_lost",) if issue.hidden else ()))
        edits.delete_issue(it.site, issue.id, at=it.now())


def _restore(it: JiraEditor, pick: int, _value: int) -> None:
    # Nothing comes back into a project that is closed or out of sight.
    there = [one for one in it.site.deleted_issues.values() if it._open(one.project_id)]
    issue = it.note(chosen(sorted(there, key=lambda one: int(one.id)), pick))
    if issue is not None:
        edits.restore_issue(it.site, issue.id, at=it.now())


def _archive(it: JiraEditor, pick: int, _value: int) -> None:
    issue = it.issue(pick)
    if issue is not None:
        it.befalls(issue, "archived")
        edits.archive_issue(it.site, issue.id)


def _unarchive(it: JiraEditor, pick: int, _value: int) -> None:
    archived = [one for one in it.site.issues.values() if one.archived]
    issue = it.note(chosen(sorted(archived, key=lambda one: int(one.id)), pick))
    if issue is not None:
        edits.archive_issue(it.site, issue.id, archived=False)


def _hide(it: JiraEditor, pick: int, value: int) -> None:
    issue = it.issue(pick)
    if issue is not None:
        it.befalls(issue, "deleted", "access_lost")
        it.needs_full = it.needs_full or issue.hidden
        edits.hide_issue(it.site, issue.id, hidden=not issue.hidden)


def _log_work(it: JiraEditor, pick: int, value: int) -> None:
    issue = it.issue(pick)
    if issue is not None and not issue.hidden:
        started = it.now() - timedelta(days=value % 100)
        seconds = 60 * (1 + value % 400)
        edits.add_worklog(it.site, issue.id, seconds=seconds, started=started, at=it.now(), by=it.who(value))


def _worklog(it: JiraEditor, pick: int) -> str | None:
    logs = [
        str(log["id"])
        for one in it.site.issues.values()
        if not one.hidden and not one.archived and it._open(one.project_id)
        for log in one.worklogs
    ]
    return chosen(sorted(logs, key=int), pick)


def _correct_work(it: JiraEditor, pick: int, value: int) -> None:
    log = _worklog(it, pick)
    if log is not None:
        edits.edit_worklog(it.site, log, at=it.now(), by=it.who(value), seconds=60 * (1 + value % 300))


def _delete_work(it: JiraEditor, pick: int, value: int) -> None:
    log = _worklog(it, pick)
    if log is not None:
        edits.delete_worklog(it.site, log, at=it.now(), by=it.who(value))


def _link(it: JiraEditor, pick: int, value: int) -> None:
    source, target = it.issue(pick), it.issue(value)
    if source is not None and target is not None and source is not target:
        kind = (BLOCKS, RELATES)[value % 2]
        edits.link(it.site, kind, source.id, target.id, at=it.now(), by=it.who(pick))


def _unlink(it: JiraEditor, pick: int, value: int) -> None:
    links = {one["id"] for issue in it.site.issues.values() for one in issue.fields["issuelinks"]}
    link = chosen(sorted(links, key=int), pick)
    if link is not None:
        edits.unlink(it.site, link, at=it.now(), by=it.who(value))


def _comment(it: JiraEditor, pick: int, value: int) -> None:
    issue = it.issue(pick)
    if issue is not None:
        edits.add_comment(it.site, issue.id, body=f"Said {value}", at=it.now(), by=it.who(value))


def _new_sprint(it: JiraEditor, pick: int, value: int) -> None:
    edits.new_sprint(it.site, ("1", "2")[pick % 2], f"Sprint {pick}.{value}", start=it.now())


def _sprint(it: JiraEditor, pick: int) -> dict[str, Any] | None:
    return chosen([one for board in ("1", "2") for one in it.site.sprints_by_board[board]], pick)


def _edit_sprint(it: JiraEditor, pick: int, value: int) -> None:
    sprint = _sprint(it, pick)
    if sprint is not None:
        state = ("active", "closed", "future")[value % 3]
        edits.edit_sprint(it.site, sprint["id"], name=f"Renamed {value}", state=state)


def _into_sprint(it: JiraEditor, pick: int, value: int) -> None:
    issue, sprint = it.issue(pick), _sprint(it, value)
    if issue is not None and sprint is not None:
        inside = [] if value % 4 == 0 else [dict(sprint)]
        edits.edit(it.site, issue.id, {SPRINT: inside or None}, at=it.now(), by=it.who(pick))


def _new_version(it: JiraEditor, pick: int, value: int) -> None:
    due = None if value % 3 == 0 else date(2026, 4, 1) + timedelta(days=value % 60)
    edits.new_version(it.site, (ALPHA, BETA)[pick % 2], f"Version {pick}.{value}", due=due)


def _release(it: JiraEditor, pick: int, value: int) -> None:
    known = [version["id"] for project in (ALPHA, BETA) for version in it.site.versions[project]]
    version = chosen(known, pick)
    if version is not None:
        edits.release_version(it.site, version, date(2026, 3, 1) + timedelta(days=value % 30))


def _archive_project(it: JiraEditor, pick: int, _value: int) -> None:
    if BETA in it.site.projects:
        archived = not it.site.projects[BETA].get("archived")
        edits.archive_project(it.site, BETA, archived=archived)
        for issue in it.site.issues.values():
            if issue.project_id == BETA:
                it.befalls(issue, "archived")
                it.note(issue)


def _hide_project(it: JiraEditor, pick: int, _value: int) -> None:
    """Only where no scope names the project: naming what cannot be seen is an error for the connection's owner."""
    if it.scoped:
        return
    hidden = BETA in it.site.projects
    edits.hide_project(it.site, BETA, hidden=hidden)
    for issue in (*it.site.issues.values(), *it.site.deleted_issues.values()):
        if issue.project_id == BETA:
            it.befalls(issue, "access_lost", "deleted")
            it.note(issue)


def _rename_user(it: JiraEditor, pick: int, value: int) -> None:
    edits.edit_user(it.site, it.who(pick), displayName=f"Renamed {value}")


def _retire_user(it: JiraEditor, pick: int, value: int) -> None:
    edits.edit_user(it.site, it.who(pick), active=value % 2 == 0)


def _time_zone(it: JiraEditor, pick: int, _value: int) -> None:
    edits.set_time_zone(it.site, ZONES[pick % len(ZONES)])


def _skew(it: JiraEditor, pick: int, _value: int) -> None:
    before, after = it.site.clock_offset_s, SKEWS_S[pick % len(SKEWS_S)]
    it.needs_full = it.needs_full or after < before
    edits.shift_clock(it.site, after)


EDITS: dict[str, Callable[[JiraEditor, int, int], None]] = {
    "comment": _comment,
    "rename": _edit(summary=lambda it, value: f"Renamed {value}"),
    "transition": _transition,
    "due": _edit(duedate=_day),
    "estimate": _edit(timeoriginalestimate=lambda it, value: 3600 * (value % 9)),
    "assign": _edit(assignee=lambda it, value: it.who(value) if value % 4 else None),
    "label": _edit(labels=lambda it, value: [f"label{value % 7}"]),
    "create": _create,
    "create_subtask": _create_subtask,
    "reparent": _reparent,
    "move": _move,
    "delete": _delete,
    "restore": _restore,
    "archive": _archive,
    "unarchive": _unarchive,
    "hide": _hide,
    "log_work": _log_work,
    "correct_work": _correct_work,
    "delete_work": _delete_work,
    "link": _link,
    "unlink": _unlink,
    "into_sprint": _into_sprint,
    "new_sprint": _new_sprint,
    "edit_sprint": _edit_sprint,
    "new_version": _new_version,
    "release": _release,
    "rename_user": _rename_user,
    "retire_user": _retire_user,
    "archive_project": _archive_project,
    "hide_project": _hide_project,
    "time_zone": _time_zone,
    "skew": _skew,
}
