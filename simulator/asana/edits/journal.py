"""What a change leaves behind in Asana: a story on the task, and events in the streams it bubbles up to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.asana.workspace import Document, Event, Workspace, asana_time


def new_gid(state: Workspace) -> str:
    gid = str(state.next_gid)
    state.next_gid += 1
    return gid


def reference(document: Document) -> Document:
    """The compact form in which a resource stands inside another."""
    names = ("gid", "name", "resource_type", "resource_subtype")
    return {name: document[name] for name in names if name in document}


def last_sequence(state: Workspace) -> int:
    """Where the event stream stands; a fresh sync token starts here."""
    return max(state.events[-1].sequence if state.events else 0, state.events_kept_from)


def person(state: Workspace, gid: str) -> Document:
    return reference(state.users[gid])


def add_story(state: Workspace, task: Document, subtype: str, text: str, at: datetime, by: str, **values: Any) -> None:
    """A story on the task, newest last. `values` are the old and new values its subtype carries."""
    kind = "comment" if subtype == "comment_added" else "system"
    story: Document = {
        "gid": new_gid(state),
        "resource_type": "story",
        "resource_subtype": subtype,
        "type": kind,
        "text": text if kind == "comment" else f"{state.users[by]['name']} {text}",
        "created_at": asana_time(at),
        "created_by": person(state, by),
        "is_editable": kind == "comment",
        "is_edited": False,
        "is_pinned": False,
        "source": "web",
        "target": reference(task),
        **values,
    }
    state.stories.setdefault(task["gid"], []).append(story)
    add_event(state, story, "added", at, by, parent=task, resources=streams_of(state, task))


def streams_of(state: Workspace, task: Document) -> set[str]:
    """Whose event streams a change of the task shows in: its own, its projects', its parents' and theirs."""
    resources = {task["gid"], state.gid, *(project["gid"] for project in task.get("projects") or [])}
    parent = task.get("parent")
    if parent and parent["gid"] in state.tasks:
        resources |= streams_of(state, state.tasks[parent["gid"]])
    return resources


def add_event(
    state: Workspace,
    resource: Document,
    action: str,
    at: datetime,
    by: str,
    *,
    resources: set[str],
    parent: Document | None = None,
    change: Document | None = None,
) -> None:
    """One event. `change` stands only beside the action `changed`."""
    document: Document = {
        "user": person(state, by),
        "created_at": asana_time(at),
        "type": resource["resource_type"],
        "action": action,
        "resource": reference(resource),
        "parent": reference(parent) if parent is not None else None,
    }
    if change is not None:
        document["change"] = change
    sequence = last_sequence(state) + 1
    state.events.append(Event(sequence, at, frozenset(resources), document))


def note_change(state: Workspace, task: Document, field: str, at: datetime, by: str, new: Any = None) -> None:
    """The task changed in `field`: its `modified_at` (not its parent's) and an event. `new` only when a resource."""
    task["modified_at"] = asana_time(at)
    change: Document = {"field": field, "action": "changed"}
    if isinstance(new, dict) and "gid" in new:
        change["new_value"] = new
    add_event(state, task, "changed", at, by, resources=streams_of(state, task), change=change)
