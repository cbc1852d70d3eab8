"""The operations a scenario is made of, as they are written in files and kept.

Items are named by the tracker's key (and the connection, where two have that key), persons by name or id, projects by
code. Days are ISO dates, both ends included. Whether what is named is there, is for `portfolio.scenario.names`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

import msgspec

Whom: TypeAlias = int | str
"""A person by id or by name."""


class _Operation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a scenario."""


class Reassign(_Operation, frozen=True, tag_field="op", tag="reassign"):
    """An item is done by these persons, in equal parts."""

    item: str
    persons: tuple[Whom, ...]
    connection: str | None = None


class SetDue(_Operation, frozen=True, tag_field="op", tag="set_due"):
    """An item is due on another day."""

    item: str
    day: date
    connection: str | None = None


class SetStart(_Operation, frozen=True, tag_field="op", tag="set_start"):
    """An item begins on another day."""

    item: str
    day: date
    connection: str | None = None


class ScaleEffort(_Operation, frozen=True, tag_field="op", tag="scale_effort"):
    """What remains of an item, or of all items of a project, is so many times as much."""

    factor: float
    item: str | None = None
    project: str | None = None
    connection: str | None = None


class AddAllocation(_Operation, frozen=True, tag_field="op", tag="add_allocation"):
    """A booking more: of a person, or of a role nobody was named for, for a project. One of the three amounts is set;
    `percent` is of the capacity."""

    project: str
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    kind: Literal["hard", "soft"]
    person: Whom | None = None
    role: str | None = None
    hours_per_day: float | None = None
    percent: float | None = None
    total_hours: float | None = None


class AddPerson(_Operation, frozen=True, tag_field="op", tag="add_person"):
    """Somebody more in a role, from a day on, perhaps up to and including another. `calendar` None: the organisation's.
    Later operations name them by `name`."""

    role: str
    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="until", default=None)
    fte: float = 1.0
    calendar: str | None = None
    name: str | None = None

    @property
    def called(self) -> str:
        """What they are called where nobody gave them a name."""
        return self.name or f"New {self.role}"


class DropProject(_Operation, frozen=True, tag_field="op", tag="drop_project"):
    """A project is not done. Items that are in other projects, too, are done for those."""

    project: str


class DelayProject(_Operation, frozen=True, tag_field="op", tag="delay_project"):
    """All that is planned for a project, work and bookings, is so many working days later."""

    project: str
    workdays: int


class ConvertSoft(_Operation, frozen=True, tag_field="op", tag="convert_soft"):
    """Proposed bookings become firm: all, or those of a project, of a person, or of a role nobody was named for."""

    project: str | None = None
    person: Whom | None = None
    role: str | None = None


Operation: TypeAlias = (
    Reassign | SetDue | SetStart | ScaleEffort | AddAllocation | AddPerson | DropProject | DelayProject | ConvertSoft
)
OPERATIONS: tuple[type[Operation], ...] = (
    Reassign, SetDue, SetStart, ScaleEffort, AddAllocation, AddPerson, DropProject, DelayProject, ConvertSoft,
)  # fmt: skip
