"""Load at the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from portfolio.model.people import Person
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows

HOUR = 3600


def test_load_by_person_and_role_as_a_table_and_as_json(prepared: Sightline, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=7 - today.weekday())
    engine = open_engine(f"sqlite:///{next(tmp_path.rglob('*.db'))}")
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        project = add.project("One", jira)
        ann = add.add(Person, name="Ann", active=True, role="Tester")
        told = {"created": today, "start": monday, "due": monday + timedelta(days=4)}
        add.item(project, jira, **told, assignee_id=ann, remaining_s=40 * HOUR)
        add.item(project, jira, **told, remaining_s=5 * HOUR)
        add.item(project, jira, **told, assignee_id=ann)
    engine.dispose()
    told_json = prepared("load", "--weeks", "2", "--json")
    assert told_json.code == 0, told_json.err
    document = told_json.document
    first, nobody = document["rows"]
    assert (first["name"], nobody["name"]) == ("Ann", "(nobody)")
    week = max(first["cells"], key=lambda it: it["hard"])
    assert (week["hard"], week["capacity"], week["load"], week["level"]) == (40, 32, 1.25, "over")
    assert document["in_no_load"]["no_estimate"] == {"items": 1, "hours": 0}
    noted = prepared("audit", "list", "--action", "people.viewed", "--json").document
    assert [(it["actor"], it["subject_type"], it["new"]) for it in noted] == [
        ("command", "list", {"persons": [ann], "what": "load"})
    ]
    table = prepared("load", "--by", "role", "--weeks", "2")
    assert "Tester" in table.out
    assert "125%!" in table.out
    assert "in no load, no estimate: 1 items" in table.out
    months = prepared("load", "--columns", "month", "--number", "3", "--json").document
    assert months["columns"] == "month"
    assert [day[8:] for day in months["from"][1:]] == ["01", "01"]
    assert sum(cell["hard"] for cell in months["rows"][0]["cells"]) == 40
    assert prepared("load", "--by", "colour").code == 2
    refused = prepared("load", "--columns", "day", "--number", "32")
    assert (refused.code, "31 at most" in refused.err) == (2, True)
