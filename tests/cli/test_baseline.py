"""Baselines at the command line: taken, decided on, listed, and held against the plan of today."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from portfolio.audit.entry import COMMAND
from portfolio.governance import deciding, store
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.scope import EVERYTHING
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.portfolio.builders import World

HOUR = 3600


def test_a_baseline_is_taken_listed_and_told_apart(prepared: Sightline, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        world = World(store)
        project = world.project("ONE")
        world.item(project, estimate_s=10 * HOUR)
    assert prepared("baseline", "take", "ONE", "--reason", "agreed").code == 0
    with writing(engine) as store:
        world.connection = store
        world.item(project, estimate_s=5 * HOUR)
    engine.dispose()
    [first] = prepared("baseline", "list", "ONE", "--json").document
    assert (first["version"], first["in_force"], first["self_approved"], first["seconds"]) == (1, True, True, 10 * HOUR)
    found = prepared("baseline", "diff", "ONE", "1", "--json").document
    assert (found["total"], found["changes"][0]["what"]) == (1, ["added"])
    assert prepared("baseline", "take", "ONE", "--propose").code == 0
    assert "waits for its decision" in prepared("baseline", "take", "ONE").err
    assert prepared("baseline", "reject", "ONE", "2").code == 0
    assert "rejected already" in prepared("baseline", "approve", "ONE", "2").err
    assert "added" in prepared("baseline", "diff", "ONE", "1", "2").out
    assert prepared("baseline", "diff", "ONE", "1", "7").code == 1
    assert "agreed" in prepared("baseline", "list", "ONE").out
    told = [entry["action"] for entry in prepared("audit", "list", "--action", "baseline", "--json").document]
    assert sorted(told) == ["baseline.approved", "baseline.proposed", "baseline.proposed", "baseline.rejected"]


def test_what_a_plan_in_points_holds_is_told_in_points(prepared: Sightline, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as opened:
        world = World(opened)
        project = world.project("ONE")
        world.item(project, points=2.5)
        wanted = deciding.wanted_settings(opened, {("SCH-01", EVERYTHING): KpiSetting(counted_in="points")})
        store.decide(opened, wanted, 0, datetime.now(UTC), "ada", COMMAND)
    assert prepared("baseline", "take", "ONE").code == 0
    with writing(engine) as opened:
        world.connection = opened
        world.item(project, points=4)
    engine.dispose()
    [first] = prepared("baseline", "list", "ONE", "--json").document
    assert (first["unit"], first["planned"], first["seconds"]) == ("points", 2.5, 0)
    assert re.search("2.5 +points", prepared("baseline", "list", "ONE").out)
    told = prepared("baseline", "diff", "ONE", "1", "--json").document
    assert (told["unit"], told["changes"][0]["points"]) == ("points", 4)
    shown = prepared("baseline", "diff", "ONE", "1").out
    assert "points now" in shown
    assert "hours" not in shown
