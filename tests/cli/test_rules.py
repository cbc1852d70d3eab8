"""Rules at the command line: run, listed, and why a project fails one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows


def test_rules_are_run_listed_and_explained(prepared: Sightline, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        add = Rows(store)
        connection = add.connection()
        project = add.project("Tardy", connection, code="TARDY")
        add.item(project, connection, created=date(2025, 1, 1), due=date(2025, 2, 3), key="T-1")
        add.run(connection, datetime.now(UTC) - timedelta(minutes=5))
    engine.dispose()
    ran = prepared("rules", "run", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["changed_projects"] == 1
    scores = {it["kpi"]: it["value"] for it in prepared("kpi", "TARDY", "--json").document["kpis"]}
    assert scores["GOV-01"] < 60
    listed = {it["code"]: it for it in prepared("rules", "list", "--json").document}
    assert len(listed) == 67
    assert listed["TIM-R02"]["fail"] == 1
    assert listed["GOV-R06"]["waits_for"] == "gate reviews"
    why = prepared("rules", "why", "TIM-R02", "TARDY", "--json").document
    assert why["outcome"] == "fail"
    assert [it["name"] for it in why["evidence"]] == ["T-1"]
    assert "due date" in why["remedy"]["jira"]
    assert "T-1" in prepared("rules", "why", "TIM-R02", "TARDY").out
    assert prepared("rules", "list").code == 0
    assert "there is no rule" in prepared("rules", "why", "X", "TARDY").err
    assert "there is no project" in prepared("rules", "why", "TIM-R02", "X").err
