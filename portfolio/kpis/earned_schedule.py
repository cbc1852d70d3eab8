"""Earned schedule: how far the work is, told in time rather than in effort (after Lipke).

Periods are the ISO weeks of the plan, the first and the last as far as they are planned. Time is counted in working
weeks: working days over the working days of a week, so that a week with a day off is shorter.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil

from portfolio.calendar import WorkCalendar
from portfolio.facts.curve import Curve
from portfolio.facts.gather import Day, ProjectFacts
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.earned import Earned, in_units
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing, ratio
from portfolio.kpis.thresholds import Direction

LIPKE = "earned schedule, Lipke"
LAST = date.max.toordinal()


def earned_schedule(
    planned: Callable[[int], Fraction], periods: int, earned: Fraction, ends: Callable[[int], Fraction] = Fraction
) -> Fraction:
    """The time at which what is earned was planned to be.

    `planned(k)` is the value planned by the end of period k, 0 for k = 0; `ends(k)` is the time at which it ends.
    Within a period it is linear. Over a flat stretch it is the end of it; of all that is planned, the first time it is
    reached.
    """
    series = range(periods + 1)
    whole = planned(periods)
    if earned <= 0:
        return Fraction(0)
    if earned >= whole:
        return ends(bisect_left(series, whole, key=planned))
    last = bisect_right(series, earned, key=planned) - 1
    into = (earned - planned(last)) / (planned(last + 1) - planned(last))
    return ends(last) + into * (ends(last + 1) - ends(last))


@dataclass(frozen=True)
class Time:
    """Earned schedule, actual time and planned duration in working weeks of `week` days from `start` to `finish`."""

    earned: Fraction
    actual: Fraction
    planned: Fraction
    start: date
    finish: date
    week: int
    of: Earned

    @property
    def index(self) -> Fraction:
        """SPI(t)."""
        return self.earned / self.actual

    def parts(self, *symbols: str) -> tuple[Part, ...]:
        values = {"ES": self.earned, "AT": self.actual, "PD": self.planned}
        return tuple(Part(symbol, values[symbol], Unit.WEEKS) for symbol in symbols)

    def says(self, reading: Reading, parts: tuple[Part, ...]) -> Reading:
        """The reading with what stands beside every value of earned schedule."""
        reason = reading.reason or self.of.reason
        return replace(reading, n=self.of.n, coverage=self.of.coverage, reason=reason, parts=parts)


def in_time(facts: ProjectFacts, day: Day) -> Time | Reading:
    """As `earned.in_units`; before the first working day of the plan: NOT_APPLICABLE."""
    found = in_units(facts, day)
    if isinstance(found, Reading):
        return found
    curve, calendar = facts.plan.curve, day.calendar
    week = calendar.mask_on(day.as_of).count("1")
    actual = calendar.workdays(curve.start, found.last)
    start, finish, ends = curve.start, curve.finish, _ends(curve)
    if not actual or not calendar.workdays(start, finish):
        return nothing(Reason.NOT_APPLICABLE, n=found.n, coverage=found.coverage)

    def time(period: int) -> Fraction:
        return Fraction(calendar.workdays(start, ends(period)), week) if period else Fraction(0)

    def planned(period: int) -> Fraction:
        return curve.at(ends(period), calendar) if period else Fraction(0)

    earned = earned_schedule(planned, _periods(start, finish), Fraction(facts.plan.earned), time)
    return Time(earned, Fraction(actual, week), time(_periods(start, finish)), start, finish, week, found)


def _periods(start: date, finish: date) -> int:
    monday = start.toordinal() - start.weekday()
    return (finish.toordinal() - monday) // 7 + 1


def _ends(curve: Curve) -> Callable[[int], date]:
    monday, finish = curve.start.toordinal() - curve.start.weekday(), curve.finish.toordinal()
    return lambda period: date.fromordinal(min(monday + 7 * period - 1, finish))


def workday(start: date, number: int, calendar: WorkCalendar) -> date | None:
    """The working day of that number, counted from `start` as 1; None beyond the last day there is."""
    first = start.toordinal()
    found = bisect_left(range(first, LAST + 1), number, key=lambda day: calendar.workdays(start, date.fromordinal(day)))
    return date.fromordinal(first + found) if first + found <= LAST else None


@kpi(
    "SCH-03",
    name="Earned schedule (ES)",
    unit=Unit.WEEKS,
    direction=Direction.HIGHER,
    source=LIPKE,
    together=Together.NOT,
    symbols="ES = C + (EV - PV of C) / (PV of C+1 - PV of C)",
)
def earned_time(facts: ProjectFacts, day: Day) -> Reading:
    """The time, in working weeks from the start of the plan, by which what is earned was planned to be earned.

    C is the last week at whose end no more was planned than is earned now. Nothing earned: 0. All of it: the first week
    by which all was planned. Over weeks without planned work: the last of them. Before the start: NOT_APPLICABLE. Else
    as SCH-01.
    """
    found = in_time(facts, day)
    if isinstance(found, Reading):
        return found
    return found.says(Reading(found.earned), (*found.of.parts("EV"), *found.parts("AT", "PD")))


@kpi(
    "SCH-04",
    name="Schedule performance in time (SPI(t))",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".95",
    amber=".85",
    source=LIPKE,
    symbols="SPI(t) = ES / AT",
)
def time_index(facts: ProjectFacts, day: Day) -> Reading:
    """Earned schedule (SCH-03) / actual time, both in working weeks: it stays true of late projects, as SPI does not.

    Actual time goes from the start of the plan to the day, or to the day on which the work was over. Not begun:
    NOT_APPLICABLE. Programs and portfolios: sum of earned over sum of actual time; weeks add up whatever a plan is
    counted in.
    """
    found = in_time(facts, day)
    if isinstance(found, Reading):
        return found
    return found.says(ratio(found.earned, found.actual), found.parts("ES", "AT"))


@kpi(
    "SCH-04-SV",
    name="Schedule variance in time (SV(t))",
    unit=Unit.WEEKS,
    direction=Direction.HIGHER,
    source=LIPKE,
    together=Together.SUM,
    symbols="SV(t) = ES - AT",
)
def time_variance(facts: ProjectFacts, day: Day) -> Reading:
    """Earned schedule - actual time, in working weeks; below zero the work is behind. Else as SCH-04."""
    found = in_time(facts, day)
    if isinstance(found, Reading):
        return found
    return found.says(Reading(found.earned - found.actual), found.parts("ES", "AT"))


@kpi(
    "SCH-05",
    name="Forecast finish (IEAC(t))",
    unit=Unit.DATE,
    direction=Direction.LOWER,
    green=".10",
    amber=".20",
    source=f"{LIPKE}; tolerance practice default",
    judged="the delay as a share of the planned duration",
    together=Together.NOT,
    symbols="IEAC(t) = PD / SPI(t)",
)
def forecast_finish(facts: ProjectFacts, day: Day) -> Reading:
    """The working day on which the plan is over at the present pace: planned duration / SPI(t), from the start.

    The colour is that of the delay, in working days after the planned finish, as a share of the planned duration. No
    time earned yet: ZERO_DENOM. A plan that is done keeps the day on which it was. Else as SCH-04.
    """
    found = in_time(facts, day)
    if isinstance(found, Reading):
        return found
    if not found.earned:
        return nothing(Reason.ZERO_DENOM, n=found.of.n, coverage=found.of.coverage)
    weeks = found.planned / found.index
    day_found = workday(found.start, ceil(weeks * found.week), day.calendar)
    if day_found is None:
        return nothing(Reason.NOT_APPLICABLE, n=found.of.n, coverage=found.of.coverage)
    late = Fraction(day.calendar.slip(found.finish, day_found), found.week)
    parts = (
        *found.parts("PD"),
        Part("SPI(t)", found.index, Unit.RATIO),
        Part("IEAC(t)", weeks, Unit.WEEKS),
        Part("planned finish", found.finish, Unit.DATE),
    )
    return found.says(Reading(Fraction(day_found.toordinal()), judged=late / found.planned), parts)


@kpi(
    "SCH-06",
    name="To-complete schedule performance (TSPI)",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    green="1.00",
    amber="1.10",
    source=f"{LIPKE}; 1.10 as the practical limit, Lipke 2016",
    together=Together.NOT,
    symbols="TSPI = (PD - ES) / (PD - AT)",
)
def to_complete(facts: ProjectFacts, day: Day) -> Reading:
    """The pace the rest of the work needs for the plan to end on time: above 1.10 hardly anybody makes it.

    The planned time is over and the work is not: red, with reason OVERRUN, and the value is the pace so far (SPI(t)),
    on which the forecast rests. All is done: NOT_APPLICABLE. Else as SCH-04.
    """
    found = in_time(facts, day)
    if isinstance(found, Reading):
        return found
    parts = found.parts("PD", "ES", "AT")
    if found.earned >= found.planned:
        return nothing(Reason.NOT_APPLICABLE, n=found.of.n, coverage=found.of.coverage)
    if found.planned <= found.actual:
        return found.says(Reading(found.index, reason=Reason.OVERRUN, settled=Rag.RED), parts)
    return found.says(ratio(found.planned - found.earned, found.planned - found.actual), parts)
