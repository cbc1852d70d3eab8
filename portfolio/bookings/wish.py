"""What a booking is to be, and whether it can be so. Pure: nothing is read or written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio.faults import EntryError, Fault

HARD, SOFT = "hard", "soft"
AMOUNTS = ("hours_per_day", "percent", "total_hours")
"""In which of these a booking says how much it takes: one of them."""
HOURS_OF_DAY = 24
MOST_PERCENT = 200
WHOLE = 100
LONGEST = timedelta(days=5 * 366)
"""How long a booking may be: one that is longer is a mistake in a year."""
FURTHEST = timedelta(days=9 * 365)
"""How far ahead: the plan knows capacity a little further."""
LONGEST_ROLE = 100
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wish:
    """A booking as it is wanted: of a person, or of a role nobody is named for yet, on a project, both days included.

    One of the three amounts is set: hours of each working day, a percentage of what the person can do, or hours in all.
    """

    project_id: int
    person_id: int | None
    role: str | None
    start: date
    end: date
    hours_per_day: Decimal | None = None
    percent: Decimal | None = None
    total_hours: Decimal | None = None
    kind: str = HARD

    @property
    def more_than_whole(self) -> bool:
        """Whether it takes more than all of what the person can do."""
        return self.percent is not None and self.percent > WHOLE

    @property
    def mark(self) -> str:
        """By which whoever decides shows what they have seen: another one as soon as anything is another."""
        return mark_of(self)


@dataclass(frozen=True)
class Booking:
    """A booking as it is kept. `connection_id` is the tracker's it came from; None for one made here, by `booked_by_id`
    at `booked_at`."""

    id: int
    connection_id: int | None
    request_id: int | None
    booked_by_id: int | None
    booked_at: datetime | None
    wish: Wish

    def mark(self, today: date) -> str:
        """By which whoever decides shows what they have seen."""
        return seen_on(self.wish, today)


def seen_on(wish: Wish, today: date) -> str:
    """The mark of what is booked: another one as soon as anything is another, and each day, for less is left of it."""
    return mark_of((wish, today))


def mark_of(of: object) -> str:
    """A short text that is another one as soon as anything is another."""
    return hashlib.sha256(repr(of).encode()).hexdigest()[:16]


def wrong(wish: Wish, today: date) -> Iterator[Fault]:
    """All that is wrong with a booking from today on. Days that are over stay as they were."""
    if (wish.person_id is None) is not bool(wish.role):
        yield Fault("person", "Name a person, or the role of somebody still to be found: one of them.")
    if wish.role and len(wish.role) > LONGEST_ROLE:
        yield Fault("role", f"A role has at most {LONGEST_ROLE} characters.")
    if wish.start < today:
        yield Fault("start", "Days that are over stay as they were: a booking begins today or later.")
    if wish.end < wish.start:
        yield Fault("end", "It ends before it begins. Give a last day that is not before the first.")
    elif wish.end - wish.start > LONGEST:
        yield Fault("end", "It is longer than five years. Give an earlier last day.")
    elif wish.end > today + FURTHEST:
        yield Fault("end", "It ends more than nine years from now. Give an earlier last day.")
    given = [name for name in AMOUNTS if getattr(wish, name) is not None]
    if len(given) == 1:
        yield from _wrong_amount(given[0], getattr(wish, given[0]), (wish.end - wish.start).days + 1)
    else:
        yield Fault("amount", "Give one of hours per day, percentage, and hours in all.")
    if wish.kind not in (HARD, SOFT):
        yield Fault("kind", "A booking is firm or proposed.")


def _wrong_amount(name: str, amount: Decimal, days: int) -> Iterator[Fault]:
    if not amount.is_finite() or amount <= 0:
        yield Fault("amount", "It takes more than nothing. Give a number above 0.")
        return
    most, told = {
        "hours_per_day": (HOURS_OF_DAY, f"A day has {HOURS_OF_DAY} hours."),
        "percent": (MOST_PERCENT, f"At most {MOST_PERCENT}% can be booked, which is twice what the person can do."),
        "total_hours": (HOURS_OF_DAY * days, f"These days have {HOURS_OF_DAY * days} hours in all."),
    }[name]
    # Days that are none, since they end before they begin, have no hours to compare with.
    if amount > most > 0:
        yield Fault("amount", f"{told} Give less.")
    elif amount.as_tuple().exponent < -3:  # type: ignore[operator]  # it is finite
        yield Fault("amount", "Give at most three digits after the point.")


def require_ours(booking: Booking, today: date) -> None:
    """Raises `EntryError` for a booking that nobody changes here."""
    if booking.connection_id is not None:
        raise EntryError(Fault("booking", "It comes from a tracker. Change it there; the next sync brings it."))
    if booking.wish.end < today:
        raise EntryError(Fault("booking", "It is over, and stays as it was. Make another one."))


def begun(booking: Booking, today: date) -> bool:
    """Whether some of its days are over, which no change touches."""
    return booking.wish.start < today


def from_today(wish: Wish, today: date) -> Wish:
    """The wish without days that are over."""
    return replace(wish, start=max(wish.start, today))


def check_end(booking: Booking, end: date, today: date) -> None:
    """Raises `EntryError` where the booking cannot end on that day, earlier than it does."""
    require_ours(booking, today)
    if end >= booking.wish.end:
        raise EntryError(Fault("end", f"It ends on {booking.wish.end} as it is. Give an earlier day, or change it."))
    if end < booking.wish.start:
        raise EntryError(Fault("end", f"It begins on {booking.wish.start}. Remove it, or give a later day."))
    if end < today - DAY:
        raise EntryError(Fault("end", "Days that are over stay as they were: it can end yesterday or later."))
