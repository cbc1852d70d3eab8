"""The worked examples kept outside the repository, through the real store on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from portfolio.calendar import WorkCalendar
from portfolio.facts.durations import running
from portfolio.facts.gather import day_of, gather
from portfolio.facts.numbers import numbers
from portfolio.figures.rollup import project_readings
from portfolio.kpis.flow import cycle_days, weekly_throughput
from portfolio.kpis.percentile import nearest_rank
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
    assert nearest_rank(cycle_days(facts), 95) == expected["P95"]
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


CASES: dict[str, Callable[[dict[str, Any]], object]] = {"slip": _slip, "rag+": _rag}


def test_edge_cases(oracle: Oracle) -> None:
    example = oracle("o7_edges")
    pairs = zip(example["input"]["cases"], example["expected"]["results"], strict=True)
    judged = [(case, CASES[case["c"]](case), result) for case, result in pairs if case["c"] in CASES]
    assert len(judged) == 7
    for case, actual, result in judged:
        assert actual == result, case


def test_a_day_before_any_work_has_no_flow(world: World, oracle: Oracle) -> None:
    example = oracle("o2_flow")
    project = _build_flow(world, example["input"])
    early = day_in(example["input"]["window"][0]) - timedelta(days=1)
    assert project not in numbers(world.connection, early)
