"""When the open work will be finished, and how much of it by the due date: Monte Carlo on the project's own pace."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from portfolio.facts.gather import Day, ProjectFacts
from portfolio.facts.pace import since_work
from portfolio.forecast.backtest import FEWEST_WEEKS, SAMPLE_WEEKS, score
from portfolio.forecast.count import count
from portfolio.forecast.finish import NEVER_WEEKS, finish
from portfolio.kpis.declare import Together, Unit, kpi
from portfolio.kpis.reading import Part, Rag, Reading, Reason, nothing
from portfolio.kpis.thresholds import Direction

_SOURCE = "Monte Carlo on past throughput (bootstrap, zero weeks kept); nearest-rank percentile"


def _sample(facts: ProjectFacts, day: Day) -> tuple[int, ...] | Reading:
    """The weeks a forecast draws from, or why there is none."""
    if not facts["work"]:
        return nothing(Reason.NO_DATA)
    if not facts["work_open"]:
        return nothing(Reason.NOT_APPLICABLE)
    weeks = since_work(facts.samples.pace, day.as_of, facts.first_day)[-SAMPLE_WEEKS:]
    if len(weeks) < FEWEST_WEEKS or not any(weeks):
        return nothing(Reason.INSUFFICIENT_SAMPLE, n=len(weeks))
    return weeks


def _finish(facts: ProjectFacts, day: Day, percent: int) -> Reading:
    """The forecast, without a colour."""
    sample = _sample(facts, day)
    if isinstance(sample, Reading):
        return sample
    backlog = facts["work_open"]
    expected = finish(sample, backlog)
    found = expected.day(day.as_of, percent)
    if found is None:
        return nothing(Reason.NEVER, n=len(sample))
    parts = (
        Part("weeks", expected.weeks(percent) or 0, Unit.WEEKS),
        Part("backlog", backlog),
        Part("throughput", Fraction(sum(sample), len(sample)), Unit.PER_WEEK),
    )
    return Reading(Fraction(found.toordinal()), n=len(sample), judgeable=False, parts=parts)


@kpi(
    "FLW-09",
    name="Forecast finish, 85 % likely",
    unit=Unit.DATE,
    direction=Direction.LOWER,
    source=_SOURCE,
    together=Together.WORST,
    symbols="finish = day + 7 x weeks(backlog, throughput)",
    behind=("work_open", "finished_in_12_full_weeks"),
)
def forecast_finish(facts: ProjectFacts, day: Day) -> Reading:
    """The day by which all open work is finished with a probability of 85 %, if work goes on as in the last 12 weeks.

    Weeks are drawn from the last 12 full ISO weeks, weeks of zero kept, until they add up to the open work items; all
    cases are counted where that is quick, else 10,000 trials with a fixed seed are made. Green if this day is not after
    the due date of the project, amber if that of 50 % is not, else red; without a due date grey. Past days: NOT_KEPT,
    for the due date keeps no history, and so no colour; the other percentiles have none and are known. Fewer than 6
    weeks of work, or nothing finished in them: INSUFFICIENT_SAMPLE. Nothing open: NOT_APPLICABLE. More than 260 weeks:
    NEVER. n is the number of weeks. Programs and portfolios: the last to finish, in
    the worst colour of any.
    """
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    likely, half = _finish(facts, day, 85), _finish(facts, day, 50)
    if likely.value is None or half.value is None or facts.due is None:
        return likely
    due = facts.due.toordinal()
    colour = Rag.GREEN if likely.value <= due else Rag.AMBER if half.value <= due else Rag.RED
    return replace(likely, judgeable=True, settled=colour)


def _declare(percent: int) -> None:
    def variant(facts: ProjectFacts, day: Day) -> Reading:
        return _finish(facts, day, percent)

    variant.__doc__ = (
        f"The day by which all open work is finished with a probability of {percent} %; past days, too. No colour;"
        " else as FLW-09."
    )
    kpi(
        f"FLW-09-P{percent}",
        name=f"Forecast finish, {percent} % likely",
        unit=Unit.DATE,
        direction=Direction.LOWER,
        source=_SOURCE,
        together=Together.WORST,
        symbols="finish = day + 7 x weeks(backlog, throughput)",
        behind=("work_open", "finished_in_12_full_weeks"),
    )(variant)


for _percent in (50, 70, 95):
    _declare(_percent)


@kpi(
    "FLW-09-SCORE",
    name="Forecasts that came out",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".75",
    amber=".60",
    source="backtest of FLW-09 on the project's own past; limits practice default",
    symbols="score = hits / cases",
    behind=("finished_in_12_full_weeks",),
)
def forecast_score(facts: ProjectFacts, day: Day) -> Reading:
    """How often the forecast would have been right: past forecasts of four weeks that came out / those that were tried.

    For each of the last 40 weeks with at least 6 before it and 4 after it, it is forecast from the weeks before how
    many items will be finished in the next four with 85 %; it came out if as many or more were. About 85 % should. The
    mean error is the distance, in items, to what was as likely as not. Weeks are those known on the day. No week to
    try it on, or none with anything finished before it: INSUFFICIENT_SAMPLE.
    """
    found = score(since_work(facts.samples.pace, day.as_of, facts.first_day))
    if found is None:
        return nothing(Reason.INSUFFICIENT_SAMPLE)
    parts = (
        Part("hits", found.hits),
        Part("cases", found.cases),
        Part("mean error", found.error),
        Part("mean finished in four weeks", found.usual),
    )
    hits, cases = Fraction(found.hits), Fraction(found.cases)
    return Reading(hits / cases, hits, cases, found.cases, parts=parts)


def _weeks_left(facts: ProjectFacts, day: Day) -> int | Reading:
    """Whole weeks to the due date; negative when that is past."""
    if day.is_past:
        return nothing(Reason.NOT_KEPT)
    if facts.due is None:
        return nothing(Reason.MISSING_DATES)
    return (facts.due - day.as_of).days // 7


def _count(facts: ProjectFacts, day: Day, percent: int) -> Reading:
    sample, weeks = _sample(facts, day), _weeks_left(facts, day)
    if isinstance(sample, Reading):
        return sample
    if isinstance(weeks, Reading):
        return weeks
    if weeks < 0:
        return nothing(Reason.NOT_APPLICABLE)
    items = count(sample, min(weeks, NEVER_WEEKS), percent)
    parts = (
        Part("weeks", weeks, Unit.WEEKS),
        Part("throughput", Fraction(sum(sample), len(sample)), Unit.PER_WEEK),
    )
    return Reading(Fraction(items), n=len(sample), parts=parts)


@kpi(
    "FLW-10",
    name="Forecast count by the due date, 85 % likely",
    unit=Unit.COUNT,
    direction=Direction.HIGHER,
    source=_SOURCE,
    together=Together.NOT,
    symbols="count = items(weeks, throughput)",
    behind=("finished_in_12_full_weeks",),
)
def forecast_count(facts: ProjectFacts, day: Day) -> Reading:
    """The largest number of items of which it is at least 85 % likely that so many are finished by the project's due
    date, whole weeks only; weeks are drawn as for FLW-09, and the probabilities are exact. No due date: MISSING_DATES;
    a past one: NOT_APPLICABLE; past days, for the due date keeps no history: NOT_KEPT. Else as FLW-09. No limits.
    """
    return _count(facts, day, 85)


@kpi(
    "FLW-10-P50",
    name="Forecast count by the due date, 50 % likely",
    unit=Unit.COUNT,
    direction=Direction.HIGHER,
    source=_SOURCE,
    together=Together.NOT,
    symbols="count = items(weeks, throughput)",
    behind=("finished_in_12_full_weeks",),
)
def forecast_count_half(facts: ProjectFacts, day: Day) -> Reading:
    """The number of items that will as likely as not be finished by the due date; else as FLW-10."""
    return _count(facts, day, 50)


@kpi(
    "SCH-13",
    name="Schedule forecast confidence",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    green=".85",
    amber=".50",
    source=_SOURCE,
    together=Together.WORST,
    symbols="confidence = P(weeks to finish <= weeks)",
    behind=("work_open", "finished_in_12_full_weeks"),
)
def forecast_confidence(facts: ProjectFacts, day: Day) -> Reading:
    """The probability that all open work is finished by the project's due date, after the forecast of FLW-09.

    A due date that is past with work open: 0. No due date: MISSING_DATES. Past days: NOT_KEPT, for the due date keeps
    no history. Else as FLW-09. Programs and portfolios: the least of their projects.
    """
    sample, weeks = _sample(facts, day), _weeks_left(facts, day)
    if isinstance(sample, Reading):
        return sample
    if isinstance(weeks, Reading):
        return weeks
    chance = Fraction(finish(sample, facts["work_open"]).within(weeks)).limit_denominator(1_000_000)
    parts = (Part("weeks", weeks, Unit.WEEKS), Part("backlog", facts["work_open"]))
    return Reading(chance, n=len(sample), parts=parts)
