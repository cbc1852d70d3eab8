"""What an objective is to be, and whether it can be so. Pure: nothing is read or written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portfolio.bookings.wish import DAY, mark_of
from portfolio.facts.objectives import OVER
from portfolio.faults import Fault

GOING_ON = ("on_track", "at_risk", "off_track")
STATUSES = (*GOING_ON, *OVER)
"""What can be said of an objective; those that end it are its outcomes."""
DROPPED = "dropped"
LONGEST_CODE, LONGEST_TITLE = 20, 200
WHOLE = Decimal(1)
MOST_METRIC = Decimal(10) ** 12
FINEST = Decimal("0.001")
MOST_EXPONENT = 24
"""A number that is written with more digits than this before or after its own is a slip, whatever it comes to."""
TOLD = ("title", "status", "due")
"""What a tracker tells of its goals: never written here."""
GOAL = "goal-"
"""How a goal of a tracker is called that was given no code: by this and its number."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PERIOD = re.compile(r"(20\d\d)-Q([1-4])")
_GOAL = re.compile(rf"{GOAL}\d+")


@dataclass(frozen=True)
class Wish:
    """An objective as it is wanted. `period` is a quarter such as 2026-Q3, `parent_id` the objective it is part of."""

    code: str | None
    title: str
    period: str | None
    weight: Decimal | None = None
    metric_name: str | None = None
    metric_target: Decimal | None = None
    metric_current: Decimal | None = None
    parent_id: int | None = None
    status: str | None = None

    @property
    def finite(self) -> bool:
        """Whether its numbers are numbers: some of the others cannot even be compared."""
        numbers = (self.weight, self.metric_target, self.metric_current)
        return all(it is None or it.is_finite() for it in numbers)


@dataclass(frozen=True)
class Kept:
    """An objective as it is kept. `connection_id` is the tracker's whose goal it is; `gone`: that has it no more."""

    id: int
    connection_id: int | None
    due: date | None
    gone: bool
    wish: Wish

    @property
    def mark(self) -> str:
        """By which whoever changes it shows what they have seen: another one as soon as anything is another."""
        return mark_of((self.gone, self.wish))

    @property
    def ref(self) -> str:
        """By which files and programs name it."""
        return self.wish.code or f"{GOAL}{self.id}"


def last_day(period: str | None) -> date | None:
    """The last day of a quarter; None for what is none."""
    found = _PERIOD.fullmatch(period or "")
    if found is None:
        return None
    year, quarter = int(found[1]), int(found[2])
    return (date(year + 1, 1, 1) if quarter == 4 else date(year, 3 * quarter + 1, 1)) - DAY


def wrong(wish: Wish, before: Kept | None, today: date) -> Iterator[Fault]:
    """All that is wrong with an objective by itself. What a tracker tells of its goals is changed there."""
    ours = before is None or before.connection_id is None
    yield from _wrong_texts(wish, ours=ours)
    yield from _wrong_period(wish, before, today, ours=ours)
    if before is not None and not ours:
        if (wish.title, wish.status) != (before.wish.title, before.wish.status):
            yield Fault(
                "title", "Its title and status come from the tracker. Change them there; the next sync brings them."
            )
    elif wish.status is not None and wish.status not in STATUSES:
        yield Fault("status", f"A status is one of {', '.join(STATUSES)}.")
    yield from _wrong_numbers(wish)


def _wrong_texts(wish: Wish, *, ours: bool) -> Iterator[Fault]:
    if wish.code is None:
        if ours:
            yield Fault("code", "Give a code by which files name it, such as GROW-1.")
    elif len(wish.code) > LONGEST_CODE or not _CODE.fullmatch(wish.code) or _GOAL.fullmatch(wish.code.casefold()):
        yield Fault(
            "code", f"A code has 1 to {LONGEST_CODE} letters, digits, dots, dashes and underscores, and is no goal-1."
        )
    if ours and (not wish.title or len(wish.title) > LONGEST_TITLE or not wish.title.isprintable()):
        yield Fault("title", f"A title has 1 to {LONGEST_TITLE} characters that can be seen.")
    name = wish.metric_name
    if name is not None and (len(name) > LONGEST_TITLE or not name.isprintable()):
        yield Fault("metric_name", f"What is measured has at most {LONGEST_TITLE} characters that can be seen.")


def _wrong_period(wish: Wish, before: Kept | None, today: date, *, ours: bool) -> Iterator[Fault]:
    if wish.period is None:
        if ours:
            yield Fault("period", "Give a quarter, written 2026-Q3.")
        elif wish.weight is not None:
            yield Fault("period", "A weight counts within a quarter: give one, written 2026-Q3.")
        return
    last = last_day(wish.period)
    if last is None:
        yield Fault("period", "A quarter is written 2026-Q3.")
    elif last < today and (before is None or wish.period != before.wish.period):
        yield Fault(
            "period", f"{wish.period} is over, and nothing would count for it. Give this quarter or a later one."
        )


def _wrong_numbers(wish: Wish) -> Iterator[Fault]:
    weight = wish.weight
    if weight is not None and not _weighs(weight):
        yield Fault("weight", "A weight is more than 0 and at most 1, with at most three digits after the point.")
    for name in ("metric_target", "metric_current"):
        amount: Decimal | None = getattr(wish, name)
        if amount is None:
            continue
        if not _plain(amount, MOST_METRIC) or abs(amount) == MOST_METRIC:
            yield Fault(name, "Give a number below a million millions, with at most three digits after the point.")
        elif wish.metric_name is None:
            yield Fault("metric_name", "Say what the numbers measure, such as customers.")


def _weighs(weight: Decimal) -> bool:
    return _plain(weight, WHOLE) and weight > 0


def _plain(number: Decimal, most: Decimal) -> bool:
    """Whether it is a number from -most to most with at most three digits after the point. Nothing is computed with one
    before it is known to be none of those that have no end or that no arithmetic reaches."""
    exponent = number.as_tuple().exponent
    within = isinstance(exponent, int) and abs(exponent) <= MOST_EXPONENT and -most <= number <= most
    return within and number == number.quantize(FINEST)


def weighs_anew(wish: Wish, before: Wish) -> bool:
    """Whether the sum of its quarter is another than before."""
    if not wish.finite:
        return False
    was, to = ((it.weight, it.period, it.status == DROPPED) for it in (before, wish))
    return was != to


def wrong_sum(wish: Wish, others: Mapping[str, Decimal]) -> Iterator[Fault]:
    """Whether the weights of its period would add up to more than 1: `others` are those of the others there, by how
    they are called. One that is dropped weighs nothing."""
    if wish.weight is None or wish.status == DROPPED or not _weighs(wish.weight):
        return
    taken = sum(others.values(), Decimal(0))
    if taken + wish.weight > WHOLE:
        told = ", ".join(f"{ref} {weight.normalize():f}" for ref, weight in sorted(others.items()))
        left = max(WHOLE - taken, Decimal(0)).normalize()
        yield Fault(
            "weight",
            f"The weights of {wish.period} would add up to {(taken + wish.weight).normalize():f}, more than 1: "
            f"{told or 'no other'}, and {wish.weight.normalize():f} of this one. At most {left:f} is left.",
        )


def wrong_parent(
    objective_id: int | None, wish: Wish, parents: Mapping[int, int | None], gone: Collection[int]
) -> Iterator[Fault]:
    """Whether it can be part of that objective. `parents` are those of all there are; `gone` those no tracker has."""
    above = wish.parent_id
    if above is None:
        return
    if above not in parents or above in gone:
        yield Fault("parent", "There is no such objective any more. Choose another.")
        return
    seen: set[int] = set()
    step: int | None = above
    while step is not None and step not in seen:
        if step == objective_id:
            said = "It would be part of itself" if above == objective_id else "That one is part of this one already"
            yield Fault("parent", f"{said}. Choose another.")
            return
        seen.add(step)
        step = parents.get(step)
