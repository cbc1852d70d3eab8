"""Tables of capacity at the command line: out, in again, and what is wrong with each row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from portfolio.model.people import Calendar, Person, TimeOff
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows

LEAVE = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20261221
DTEND;VALUE=DATE:20261225
SUMMARY:a reason that is nobody's business
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def engine_of(folder: Path) -> Engine:
    return open_engine(f"sqlite:///{next(folder.rglob('sightline.db'))}")


@pytest.fixture
def ada(prepared: Sightline, tmp_path: Path) -> int:
    with writing(engine_of(tmp_path)) as store:
        add = Rows(store)
        who = add.add(Person, name="Ada")
        add.add(TimeOff, person_id=who, start=date(2026, 3, 2), end=date(2026, 3, 6), origin="hand")
    return who


def test_a_table_goes_out_and_comes_in(prepared: Sightline, ada: int, tmp_path: Path) -> None:
    file, report = tmp_path / "off.csv", tmp_path / "report.csv"
    listed = prepared("capacity", "export", "--kind", "time-off")
    assert f"{ada},Ada,2026-03-02,2026-03-06,1.0" in listed.out
    file.write_text(listed.out, encoding="utf-8")
    again = prepared("capacity", "import", str(file), "--kind", "time-off")
    assert "Added: 0, changed: 0, removed: 0, the same: 1." in again.err
    file.write_text("person;start;end\nAda;2026-04-06;2026-04-10\nZoe;2026-04-06;2026-04-10\n", encoding="utf-8")
    wrong = prepared("capacity", "import", str(file), "--kind", "time-off", "--report", str(report))
    assert wrong.code == 1
    assert "nobody is 'Zoe'" in wrong.out
    assert "1 of 2 rows are wrong" in wrong.err
    mended = report.read_text(encoding="utf-8-sig").replace("Zoe", "Ada").replace("2026-04-10", "2026-04-11", 1)
    report.write_text(mended, encoding="utf-8")
    assert prepared("capacity", "import", str(report), "--kind", "time-off", "--dry-run").code == 0
    assert len(prepared("capacity", "export", "--kind", "time-off", "--json").document) == 1
    done = prepared("capacity", "import", str(report), "--kind", "time-off", "--json").document
    assert [row["outcome"] for row in done["rows"]] == ["added", "added"]
    actions = [entry["action"] for entry in prepared("audit", "list", "--most", "2", "--json").document]
    assert actions == ["capacity.imported", "export"]


def test_leave_of_one_person_comes_from_a_calendar_without_its_reasons(
    prepared: Sightline, ada: int, tmp_path: Path
) -> None:
    file = tmp_path / "leave.ics"
    file.write_text(LEAVE, encoding="utf-8", newline="")
    assert "--person" in prepared("capacity", "import", str(file), "--kind", "time-off").err
    done = prepared("capacity", "import", str(file), "--kind", "time-off", "--person", "ada")
    assert "Added: 1" in done.err
    listed = prepared("capacity", "export", "--kind", "time-off").out
    assert f"{ada},Ada,2026-12-21,2026-12-24,1.0" in listed
    assert "business" not in listed
    with writing(engine_of(tmp_path)) as store:
        Rows(store).add(Calendar, name="North")
    for added in ("Added: 4", "Added: 0"):
        days = prepared("capacity", "import", str(file), "--kind", "holidays", "--calendar", "North")
        assert added in days.err
    assert (
        "no calendar 'South'"
        in prepared("capacity", "import", str(file), "--kind", "holidays", "--calendar", "South").err
    )
    assert "There are: terms" in prepared("capacity", "export", "--kind", "leave").err
