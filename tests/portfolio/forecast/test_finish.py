"""The forecast of a finish: exact, simulated, and where there is nothing to forecast from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import comb

import numpy as np
import pytest

from portfolio.forecast.backtest import score
from portfolio.forecast.count import at_least, count
from portfolio.forecast.finish import NEVER_WEEKS, exact, finish
from portfolio.forecast.simulate import simulated_weeks
from sync.mapping.course import Course, Phase
from tests.portfolio.conftest import Oracle

# Two a week, and up to two more, each as likely as not: the sum of n weeks is 2n + Binomial(2n, 1/2).
SAMPLE = (4, 2, 3, 3)


def chance(weeks: int, backlog: int) -> float:
    more = backlog - 2 * weeks
    return sum(comb(2 * weeks, k) for k in range(max(0, more), 2 * weeks + 1)) / 4**weeks


def test_it_is_exact_where_few_numbers_are_involved() -> None:
    assert finish(SAMPLE, 20).chances == pytest.approx([chance(weeks, 20) for weeks in range(11)], abs=1e-9)


def test_the_simulation_comes_near_and_says_the_same_again() -> None:
    weeks = simulated_weeks(SAMPLE, 20, NEVER_WEEKS)
    assert [float(np.mean(weeks <= week)) for week in range(5, 10)] == pytest.approx(
        [chance(week, 20) for week in range(5, 10)], abs=0.02
    )
    assert (weeks == simulated_weeks(SAMPLE, 20, NEVER_WEEKS)).all()
    # Nearest rank: an observed number of weeks.
    assert [sorted(weeks)[-(-percent * len(weeks) // 100) - 1] for percent in (50, 85, 95)] == [7, 8, 8]


def test_large_forecasts_are_simulated_and_agree_with_counting() -> None:
    sample, backlog = (90, 130, 110, 70, 100, 0), 12_000
    simulated = finish(sample, backlog)
    assert simulated.weeks(50) == pytest.approx(finish(tuple(week // 10 for week in sample), 1200).weeks(50), abs=1)
    assert simulated.within(NEVER_WEEKS) == 1
    assert (simulated.within(3), simulated.within(-1)) == (0, 0)


def test_nothing_left_takes_no_week_and_too_much_is_never() -> None:
    assert (finish(SAMPLE, 0).weeks(95), exact(SAMPLE, 0)) == (0, (1.0,))
    for backlog in (5 * NEVER_WEEKS, 4 * NEVER_WEEKS - 1):
        far = finish(SAMPLE, backlog)
        assert (far.weeks(50), far.day(date(2026, 3, 1), 50), far.within(9999)) == (None, None, pytest.approx(0))
    with pytest.raises(ValueError, match="nothing was finished"):
        finish((0, 0, 0, 0, 0, 0), 5)


def test_a_steady_pace_is_certain() -> None:
    assert finish((5,) * 12, 21).weeks(50) == finish((5,) * 12, 21).weeks(95) == 5
    assert [count((5,) * 12, 3, percent) for percent in (50, 85, 100)] == [15, 15, 15]


def test_the_score_tells_how_often_past_forecasts_came_out() -> None:
    steady = score((3,) * 16)
    assert steady is not None
    assert (steady.cases, steady.hits, steady.error, steady.usual) == (7, 7, 0, 12)
    dying = score((3,) * 12 + (0,) * 4)
    assert dying is not None
    # With the last three weeks still at the old pace a forecast for four falls short of 12 by 3, 6, 9 and 12.
    assert (dying.cases, dying.hits, dying.error * dying.cases) == (7, 3, 3 + 6 + 9 + 12)
    assert score((3,) * 9) is None
    assert score((0,) * 40) is None


def test_the_hours_of_the_worked_example_come_out(oracle: Oracle) -> None:
    example = oracle("o2_flow")
    expected, total = example["expected"]["flow_efficiency"], [0, 0]
    for key, steps in example["input"]["transitions"].items():
        phases = []
        for moment, flow in steps:
            at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
            category = "done" if flow == "done" else "in_progress"
            phases.append(Phase(at, at.date(), category, "active" if flow == "done" else flow))
        course = Course(phases[0])
        for phase in phases[1:]:
            course.enter(phase)
        outcome = course.outcome()
        assert outcome.active_s is not None
        assert outcome.flow_s is not None
        assert outcome.active_s / outcome.flow_s == pytest.approx(expected[key], abs=1e-6)
        total = [total[0] + outcome.active_s, total[1] + outcome.flow_s]
    assert total[0] / total[1] == pytest.approx(expected["pooled"], abs=1e-6)


def test_the_worked_example_comes_out(oracle: Oracle) -> None:
    example = oracle("o2_flow")
    expected, given = example["expected"], example["input"]["monte_carlo"]
    sample = tuple(expected["throughput_by_week"].values())
    forecast = finish(sample, given["backlog"])
    for weeks, chance_of in expected["mc_cdf_weeks"].items():
        assert forecast.within(int(weeks)) == pytest.approx(chance_of, abs=1e-6)
    assert {f"P{percent}": forecast.weeks(percent) for percent in (50, 70, 85, 95)} == expected["mc_weeks"]
    as_of = date.fromisoformat(example["input"]["as_of"])
    assert {f"P{percent}": str(forecast.day(as_of, percent)) for percent in (50, 85)} == expected["mc_date"]
    horizon, counted = given["count_horizon_weeks"], expected["mc_count_4w"]
    assert [count(sample, horizon, percent) for percent in (85, 50)] == [counted["85"], counted["50"]]
    assert at_least(sample, horizon)[11] == pytest.approx(counted["P_at_least_11"], abs=1e-6)
