"""The worked example of two weeks and five projects, computed from its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from portfolio.resources.load import Load, by_period, too_much
from tests.portfolio.conftest import Oracle
from tests.portfolio.resources.columns import load_of
from tests.portfolio.resources.plain import Booking, Human, Task, Term

NAME = "o3_resource"
CLOSE = 1e-6
WEEKS = np.array([0, 7])


def _day(text: str | None) -> int | None:
    return None if text is None else date.fromisoformat(text).toordinal()


def _exact(number: float) -> Fraction:
    return Fraction(str(number))


class Example:
    """The example's input, as the plain way takes it. Who is nobody's is of a role, on the default calendar."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.as_of = date.fromisoformat(given["as_of"]).toordinal()
        self.days = self.as_of, date.fromisoformat(given["weeks"][-1][1]).toordinal()
        self.known = self.as_of - 30, self.days[1] + 60
        off = [(it["person"], _day(it["date"]), _exact(it["fraction"])) for it in given["time_off"]]
        self.people = {
            it["id"]: Human(
                [self._term(given, it["cal"], it["h_day"], _exact(it["fte"]) * (1 - _exact(it["overhead"])))],
                {day: fraction for person, day, fraction in off if person == it["id"] and day is not None},
            )
            for it in given["people"]
        }
        self.persons = list(self.people)
        roles = {it["role"] for it in given["tasks"] if not it["assignees"]}
        self.people |= {role: Human([self._term(given, given["default_calendar"], 8, Fraction(1))]) for role in roles}
        self.unestimated = [it["key"] for it in given["tasks"] if it["remaining_h"] is None]
        self.tasks = {it["key"]: _task(it) for it in given["tasks"] if it["remaining_h"] is not None}
        self.bookings = [
            Booking(
                it["person"], it["project"], _day(it["from"]) or 0, _day(it["to"]) or 0, it["kind"] == "hard",
                share=_exact(it["pct"]),
            )
            for it in given["allocations"]
        ]  # fmt: skip

    def _term(self, given: Mapping[str, Any], calendar: str, hours: float, factor: Fraction) -> Term:
        own = given["calendars"][calendar]
        week = tuple(_exact(hours) if day in own["workdays"] else Fraction(0) for day in range(7))
        return Term(*self.known, week, {_day(day) or 0: Fraction(1) for day in own["holidays"]}, factor)

    def load(self, **other: Task) -> Load:
        tasks = list((self.tasks | other).values())
        return load_of(self.people, tasks, self.bookings, self.as_of, self.days, self.known)

    def row(self, name: str) -> int:
        return list(self.people).index(name)


def _task(it: Mapping[str, Any]) -> Task:
    whom = it["assignees"] or [it["role"]]
    shares, quotas = Fraction(1, len(whom)), Fraction(1, len(it["projects"]))
    return Task(
        dict.fromkeys(whom, shares), dict.fromkeys(it["projects"], quotas), _exact(it["remaining_h"]),
        _day(it["start"]), _day(it["due"]),
    )  # fmt: skip


@pytest.fixture
def example(oracle: Oracle) -> Example:
    return Example(oracle(NAME)["input"])


@pytest.fixture
def expected(oracle: Oracle) -> Mapping[str, Any]:
    told: Mapping[str, Any] = oracle(NAME)["expected"]
    return told


def test_capacity_hard_and_soft_by_week(example: Example, expected: Mapping[str, Any]) -> None:
    told = example.load()
    for name in example.persons:
        row = example.row(name)
        for what, hours in (("capacity", told.capacity), ("hard", told.hard), ("soft", told.soft)):
            assert by_period(hours, WEEKS)[row] == pytest.approx(expected[what][name], abs=CLOSE)
        assert by_period(told.over, WEEKS)[row] == pytest.approx(expected["over_hours"][name], abs=CLOSE)
        load = by_period(told.hard, WEEKS)[row] / by_period(told.capacity, WEEKS)[row]
        assert load == pytest.approx(expected["util_hard"][name], abs=CLOSE)
    for words, hours in expected["daily"].items():
        name, day = words.split()
        assert told.hard[example.row(name), (_day(day) or 0) - told.first] == pytest.approx(hours, abs=CLOSE)


def test_who_has_too_much(example: Example, expected: Mapping[str, Any]) -> None:
    told = example.load()
    for name, days in expected["over_days"].items():
        assert (told.over[example.row(name)] > 0).sum() == days
    flagged = too_much(told, WEEKS)
    assert {name: flagged[example.row(name)].tolist() for name in example.persons} == {
        name: [name in expected["over_days"], False] for name in example.persons
    }


def test_a_team_hides_who_has_too_much(example: Example, expected: Mapping[str, Any]) -> None:
    told, team = example.load(), expected["team"]
    persons = [example.row(name) for name in example.persons]
    sums = {
        what: by_period(hours, WEEKS)[persons].sum(axis=0)
        for what, hours in (("capacity", told.capacity), ("hard", told.hard), ("soft", told.soft))
    }
    roles = [example.row(role) for role in expected["unassigned_by_role"]]
    sums["unassigned"] = by_period(told.hard, WEEKS)[roles].sum(axis=0)
    for what, hours in sums.items():
        assert hours == pytest.approx(team[what], abs=CLOSE)
    everything = sums["hard"] + sums["soft"] + sums["unassigned"]
    assert everything / sums["capacity"] == pytest.approx(team["load_ratio_all"], abs=CLOSE)


def test_one_thing_another_way(example: Example, expected: Mapping[str, Any]) -> None:
    moved = example.load(T2=replace(example.tasks["T2"], persons={"CY": Fraction(1)}))
    later = example.load(T2=replace(example.tasks["T2"], due=_day("2026-03-12")))
    w1, w2 = expected["what_if"]["W1"], expected["what_if"]["W2"]
    for told, hours in ((moved, {name: w1[name] for name in ("ANA", "CY")}), (later, {"ANA": w2["ANA"]})):
        for name, weeks in hours.items():
            assert by_period(told.hard, WEEKS)[example.row(name)] == pytest.approx(weeks, abs=CLOSE)
    over = by_period(moved.over, WEEKS)
    assert over[example.row("CY"), 0] == pytest.approx(w1["over_hours_CY"], abs=CLOSE)
    assert over[example.row("ANA"), 0] == pytest.approx(w1["over_hours_ANA"], abs=CLOSE)
