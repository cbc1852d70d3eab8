"""What the demo enters beside its trackers: by the product's own means, alike for the same seed, with gaps."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Engine, select

from cli.demo_data import APPROVES, approve_mapping, enter_data
from portfolio.model.finance import CostRate
from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.model.work import Baseline
from portfolio.store.engine import reading, writing
from sync import versions
from tests.portfolio.builders import World

NOW = datetime(2026, 6, 17, 9, tzinfo=UTC)
HOUR = 3600


def test_most_projects_have_data_and_a_baseline_and_some_have_none(engine: Engine) -> None:
    with writing(engine) as store:
        world = World(store)
        for name in ("Ada", "Bea", "Cleo"):
            world.person(name)
        for number in range(12):
            project = world.project(f"P{number}")
            world.item(project, created=date(2026, 1, 1), due=date(2026, 7, 1), estimate_s=10 * HOUR)
        world.item(world.project("YOUNG"), created=date(2026, 6, 1), estimate_s=HOUR)
    approve_mapping(engine, NOW)
    enter_data(engine, 7, NOW)
    with reading(engine) as store:
        sponsors = list(store.scalars(select(Project.sponsor_id)))
        baselines = store.execute(select(Baseline.state, Baseline.self_approved, Baseline.taken_on)).all()
        young = store.scalars(select(Baseline.id).join(Project).where(Project.code == "YOUNG")).all()
        roles = set(store.scalars(select(Person.role)))
        assert roles <= set(store.scalars(select(CostRate.role)))
        mapping = versions.in_force(store)
    assert 0 < sponsors.count(None) < len(sponsors) / 2
    assert 6 < len(baselines) <= 12
    assert young == []
    assert {(state, alone) for state, alone, _ in baselines} == {("approved", False)}
    assert all(40 <= (NOW.date() - day).days <= 150 for _, _, day in baselines)
    assert mapping is not None
    assert (mapping.number, mapping.approved_by, mapping.self_approved) == (1, APPROVES, False)
