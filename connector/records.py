"""Tracker-neutral records: what any tracker can say, in one shape.

They hold facts as the tracker states them (ids, names, categories, instants), not what they mean to the PMO: that is
mapping's business. Instants are aware UTC datetimes, dates are plain dates, effort is whole seconds, ids are text.
`None` means the tracker did not say.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec


class UnreadableError(ValueError):
    """A payload cannot be read as the record it should be; the message names the field and the reason."""


class FieldRole(StrEnum):
    """What a tracker itself marks a custom field to be (Jira by schema key, Asana by its own markers).

    `WORKINGS`: something the tracker keeps for itself (rank, colour, panel), which says nothing of the work.
    """

    POINTS = "points"
    SPRINT = "sprint"
    EPIC_LINK = "epic_link"
    PARENT_LINK = "parent_link"
    START = "start"
    END = "end"
    FLAGGED = "flagged"
    ESTIMATE = "estimate"
    TEAM = "team"
    STATUS = "status"
    PRIORITY = "priority"
    KIND = "kind"
    WORKINGS = "workings"


class ChangedField(StrEnum):
    """The changes of an item that history is rebuilt from; all others are not read."""

    STATUS = "status"
    DUE = "due"
    START = "start"
    ESTIMATE = "estimate"
    REMAINING = "remaining"
    POINTS = "points"
    ASSIGNEE = "assignee"
    KIND = "kind"
    PROJECT = "project"
    PARENT = "parent"
    SPRINT = "sprint"
    RESOLUTION = "resolution"
    FLAGGED = "flagged"
    COMPLETED = "completed"


class Category(StrEnum):
    """A status category the tracker itself states."""

    TODO = "todo"
    IN_PROGRESS = "in_progress"
    DONE = "done"


FieldValue = None | bool | int | float | str | list[str]


class PersonRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An account. `human` is False for apps, bots and portal customers. `handle` is the short name it signs in with,
    where the tracker tells it; never a part of an address."""

    external_id: str
    name: str
    email: str | None = None
    active: bool = True
    human: bool = True
    time_zone: str | None = None
    handle: str | None = None


class TeamRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    member_ids: tuple[str, ...] = ()


class FieldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the tracker. `options` are (id, name) pairs of an enumeration, in order."""

    external_id: str
    name: str
    type: str
    custom: bool = True
    role: FieldRole | None = None
    options: tuple[tuple[str, str], ...] = ()


class StatusRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    category: Category | None = None
    project_id: str | None = None


class KindRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An issue type. `level`: 0 is ordinary work, 1 an epic, 2 and more above, -1 a sub-task; None unknown."""

    external_id: str
    name: str
    subtask: bool = False
    level: int | None = None


class LinkTypeRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    outward: str
    inward: str


class ProjectRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`grouping` is the tracker's own grouping name (Jira project category, Asana team). `reported` is the colour word
    the project reports of itself (on_track, at_risk, off_track, on_hold, complete, dropped), as the tracker spells it.
    `fields` holds the values of the project's own custom fields by field id, plain as an item's; Jira has none."""

    external_id: str
    key: str
    name: str
    url: str
    lead_id: str | None = None
    lead_name: str | None = None
    grouping: str | None = None
    archived: bool = False
    completed: bool = False
    completed_at: datetime | None = None
    created: datetime | None = None
    start: date | None = None
    due: date | None = None
    reported: str | None = None
    reported_at: datetime | None = None
    fields: dict[str, FieldValue] = {}


class SectionRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    project_id: str


class BoardRecord(msgspec.Struct, frozen=True, kw_only=True):
    """`points_field_id` is the field the board itself estimates in, None when it estimates in time or not at all."""

    external_id: str
    name: str
    type: str
    project_id: str | None = None
    points_field_id: str | None = None


class SprintRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    state: str
    board_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    completed: datetime | None = None
    goal: str | None = None


class MilestoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone that is not an item: a Jira version. `due` is its release date."""

    external_id: str
    name: str
    project_id: str
    start: date | None = None
    due: date | None = None
    released: bool = False
    archived: bool = False
    url: str | None = None


class ComponentRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    project_id: str | None = None
    lead_id: str | None = None


class QueryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A query that was asked for, and the ids of the items it finds, whether they are followed or not."""

    external_id: str
    text: str
    item_ids: tuple[str, ...] = ()


class PortfolioRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A tracker's own grouping of projects, and of other portfolios."""

    external_id: str
    name: str
    owner_id: str | None = None
    project_ids: tuple[str, ...] = ()
    portfolio_ids: tuple[str, ...] = ()


class GoalRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    owner_id: str | None = None
    due: date | None = None
    status: str | None = None
    project_ids: tuple[str, ...] = ()


class StatusUpdateRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A report of a project on itself. `status` as the tracker spells it (on_track, at_risk, ...)."""

    external_id: str
    project_id: str
    status: str
    title: str
    created: datetime
    author_id: str | None = None


class AllocationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A booking. Exactly one of `hours_per_day`, `percent` (0..100) and `total_hours` is set, or none if unstated."""

    external_id: str
    project_id: str
    person_id: str | None
    placeholder: str | None = None
    start: date
    end: date
    hours_per_day: float | None = None
    percent: float | None = None
    total_hours: float | None = None


class TimeOffRecord(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    person_id: str
    start: date
    end: date


class WorklogRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Time spent. `work_date` is the date in the offset the tracker sent."""

    external_id: str
    item_id: str | None
    project_id: str | None = None
    person_id: str | None = None
    work_date: date
    seconds: int
    created: datetime | None = None
    updated: datetime | None = None
    billable: bool | None = None
    rejected: bool = False


class Membership(msgspec.Struct, frozen=True, gc=False):
    """An item's place in one project; the first membership of an item is its primary one."""

    project_id: str
    section_id: str | None = None
    section_name: str | None = None


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A link as seen from one item: "<this item> <phrase> <other item>".

    `outward` tells whether `phrase` is the type's outward one. The same link may be seen from both ends: same id.
    """

    external_id: str
    type_name: str
    phrase: str
    outward: bool
    other_id: str
    other_key: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One field change. `old`/`new` are ids or machine values (dates ISO, effort seconds), `*_text` what people saw.

    `project_id` is set where the change holds in one of the item's projects only: a move between that one's sections.
    """

    at: datetime
    field: ChangedField
    field_id: str | None = None
    project_id: str | None = None
    by_id: str | None = None
    old: str | None = None
    new: str | None = None
    old_text: str | None = None
    new_text: str | None = None


class ChangesRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The history of one item, oldest first. `complete` is False when the tracker is known to keep more."""

    item_id: str
    changes: tuple[Change, ...]
    complete: bool = True


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unit of work: Jira issue or Asana task.

    `parent_id` or, where the tracker only names a key, `parent_key`. `changes` is the embedded history when the tracker
    sent it whole, else None: then a CHANGES record completes it. `people` are accounts seen inside the payload, so that
    a person missing from the people stream is still known by name. `fields` holds the wanted custom fields, plain.
    `attachment_names` is empty where the tracker does not send them with the item.
    """

    external_id: str
    key: str
    url: str
    title: str
    memberships: tuple[Membership, ...]
    kind_id: str
    kind_name: str
    subtask: bool = False
    level: int | None = None
    milestone: bool = False
    status_id: str | None = None
    status_name: str | None = None
    status_category: Category | None = None
    completed: bool | None = None
    completed_at: datetime | None = None
    priority: str | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    approval: str | None = None
    assignee_id: str | None = None
    co_assignee_ids: tuple[str, ...] = ()
    reporter_id: str | None = None
    people: tuple[PersonRecord, ...] = ()
    created: datetime
    updated: datetime
    start: date | None = None
    due: date | None = None
    estimate_s: int | None = None
    remaining_s: int | None = None
    spent_s: int | None = None
    parent_id: str | None = None
    parent_key: str | None = None
    labels: tuple[str, ...] = ()
    component_names: tuple[str, ...] = ()
    attachment_names: tuple[str, ...] = ()
    milestone_ids: tuple[str, ...] = ()
    sprint_ids: tuple[str, ...] = ()
    links: tuple[LinkRecord, ...] = ()
    flagged: bool = False
    fields: dict[str, FieldValue] = {}
    changes: ChangesRecord | None = None


Record = (
    PersonRecord
    | TeamRecord
    | FieldRecord
    | StatusRecord
    | KindRecord
    | LinkTypeRecord
    | ProjectRecord
    | SectionRecord
    | BoardRecord
    | SprintRecord
    | MilestoneRecord
    | ComponentRecord
    | QueryRecord
    | PortfolioRecord
    | GoalRecord
    | StatusUpdateRecord
    | AllocationRecord
    | TimeOffRecord
    | WorklogRecord
    | ItemRecord
    | ChangesRecord
)
