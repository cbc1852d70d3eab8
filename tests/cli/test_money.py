"""Cost rates and expenses from files: all of it or nothing, and a rate ends where the next one begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert

from portfolio.model.people import Person
from portfolio.model.structure import Project
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline


@pytest.fixture
def money(prepared: Sightline, tmp_path: Path) -> Sightline:
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        store.execute(insert(Project).values(code="ONE", name="One"))
        store.execute(insert(Person).values(name="Mia"))
    engine.dispose()
    return prepared


def written(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "money.csv"
    file.write_text("\n".join(lines))
    return str(file)


def test_a_rate_ends_on_the_day_before_the_next(money: Sightline, tmp_path: Path) -> None:
    head = "person,role,amount,currency,from,to"
    assert money("money", "rates", "import", written(tmp_path, head, "Mia,,90,EUR,2025-01-01,")).code == 0
    file = written(tmp_path, head, "Mia,,95,EUR,2026-01-19,", ",Lead,120.50,EUR,2025-01-01,2025-12-31")
    assert "Added or changed: 2, the same: 0." in money("money", "rates", "import", file).err
    assert "Added or changed: 0, the same: 2." in money("money", "rates", "import", file).err
    told = money("money", "rates", "list", "--json").document
    assert sorted((it["person"] or it["role"], it["amount"], it["valid_from"], it["valid_to"]) for it in told) == [
        ("Lead", "120.50", "2025-01-01", "2025-12-31"),
        ("Mia", "90.00", "2025-01-01", "2026-01-18"),
        ("Mia", "95.00", "2026-01-19", None),
    ]
    assert "rates.imported" in money("audit", "list").out


def test_a_wrong_row_keeps_the_whole_file_out(money: Sightline, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "person;role;amount;currency;from;to",
        "Mia;;90;EUR;2025-01-01;",
        "Nobody;;90;EUR;2025-01-01;",
        "Mia;Lead;90;EUR;2025-01-01;",
        ";Lead;ninety;EUR;2025-01-01;",
        ";Lead;90;EUR;2025-01-01;2024-01-01",
    )
    refused = money("money", "rates", "import", file)
    assert (refused.code, "4 rows are wrong" in refused.err) == (1, True)
    assert money("money", "rates", "list", "--json").document == []
    assert money("money", "rates", "import", written(tmp_path, "person,amount")).code == 1


def test_expenses_are_entered_once(money: Sightline, tmp_path: Path) -> None:
    head = "code,date,amount,currency,kind,state,receipt,approved_by"
    file = written(tmp_path, head, "ONE,2026-01-15,360,EUR,licence,,R-7,Mia", "ONE,2026-01-16,20.5,EUR,,,,")
    assert "Added: 2, there already: 0." in money("money", "expenses", "import", file).err
    assert "Added: 0, there already: 2." in money("money", "expenses", "import", file).err
    told = money("money", "expenses", "list", "ONE", "--json").document
    assert [(it["amount"], it["kind"], it["state"], it["receipt"]) for it in told] == [
        ("360.00", "licence", "actual", "R-7"),
        ("20.50", "other", "actual", None),
    ]
    wrong = written(tmp_path, head, "TWO,2026-01-15,360,EUR,bribe,,,", "ONE,,1,EUR,,,,", "ONE,2026-01-15,1,EUR,x,,,")
    assert "3 rows are wrong" in money("money", "expenses", "import", wrong).err
