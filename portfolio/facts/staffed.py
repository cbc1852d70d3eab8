"""The hours of all persons together, as figures of resources ask for them: what was done, and what is to be.

No number here is of one person. Hours are exact fractions of what was rounded to a millionth.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

_STEP = 10**6


def exact(hours: float) -> Fraction:
    """Hours as a fraction that is the same whenever they were added up in another order."""
    return Fraction(round(hours * _STEP), _STEP)


@dataclass(frozen=True)
class Closed:
    """The last weeks that were over before the day, of `persons` who had any capacity in them.

    Hours: `capacity`, and what they `logged`; `billable` is of that what was marked so, `kept` what of it fits each
    person's capacity week by week. `elsewhere` was logged by persons without capacity, or by nobody who is known.
    """

    persons: int
    capacity: Fraction
    logged: Fraction
    billable: Fraction
    kept: Fraction
    elsewhere: Fraction
    logged_ever: bool


@dataclass(frozen=True)
class Ahead:
    """The next weeks, that of the day first, of `persons` who have any capacity in them: hours of `capacity`, firm
    (`hard`) and proposed (`soft`) load, and `over`, by which single days are more than a person can do; `too_much` is
    how many persons have too much in some week. `elsewhere` is the firm load of persons without capacity."""

    persons: int
    capacity: Fraction
    hard: Fraction
    soft: Fraction
    over: Fraction
    too_much: int
    elsewhere: Fraction


@dataclass(frozen=True)
class Roles:
    """The next months by role: hours of `capacity`, of firm `demand`, and of what is `missing` where the demand of a
    role is more than its capacity in a month; `short` is how many of the `roles` that is. `elsewhere` is firm demand of
    no known role."""

    capacity: Fraction
    demand: Fraction
    missing: Fraction
    roles: int
    short: int
    elsewhere: Fraction


@dataclass(frozen=True)
class Agreement:
    """What was firmly booked and what was logged in the last weeks that were over, by person, project and week, in
    projects that booked anybody: hours of the smaller of the two (`least`) and of the larger (`most`). `persons` are
    those of whom there is either."""

    persons: int
    least: Fraction
    most: Fraction


@dataclass(frozen=True)
class Covered:
    """The skills that roles ask for: how many there are, and how many of them at least two persons have at the level
    that is asked for, or above. `persons` are those of whom any skill was told."""

    persons: int
    required: int
    covered: int


@dataclass(frozen=True)
class Staffed:
    """All of it. What is ahead, what bookings say and what roles ask for is known of the present only: None for a past
    day."""

    closed: Closed
    ahead: Ahead | None = None
    by_role: Roles | None = None
    agreement: Agreement | None = None
    skills: Covered | None = None
