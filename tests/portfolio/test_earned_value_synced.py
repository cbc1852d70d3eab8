"""The worked example of earned value as people would live it in a tracker: synced, baselined, synced again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portfolio.audit.entry import COMMAND
from portfolio.baselines.decide import By, approve, propose
from portfolio.facts.gather import day_of, gather
from portfolio.figures.own import project_readings
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project
from portfolio.money import expenses, rates
from portfolio.overlay.enter import enter
from portfolio.store.engine import reading, writing
from simulator.jira import edits
from simulator.jira.site import Issue
from tests.portfolio.conftest import Oracle
from tests.portfolio.earned_example import check_example, day_in
from tests.portfolio.lived import DOING, DONE, START, TASK, Lived, noon

HOUR = 3600
# When work on an item was first seen and when it was over: the example tells the days of its hours alone.
BEGUN = {"A": "2026-01-06", "C": "2026-01-13", "B": "2026-01-14", "D": "2026-01-20"}
OVER = {"A": "2026-01-09", "C": "2026-01-16"}


def hours(number: float | None) -> int | None:
    return None if number is None else int(number * HOUR)


class Life(Lived):
    """The project of the example, lived day by day."""

    def __init__(self, engine: Engine, given: dict[str, Any]) -> None:
        people = sorted({it["person"] for it in given["worklogs"]})
        super().__init__(engine, noon(given["baseline"]["taken_on"]), people, {"1": "ALPHA"})
        self.given, self.issues = given, dict[str, Issue]()

    def add(self, item: dict[str, Any]) -> None:
        estimate = hours(item["bl_est_h"] or item.get("current_est_h"))
        fields = {"timeoriginalestimate": estimate, "timeestimate": estimate, "timespent": None}
        fields |= {START: item["bl_start"], "duedate": item["bl_finish"]}
        self.issues[item["key"]] = self.create("1", TASK, item["key"], self.now, **fields)

    def plan(self) -> None:
        """What is there when the baseline is taken, and what is entered here beside it."""
        for item in self.given["items"]:
            if item["bl_finish"]:
                self.add(item)
        for it in self.given["milestones"]:
            edits.new_version(self.site, "1", it["key"], due=day_in(it["baseline"]))
        self.sync()
        ada, now = By("ada", COMMAND), self.now
        rated = "".join(f"{it['person']},{it['cost_per_h']},EUR,{it['from']}\n" for it in self.given["rates"])
        spent = "".join(
            f"{self.code()},{it['date']},{it['amount']},EUR,{it['kind']}\n" for it in self.given["expenses"]
        )
        with writing(self.engine) as store:
            project = store.execute(select(Project.id)).scalar_one()
            typed = {"plan_rate": f"{self.given['plan_rate_per_h']} EUR", "ev_method": "time_ratio"}
            enter(store, {project: typed}, now, "ada", COMMAND)
            rates.take_in(store, "person,amount,currency,from\n" + rated, str, now, "ada", COMMAND)
            expenses.take_in(store, "code,date,amount,currency,kind\n" + spent, str, now, "ada", COMMAND)
            version = propose(store, project, self.now.date(), now, ada)
            approve(store, project, version, now, By("bea", COMMAND))

    def code(self) -> str:
        with reading(self.engine) as store:
            return store.execute(select(Project.code)).scalar_one()

    def live(self) -> None:
        """All that happens up to the day of the status, in the order of the days."""
        events: list[tuple[str, int, Any]] = [(day, 1, (key, DOING)) for key, day in BEGUN.items()]
        events += [(day, 3, (key, DONE)) for key, day in OVER.items()]
        events += [(it["date"], 2, it) for it in self.given["worklogs"]]
        events += [(it["created"], 0, it) for it in self.given["items"] if "created" in it]
        for day, what, it in sorted(events, key=lambda event: event[:2]):
            self.now = noon(day)
            if what == 0:
                self.add(it)
            elif what == 2:
                ident = self.issues[it["item"]].id
                edits.add_worklog(
                    self.site, ident, seconds=it["h"] * HOUR, started=self.now, at=self.now, by=it["person"]
                )
            else:
                self.move(self.issues[it[0]], it[1], self.now)
        self.now = noon(self.given["status_date"])
        for item in self.given["items"]:
            self.edit(self.issues[item["key"]], self.now, timeestimate=hours(item["remaining_h"]))
        told = {it["key"]: it for it in self.given["milestones"]}
        for version in self.site.versions["1"]:
            it = told[version["name"]]
            if "actual" in it:
                edits.release_version(self.site, str(version["id"]), day_in(it["actual"]))
            else:
                version["releaseDate"] = it["forecast"]
        self.sync()


@pytest.fixture
def life(engine: Engine, oracle: Oracle) -> Iterator[Life]:
    made = Life(engine, oracle("o1_evm")["input"])
    yield made
    made.simulator.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_worked_example_through_a_tracker(life: Life, oracle: Oracle) -> None:
    life.plan()
    life.live()
    status, expected = day_in(life.given["status_date"]), oracle("o1_evm")["expected"]
    with reading(life.engine) as store:
        day = day_of(store, status, life.now)
        [facts] = gather(store, day).values()
        check_example(project_readings(facts, day), expected, "time_ratio")
        kept = dict(
            store.execute(
                select(KpiValue.kpi, KpiValue.value).where(
                    KpiValue.scope_type == "project", KpiValue.as_of <= status, KpiValue.until > status
                )
            ).all()
        )
    told = expected["with_time_ratio"]
    for kpi_id, name in (("SCH-01", "SPI"), ("SCH-04", "SPI_t"), ("CST-01", "CPI"), ("CST-03", "EAC_cpi")):
        assert kept[kpi_id] == pytest.approx(told[name], abs=1e-6)
    assert date.fromordinal(int(kept["SCH-05"] or 0)) == day_in(told["forecast_finish"])
