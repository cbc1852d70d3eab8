"""People: one human over all trackers, and the capacity around them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import Base, BigInt, PrimaryKey


class Person(Base):
    """A human. E-mail is kept only as a hash: it serves to recognise, not to write to.

    `origin`: tracker (made for an account that was met) or hand. What is told of capacity here holds for all time.
    """

    __tablename__ = "person"

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    email_hash: Mapped[str | None] = mapped_column(index=True)
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str | None]
    fte: Mapped[Decimal] = mapped_column(Numeric(5, 3), default=Decimal(1))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendar.id"))
    manager_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("person.id"))
    segment: Mapped[str | None]
    seniority: Mapped[str | None]
    location: Mapped[str | None]
    origin: Mapped[str] = mapped_column(default="tracker")


class PersonIdentity(Base):
    """An account of a person on one connection. `human` is False for apps and bots, which have no person.

    `handle` is the short name the tracker knows the account by, where it has one.
    """

    __tablename__ = "person_identity"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str]
    name: Mapped[str]
    email_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    human: Mapped[bool] = mapped_column(default=True)
    listed: Mapped[bool] = mapped_column(default=True)
    time_zone: Mapped[str | None]
    handle: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)


class Erasure(Base):
    """An account whose human was erased here: whatever its tracker says of it again is kept under the pseudonym.

    `person_id` is the pseudonym's number. `cleaned_at` is None until the payloads that were kept before are rewritten.
    """

    __tablename__ = "erasure"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    erased_at: Mapped[datetime]
    cleaned_at: Mapped[datetime | None]


class Team(Base):
    """A delivery team, function or segment."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="delivery")


class TeamMember(Base):
    """A person's share of a team."""

    __tablename__ = "team_member"

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(Numeric(5, 3), default=Decimal(1))


class Calendar(Base):
    """Working days: `workdays` is a mask of seven 0/1 digits from Monday, hours are per working day."""

    __tablename__ = "calendar"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)
    workdays: Mapped[str] = mapped_column(default="1111100")
    hours_per_day: Mapped[Decimal] = mapped_column(Numeric(5, 2), default=Decimal(8))


class Holiday(Base):
    """A day off of a calendar; `fraction` 1 is the whole day."""

    __tablename__ = "holiday"

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    fraction: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal(1))


class TimeOff(Base):
    """A person's absence, both days included."""

    __tablename__ = "time_off"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "person_id", "start"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    start: Mapped[date]
    end: Mapped[date]
    fraction: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal(1))


class Allocation(Base):
    """A booking of a person, or of a role not yet named, on a project. Both days included.

    At most one of `hours_per_day`, `percent` (0..100) and `total_hours` is set. `kind`: hard or soft.
    """

    __tablename__ = "allocation"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"),)

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    placeholder: Mapped[str | None]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    start: Mapped[date]
    end: Mapped[date]
    hours_per_day: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    total_hours: Mapped[Decimal | None] = mapped_column(Numeric(10, 3))
    kind: Mapped[str] = mapped_column(default="hard")
