"""The mapping: what people have decided about what tracker data means, in versions; and what comes of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class MappingVersion(Base):
    """A version of the mapping. `body` is JSON of `sync.mapping.document.Mapping`.

    state: draft, approved, discarded. A draft has no `number` until it is approved; there is at most one. The approved
    one with the highest number is in force. `revision` grows with every change of a draft, so that two people do not
    overwrite each other. `based_on` is the number the draft began as, `restores` the number a rollback brings back.
    `edited_by` is who changed it last, `editors` JSON of all who did. `self_approved`: nobody but one of these looked
    at it.
    """

    __tablename__ = "mapping_version"

    id: Mapped[PrimaryKey]
    number: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str]
    body: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    based_on: Mapped[int | None]
    restores: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    edited_by: Mapped[str]
    edited_at: Mapped[datetime]
    editors: Mapped[str] = mapped_column(default="[]")
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    self_approved: Mapped[bool] = mapped_column(default=False)


class MappingPreview(Base):
    """What a draft would do, computed over landed records in the background. `result` is JSON.

    `revision` is the draft's that was looked at. state: waiting, running, done, failed, cancelled. `done` of `total`
    records have been looked at. `cancel_by` names who asked it to stop; `error` is one line, safe to show.
    """

    __tablename__ = "mapping_preview"
    __table_args__ = (Index(None, "version_id", "revision"),)

    id: Mapped[PrimaryKey]
    version_id: Mapped[int] = mapped_column(BigInt, ForeignKey("mapping_version.id"))
    revision: Mapped[int]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(BigInt, default=0)
    total: Mapped[int] = mapped_column(BigInt, default=0)
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_by: Mapped[str | None]
    error: Mapped[str | None]
    result: Mapped[str | None]


class FieldSample(Base):
    """A tracker's field as it was met in a sample of items. `filled` of `sampled` items had a value; `examples` is JSON
    of some of these."""

    __tablename__ = "field_sample"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    field_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    type: Mapped[str]
    filled: Mapped[int]
    sampled: Mapped[int]
    examples: Mapped[str]
    first_seen_at: Mapped[datetime]
    sampled_at: Mapped[datetime]


class ItemAttribute(Base):
    """A further value of an item that the mapping reads from a tracker's field: one of the columns holds it.

    `number` in the unit of the attribute (seconds for effort, a ratio for percent), with `currency` where it is money.
    """

    __tablename__ = "item_attribute"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[Decimal | None] = mapped_column(Numeric(24, 6))
    currency: Mapped[str | None]
    text: Mapped[str | None]
    day: Mapped[date | None]
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))


class ItemTemplate(Base):
    """A template that an item is taken for an instance of, and the label that shows it."""

    __tablename__ = "item_template"

    item_id: Mapped[int] = mapped_column(BigInt, ForeignKey("work_item.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    evidence: Mapped[str]


class ProjectField(Base):
    """A field of a project that trackers often do not hold: what a tracker says, and what was entered here.

    What was entered counts before what the tracker says; both stay. Values are text as `portfolio.overlay` reads it,
    or a person.
    """

    __tablename__ = "project_field"

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[str | None]
    told_person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    told_by: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    told_at: Mapped[datetime | None]
    entered: Mapped[str | None]
    entered_person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    entered_by: Mapped[str | None]
    entered_at: Mapped[datetime | None]


class PersonDecision(Base):
    """What somebody decided about who is who, so that it can be seen and undone.

    kind: merged, split, rejected. `person_id` is who was merged away, split off or held against the other; `other_id`
    who remained, and goes with that person when they are merged themselves. Neither is a foreign key: who was merged
    away is not there. `body` is JSON of what it takes to undo it; `reasons` JSON of what spoke for it, without names.
    """

    __tablename__ = "person_decision"

    id: Mapped[PrimaryKey]
    kind: Mapped[str]
    person_id: Mapped[int] = mapped_column(BigInt, index=True)
    other_id: Mapped[int] = mapped_column(BigInt, index=True)
    body: Mapped[str]
    score: Mapped[float | None]
    reasons: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class PersonApart(Base):
    """Two persons of whom somebody decided that they are not one: two rows for each decision, one from either side.

    They are not suggested, and no sync joins them by their address. The rows go with their persons when these merge.
    """

    __tablename__ = "person_apart"

    decision_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person_decision.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
