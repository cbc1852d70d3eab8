"""One task as Asana shows it, from the present values of its item."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.company.asana_fields import TYPES, Field, stands_in_project
from simulator.company.asana_frame import SITE, Frame, stamp
from simulator.company.item import Change, Item
from simulator.company.plan import Project

Document = dict[str, Any]

SETTLING = timedelta(seconds=5)
"""How long after its creation a task is still being put in place: first assignee, second project."""

_SUBTYPES = {"milestone": "milestone", "approval": "approval"}


def task_document(frame: Frame, item: Item, gid: str) -> Document:
    """The task without its parent, subtasks and dependencies, which need the other tasks first."""
    completed = item.done
    ended = next((change for change in reversed(item.changes) if change.field == "status"), None)
    homes = [item.project, *item.homes] if stands_in_project(item) else []
    followers = [frame.user(person) for person in dict.fromkeys((item.reporter, item.assignee)) if person]
    # Dates of a milestone have no beginning.
    start = item.start if item.kind != "milestone" and item.due and item.start and item.start <= item.due else None
    task: Document = {
        "gid": gid, "resource_type": "task", "resource_subtype": _SUBTYPES.get(item.kind, "default_task"),
        "name": item.title, "notes": "", "html_notes": "<body></body>",
        "actual_time_minutes": item.spent // 60 if item.spent else None,
        "assignee": frame.user(item.assignee) if item.assignee else None, "assignee_status": "upcoming",
        "assignee_section": None, "assigned_by": None, "completed": completed,
        "completed_at": stamp(ended.at) if completed and ended else None,
        "completed_by": frame.user(ended.by) if completed and ended else None,
        "created_at": stamp(item.created), "created_by": frame.user(item.reporter),
        "modified_at": stamp(max(item.updated, item.created + SETTLING)),
        "custom_fields": custom_fields(frame, item, homes), "custom_type": None, "custom_type_status_option": None,
        "dependencies": [], "dependents": [], "due_at": None, "due_on": item.due and item.due.isoformat(),
        "start_at": None, "start_on": start and start.isoformat(), "external": None, "followers": followers,
        "hearted": False, "hearts": [], "num_hearts": 0, "liked": False, "likes": [], "num_likes": 0,
        "is_rendered_as_separator": False, "num_subtasks": 0, "parent": None, "tags": [],
        "memberships": [_membership(frame, item, home) for home in homes],
        "projects": [frame.compact[home.external_id] for home in homes],
        "permalink_url": f"{SITE}/1/{frame.workspace.gid}/project/{item.project.external_id}/task/{gid}",
        "workspace": frame.home,
    }  # fmt: skip
    if item.approval:
        task["approval_status"] = item.approval
    return task


def _membership(frame: Frame, item: Item, home: Project) -> Document:
    """Where the task stands in a project; a second home tidies on its own, see `second_home`."""
    if home is item.project:
        section = frame.section(home, item.status, item.phase)
    else:
        first, later = second_home(frame, home)
        section = later if first_turn(item) else first
    return {"project": frame.compact[home.external_id], "section": section}


def second_home(frame: Frame, home: Project) -> tuple[Document, Document]:
    """The sections of a second home a task arrives in, and is put into when the work on it takes its first turn."""
    if home.phases:
        return frame.section(home, "", 0), frame.section(home, "", 1)
    first, later = home.workflow.steps[:2]
    return frame.section(home, first.key, 0), frame.section(home, later.key, 0)


def first_turn(item: Item) -> Change | None:
    """The first change of status, None where there was none."""
    return next((change for change in item.changes if change.field == "status"), None)


def custom_fields(frame: Frame, item: Item, homes: list[Project]) -> list[Document]:
    """The fields of all projects the task is in, each once, with the task's values."""
    shown: dict[str, Document] = {}
    for home in homes:
        for role, field in frame.fields[home.code].items():
            gid = field.document["gid"]
            if gid not in shown:
                mine = home is item.project
                shown[gid] = field.value(_value(frame, item, role, field) if mine else None)
    return list(shown.values())


def _value(frame: Frame, item: Item, role: str, field: Field) -> Any:
    match role:
        case "priority":
            return frame.priority(item.project, item.priority)
        case "type":
            return TYPES[item.kind]
        case "status":
            return item.project.workflow.step(item.status).name
        case "probability" | "cost" | "response" | "response_plan":
            return getattr(item, role)
        case _ if field.document["asana_created_field"] == "estimated_time":
            return None if item.estimate is None else item.estimate // 60
        case _:
            return item.points
