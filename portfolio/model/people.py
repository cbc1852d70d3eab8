"""People: one human over all trackers, and the capacity around them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.model.base import EVER, FAR, WHOLE, Base, BigInt, PrimaryKey


class Person(Base):
    """A human. E-mail is kept only as a hash: it serves to recognise, not to write to.

    `origin`: tracker (made for an account that was met) or hand. How they work is told by `person_terms`. The number of
    one who was made one with another is given to nobody else: decisions, scenarios and the audit log may name it still.
    """

    __tablename__ = "person"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    email_hash: Mapped[str | None] = mapped_column(index=True)
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str | None]
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
    """A person's share of a team, from `valid_from` up to, not including, `valid_to`. They do not overlap in a team."""

    __tablename__ = "team_member"
    # Of two persons in one team who turn out to be one, the shares of one hold (`sync.merge`).
    __table_args__ = {"info": {WHOLE: ("team_id",)}}

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    share: Mapped[Decimal] = mapped_column(Numeric(5, 3), default=Decimal(1))
    valid_from: Mapped[date] = mapped_column(primary_key=True, default=EVER)
    valid_to: Mapped[date] = mapped_column(default=FAR)


class Calendar(Base):
    """Hours of a week (`calendar_hours`) and days off (`holiday`)."""

    __tablename__ = "calendar"

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(unique=True)


class CalendarHours(Base):
    """The hours of a week of a calendar from `valid_from` up to, not including, `valid_to`: seven numbers from Monday
    with a space between. A day with hours is a working day.

    Those of a calendar follow each other without a gap, from the first day there is. A calendar of which nothing was
    said has eight hours from Monday to Friday.
    """

    __tablename__ = "calendar_hours"

    calendar_id: Mapped[int] = mapped_column(BigInt, ForeignKey("calendar.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date]
    hours: Mapped[str]


class Holiday(Base):
    """A day off of a calendar; `fraction` 1 is the whole day."""

    __tablename__ = "holiday"

    calendar_id: Mapped[int] = mapped_column(ForeignKey("calendar.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    fraction: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal(1))


class TimeOff(Base):
    """A person's absence, both days included. `origin`: tracker, hand, or file."""

    __tablename__ = "time_off"
    __table_args__ = (UniqueConstraint("connection_id", "external_id"), Index(None, "person_id", "start"))

    id: Mapped[PrimaryKey]
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connection.id"))
    external_id: Mapped[str | None]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    start: Mapped[date]
    end: Mapped[date]
    fraction: Mapped[Decimal] = mapped_column(Numeric(4, 3), default=Decimal(1))
    origin: Mapped[str] = mapped_column(default="tracker")


class Allocation(Base):
    """A booking of a person, or of a role not yet named, on a project. Both days included.

    At most one of `hours_per_day`, `percent` (0..100) and `total_hours` is set. `kind`: hard or soft.
    One without a connection was made here, by `booked_by_id`. `booked_at` is when it was, or was first seen; None where
    nobody kept that yet when it was.
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
    request_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("resource_request.id"), index=True)
    booked_by_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("user.id"))
    booked_at: Mapped[datetime | None]
