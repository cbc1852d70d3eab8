"""What is said of projects by themselves: worked out again only where it rests on something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from portfolio.calendar import WorkCalendar
from portfolio.facts.gather import Day, ProjectFacts, day_of, gather
from portfolio.figures.own import project_readings, read_each
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.scope import EVERYTHING
from portfolio.governance.settings import Settings
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi, Together, Unit
from portfolio.kpis.rag import MANDATORY
from portfolio.kpis.reading import Reading
from portfolio.kpis.thresholds import Direction
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 13)
NOW = noon(TODAY)
DAY = Day(TODAY, NOW)
OF_NOW = {kpi_id for kpi_id, it in KPIS.items() if it.of_now}


class Counting:
    """A KPI of the number of items that knows of how many projects it was asked."""

    def __init__(self, kpi_id: str = "OWN-01", *, of_now: bool = False) -> None:
        self.asked = 0
        formula = self._read
        words = "How many items."
        self.kpi = Kpi(
            kpi_id,
            "Items",
            Unit.COUNT,
            Direction.LOWER,
            None,
            "test",
            Together.SUM,
            "",
            (),
            words,
            formula,
            of_now=of_now,
        )

    def _read(self, facts: ProjectFacts, _day: Day) -> Reading:
        self.asked += 1
        return Reading(Fraction(facts["items"]), n=self.asked)


def _facts(items: int, **other: object) -> ProjectFacts:
    return replace(ProjectFacts(numbers={"items": items}, fed=True, synced_at=NOW), **other)  # type: ignore[arg-type]


def test_what_rests_on_the_same_is_said_again_and_only_the_rest_is_worked_out() -> None:
    counting = Counting()
    settings = Settings({"OWN-01": counting.kpi})
    first = read_each(DAY, {1: _facts(3), 2: _facts(4)}, settings, {})
    assert counting.asked == 2
    later = replace(DAY, now=NOW + timedelta(hours=3))
    alike = Settings({"OWN-01": counting.kpi})
    second = read_each(later, {1: _facts(3, synced_at=later.now), 2: _facts(5)}, alike, {})
    assert counting.asked == 3
    assert second[1] == first[1]
    assert second[2].readings["OWN-01"].value == 5
    # Some projects alone leave what is known of the others.
    read_each(later, {2: _facts(6)}, settings, {})
    assert read_each(later, {1: _facts(3), 2: _facts(6)}, settings, {})[2].readings["OWN-01"].value == 6
    assert counting.asked == 4


@pytest.mark.parametrize(
    "day",
    [
        Day(TODAY + timedelta(days=1), NOW + timedelta(days=1)),
        Day(TODAY, NOW, WorkCalendar(holidays=frozenset({date(2026, 3, 16)}))),
        Day(TODAY, NOW + timedelta(days=1)),
    ],
    ids=["another day", "another calendar", "the day is over"],
)
def test_another_day_is_worked_out(day: Day) -> None:
    counting = Counting()
    settings = Settings({"OWN-01": counting.kpi})
    read_each(DAY, {1: _facts(3)}, settings, {})
    read_each(day, {1: _facts(3)}, settings, {})
    assert counting.asked == 2


def test_other_settings_are_judged_anew() -> None:
    counting = Counting()
    read_each(DAY, {1: _facts(3)}, Settings({"OWN-01": counting.kpi}), {})
    set_ = {("OWN-01", EVERYTHING): (KpiSetting(green="1", amber="2"), 1)}
    told = read_each(DAY, {1: _facts(3)}, Settings({"OWN-01": counting.kpi}, set_=set_), {})
    assert counting.asked == 2
    assert told[1].readings["OWN-01"].rag == "red"


def test_what_is_of_the_moment_is_read_each_time() -> None:
    counting, of_now = Counting(), Counting("OWN-02", of_now=True)
    settings = Settings({"OWN-01": counting.kpi, "OWN-02": of_now.kpi})
    read_each(DAY, {1: _facts(3)}, settings, {})
    told = read_each(DAY, {1: _facts(3)}, settings, {})
    assert (counting.asked, of_now.asked) == (1, 2)
    assert told[1].readings["OWN-02"].n == 2
    assert (told[1].grades["OWN-01"], told[1].grades["OWN-02"]) == ("A", "A")


def test_only_what_says_so_is_of_the_moment(world: World) -> None:
    project = world.project(due=TODAY + timedelta(days=30))
    world.item(project, "in_progress", created=TODAY - timedelta(days=20), due=TODAY - timedelta(days=2))
    for back in range(3, 60, 3):
        world.finished(project, TODAY - timedelta(days=back + 2), TODAY - timedelta(days=back))
    early = day_of(world.connection, TODAY, NOW.replace(hour=1))
    late = replace(early, now=NOW.replace(hour=23, minute=59))
    facts = replace(gather(world.connection, early)[project], fed=True, synced_at=early.now)
    synced = replace(facts, synced_at=datetime(2026, 3, 12, tzinfo=NOW.tzinfo))
    before, after = project_readings(facts, early), project_readings(synced, late)
    assert {kpi_id for kpi_id, reading in before.items() if reading != after[kpi_id]} == OF_NOW == {"DQ-06"}
    assert sum(reading.value is not None for reading in before.values()) > 15
    # Colours of projects are not read again with it.
    assert not OF_NOW & {each for of_dimension in MANDATORY.values() for each in of_dimension}
    assert not any(KPIS[each].by_colour for each in OF_NOW)
