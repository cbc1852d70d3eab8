"""Resources: how much of a person there is from which day on, what they can, who is asked for, and what if."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import WHOLE, Base, BigInt, PrimaryKey


class PersonTerms(Base):
    """How a person works from `valid_from` up to, not including, `valid_to`: `fte` is the share of a full week.

    A person's terms do not overlap. Somebody without any works as the organisation does; somebody with some has no
    capacity on days that none of them covers. `calendar_id` None: the organisation's. `hours` are those of a full week,
    seven numbers from Monday with a space between, where they are not the calendar's: holidays stay the calendar's.
    """

    __tablename__ = "person_terms"
    # Of two persons who turn out to be one, the terms of one hold: those of both would overlap (`sync.merge`).
    __table_args__ = {"info": {WHOLE: ()}}

    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    calendar_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("calendar.id"))
    fte: Mapped[Decimal] = mapped_column(Numeric(5, 3))
    hours: Mapped[str | None]


class WorkingTime(Base):
    """How people work of whom nobody said anything else, from `valid_from` up to, not including, `valid_to`: minutes of
    a working day, where the organisation has no calendar of its own, and how much of everybody's day meetings and
    support take. Those that are there follow each other without a gap, from the first day there is.
    """

    __tablename__ = "working_time"

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    minutes_per_day: Mapped[int]
    overhead_percent: Mapped[int]


class PlannedLoad(Base):
    """How full a week of a person is that has firm hours for the project, as the plan was last read for all figures:
    what rules ask of the coming weeks. `week` is its Monday.

    `load` is demand by capacity over all projects, None where there is no capacity; on `over_days` of its days there is
    more to do than can be done.
    """

    __tablename__ = "planned_load"

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    load: Mapped[float | None]
    over_days: Mapped[int]


class PersonSkill(Base):
    """What a person can, from `valid_from` on until told anew: `level` 1 (learning) to 5 (teaches it), 0: no more."""

    __tablename__ = "person_skill"

    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    level: Mapped[int]


class RoleSkill(Base):
    """A skill, and the level of it, that a role asks for."""

    __tablename__ = "role_skill"

    role: Mapped[str] = mapped_column(primary_key=True)
    skill: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]


class ResourceRequest(Base):
    """A project asks for somebody: a role, perhaps with a skill, for so many hours between two days, both included.

    `state`: open, proposed (`person_id` is who), accepted (booked firmly), declined, or withdrawn. `answer_by` is the
    day by which an answer is wanted. Its bookings name it (`allocation.request_id`).
    """

    __tablename__ = "resource_request"

    id: Mapped[PrimaryKey]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), index=True)
    role: Mapped[str]
    skill: Mapped[str | None]
    level: Mapped[int | None]
    hours: Mapped[Decimal] = mapped_column(Numeric(10, 3))
    start: Mapped[date]
    end: Mapped[date]
    answer_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="open", index=True)
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"))
    asked_at: Mapped[datetime]


class RequestStep(Base):
    """What somebody did about a request: the state it went to, whom they named, and what they said.

    `over_hours`: by how much it makes too much of the load of who is proposed, which whoever proposed them agreed to.
    """

    __tablename__ = "request_step"

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(BigInt, ForeignKey("resource_request.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"))
    state: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    over_hours: Mapped[Decimal | None] = mapped_column(Numeric(10, 3))


class Scenario(Base):
    """What if: operations on a copy of the plan, as a JSON list in their order. Only its owner changes it.

    `shared`: all who see load by name may read it.
    """

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    id: Mapped[PrimaryKey]
    owner_id: Mapped[int] = mapped_column(BigInt, ForeignKey("user.id"))
    name: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    operations: Mapped[str] = mapped_column(default="[]")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
