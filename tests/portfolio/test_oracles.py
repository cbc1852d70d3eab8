"""The worked examples kept outside the repository, through the real store on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from portfolio.calendar import WorkCalendar
from portfolio.facts.durations import running
from portfolio.facts.gather import Day, ProjectFacts, day_of, gather
from portfolio.facts.numbers import numbers
from portfolio.facts.pace import HISTORY_WEEKS
from portfolio.facts.samples import Samples
from portfolio.figures.own import project_readings
from portfolio.kpis.flow import cycle_days, weekly_throughput
from portfolio.kpis.forecast import forecast_finish
from portfolio.kpis.reading import Rag
from portfolio.kpis.thresholds import Direction, Thresholds
from tests.portfolio.builders import World, noon
from tests.portfolio.conftest import Oracle

HOUR = 3600
day_in = date.fromisoformat


def _build_flow(world: World, given: dict[str, Any]) -> int:
    project = world.project()
    for item in given["items"]:
        started = day_in(item["started"])
        reopened = given["reopened"].get(item["key"])
        if reopened:
            steps = [(day_in(step.split()[0]), step.split()[1]) for step in reopened]
            versions: list[tuple[date, dict[str, Any]]] = [
                (started, {"category": "in_progress", "started_on": started}),
                *(
                    (at, {"category": to, "started_on": started, "finished_on": at if to == "done" else None})
                    for at, to in steps
                ),
            ]
            put_back = next(at for at, to in steps if to != "done")
            versions = [(at, state | {"reopened_on": put_back if at >= put_back else None}) for at, state in versions]
            world.item(project, "done", created=started, versions=versions)
        elif item["finished"]:
            world.finished(project, started, day_in(item["finished"]))
        else:
            world.item(project, "in_progress", created=started, started_on=started)
    return project


def test_flow(world: World, oracle: Oracle) -> None:
    example = oracle("o2_flow")
    given, expected = example["input"], example["expected"]
    project, as_of = _build_flow(world, given), day_in(given["as_of"])
    day = day_of(world.connection, as_of, noon(as_of))
    facts = gather(world.connection, day)[project]
    readings = project_readings(facts, day)
    assert readings["FLW-01-P50"].value == expected["P50"]
    assert readings["FLW-01"].value == expected["P85"]
    assert readings["FLW-01-P95"].value == expected["P95"]
    assert float(readings["QLT-03"].value or 0) == pytest.approx(expected["reopen_rate"], abs=1e-6)
    assert facts.samples.pace[-4:] == tuple(expected["throughput_by_week"].values())
    every = sorted(value for value, times in cycle_days(facts) for _ in range(times))
    assert every == sorted(expected["cycle_days"].values())
    assert sum(every) / len(every) == pytest.approx(expected["mean_ct"], abs=1e-6)
    assert weekly_throughput(facts, day) == list(expected["throughput_by_week"].values())
    assert readings["FLW-03"].value == expected["throughput_mean"]
    ages = sorted(
        (as_of - row.started_on).days + 1 for row in facts.running if row.started_on for _ in range(row.items)
    )
    assert ages == sorted(expected["age_days"].values())
    assert readings["FLW-05"].value == Fraction(expected["share_over_sle"])


def test_work_in_progress_on_past_days(world: World, oracle: Oracle) -> None:
    example = oracle("o2_flow")
    project = _build_flow(world, example["input"])
    for as_of, count in example["expected"]["wip_end_of"].items():
        assert numbers(world.connection, day_in(as_of))[project]["in_progress"] == count
        assert sum(row.items for row in running(world.connection, day_in(as_of))[project]) == count


def _slip(case: dict[str, Any]) -> object:
    return WorkCalendar().slip(day_in(case["baseline"]), day_in(case["actual"]))


def _rag(case: dict[str, Any]) -> object:
    rag = Thresholds(Direction.HIGHER, case["g"], case["a"]).rag(None if case["v"] is None else Fraction(case["v"]))
    return {Rag.GREEN: "G", Rag.AMBER: "A", Rag.RED: "R"}.get(rag, rag)


def _forecast(case: dict[str, Any]) -> object:
    """The reading of a project with that many items finished in each of its last full weeks."""
    sunday, weeks = date(2026, 3, 1), case["weekly"]
    facts = ProjectFacts(
        numbers={"work": 1, "work_open": case["backlog"]},
        first_day=sunday - timedelta(days=7 * len(weeks) - 1),
        samples=Samples(pace=(0,) * (HISTORY_WEEKS - len(weeks)) + tuple(weeks)),
    )
    return forecast_finish.formula(facts, Day(sunday, noon(sunday))).reason


CASES: dict[str, Callable[[dict[str, Any]], object]] = {"slip": _slip, "rag+": _rag, "mc": _forecast}


def test_edge_cases(oracle: Oracle) -> None:
    example = oracle("o7_edges")
    pairs = zip(example["input"]["cases"], example["expected"]["results"], strict=True)
    judged = [(case, CASES[case["c"]](case), result) for case, result in pairs if case["c"] in CASES]
    assert len(judged) == 9
    for case, actual, result in judged:
        assert actual == result, case


def test_a_day_before_any_work_has_no_flow(world: World, oracle: Oracle) -> None:
    example = oracle("o2_flow")
    project = _build_flow(world, example["input"])
    early = day_in(example["input"]["window"][0]) - timedelta(days=1)
    assert project not in numbers(world.connection, early)
