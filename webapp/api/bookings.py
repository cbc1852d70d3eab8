"""/api/v1/bookings: the bookings of the projects in sight, making one, and changing those made here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec
from flask import Blueprint, Response, abort
from sqlalchemy import Connection

from portfolio.access.matrix import Capability, Right
from portfolio.access.narrow import in_project
from portfolio.bookings.effects import effect_now
from portfolio.bookings.keep import UnconfirmedError, change, end, find_booking, make, remove, wrong_here
from portfolio.bookings.wish import Booking as Kept
from portfolio.bookings.wish import Wish, begun, from_today, seen_on
from portfolio.faults import EntryError, Fault, Faults
from portfolio.resources.kept import kept_plan
from portfolio.store.engine import writing
from webapp import here, record, signin
from webapp.api.asked import Part, Shape, answer, body, one_line, query
from webapp.problems import Unreadable
from webapp.queries import bookings as found
from webapp.queries.load import namable
from webapp.tables import Order
from webapp.words import web_address

MADE = 201

part = Blueprint("bookings", __name__)


class Wanted(Part, frozen=True):
    """Which bookings, as on the page: texts that are found in names, one kind, one origin, over or not."""

    person: str = ""
    role: str = ""
    project: str = ""
    kind: Literal["hard", "soft"] | None = None
    origin: Literal["here", "tracker"] | None = None
    time: Literal["over", "all"] | None = None


class Booking(msgspec.Struct, frozen=True):
    """A booking. `connection` null: made here, for a request where there is a `request_id`. Of the amounts at most one
    is told. `project_over` and `without_person` say that it counts no more, or not to its end. `seen` says what it is
    by now: whoever changes it sends it."""

    id: int
    project_id: int
    project: str
    person_id: int | None
    person: str | None
    role: str | None
    start: date
    end: date
    hours_per_day: float | None
    percent: float | None
    total_hours: float | None
    kind: str
    connection: str | None
    url: str | None
    request_id: int | None
    booked_at: datetime | None
    project_over: bool
    without_person: bool
    seen: str


class Bookings(msgspec.Struct, frozen=True):
    """Some of the bookings, by their first day."""

    total: int
    limit: int
    offset: int
    bookings: list[Booking]


class Made(msgspec.Struct, frozen=True):
    """What was made: its number."""

    id: int


class New(Shape, frozen=True):
    """A booking of a person or of a role, with one of the amounts. `confirmed`: too much is meant, and a role that
    nobody has."""

    project_id: int
    start: date
    end: date
    person_id: int | None = None
    role: str | None = None
    hours_per_day: Decimal | None = None
    percent: Decimal | None = None
    total_hours: Decimal | None = None
    kind: Literal["hard", "soft"] = "hard"
    confirmed: bool = False


class Decision(Shape, frozen=True):
    """What becomes of a booking from today on: changed to another `booking`, ended on the day `last`, or removed."""

    do: Literal["change", "end", "remove"]
    seen: str
    booking: New | None = None
    last: date | None = None


@part.get("/bookings")
def bookings() -> Response:
    asked, viewer, today = query(Wanted), signin.viewer(), here.today()
    wish = found.Wish(asked.person, asked.role, asked.project, asked.kind, asked.origin, asked.time)
    with here.reading() as connection:
        total = found.count_bookings(connection, viewer, wish, today)
        which = {"limit": asked.limit, "offset": asked.offset}
        lines = found.list_bookings(connection, viewer, wish, today, Order("start"), **which)
    record.people("bookings", (it.person_id for it in lines))
    return answer(Bookings(total, asked.limit, asked.offset, [_told(it, today) for it in lines]))


def _told(it: found.Line, today: date) -> Booking:
    booked = (it.project_id, it.person_id, it.role, it.start, it.end, it.hours_per_day, it.percent, it.total_hours)
    return Booking(
        id=it.id,
        project_id=it.project_id,
        project=it.project,
        person_id=it.person_id,
        person=it.person,
        role=it.role or it.person_role,
        start=it.start,
        end=it.end,
        hours_per_day=_number(it.hours_per_day),
        percent=_number(it.percent),
        total_hours=_number(it.total_hours),
        kind=it.kind,
        connection=it.connection,
        url=web_address(it.url),
        request_id=it.request_id,
        booked_at=it.booked_at,
        project_over=it.project_over,
        without_person=it.without_person,
        seen=seen_on(Wish(*booked, kind=it.kind), today),
    )


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


@part.post("/bookings")
def add() -> Response:
    new, now = body(New), here.now().astimezone(here.zone())
    try:
        with here.reading() as connection:
            wish = _wish(connection, new, now)
        with writing(here.engine()) as store:
            does = effect_now(store, wish, now)
            booking_id = make(store, wish, does, now, signin.actor(), confirmed=new.confirmed)
    except EntryError as error:
        raise refused(error) from error
    except UnconfirmedError as error:
        record.people("bookings", [new.person_id])  # it tells what load they have
        raise unconfirmed(error) from error
    return answer(Made(booking_id), MADE)


@part.post("/bookings/<id:booking_id>")
def decide(booking_id: int) -> Response:
    """Do it as on the page; the answer is the number of the booking that holds from then."""
    new, now, by = body(Decision), here.now().astimezone(here.zone()), signin.actor()
    with here.reading() as connection:
        booking = find_booking(connection, booking_id)
        if booking is None or found.find_line(connection, signin.viewer(), booking_id) is None:
            abort(404)
        _require_edit(connection, booking.wish.project_id)
    try:
        if new.do == "change":
            if new.booking is None:
                raise Unreadable("Say what the `booking` is to be")
            return answer(Made(_change(booking, new.seen, new.booking, now)))
        with writing(here.engine()) as store:
            if new.do == "remove":
                remove(store, booking_id, new.seen, now, by)
            elif new.last is None:
                raise Unreadable("Say which day is its `last`")
            else:
                end(store, booking_id, new.seen, new.last, now, by)
    except EntryError as error:
        raise refused(error) from error
    except UnconfirmedError as error:
        record.people("bookings", [new.booking.person_id if new.booking else None])
        raise unconfirmed(error) from error
    return answer(Made(booking_id))


def _change(booking: Kept, seen: str, new: New, now: datetime) -> int:
    with here.reading() as connection:
        wish = _wish(connection, new, now, booking)
    with writing(here.engine()) as store:
        does = effect_now(store, wish, now, booking.wish)
        by = signin.actor()
        return change(store, booking.id, seen, wish, does, now, by, confirmed=new.confirmed)


def _wish(connection: Connection, new: New, now: datetime, instead_of: Kept | None = None) -> Wish:
    """The booking that is asked for, from whoever may book in its project. Raises `EntryError`."""
    amounts = (new.hours_per_day, new.percent, new.total_hours)
    role = one_line(new.role or "") or None
    wish = Wish(new.project_id, new.person_id, role, new.start, new.end, *amounts, kind=new.kind)
    _require_edit(connection, wish.project_id)
    if instead_of is not None and begun(instead_of, now.date()):
        wish = from_today(wish, now.date())
    before = None if instead_of is None else instead_of.wish
    faults = Faults(not_namable(connection, new.person_id, now))
    faults.require(wrong_here(connection, wish, now.date(), instead_of=before, confirmed=new.confirmed))
    kept_plan(connection, now.date(), now)  # so that nobody who books has to wait for it to be read
    return wish


def _require_edit(connection: Connection, project_id: int) -> None:
    if not in_project(connection, signin.viewer(), project_id).may(Capability.ALLOCATIONS, Right.EDIT):
        abort(403)


def not_namable(connection: Connection, person_id: int | None, now: datetime) -> Iterator[Fault]:
    """Whether the person is none of those the viewer may name."""
    among = namable(connection, signin.viewer(), now.date(), now)
    if person_id is not None and among is not None and person_id not in among:
        yield Fault("person", "Nobody in sight has that number.")


def unconfirmed(error: UnconfirmedError) -> Unreadable:
    """What is to be confirmed first, as a problem."""
    return Unreadable(f"It makes {error.effect.hours:.1f} h too much. If it is meant, send `confirmed`")


def refused(error: EntryError) -> Unreadable:
    """What cannot be booked or asked for, as a problem: all of it."""
    told = " ".join(f"`{it.field}`: {it.message}" for it in error.faults)
    return Unreadable(f"{told} If it is meant, send `confirmed`" if error.may_be_meant else told.rstrip("."))
