"""A random editor of a simulated Asana: edits by name, their objects chosen by number, so that a history can shrink.

An edit that finds no object does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from simulator.asana import edits
from simulator.asana.edits import Trash
from simulator.asana.workspace import Document, Workspace
from tests.chaos.asana_oracle import there
from tests.chaos.asana_world import BESIDE, HARBOUR, LANTERN, SECTIONS
from tests.chaos.jira_editor import chosen
from tests.chaos.stage import Clock


class AsanaEditor:
    """Edits one workspace. See `JiraEditor` for its attributes.

    A full run is needed when a project comes back into sight: that a task is shown there too, beside its first project,
    is no change of the task.
    """

    def __init__(self, state: Workspace, clock: Clock, scoped: bool) -> None:
        self.state = state
        self.clock = clock
        self.scoped = scoped
        self.fates: dict[str, set[str]] = {}
        self.touched: set[str] = set()
        self.needs_full = False
        self.trash: list[Trash] = []
        self.ever: set[str] = set(state.tasks)

    def apply(self, name: str, pick: int, value: int) -> None:
        """Make one edit."""
        with self.state.lock:
            before = there(self.state, self.scoped)
            EDITS[name](self, pick, value)
            self.ever |= self.state.tasks.keys()
            after = there(self.state, self.scoped)
            self.touched |= before ^ after
            for gid in self.ever - after:
                self.fates.setdefault(gid, set()).update(self._fates(gid))

    def _fates(self, gid: str) -> tuple[str, ...]:
        """What can be said of a task that is not there."""
        if gid not in self.state.tasks:
            # Of what was in a project that is out of sight nobody can tell.
            return ("deleted", "access_lost") if self.state.inaccessible else ("deleted",)
        return ("access_lost", "deleted", "moved") if self.state.inaccessible else ("moved",)

    def now(self) -> datetime:
        return self.clock()

    def who(self, pick: int) -> str:
        people = sorted(self.state.users)
        return people[pick % len(people)]

    def task(self, pick: int) -> Document | None:
        """A task that people can work on."""
        found = chosen(sorted(self.state.tasks, key=int), pick)
        if found is None:
            return None
        self.touched.add(found)
        return self.state.tasks[found]


def _create(it: AsanaEditor, pick: int, value: int) -> None:
    project = (HARBOUR, LANTERN, BESIDE)[pick % 3]
    subtype = ("default_task", "default_task", "milestone")[value % 3]
    edits.create_task(it.state, f"New {pick}.{value}", at=it.now(), by=it.who(value), project=project, subtype=subtype)


def _create_subtask(it: AsanaEditor, pick: int, value: int) -> None:
    parent = it.task(pick)
    if parent is not None:
        edits.create_task(it.state, f"Part {pick}.{value}", at=it.now(), by=it.who(value), parent=parent["gid"])


def _rename(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        edits.edit(it.state, task["gid"], at=it.now(), by=it.who(value), name=f"Renamed {value}")


def _due(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        due = None if value % 5 == 0 else (date(2026, 2, 1) + timedelta(days=value % 90)).isoformat()
        edits.edit(it.state, task["gid"], at=it.now(), by=it.who(value), due_on=due)


def _assign(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        whom = it.who(value) if value % 4 else None
        edits.assign(it.state, task["gid"], whom, at=it.now(), by=it.who(pick))


def _complete(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        turn = edits.reopen if task["completed"] else edits.complete
        turn(it.state, task["gid"], at=it.now(), by=it.who(value))


def _comment(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        edits.comment(it.state, task["gid"], f"Said {value}", at=it.now(), by=it.who(value))


def _section(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    place = chosen(task["memberships"], value) if task is not None else None
    if task is not None and place is not None:
        project = place["project"]["gid"]
        section = it.state.sections[project][value % len(SECTIONS)]["gid"]
        edits.move_to_section(it.state, task["gid"], project, section, at=it.now(), by=it.who(pick))


def _join(it: AsanaEditor, pick: int, value: int) -> None:
    task, project = it.task(pick), (HARBOUR, LANTERN, BESIDE)[value % 3]
    if task is not None and project not in {one["gid"] for one in task["projects"]}:
        edits.add_to_project(it.state, task["gid"], project, at=it.now(), by=it.who(value))


def _leave(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    home = chosen(task["projects"], value) if task is not None else None
    if task is not None and home is not None:
        edits.remove_from_project(it.state, task["gid"], home["gid"], at=it.now(), by=it.who(value))


def _move(it: AsanaEditor, pick: int, value: int) -> None:
    task, project = it.task(pick), (HARBOUR, LANTERN, BESIDE)[value % 3]
    homes = [one["gid"] for one in task["projects"]] if task is not None else []
    if task is not None and homes and project not in homes:
        edits.move_to_project(it.state, task["gid"], homes[0], project, at=it.now(), by=it.who(value))


def _reparent(it: AsanaEditor, pick: int, value: int) -> None:
    task, parent = it.task(pick), it.task(value)
    if task is None or parent is None or task is parent or value % 5 == 0:
        if task is not None:
            edits.reparent(it.state, task["gid"], None, at=it.now(), by=it.who(pick))
        return
    above = parent
    while above.get("parent"):
        above = it.state.tasks[above["parent"]["gid"]]
        if above is task:
            return
    edits.reparent(it.state, task["gid"], parent["gid"], at=it.now(), by=it.who(pick))


def _delete(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        it.trash.append(edits.delete_task(it.state, task["gid"], at=it.now(), by=it.who(value)))


def _restore(it: AsanaEditor, pick: int, value: int) -> None:
    trash = chosen(it.trash, pick)
    if trash is not None and (trash.below is None or trash.task["parent"]["gid"] in it.state.tasks):
        it.trash.remove(trash)
        edits.undelete_task(it.state, trash, at=it.now(), by=it.who(value))


def _hide(it: AsanaEditor, pick: int, _value: int) -> None:
    task = it.task(pick)
    if task is not None and not task["parent"]:
        turn = edits.unhide if task["gid"] in it.state.inaccessible else edits.hide
        turn(it.state, task["gid"])


def _hide_project(it: AsanaEditor, pick: int, _value: int) -> None:
    """Only where no scope names the project: naming what cannot be seen is an error for the connection's owner."""
    if not it.scoped:
        it.needs_full = it.needs_full or LANTERN in it.state.inaccessible
        turn = edits.unhide if LANTERN in it.state.inaccessible else edits.hide
        turn(it.state, LANTERN)
        it.touched |= it.state.tasks.keys()


def _depend(it: AsanaEditor, pick: int, value: int) -> None:
    task, other = it.task(pick), it.task(value)
    if task is None or other is None or task is other:
        return
    if other["gid"] not in {one["gid"] for one in task["dependencies"]}:
        edits.add_dependency(it.state, task["gid"], other["gid"], at=it.now(), by=it.who(pick))


def _book_time(it: AsanaEditor, pick: int, value: int) -> None:
    task = it.task(pick)
    if task is not None:
        day = it.now().date() - timedelta(days=value % 55)
        home = (HARBOUR, LANTERN)[value % 2]
        edits.book_time(it.state, task["gid"], 1 + value, day, at=it.now(), by=it.who(value), project=home)


def _correct_time(it: AsanaEditor, pick: int, value: int) -> None:
    entry = chosen(sorted(it.state.time_entries, key=int), pick)
    if entry is not None:
        edits.correct_time(it.state, entry, 1 + value)


def _delete_time(it: AsanaEditor, pick: int, _value: int) -> None:
    entry = chosen(sorted(it.state.time_entries, key=int), pick)
    if entry is not None:
        edits.delete_time(it.state, entry)


def _report(it: AsanaEditor, pick: int, value: int) -> None:
    word = ("on_track", "at_risk", "off_track", "on_hold")[value % 4]
    project = (HARBOUR, LANTERN)[pick % 2]
    edits.post_status(it.state, project, word, f"Report {value}", "", at=it.now(), by=it.who(pick))


def _archive_project(it: AsanaEditor, pick: int, value: int) -> None:
    archived = not it.state.projects[LANTERN]["archived"]
    edits.archive_project(it.state, LANTERN, at=it.now(), by=it.who(value), archived=archived)


def _rename_project(it: AsanaEditor, pick: int, value: int) -> None:
    project = (HARBOUR, LANTERN)[pick % 2]
    edits.rename_project(it.state, project, f"Renamed {value}", at=it.now(), by=it.who(value))


def _rename_user(it: AsanaEditor, pick: int, value: int) -> None:
    edits.rename_user(it.state, it.who(pick), f"Renamed {value}")


def _expire_tokens(it: AsanaEditor, pick: int, _value: int) -> None:
    edits.expire_sync_tokens(it.state)


def _expire_offsets(it: AsanaEditor, pick: int, _value: int) -> None:
    edits.expire_offsets(it.state)


def _events(it: AsanaEditor, pick: int, value: int) -> None:
    """Whether the account may have events at all."""
    it.state.events_allowed = value % 3 != 0


EDITS: dict[str, Callable[[AsanaEditor, int, int], None]] = {
    "comment": _comment,
    "rename": _rename,
    "due": _due,
    "assign": _assign,
    "complete": _complete,
    "section": _section,
    "create": _create,
    "create_subtask": _create_subtask,
    "join": _join,
    "leave": _leave,
    "move": _move,
    "reparent": _reparent,
    "delete": _delete,
    "restore": _restore,
    "hide": _hide,
    "hide_project": _hide_project,
    "depend": _depend,
    "book_time": _book_time,
    "correct_time": _correct_time,
    "delete_time": _delete_time,
    "report": _report,
    "archive_project": _archive_project,
    "rename_project": _rename_project,
    "rename_user": _rename_user,
    "expire_tokens": _expire_tokens,
    "expire_offsets": _expire_offsets,
    "events": _events,
}
