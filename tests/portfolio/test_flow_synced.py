"""The worked example of flow as people would live it in a tracker, synced: histories become its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portfolio.facts.gather import Day, ProjectFacts, day_of, gather
from portfolio.facts.pace import since_work
from portfolio.figures.own import project_readings
from portfolio.forecast.count import at_least, count
from portfolio.forecast.finish import finish
from portfolio.kpis.flow import cycle_days, weekly_throughput
from portfolio.kpis.reading import Reading, Reason
from portfolio.model.base import FAR
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import ProjectRef
from portfolio.model.work import ItemVersion, WorkItem
from portfolio.store.engine import reading
from simulator.jira.site import Issue
from sync.mapping.document import Rules
from sync.mapping.profile import StatusRule
from tests.portfolio.conftest import Oracle
from tests.portfolio.earned_example import EXACT, part
from tests.portfolio.lived import DOING, DONE, FLAGGED, IMPASSE, IMPEDIMENT, NAME, TASK, VENDOR, Lived, noon
from tests.sync.builders import all_say

day_in = date.fromisoformat
MEANT = Rules(
    statuses={"At the vendor": StatusRule("in_progress", "wait"), "Impasse": StatusRule("in_progress", "blocked")}
)
STATUS = {"active": DOING, "wait": VENDOR, "blocked": IMPASSE, "done": DONE}
# The example as it is; its two items with hours alone; and its four weeks three times over, which leaves the chances of
# a week as they are and gives a forecast the weeks it asks for.
FLOW, HOURS, LONG = "1", "2", "3"
KEYS = {FLOW: "FLOW", HOURS: "HOURS", LONG: "LONG"}
REPEATED = 3


class Life(Lived):
    """The items of the example, each moved on the board when the example says."""

    def __init__(self, engine: Engine, given: dict[str, Any]) -> None:
        super().__init__(engine, noon(given["as_of"]), ["ada"], KEYS)
        self.given = given

    def begin(self, project: str, item: dict[str, Any], back: timedelta = timedelta()) -> Issue:
        return self.create(project, TASK, item["key"], noon(item["started"]) - timedelta(hours=6) - back)

    def live(self, project: str, item: dict[str, Any], back: timedelta = timedelta()) -> None:
        """An item by the days of the example, so much earlier."""
        issue = self.begin(project, item, back)
        self.move(issue, DOING, noon(item["started"]) - back)
        again = self.given["reopened"].get(item["key"], [f"{item['finished']} done"] if item["finished"] else [])
        for day, to in map(str.split, again):
            status = DOING if to == "in_progress" else DONE
            self.move(issue, status, noon(day) + timedelta(hours=1) - back)

    def live_by_the_hour(self, project: str, item: dict[str, Any], *, flagged: bool) -> None:
        """An item by the hours of the example; it is blocked by the flag, else by a status."""
        issue = self.begin(project, item)
        for at, to in self.given["transitions"][item["key"]]:
            instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
            if flagged and (to == "blocked") != bool(issue.fields.get(FLAGGED)):
                self.edit(issue, instant, **{FLAGGED: IMPEDIMENT if to == "blocked" else None})
            else:
                self.move(issue, STATUS[to], instant)

    def live_all(self) -> None:
        window = timedelta(weeks=4)
        for item in self.given["items"]:
            if item["key"] in self.given["transitions"]:
                self.live_by_the_hour(FLOW, item, flagged=True)
                self.live_by_the_hour(HOURS, item, flagged=False)
            else:
                self.live(FLOW, item)
            for earlier in range(REPEATED if item["finished"] else 0):
                self.live(LONG, item, earlier * window)
        backlog = self.given["monte_carlo"]["backlog"]
        begun = sum(not item["finished"] for item in self.given["items"])
        for project, to_do in ((FLOW, backlog - begun), (LONG, backlog)):
            for number in range(to_do):
                self.begin(project, {"key": f"H{number}", "started": self.given["window"][0]})

    def told(self, project: str, on: date) -> tuple[ProjectFacts, Day, dict[str, Reading]]:
        """The facts of a project at the end of a day, and what is read from them."""
        with reading(self.engine) as store:
            day = day_of(store, on, self.now)
            ident = store.scalars(select(ProjectRef.project_id).where(ProjectRef.key == KEYS[project])).one() or 0
            facts = gather(store, day)[ident]
        return facts, day, project_readings(facts, day)


@pytest.fixture
def life(engine: Engine, oracle: Oracle) -> Iterator[Life]:
    made = Life(engine, oracle("o2_flow")["input"])
    all_say(engine, MEANT, NAME)
    made.live_all()
    made.sync()
    yield made
    made.simulator.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_worked_example_through_a_tracker(life: Life, oracle: Oracle) -> None:
    expected = oracle("o2_flow")["expected"]
    _items(life, expected)
    _flow(life, expected)
    _hours(life, expected)
    _chances(life, expected)
    _forecast(life, expected)


def _items(life: Life, expected: dict[str, Any]) -> None:
    """Each item by itself: its days, and its hours."""
    now = (ItemVersion.item_id == WorkItem.id) & (ItemVersion.valid_to == FAR)
    ref = (ProjectRef.project_id == WorkItem.project_id) & (ProjectRef.key == KEYS[FLOW])
    of_item = select(WorkItem.title, ItemVersion.__table__).join(ItemVersion, now).join(ProjectRef, ref)
    with reading(life.engine) as store:
        versions = {row.title: row for row in store.execute(of_item)}
    days = {key: (versions[key].finished_on - versions[key].started_on).days + 1 for key in expected["cycle_days"]}
    assert days == expected["cycle_days"]
    for item in life.given["items"]:
        version, again = versions[item["key"]], life.given["reopened"].get(item["key"])
        finished = day_in(item["finished"]) if item["finished"] else None
        assert (version.started_on, version.finished_on) == (day_in(item["started"]), finished)
        assert version.reopened_on == (day_in(again[1].split()[0]) if again else None)
    for key in life.given["transitions"]:
        efficiency = versions[key].active_s / versions[key].flow_s
        assert efficiency == pytest.approx(expected["flow_efficiency"][key], abs=EXACT)


def _flow(life: Life, expected: dict[str, Any]) -> None:
    as_of = day_in(life.given["as_of"])
    facts, day, readings = life.told(FLOW, as_of)
    for found in (readings, life.told(LONG, as_of)[2]):
        assert [found[f"FLW-01{each}"].value for each in ("-P50", "", "-P95")] == [
            expected[each] for each in ("P50", "P85", "P95")
        ]
        assert float(found["QLT-03"].value or 0) == pytest.approx(expected["reopen_rate"], abs=EXACT)
    every = cycle_days(facts)
    mean = sum(days * items for days, items in every) / sum(items for _, items in every)
    assert mean == pytest.approx(expected["mean_ct"], abs=EXACT)
    assert weekly_throughput(facts, day) == list(expected["throughput_by_week"].values())
    assert readings["FLW-03"].value == expected["throughput_mean"]
    assert readings["FLW-05"].value == Fraction(expected["share_over_sle"])
    ages = [(as_of - row.started_on).days + 1 for row in facts.running if row.started_on]
    assert sorted(ages) == sorted(expected["age_days"].values())
    for past, items in expected["wip_end_of"].items():
        assert life.told(FLOW, day_in(past))[2]["FLW-04"].value == items
    with reading(life.engine) as store:
        kept = select(KpiValue.value).join(ProjectRef, ProjectRef.project_id == KpiValue.scope_id)
        of_project = (KpiValue.scope_type == "project", ProjectRef.key == KEYS[FLOW], KpiValue.as_of == as_of)
        assert store.scalars(kept.where(KpiValue.kpi == "FLW-01", *of_project)).all() == [expected["P85"]]


def _hours(life: Life, expected: dict[str, Any]) -> None:
    """The two items with hours, pooled. Here it is a status by which one of them is blocked."""
    pooled = life.told(HOURS, day_in(life.given["as_of"]))[2]["FLW-06"]
    assert float(pooled.value or 0) == pytest.approx(expected["flow_efficiency"]["pooled"], abs=EXACT)
    assert [pooled.numerator, pooled.denominator, pooled.n] == [72, 168, 2]


def _chances(life: Life, expected: dict[str, Any]) -> None:
    """Fewer weeks than a forecast is told from: no reading, but the chances the example counts."""
    facts, day, readings = life.told(FLOW, day_in(life.given["as_of"]))
    assert (readings["FLW-09"].reason, readings["FLW-09"].n) == (Reason.INSUFFICIENT_SAMPLE, 4)
    weeks = since_work(facts.samples.pace, day.as_of, facts.first_day)
    chances = finish(weeks, facts["work_open"])
    for number, chance in expected["mc_cdf_weeks"].items():
        assert chances.within(int(number)) == pytest.approx(chance, abs=EXACT)
    asked, told = life.given["monte_carlo"], expected["mc_count_4w"]
    horizon = asked["count_horizon_weeks"]
    assert [count(weeks, horizon, percent) for percent in (85, 50)] == [told["85"], told["50"]]
    assert at_least(weeks, horizon)[11] == pytest.approx(told["P_at_least_11"], abs=EXACT)


def _forecast(life: Life, expected: dict[str, Any]) -> None:
    """The same chances over twelve weeks, as they are read; the due dates are those of which the example tells."""
    facts, day, readings = life.told(LONG, day_in(life.given["as_of"]))
    for name, kpi in (("P50", "FLW-09-P50"), ("P70", "FLW-09-P70"), ("P85", "FLW-09"), ("P95", "FLW-09-P95")):
        weeks = expected["mc_weeks"][name]
        assert part(readings[kpi], "weeks") == weeks
        assert readings[kpi].value == (day.as_of + timedelta(weeks=weeks)).toordinal()
    for name, kpi in (("P50", "FLW-09-P50"), ("P85", "FLW-09")):
        assert date.fromordinal(int(readings[kpi].value or 0)) == day_in(expected["mc_date"][name])

    def due_in(weeks: int) -> dict[str, Reading]:
        return project_readings(replace(facts, due=day.as_of + timedelta(weeks=weeks)), day)

    for number, chance in expected["mc_cdf_weeks"].items():
        assert float(due_in(int(number))["SCH-13"].value or 0) == pytest.approx(chance, abs=EXACT)
    told, soon = expected["mc_count_4w"], due_in(life.given["monte_carlo"]["count_horizon_weeks"])
    assert [soon[kpi].value for kpi in ("FLW-10", "FLW-10-P50")] == [told["85"], told["50"]]
