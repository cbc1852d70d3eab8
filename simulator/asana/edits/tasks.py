"""Changes to the tasks of a running simulated Asana, each leaving the stories and events the real one leaves.

Every function takes the instant `at` and the acting user's gid `by`, works under the workspace's lock, and touches
only what such an edit touches: a subtask's edit does not move its parent's `modified_at`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.asana.edits.custom_values import set_value
from simulator.asana.edits.journal import add_event, add_story, new_gid, note_change, person, reference, streams_of
from simulator.asana.edits.placement import add_to_project
from simulator.asana.workspace import Document, Workspace, asana_time


def create_task(
    state: Workspace,
    name: str,
    *,
    at: datetime,
    by: str,
    project: str | None = None,
    section: str | None = None,
    parent: str | None = None,
    subtype: str = "default_task",
    **fields: Any,
) -> str:
    """A new task in a project, or below a parent task. `fields` are further fields of the document. Gives its gid."""
    with state.lock:
        gid = new_gid(state)
        task: Document = {
            "gid": gid,
            "resource_type": "task",
            "resource_subtype": subtype,
            "name": name,
            "assignee": None,
            "completed": False,
            "completed_at": None,
            "completed_by": None,
            "created_at": asana_time(at),
            "created_by": person(state, by),
            "modified_at": asana_time(at),
            "due_on": None,
            "due_at": None,
            "start_on": None,
            "start_at": None,
            "notes": "",
            "num_subtasks": 0,
            "parent": reference(state.tasks[parent]) if parent else None,
            "projects": [],
            "memberships": [],
            "custom_fields": [],
            "dependencies": [],
            "dependents": [],
            "followers": [],
            "tags": [],
            "actual_time_minutes": None,
            "permalink_url": f"https://app.asana.com/1/{state.gid}/task/{gid}",
            "workspace": {"gid": state.gid, "resource_type": "workspace", "name": state.name},
            **fields,
        }
        state.tasks[gid] = task
        if parent:
            children = state.subtasks.setdefault(parent, [])
            children.append(gid)
            state.tasks[parent]["num_subtasks"] = len(children)
            add_event(state, task, "added", at, by, parent=state.tasks[parent], resources=streams_of(state, task))
        if project:
            add_to_project(state, gid, project, section=section, at=at, by=by)
        return gid


def edit(state: Workspace, gid: str, *, at: datetime, by: str, **fields: Any) -> None:
    """Set plain fields: `name`, `notes`, `due_on`, `due_at`, `start_on`. Dates leave one story together."""
    with state.lock:
        task = state.tasks[gid]
        before = {key: task.get(key) for key in ("name", "due_on", "due_at", "start_on")}
        task.update(fields)
        if {"due_on", "due_at", "start_on"} & fields.keys():
            old, new = _dates(before), _dates(task)
            words = f"changed the due date to {task.get('due_on') or task.get('due_at') or 'none'}"
            add_story(state, task, "due_date_changed", words, at, by, old_dates=old, new_dates=new)
        if "name" in fields:
            words = f'changed the name to "{fields["name"]}"'
            add_story(state, task, "name_changed", words, at, by, old_name=before["name"], new_name=fields["name"])
        if "notes" in fields:
            add_story(state, task, "notes_changed", "changed the description", at, by)
        for field in fields:
            note_change(state, task, field, at, by)


def assign(state: Workspace, gid: str, user: str | None, *, at: datetime, by: str) -> None:
    """Give the task to a user, or to nobody."""
    with state.lock:
        task = state.tasks[gid]
        task["assignee"] = person(state, user) if user else None
        if user:
            words = f"assigned to {state.users[user]['name']}"
            add_story(state, task, "assigned", words, at, by, assignee=task["assignee"])
        else:
            add_story(state, task, "unassigned", "unassigned", at, by)
        note_change(state, task, "assignee", at, by, task["assignee"])


def complete(state: Workspace, gid: str, *, at: datetime, by: str) -> None:
    with state.lock:
        task = state.tasks[gid]
        task.update(completed=True, completed_at=asana_time(at), completed_by=person(state, by))
        if task["resource_subtype"] == "approval":
            task["approval_status"] = "approved"
        add_story(state, task, "marked_complete", "completed this task", at, by)
        note_change(state, task, "completed", at, by)


def reopen(state: Workspace, gid: str, *, at: datetime, by: str) -> None:
    with state.lock:
        task = state.tasks[gid]
        task.update(completed=False, completed_at=None, completed_by=None)
        if task["resource_subtype"] == "approval":
            task["approval_status"] = "pending"
        add_story(state, task, "marked_incomplete", "marked incomplete", at, by)
        note_change(state, task, "completed", at, by)


def set_custom_value(state: Workspace, gid: str, field: str, value: Any, *, at: datetime, by: str) -> None:
    """Set a custom field: a number, a text, an enum option's gid, a list of such, or None."""
    with state.lock:
        task = state.tasks[gid]
        subtype, words, values = set_value(state, task, field, value)
        add_story(state, task, subtype, words, at, by, **values)
        note_change(state, task, "custom_fields", at, by)


def comment(state: Workspace, gid: str, text: str, *, at: datetime, by: str) -> None:
    with state.lock:
        task = state.tasks[gid]
        add_story(state, task, "comment_added", text, at, by)
        task["modified_at"] = asana_time(at)


def add_dependency(state: Workspace, gid: str, on: str, *, at: datetime, by: str) -> None:
    """The task `gid` now waits for the task `on`."""
    with state.lock:
        task, other = state.tasks[gid], state.tasks[on]
        task.setdefault("dependencies", []).append({"gid": on, "resource_type": "task"})
        other.setdefault("dependents", []).append({"gid": gid, "resource_type": "task"})
        add_story(
            state, task, "dependency_added", f"marked this as blocked by {other['name']}", at, by,
            dependency=reference(other),
        )  # fmt: skip
        note_change(state, task, "dependencies", at, by)
        note_change(state, other, "dependents", at, by)


def _dates(task: Document) -> Document:
    return {"start_on": task.get("start_on"), "due_on": task.get("due_on"), "due_at": task.get("due_at")}
