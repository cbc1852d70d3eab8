"""Where a task stands: the projects it is homed in and its section in each."""

from __future__ import annotations

from datetime import datetime

from simulator.asana.edits.journal import add_event, add_story, note_change, reference, streams_of
from simulator.asana.workspace import Document, Workspace, asana_time


def move_to_section(state: Workspace, gid: str, project: str, section: str, *, at: datetime, by: str) -> None:
    """Another section (column) of a project the task is in."""
    with state.lock:
        task = state.tasks[gid]
        membership = next(entry for entry in task["memberships"] if entry["project"]["gid"] == project)
        old, new = membership.get("section"), _section(state, project, section)
        moved = {**membership, "section": new}
        task["memberships"] = [moved if entry is membership else entry for entry in task["memberships"]]
        add_story(
            state,
            task,
            "section_changed",
            f'moved this task from "{(old or {}).get("name")}" to "{new["name"]}"',
            at,
            by,
            old_section=old,
            new_section=new,
            project=reference(state.projects[project]),
        )
        note_change(state, task, "memberships", at, by)


def add_to_project(
    state: Workspace, gid: str, project: str, *, at: datetime, by: str, section: str | None = None
) -> None:
    """Home the task in one more project, in its first section when none is named."""
    with state.lock:
        task = state.tasks[gid]
        sections = state.sections.get(project) or []
        chosen = section or (sections[0]["gid"] if sections else None)
        home = reference(state.projects[project])
        placed = _section(state, project, chosen) if chosen else None
        task["projects"] = [*task.get("projects", []), home]
        task["memberships"] = [*task.get("memberships", []), {"project": home, "section": placed}]
        state.project_tasks.setdefault(project, []).append(gid)
        task["modified_at"] = asana_time(at)
        words = f"added this task to {home['name']}"
        add_story(state, task, "added_to_project", words, at, by, project=home)
        streams = streams_of(state, task)
        add_event(state, task, "added", at, by, parent=state.projects[project], resources=streams)


def remove_from_project(state: Workspace, gid: str, project: str, *, at: datetime, by: str) -> None:
    with state.lock:
        task = state.tasks[gid]
        streams = streams_of(state, task)
        task["projects"] = [entry for entry in task["projects"] if entry["gid"] != project]
        task["memberships"] = [entry for entry in task["memberships"] if entry["project"]["gid"] != project]
        state.project_tasks[project].remove(gid)
        task["modified_at"] = asana_time(at)
        home = reference(state.projects[project])
        add_story(state, task, "removed_from_project", f"removed from {home['name']}", at, by, project=home)
        add_event(state, task, "removed", at, by, parent=state.projects[project], resources=streams)


def move_to_project(state: Workspace, gid: str, old: str, new: str, *, at: datetime, by: str) -> None:
    """From one project to another, in one go as people do it."""
    with state.lock:
        add_to_project(state, gid, new, at=at, by=by)
        remove_from_project(state, gid, old, at=at, by=by)


def reparent(state: Workspace, gid: str, parent: str | None, *, at: datetime, by: str) -> None:
    """Put the task, with what is below it, below another task, or below none. Its places in projects stay."""
    with state.lock:
        task, former = state.tasks[gid], state.tasks[gid].get("parent")
        streams = streams_of(state, task)
        if former and former["gid"] in state.tasks:
            _renumber(state, former["gid"], [one for one in state.subtasks[former["gid"]] if one != gid])
        task["parent"] = reference(state.tasks[parent]) if parent else None
        if parent:
            _renumber(state, parent, [*state.subtasks.get(parent, []), gid])
        task["modified_at"] = asana_time(at)
        streams |= streams_of(state, task)
        change: Document = {"field": "parent", "action": "changed"}
        if parent:
            change["new_value"] = task["parent"]
            add_event(state, task, "added", at, by, parent=state.tasks[parent], resources=streams)
        add_event(state, task, "changed", at, by, resources=streams, change=change)


def _renumber(state: Workspace, parent: str, children: list[str]) -> None:
    state.subtasks[parent] = children
    state.tasks[parent]["num_subtasks"] = len(children)


def _section(state: Workspace, project: str, gid: str) -> Document:
    return reference(next(section for section in state.sections[project] if section["gid"] == gid))
