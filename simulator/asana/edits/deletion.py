"""Deleting a task of a running simulated Asana and taking it out of the trash again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.asana.edits.journal import add_event, streams_of
from simulator.asana.workspace import Document, Workspace, asana_time


@dataclass(frozen=True, slots=True)
class Trash:
    """A deleted task with its stories, and its place: (project gid, index) each, and the index below its parent."""

    task: Document
    stories: list[Document]
    places: tuple[tuple[str, int], ...]
    below: int | None
    children: tuple[Trash, ...]


def delete_task(state: Workspace, gid: str, *, at: datetime, by: str) -> Trash:
    """The task and its subtasks answer 404 from now on. Gives what `undelete_task` needs."""
    with state.lock:
        task = state.tasks[gid]
        streams = streams_of(state, task)
        children = tuple(delete_task(state, child, at=at, by=by) for child in list(state.subtasks.get(gid, [])))
        places = []
        for project in task.get("projects") or []:
            listed = state.project_tasks[project["gid"]]
            places.append((project["gid"], listed.index(gid)))
            listed.remove(gid)
        below = None
        parent = task.get("parent")
        if parent and parent["gid"] in state.tasks:
            siblings = state.subtasks[parent["gid"]]
            below = siblings.index(gid)
            siblings.remove(gid)
            state.tasks[parent["gid"]]["num_subtasks"] = len(siblings)
        del state.tasks[gid]
        add_event(state, task, "deleted", at, by, resources=streams)
        return Trash(task, state.stories.pop(gid, []), tuple(places), below, children)


def undelete_task(state: Workspace, trash: Trash, *, at: datetime, by: str) -> None:
    """Put the task back where it was, with its subtasks."""
    with state.lock:
        task, gid = trash.task, trash.task["gid"]
        state.tasks[gid] = task
        state.stories[gid] = trash.stories
        for project, index in trash.places:
            state.project_tasks[project].insert(index, gid)
        if trash.below is not None and task["parent"]["gid"] in state.tasks:
            siblings = state.subtasks.setdefault(task["parent"]["gid"], [])
            siblings.insert(trash.below, gid)
            state.tasks[task["parent"]["gid"]]["num_subtasks"] = len(siblings)
        task["modified_at"] = asana_time(at)
        add_event(state, task, "undeleted", at, by, resources=streams_of(state, task))
        for child in reversed(trash.children):
            undelete_task(state, child, at=at, by=by)
