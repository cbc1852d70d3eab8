"""What is entered of projects at the command line: set, shown, brought in from a file, and noted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Outcome, Sightline


@pytest.fixture
def portfolio(prepared: Sightline, tmp_path: Path) -> Sightline:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        store.execute(insert(Project), [{"code": code, "name": code} for code in ("ONE", "TWO")])
        store.execute(insert(Person).values(name="Mia"))
    engine.dispose()
    return prepared


def actions(sightline: Callable[..., Outcome]) -> list[str]:
    return [entry["action"] for entry in sightline("audit", "list", "--action", "project", "--json").document]


def test_it_is_set_shown_taken_back_and_noted(portfolio: Sightline) -> None:
    assert portfolio("project", "set", "ONE", "budget=1200 EUR", "sponsor=Mia").code == 0
    shown = portfolio("project", "show", "ONE", "--json").document
    assert shown["budget"]["value"] == "1200.00 EUR"
    assert shown["sponsor"]["entered"] == "Mia"
    assert shown["sponsor"]["entered_by"].endswith(", at the command line")
    assert shown["phase"] is None
    assert "1200.00 EUR" in portfolio("project", "show", "ONE").out
    assert portfolio("project", "set", "ONE", "budget=").code == 0
    assert portfolio("project", "show", "ONE", "--json").document["budget"] is None
    assert actions(portfolio) == ["project.data_entered"] * 2


def test_a_colour_is_reported_and_noted(portfolio: Sightline) -> None:
    assert portfolio("project", "report", "ONE", "red", "--title", "The supplier is late").code == 0
    assert portfolio("project", "report", "NONE", "red").code == 1
    assert portfolio("project", "report", "ONE", "grey").code == 2
    assert portfolio("project", "report", "ONE", "red", "--title", "x" * 201).code == 1
    assert actions(portfolio) == ["project.reported"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (("NONE", "phase=closing"), "there is no project 'NONE'"),
        (("ONE", "phase"), "is no FIELD=VALUE"),
        (("ONE", "colour=red"), "There is no such field"),
        (("ONE", "budget=much", "phase=later"), "Write it like 120000.00 EUR"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_remedy(
    portfolio: Sightline, values: tuple[str, ...], says: str
) -> None:
    refused = portfolio("project", "set", *values)
    assert refused.code == 1
    assert says in refused.err
    assert actions(portfolio) == []


def test_a_file_is_entered_whole_or_not_at_all(portfolio: Sightline, tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("code,phase\nONE,closing\nTWO,later\n")
    refused = portfolio("project", "import", str(file))
    assert refused.code == 1
    assert "none of the choices" in refused.out
    assert actions(portfolio) == []
    file.write_text("code,phase\nONE,closing\nTWO,planning\n")
    done = portfolio("project", "import", str(file), "--json")
    assert [(each["code"], each["faults"]) for each in done.document] == [("ONE", []), ("TWO", [])]
    assert len(actions(portfolio)) == 2
    file.write_bytes(b"code\n\xff")
    assert "UTF-8" in portfolio("project", "import", str(file)).err
    file.write_text("name\nx")
    assert "names no column" in portfolio("project", "import", str(file)).err
