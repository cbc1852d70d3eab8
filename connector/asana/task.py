"""A task as an item.

Status: the option of its custom type, else the enumeration that is a status by role. A task with neither has none of
its own; what its section says is left to mapping, which knows the project that counts. Asana states no category: only
`completed` is known, so a completed task is done and all others are unstated (a rejected approval is completed too;
`approval` tells them apart).

A subtask usually has no membership: its project is its parent's. Asana has no keys; the key is the value of a custom id
field where the project has one, else the gid.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from urllib.parse import urlsplit

from connector.asana.custom_fields import plain_value, role_of, type_of
from connector.asana.documents import FieldValueDocument, TaskDocument
from connector.asana.plain import day_of, gid_of, instant, name_of, people, seconds, shown, word
from connector.records import Category, FieldRole, ItemRecord, LinkRecord, Membership, UnreadableError

KIND_NAMES = {"default_task": "Task", "milestone": "Milestone", "approval": "Approval"}
SEPARATOR = ("separator", "Separator")
"""The kind of an old-style header row among subtasks (`is_rendered_as_separator`): a line of text, not work."""


def read_task(
    task: TaskDocument, *, address: str, roles: Mapping[str, FieldRole | None], wanted: Set[str]
) -> ItemRecord:
    """The item. `roles` by field gid come before what the payload itself tells; `wanted` fields go into `fields`."""
    if not task.gid:
        raise UnreadableError("gid is empty")
    by_role = _by_role(task, roles)
    status_id, status_name = _status(task, by_role.get(FieldRole.STATUS))
    kind_id, kind_name = _kind(task)
    created, updated = _instants(task)
    priority = by_role.get(FieldRole.PRIORITY)
    estimate = by_role.get(FieldRole.ESTIMATE)
    subtask = gid_of(task.parent) is not None
    return ItemRecord(
        external_id=task.gid,
        key=_key(task),
        url=task.permalink_url or _url(address, task.gid),
        title=shown(task.name),
        memberships=_memberships(task),
        kind_id=kind_id,
        kind_name=kind_name,
        subtask=subtask,
        level=-1 if subtask else 0,
        milestone=task.resource_subtype == "milestone",
        status_id=status_id,
        status_name=status_name,
        status_category=Category.DONE if task.completed else None,
        completed=task.completed,
        completed_at=instant(task.completed_at, "completed_at"),
        priority=name_of(priority.enum_value) if priority else None,
        approval=task.approval_status or None,
        assignee_id=gid_of(task.assignee),
        reporter_id=gid_of(task.created_by),
        people=people(task.assignee, task.created_by, task.completed_by),
        created=created,
        updated=updated,
        start=day_of(task.start_on, task.start_at, "start"),
        due=day_of(task.due_on, task.due_at, "due"),
        estimate_s=seconds(estimate.number_value) if estimate else None,
        spent_s=seconds(task.actual_time_minutes),
        parent_id=gid_of(task.parent),
        labels=tuple(dict.fromkeys(name for tag in task.tags or () if (name := name_of(tag)))),
        links=_links(task),
        fields={f.gid: plain_value(f) for f in task.custom_fields or () if f.gid and f.gid in wanted},
    )


def _memberships(task: TaskDocument) -> tuple[Membership, ...]:
    found = {
        place.project.gid: Membership(place.project.gid, gid_of(place.section), name_of(place.section))
        for place in task.memberships or ()
        if place.project and place.project.gid
    }
    for project in task.projects or ():
        if project.gid:
            found.setdefault(project.gid, Membership(project.gid))
    return tuple(found.values())


def _by_role(task: TaskDocument, roles: Mapping[str, FieldRole | None]) -> dict[FieldRole, FieldValueDocument]:
    """The first field of each role that has a value; a task in two projects may carry two of one role."""
    found: dict[FieldRole, FieldValueDocument] = {}
    for field in task.custom_fields or ():
        gid = field.gid or ""
        role = roles[gid] if gid in roles else role_of(field.name, type_of(field), field.asana_created_field)
        if role and (field.enum_value or field.number_value is not None):
            found.setdefault(role, field)
    return found


def _status(task: TaskDocument, field: FieldValueDocument | None) -> tuple[str | None, str | None]:
    option = task.custom_type_status_option
    if not (option and option.gid):
        option = field.enum_value if field else None
    if option and option.gid:
        return option.gid, name_of(option)
    return None, None


def _kind(task: TaskDocument) -> tuple[str, str]:
    if task.is_rendered_as_separator:
        return SEPARATOR
    if task.custom_type and task.custom_type.gid:
        return task.custom_type.gid, word(task.custom_type.name) or task.custom_type.gid
    kind = task.resource_subtype or "default_task"
    return kind, KIND_NAMES.get(kind, kind)


def _instants(task: TaskDocument) -> tuple[datetime, datetime]:
    """Created and updated. Compact tasks lack one or both: then the earliest and the latest instant that is told."""
    created = instant(task.created_at, "created_at")
    completed = instant(task.completed_at, "completed_at")
    modified = instant(task.modified_at, "modified_at")
    told = sorted(moment for moment in (created, completed, modified) if moment)
    if not told:
        raise UnreadableError("created_at, modified_at and completed_at are all missing: the task has no place in time")
    return created or told[0], modified or told[-1]


def _key(task: TaskDocument) -> str:
    ids = (f.display_value for f in task.custom_fields or () if f.representation_type == "custom_id")
    return next((word(id_) for id_ in ids if word(id_)), task.gid)


def _url(address: str, gid: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/0/0/{gid}"


def _links(task: TaskDocument) -> tuple[LinkRecord, ...]:
    return tuple(
        LinkRecord(
            external_id=f"{other.gid}->{task.gid}",
            type_name="dependency",
            phrase="is blocked by",
            outward=False,
            other_id=other.gid,
        )
        for other in task.dependencies or ()
        if other.gid
    )
