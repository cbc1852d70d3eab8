"""Shows the plan as one Asana organisation: every task with its stories, and what stands above it."""

from __future__ import annotations

from simulator.asana.workspace import Workspace
from simulator.company.asana_frame import Frame, stamp
from simulator.company.asana_oversight import add_bookings, add_goals, add_portfolios, add_status_updates
from simulator.company.asana_story import Storyteller
from simulator.company.asana_task import task_document
from simulator.company.item import Item
from simulator.company.plan import Plan


def to_asana(plan: Plan) -> Workspace:
    """The Asana organisation. Sets `external_id` and `key` of its items, and `accounts` of its people."""
    frame = Frame(plan)
    items = sorted(
        (item for project in frame.projects for item in project.items),
        key=lambda item: (item.created, item.project.code, item.ident),
    )
    for item in items:
        item.external_id = item.key = frame.gid()
        frame.workspace.tasks[item.external_id] = task_document(frame, item, item.external_id)
    for item in items:
        _place(frame, item)
        _depend(frame, item)
        _log(frame, item)
    _tag(frame, items)
    for item in items:
        task = frame.workspace.tasks[item.external_id]
        frame.workspace.stories[item.external_id] = Storyteller(frame, item, task).write()
    for project in frame.projects:
        add_status_updates(frame, project)
    add_portfolios(frame)
    add_goals(frame)
    add_bookings(frame)
    return frame.workspace


def _place(frame: Frame, item: Item) -> None:
    """Into its projects' lists, or under its parent."""
    workspace = frame.workspace
    task = workspace.tasks[item.external_id]
    for project in task["projects"]:
        workspace.project_tasks[project["gid"]].append(item.external_id)
    if item.parent is None:
        return
    parent = workspace.tasks[item.parent.external_id]
    task["parent"] = {key: parent[key] for key in ("gid", "name", "resource_type", "resource_subtype")}
    parent["num_subtasks"] += 1
    workspace.subtasks.setdefault(item.parent.external_id, []).append(item.external_id)


def _depend(frame: Frame, item: Item) -> None:
    task = frame.workspace.tasks[item.external_id]
    for other in item.blocks:
        later = frame.workspace.tasks[other.external_id]
        task["dependents"].append({"gid": other.external_id, "resource_type": "task"})
        later["dependencies"].append({"gid": item.external_id, "resource_type": "task"})


def _log(frame: Frame, item: Item) -> None:
    compact = {"gid": item.external_id, "resource_type": "task", "name": item.title, "resource_subtype": "default_task"}
    for log in item.worklogs:
        log.external_id = gid = frame.gid()
        frame.workspace.time_entries[gid] = {
            "gid": gid, "resource_type": "time_tracking_entry", "duration_minutes": log.seconds // 60,
            "entered_on": log.at.date().isoformat(), "attributable_to": frame.compact[item.project.external_id],
            "created_by": frame.user(log.by), "categories": [], "task": compact, "created_at": stamp(log.created),
            "approval_status": "APPROVED", "billable_status": "notApplicable", "description": "",
        }  # fmt: skip


def _tag(frame: Frame, items: list[Item]) -> None:
    """Labels as tags; one name stands for two different tags, as happens."""
    workspace = frame.workspace
    names = sorted({label for item in items for label in item.labels})
    tags: dict[str, str] = {}
    for name in [*names, names[0]] if names else []:
        gid = frame.gid()
        workspace.tags[gid] = {
            "gid": gid, "resource_type": "tag", "name": name, "color": "dark-teal", "notes": "", "followers": [],
            "workspace": frame.home, "created_at": stamp(items[0].created), "permalink_url": f"https://asana.invalid/0/{gid}",
        }  # fmt: skip
        tags.setdefault(name, gid)
    for item in items:
        workspace.tasks[item.external_id]["tags"] = [
            {"gid": tags[label], "name": label, "resource_type": "tag"} for label in item.labels
        ]
