"""Making, changing, ending and removing bookings, each noted in the audit log.

Days that are over stay as they were: a booking that has begun ends yesterday and goes on as another one from today.
Bookings that came from a tracker are the tracker's. All in the caller's transaction; `now` carries the zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from portfolio.audit.append import append
from portfolio.audit.entry import Actor, Subject
from portfolio.bookings.asking import UNDECIDED
from portfolio.bookings.effects import NONE, Effect, as_row
from portfolio.bookings.known import read_known
from portfolio.bookings.wish import (
    AMOUNTS,
    DAY,
    Booking,
    Wish,
    begun,
    check_end,
    from_today,
    require_ours,
    wrong,
)
from portfolio.facts.lifecycle import OVER
from portfolio.faults import EntryError, Fault, require
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import ResourceRequest
from portfolio.model.structure import Project
from portfolio.resources.calendars import read_capacity
from portfolio.resources.load import book
from portfolio.resources.pieces import hours_by_day
from portfolio.store.locks import Lock, exclusive

_THOUSANDTH = Decimal("0.001")


class UnconfirmedError(Exception):
    """It would make too much of the person's load, and nobody said that this is meant."""

    def __init__(self, effect: Effect) -> None:
        super().__init__(f"It makes {effect.hours:.1f} h too much. Confirm that this is meant.")
        self.effect = effect


def find_booking(store: Connection, booking_id: int) -> Booking | None:
    """The booking of that id."""
    it = Allocation
    origin = (it.id, it.connection_id, it.request_id, it.booked_by_id, it.booked_at)
    wished = (it.project_id, it.person_id, it.placeholder, it.start, it.end)
    query = select(*origin, *wished, *(getattr(it, name) for name in AMOUNTS), it.kind)
    row: Any = store.execute(query.where(it.id == booking_id)).one_or_none()
    if row is None:
        return None
    wish = Wish(*row[len(origin) :])
    return Booking(row.id, row.connection_id, row.request_id, row.booked_by_id, row.booked_at, wish)


def make(store: Connection, wish: Wish, effect: Effect, now: datetime, by: Actor, *, confirmed: bool = False) -> int:
    """Book it; returns the booking's id. `effect` is what it does now (`effect_now`).

    Raises `EntryError`, and `UnconfirmedError` where the effect warns and is not confirmed.
    """
    exclusive(store, Lock.STRUCTURE)
    require(wrong_here(store, wish, now.date(), confirmed=confirmed))
    _require_confirmed(effect, confirmed=confirmed)
    booking_id = insert_booking(store, wish, now, by)
    append(store, now, by, "booking.made", Subject("booking", booking_id), new=_noted(wish, effect))
    return booking_id


def change(
    store: Connection,
    booking_id: int,
    seen: str,
    wish: Wish,
    effect: Effect,
    now: datetime,
    by: Actor,
    *,
    confirmed: bool = False,
) -> int:
    """Book it otherwise from today on; returns the id of the booking that holds from then. `seen` is the mark of the
    booking as whoever asks has seen it. Raises as `make` does."""
    booking = _hold(store, booking_id, seen, now.date())
    wanted = from_today(wish, now.date()) if begun(booking, now.date()) else wish
    require(wrong_here(store, wanted, now.date(), instead_of=booking.wish, confirmed=confirmed))
    _require_confirmed(effect, confirmed=confirmed)
    goes_on = go_on(store, booking, wanted, now, by)
    told = _noted(wanted, effect) | ({"instead_of": booking_id} if goes_on != booking_id else {})
    append(store, now, by, "booking.changed", Subject("booking", goes_on), old=_noted(booking.wish), new=told)
    return goes_on


def end(store: Connection, booking_id: int, seen: str, day: date, now: datetime, by: Actor) -> None:
    """Let it end earlier: the days before stay as they are. Raises `EntryError`."""
    booking = _hold(store, booking_id, seen, now.date())
    check_end(booking, day, now.date())
    _end(store, booking, day)
    old, new = {"end": booking.wish.end.isoformat()}, {"end": day.isoformat()}
    append(store, now, by, "booking.ended", Subject("booking", booking_id), old=old, new=new)


def remove(store: Connection, booking_id: int, seen: str, now: datetime, by: Actor) -> None:
    """Remove one that has not begun. Raises `EntryError`."""
    booking = _hold(store, booking_id, seen, now.date())
    if begun(booking, now.date()):
        raise EntryError(
            Fault("booking", "It has begun, and the days that are over stay. Let it end yesterday or later.")
        )
    store.execute(delete(Allocation).where(Allocation.id == booking_id))
    append(store, now, by, "booking.removed", Subject("booking", booking_id), old=_noted(booking.wish))


def rest(store: Connection, booking: Booking, today: date) -> Wish:
    """What is left of the booking from today on: of hours in all those that no day before has."""
    wish = from_today(booking.wish, today)
    if not (begun(booking, today) and booking.wish.total_hours):
        return wish
    return replace(wish, total_hours=booking.wish.total_hours - _hours_until(store, booking.wish, today - DAY))


def go_on(store: Connection, booking: Booking, wish: Wish, now: datetime, by: Actor) -> int:
    """Let the booking be as wished from today on; returns the id of the one that holds from then. Who made it and when
    stays as long as it is only proposed, or firm: so it is known for how long nobody decided."""
    same = wish.kind == booking.wish.kind
    row = _columns(wish) | (_made(booking.booked_at, booking.booked_by_id) if same else _made(now, by.user_id))
    if not begun(booking, now.date()):
        store.execute(update(Allocation).where(Allocation.id == booking.id).values(**row))
        return booking.id
    _end(store, booking, now.date() - DAY)
    return _insert(store, row | {"request_id": booking.request_id})


def stop(store: Connection, booking: Booking, today: date) -> None:
    """Let nothing of it be left from today on."""
    if begun(booking, today):
        _end(store, booking, today - DAY)
    else:
        store.execute(delete(Allocation).where(Allocation.id == booking.id))


def insert_booking(store: Connection, wish: Wish, now: datetime, by: Actor, request_id: int | None = None) -> int:
    """Write a booking made here."""
    return _insert(store, _columns(wish) | _made(now, by.user_id) | {"request_id": request_id})


def _insert(store: Connection, row: dict[str, Any]) -> int:
    return int(store.execute(insert(Allocation).values(**row).returning(Allocation.id)).scalar_one())


def _made(at: datetime | None, by_id: int | None) -> dict[str, Any]:
    return {"booked_by_id": by_id, "booked_at": at}


def _columns(wish: Wish) -> dict[str, Any]:
    amounts = {name: getattr(wish, name) for name in AMOUNTS}
    about = {"person_id": wish.person_id, "placeholder": wish.role, "project_id": wish.project_id}
    days = {"start": wish.start, "end": wish.end, "kind": wish.kind}
    return about | days | amounts


def _hold(store: Connection, booking_id: int, seen: str, today: date) -> Booking:
    exclusive(store, Lock.STRUCTURE)
    booking = find_booking(store, booking_id)
    if booking is None:
        raise EntryError(Fault("booking", "It is not there any more. Look at the list again."))
    require_ours(booking, today)
    if booking.mark(today) != seen:
        said = "Somebody changed it meanwhile, or a day has passed. Look at what it is now, then decide again."
        raise EntryError(Fault("booking", said))
    state = select(ResourceRequest.state).where(ResourceRequest.id == booking.request_id)
    if booking.request_id is not None and store.scalar(state) in UNDECIDED:
        raise EntryError(Fault("booking", f"It stands for request {booking.request_id}. Decide about the request."))
    return booking


def absent(store: Connection, wish: Wish) -> Iterator[Fault]:
    """Whether project and person are to be booked, still."""
    status = store.scalar(select(Project.status).where(Project.id == wish.project_id, Project.fed))
    if status is None or status in OVER:
        said = "There is no such project." if status is None else f"The project is {status}. Choose another."
        yield Fault("project", said)
    if wish.person_id is not None and not store.scalar(select(Person.active).where(Person.id == wish.person_id)):
        yield Fault("person", "They do not work here any more. Choose another person.")


def wrong_here(
    store: Connection, wish: Wish, today: date, *, instead_of: Wish | None = None, confirmed: bool = False
) -> Iterator[Fault]:
    """All that is wrong with a booking as things stand; what is asked about only if that is not confirmed. The role of
    the booking that it takes the place of was confirmed."""
    yield from wrong(wish, today)
    yield from absent(store, wish)
    asked = wish.role and not confirmed and (instead_of is None or instead_of.role != wish.role)
    if asked and (strange := read_known(store).role(wish.role or "")):
        yield strange


def _require_confirmed(effect: Effect, *, confirmed: bool) -> None:
    if effect.warns and not confirmed:
        raise UnconfirmedError(effect)


def _end(store: Connection, booking: Booking, day: date) -> None:
    """Of hours in all those stay that were for the days up to that one."""
    values: dict[str, Any] = {"end": day}
    if booking.wish.total_hours:
        values["total_hours"] = _hours_until(store, booking.wish, day)
    store.execute(update(Allocation).where(Allocation.id == booking.id).values(**values))


def _hours_until(store: Connection, wish: Wish, day: date) -> Decimal:
    """As they spread by the capacity of the person, with what they had before they left. Of whoever has none in these
    days they spread as those of a role do: each part keeps its own."""
    persons = np.array(store.scalars(select(Person.id).order_by(Person.id)).all(), np.int64)
    capacity = read_capacity(store, persons, 1, wish.start, wish.end, gone=True)
    first, role = wish.start.toordinal(), len(persons)
    place = role if wish.person_id is None else int(np.searchsorted(persons, wish.person_id))
    if not capacity.daily(first, wish.end.toordinal())[place].any():
        place = role
    pieces = book(as_row(wish, place, 0, first), capacity)
    daily = capacity.daily(first, day.toordinal())[[place]]
    hours = hours_by_day(np.zeros(1, np.int64), pieces, daily, first).sum()
    return Decimal(repr(float(hours))).quantize(_THOUSANDTH)


def _noted(wish: Wish, effect: Effect = NONE) -> dict[str, Any]:
    """For the audit log: numbers of persons, no names."""
    told: dict[str, Any] = {"project": wish.project_id, "person": wish.person_id, "role": wish.role}
    told |= {"start": wish.start.isoformat(), "end": wish.end.isoformat(), "kind": wish.kind}
    told |= {name: f"{amount.normalize():f}" for name in AMOUNTS if (amount := getattr(wish, name)) is not None}
    if effect.over:
        told["too_much_h"] = round(effect.hours, 2)
    return {name: value for name, value in told.items() if value is not None}
