"""Figures and their reasons at the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portfolio.figures.rollup import roll_up
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows

TODAY = date(2026, 3, 13)


@pytest.fixture
def figures(prepared: Sightline, tmp_path: Path) -> Sightline:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        rows, now = Rows(store), datetime(2026, 3, 13, 12, tzinfo=UTC)
        jira = rows.connection()
        project = rows.project("=Anchor", jira, code="ANC", program_id=rows.program("Ships"))
        rows.item(project, jira, created=date(2026, 2, 1), due=date(2026, 3, 1))
        for week in range(10):
            day = date(2026, 1, 5) + timedelta(weeks=week)
            rows.item(project, jira, created=day, started=day, finished_on=day)
        rows.own_kpi("=Late", "Late.", now)
        roll_up(store, as_of=TODAY, now=now)
    engine.dispose()
    return prepared


def test_the_kpis_of_a_scope_are_listed(figures: Sightline) -> None:
    listed = figures("kpi", "ANC", "--json").document
    by_id = {it["kpi"]: it for it in listed["kpis"]}
    assert by_id["SCH-09"]["confidence"] in ("A", "B", "C", "D")
    assert (listed["scope"], listed["as_of"]) == ("project", "2026-03-13")
    assert (by_id["SCH-09"]["value"], by_id["SCH-09"]["rag"]) == (1.0, "red")
    assert "SCH-09" in figures("kpi").out
    assert "SCH-09" in figures("kpi", "G1", "--as-of", "2026-03-13").out + figures("kpi", "G2").out
    lines = figures("kpi", "ANC", "--csv").out.splitlines()
    assert lines[0].startswith("kpi,name,value")
    assert any(line.startswith("OWN-01,'=Late,") for line in lines)


def test_a_number_is_explained(figures: Sightline) -> None:
    said = figures("explain", "SCH-09", "ANC").out
    assert "overdue / open_with_due  ->  1 / 1" in said
    assert "green .05, amber .15, from the KPI itself" in said
    told = figures("explain", "SCH-09", "ANC", "--as-of", "2026-03-13", "--json").document
    assert (told["kept"]["value"], told["differs"], told["behind"]["overdue"]) == (1.0, False, 1)
    assert "ANC: 1.0 (1.0 / 1.0)" in figures("explain", "SCH-09", "all").out


def test_a_date_is_read_as_a_date(figures: Sightline) -> None:
    """It is kept as the number of the day."""
    by_id = {it["kpi"]: it["value"] for it in figures("kpi", "ANC", "--json").document["kpis"]}
    assert by_id["FLW-09"].startswith("2026-")
    assert by_id["FLW-09"] in figures("kpi", "ANC").out
    assert f"Value: {by_id['FLW-09']}" in figures("explain", "FLW-09", "ANC").out
    assert f"ANC: {by_id['FLW-09']}" in figures("explain", "FLW-09", "all").out


def test_what_is_not_there_is_said(figures: Sightline) -> None:
    for arguments, code, said in (
        (("kpi", "NONE"), 1, "no project, program or portfolio"),
        (("kpi", "--as-of", "2027-01-01"), 1, "computed up to 2026-03-13"),
        (("kpi", "--csv", "--json"), 2, "--csv or --json"),
        (("kpi", "--as-of", "yesterday"), 2, "does not match"),
        (("kpi", "ANC", "--as-of", "2020-01-01"), 1, "nothing is kept"),
        (("explain", "NOPE", "ANC"), 1, "there is no KPI"),
        (("explain", "SCH-09", "ANC", "--as-of", "2020-01-01"), 1, "nothing is kept"),
        (("explain", "SCH-09", "ANC", "--as-of", "2020-01-01", "--json"), 1, "nothing is kept"),
        (("governance", "show", "--number", "9"), 1, "the newest is 1"),
    ):
        found = figures(*arguments)
        assert found.code == code, arguments
        assert said in found.err


def test_without_figures_it_says_how_to_get_some(prepared: Sightline) -> None:
    found = prepared("kpi")
    assert (found.code, "sightline sync" in found.err) == (1, True)


def test_settings_are_shown_with_their_versions(figures: Sightline) -> None:
    shown = figures("governance", "show", "--json").document
    assert shown["number"] == 1
    assert [(it["key"], it["body"]["name"]) for it in shown["settings"]] == [("OWN-01", "=Late")]
    assert figures("governance", "show", "--number", "0", "--json").document["settings"] == []
    assert "OWN-01" in figures("governance", "show").out
    assert figures("governance", "history", "--json").document[0]["by"] == "ada"
    assert "ada" in figures("governance", "history").out
