"""The words an item's past is told in: what it is now, what changed, and what it was over which days."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

import msgspec

from connector.records import Category


class TransitionValues(NamedTuple):
    """One change of status or of category; `by` is an account."""

    at: datetime
    from_status: str
    to_status: str
    from_category: str
    to_category: str
    by: str | None


class FieldChangeValues(NamedTuple):
    """One change of a field, as text; `by` is an account."""

    at: datetime
    field: str
    old: str | None
    new: str | None
    by: str | None


class VersionValues(NamedTuple):
    """The state of an item over some days; project, sprint and assignee are the tracker's ids."""

    valid_from: date
    valid_to: date
    project: str | None
    kind: str
    category: str
    flow: str
    start: date | None
    due: date | None
    estimate_s: int | None
    remaining_s: int | None
    points: float | None
    sprint: str | None
    assignee: str | None
    first_due: date | None
    started_on: date | None
    finished_on: date | None
    reopened_on: date | None
    active_s: int | None
    flow_s: int | None
    lead_s: int | None


class Present(msgspec.Struct, kw_only=True):
    """An item as it stands, in the terms history is told in. Walking back changes it: make one per walk.

    `type_name` is the tracker's word for its type. `carried` are attributes that a field carries which people named:
    changes of the tracker's own dates and efforts are none of these, and what they are now holds for all of the past.
    """

    created: datetime
    project: str | None
    kind: str
    kind_follows: bool = True
    type_name: str | None = None
    status_id: str | None = None
    status_name: str | None = None
    stated: Category | None = None
    completed: bool | None = None
    finished_at: datetime | None = None
    resolution: str | None = None
    flagged: bool = False
    start: date | None = None
    due: date | None = None
    estimate_s: int | None = None
    remaining_s: int | None = None
    points: float | None = None
    points_fields: tuple[str, ...] = ()
    sprint: str | None = None
    assignee: str | None = None
    carried: frozenset[str] = frozenset()


class History(NamedTuple):
    """What became of an item. `synthetic`: part of it is inferred from dates, because the tracker gave no history.

    `first_due` is the first due date ever known. `parent_since` is the day from which it hangs where it hangs now.
    `unmapped` are (subject, value) pairs that no rule covers.
    """

    transitions: list[TransitionValues]
    field_changes: list[FieldChangeValues]
    versions: list[VersionValues]
    started_on: date | None
    finished_on: date | None
    first_due: date | None
    parent_since: date
    synthetic: bool
    unmapped: list[tuple[str, str]]
