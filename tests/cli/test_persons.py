"""Who is one human, and what is entered of people, at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.model.people import Person, PersonIdentity
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows


@pytest.fixture
def mia(prepared: Sightline, tmp_path: Path) -> tuple[int, int]:
    """Mia, twice: at two trackers."""
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('sightline.db'))}")
    made = []
    with writing(engine) as store:
        add = Rows(store)
        for number, name in enumerate(("Mia Example", "Example, Mia")):
            person = add.add(Person, name=name)
            connection = add.connection(f"Jira {number}")
            add.add(PersonIdentity, connection_id=connection, external_id="a", name=name, person_id=person)
            made.append(person)
    engine.dispose()
    return made[0], made[1]


def newest(prepared: Sightline, most: int) -> list[str]:
    entries = prepared("audit", "list", "--json").document
    return [entry["action"] for entry in entries if entry["action"] != "people.viewed"][:most]


def test_two_are_made_one_and_two_again(prepared: Sightline, mia: tuple[int, int]) -> None:
    one, other = map(str, mia)
    (found,) = prepared("person", "suggest", "--json").document
    assert (found["one"]["id"], found["other"]["id"], found["score"]) == (mia[0], mia[1], 0.88)
    assert "parts in another order" in prepared("person", "suggest").out
    merged = prepared("person", "merge", other, one, "--json").document["decision"]
    assert prepared("person", "suggest").out.strip() == "Nobody is suggested."
    accounts = prepared("person", "split", one, "--json").document
    assert [account["name"] for account in accounts] == ["Mia Example", "Example, Mia"]
    split = prepared("person", "split", one, str(accounts[1]["id"]))
    assert f"sightline person undo {merged + 1}" in split.err
    assert prepared("person", "undo", str(merged)).code == 1
    assert prepared("person", "undo", str(merged + 1)).code == 0
    assert prepared("person", "undo", str(merged), "--json").document == {"decision": merged}
    assert prepared("person", "reject", one, other).code == 0
    assert prepared("person", "suggest", "--json").document == []
    kinds = [each["kind"] for each in prepared("person", "decisions", "--json").document]
    assert kinds == ["rejected", "split", "merged"]
    assert "rejected" in prepared("person", "decisions", "--person", one).out
    assert newest(prepared, 5) == [
        "person.told_apart",
        "person.decision_undone",
        "person.decision_undone",
        "person.split",
        "person.merged",
    ]
    refused = prepared("person", "merge", one, "987654")
    assert refused.code == 1
    assert "no person 987654" in refused.err
    assert "by its number" in prepared("person", "split", one, "x").err


def test_a_table_goes_out_and_comes_in(prepared: Sightline, mia: tuple[int, int], tmp_path: Path) -> None:
    listed = prepared("person", "export-list")
    file, report = tmp_path / "people.csv", tmp_path / "report.csv"
    file.write_text(listed.out, encoding="utf-8")
    assert "the same: 2" in prepared("person", "import", str(file)).err
    file.write_text("Name,Rolle,Farbe\nMia Example,Lead,red\nNew,,blue\n", encoding="utf-8")
    dry = prepared("person", "import", str(file), "--dry-run")
    assert "Would be added: 1, changed: 1" in dry.err
    assert "Farbe" in dry.err
    assert prepared("person", "import", str(file), "--json").document["done"] is True
    assert newest(prepared, 1) == ["people.imported"]
    file.write_text("name,fte\nNew,much\n", encoding="utf-8")
    wrong = prepared("person", "import", str(file), "--report", str(report))
    assert wrong.code == 1
    assert "nothing was taken in" in wrong.err
    assert "what is wrong" in report.read_text(encoding="utf-8-sig")
    assert len(prepared("person", "export-list", "--json").document) == 3
    assert newest(prepared, 1) == ["export"]
