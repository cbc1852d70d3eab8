"""The worked example of a plan in points as people would live it in a tracker: synced, baselined, synced again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select

from portfolio.audit.entry import COMMAND
from portfolio.baselines.decide import By, approve, propose
from portfolio.facts.gather import day_of, gather
from portfolio.figures.keep import standing_on
from portfolio.figures.own import project_readings
from portfolio.figures.recolour import decide
from portfolio.governance import deciding, store
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.scope import Level, SettingScope
from portfolio.governance.settings import read_settings
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from simulator.jira.site import Issue
from tests.portfolio.lived import DOING, DONE, START, STORY, Lived, noon
from tests.portfolio.units_example import ITEMS, STATUS, TAKEN, check, told

POINTS = "customfield_8"
CUSTOM = "com.pyxis.greenhopper.jira:jsw-story-points"
MOVED = (
    ("03-02", "A", DOING),
    ("03-03", "B", DOING),
    ("03-05", "A", DONE),
    ("03-09", "D", DOING),
    ("03-10", "D", DONE),
)


class Life(Lived):
    """The project of the example, lived day by day."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, noon(TAKEN.isoformat()), ["p1"], {"1": "ALPHA"})
        points = {"id": POINTS, "name": "Story point estimate", "custom": True}
        self.site.fields.append({**points, "schema": {"type": "number", "custom": CUSTOM}})
        self.issues = dict[str, Issue]()

    def add(self, name: str, points: float, **dates: str) -> None:
        self.issues[name] = self.create("1", STORY, name, self.now, **{POINTS: points}, **dates)

    def decide(self, unit: str) -> int:
        """Set what the project is counted in, and take its plan; returns the project."""
        with writing(self.engine) as opened:
            project = opened.execute(select(Project.id)).scalar_one()
            scope = SettingScope(Level.PROJECT, str(project))
            wanted = deciding.wanted_settings(opened, {("SCH-01", scope): KpiSetting(counted_in=unit)})
            decide(opened, wanted, store.number_in_force(opened), self.now, "ada", COMMAND)
            version = propose(opened, project, self.now.date(), self.now, By("ada", COMMAND))
            approve(opened, project, version, self.now, By("bea", COMMAND))
        return project

    def live(self) -> None:
        """All that happens up to the day of the status, in the order of the days."""
        for day, name, status in MOVED:
            self.now = noon(f"2026-{day}")
            self.move(self.issues[name], status, self.now)
        self.add("E", 4, duedate="2026-03-13")
        self.edit(self.issues["C"], self.now, **{POINTS: 13})
        self.now = noon(STATUS.isoformat())
        self.sync()


@pytest.fixture
def life(engine: Engine) -> Iterator[Life]:
    made = Life(engine)
    yield made
    made.simulator.stop()


@pytest.mark.parametrize("unit", ["points", "items"])
def test_the_worked_example_through_a_tracker(life: Life, unit: str) -> None:
    for name, (points, start, due) in ITEMS.items():
        life.add(name, points, **{START: start, "duedate": due})
    life.sync()
    project = life.decide(unit)
    life.live()
    with reading(life.engine) as opened:
        day = day_of(opened, STATUS, life.now)
        [facts] = gather(opened, day, units=read_settings(opened).units).values()
        check(project_readings(facts, day), unit)
        own = (KpiValue.scope_type == "project", KpiValue.scope_id == project, standing_on(STATUS))
        kept = dict(opened.execute(select(KpiValue.kpi, KpiValue.value).where(*own)).all())
    for kpi, value in told(unit).items():
        assert kept[kpi] == pytest.approx(float(value)), kpi
    life.now = datetime(2026, 3, 12, 12, tzinfo=UTC)
    life.decide("items" if unit == "points" else "points")
    with reading(life.engine) as opened:
        past = day_of(opened, STATUS, life.now)
        [facts] = gather(opened, past, units=read_settings(opened).units).values()
        check(project_readings(facts, past), unit)
        assert facts.plan.unit == unit
        today = day_of(opened, date(2026, 3, 12), life.now)
        [facts] = gather(opened, today, units=read_settings(opened).units).values()
        assert facts.plan.unit != unit
