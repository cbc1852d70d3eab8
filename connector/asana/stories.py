"""A task's stories as the history of the item.

Read are moves between sections, changes of status, type, points and estimate fields, of dates, assignee and projects,
and completion; all other stories (comments, followers, likes) are not. Their texts are never parsed: they are prose.

A task may be in several projects; told is the first of them, as that is where the item counts. So a project that a task
joins and leaves as its second is no change. Moves between sections are told of all of them, with `project_id`: which
project is followed is not known here.

Status has two possible sources. A task whose stories change a status field has its history there, and its moves between
sections are left out, as the item's own status comes from the field too. `field_id` is the field's gid, or "section".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from connector.asana.custom_fields import role_of
from connector.asana.documents import Ref, StoryDates, StoryDocument
from connector.asana.plain import gid_of, instant, name_of, seconds
from connector.records import Change, ChangedField, ChangesRecord, FieldRole

SECTION = "section"

_ENUMS = {FieldRole.STATUS: ChangedField.STATUS, FieldRole.KIND: ChangedField.KIND}
_NUMBERS = {FieldRole.POINTS: ChangedField.POINTS, FieldRole.ESTIMATE: ChangedField.ESTIMATE}

Roles = Mapping[str, FieldRole | None]


def read_stories(item_id: str, stories: Sequence[StoryDocument], roles: Roles) -> ChangesRecord:
    """The changes, oldest first. `complete` is False when a story without an instant had to be left out."""
    dated = [(moment, story) for story in stories if (moment := instant(story.created_at, "created_at"))]
    dated.sort(key=lambda pair: pair[0])
    changes = [change for at, story in dated for change in _changes(at, story, roles)]
    changes = list(_of_first_project(_with_former_assignee(changes)))
    if any(change.field is ChangedField.STATUS and change.field_id != SECTION for change in changes):
        changes = [change for change in changes if change.field_id != SECTION]
    return ChangesRecord(item_id=item_id, changes=tuple(changes), complete=len(dated) == len(stories))


def _changes(at: datetime, story: StoryDocument, roles: Roles) -> Iterator[Change]:
    by = gid_of(story.created_by)
    match story.resource_subtype:
        case "marked_complete" | "marked_incomplete":
            yield _completion(at, by, now=story.resource_subtype == "marked_complete")
        case "assigned":
            yield Change(
                at=at,
                by_id=by,
                field=ChangedField.ASSIGNEE,
                new=gid_of(story.assignee),
                new_text=name_of(story.assignee),
            )
        case "unassigned":
            yield Change(at=at, by_id=by, field=ChangedField.ASSIGNEE)
        case "added_to_project" if gid_of(story.project):
            yield _move(at, by, ChangedField.PROJECT, None, None, story.project)
        case "removed_from_project" if gid_of(story.project):
            yield _move(at, by, ChangedField.PROJECT, None, story.project, None)
        case "section_changed" if gid_of(story.old_section) or gid_of(story.new_section):
            move = _move(at, by, ChangedField.STATUS, SECTION, story.old_section, story.new_section)
            yield msgspec.structs.replace(move, project_id=gid_of(story.project))
        case "enum_custom_field_changed":
            yield from _enum(at, by, story, roles)
        case "number_custom_field_changed":
            yield from _number(at, by, story, roles)
        case _:
            yield from _by_values(at, by, story)


def _by_values(at: datetime, by: str | None, story: StoryDocument) -> Iterator[Change]:
    """Stories known by what they carry: dates (several subtypes), the kind of task, approval."""
    if story.old_dates or story.new_dates:
        yield from _dates(at, by, story.old_dates or StoryDates(), story.new_dates or StoryDates())
    if story.new_resource_subtype:
        yield Change(
            at=at, by_id=by, field=ChangedField.KIND, old=story.old_resource_subtype, new=story.new_resource_subtype
        )
    if story.new_approval_status:
        # Asana keeps `completed` in step with the approval: every answer but "pending" completes the task.
        was, now = (
            status not in (None, "pending") for status in (story.old_approval_status, story.new_approval_status)
        )
        if was != now:
            yield _completion(at, by, now=now)


def _completion(at: datetime, by: str | None, *, now: bool) -> Change:
    old, new = ("false", "true") if now else ("true", "false")
    return Change(at=at, by_id=by, field=ChangedField.COMPLETED, old=old, new=new)


def _move(
    at: datetime, by: str | None, field: ChangedField, field_id: str | None, old: Ref | None, new: Ref | None
) -> Change:
    return Change(
        at=at,
        by_id=by,
        field=field,
        field_id=field_id,
        old=gid_of(old),
        new=gid_of(new),
        old_text=name_of(old),
        new_text=name_of(new),
    )


def _role(field: Ref | None, type: str, roles: Roles) -> FieldRole | None:
    if field is None or not field.gid:
        return None
    return roles[field.gid] if field.gid in roles else role_of(field.name, type, None)


def _enum(at: datetime, by: str | None, story: StoryDocument, roles: Roles) -> Iterator[Change]:
    field = _ENUMS.get(_role(story.custom_field, "enum", roles) or FieldRole.FLAGGED)
    if field and (story.old_enum_value or story.new_enum_value):
        yield _move(at, by, field, gid_of(story.custom_field), story.old_enum_value, story.new_enum_value)


def _number(at: datetime, by: str | None, story: StoryDocument, roles: Roles) -> Iterator[Change]:
    role = _role(story.custom_field, "number", roles)
    if role is None or role not in _NUMBERS:
        return
    old, new = story.old_number_value, story.new_number_value
    if role is FieldRole.ESTIMATE:
        old, new = seconds(old), seconds(new)
    yield Change(
        at=at,
        by_id=by,
        field=_NUMBERS[role],
        field_id=gid_of(story.custom_field),
        old=_written(old),
        new=_written(new),
    )


def _written(value: float | None) -> str | None:
    """The number without an exponent or a needless ".0"."""
    if value is None:
        return None
    return str(int(value)) if value == int(value) else repr(value)


def _dates(at: datetime, by: str | None, old: StoryDates, new: StoryDates) -> Iterator[Change]:
    for field, before, after in (
        (ChangedField.START, old.start_on, new.start_on),
        (ChangedField.DUE, old.due_on or (old.due_at or "")[:10], new.due_on or (new.due_at or "")[:10]),
    ):
        if (before or None) != (after or None):
            yield Change(at=at, by_id=by, field=field, old=before or None, new=after or None)


def _of_first_project(changes: Iterable[Change]) -> Iterator[Change]:
    """Joining and leaving projects as changes of the first one. One that was left but never joined was there before."""
    changes = list(changes)
    moves = [change for change in changes if change.field is ChangedField.PROJECT]
    joined: set[str] = set()
    places: dict[str, str | None] = {}
    for move in moves:
        if move.old and move.old not in joined:
            places[move.old] = move.old_text
        joined.add(move.new or move.old or "")
    for change in changes:
        if change.field is not ChangedField.PROJECT:
            yield change
            continue
        before = next(iter(places.items()), (None, None))
        if change.new:
            places.setdefault(change.new, change.new_text)
        else:
            places.pop(change.old or "", None)
        after = next(iter(places.items()), (None, None))
        if before[0] != after[0]:
            yield msgspec.structs.replace(change, old=before[0], old_text=before[1], new=after[0], new_text=after[1])


def _with_former_assignee(changes: Iterable[Change]) -> Iterator[Change]:
    """Assignee stories tell only the new one; the former is the one of the story before."""
    former: Change | None = None
    for change in changes:
        if change.field is not ChangedField.ASSIGNEE:
            yield change
            continue
        if former:
            yield msgspec.structs.replace(change, old=former.new, old_text=former.new_text)
        else:
            yield change
        former = change
