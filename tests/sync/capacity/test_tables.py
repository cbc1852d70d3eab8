"""Tables of capacity are taken in whole or not at all; what is given out comes in again and writes nothing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped]
from sqlalchemy import Engine, event, func, insert, select, update

from portfolio.audit.entry import COMMAND
from portfolio.capacity.calendars import write_hours
from portfolio.model.access import AuditEntry
from portfolio.model.base import EVER, FAR
from portfolio.model.oversight import HistoryDue
from portfolio.model.people import Allocation, Calendar, Holiday, Person, Team, TeamMember, TimeOff
from portfolio.model.resources import PersonSkill, PersonTerms, RoleSkill
from portfolio.model.structure import Project
from portfolio.store.engine import reading, writing
from sync.capacity.exporting import table_out
from sync.capacity.importing import MOST_BYTES, import_table, read_table
from sync.capacity.kind import Dated, Row, Standing
from sync.capacity.kinds import KINDS
from sync.capacity.settling import settle
from sync.capacity.workbook import read_workbook
from sync.errors import TableError
from sync.identities.exporting import report
from sync.identities.importing import Imported
from tests.webapp.builders import Rows
from webapp.export import bare, csv_text
from webapp.spreadsheet import workbook

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAY = date(2026, 5, 1)
HOSTILE = '=HYPERLINK("x";"<b>y")'


@pytest.fixture
def staff(engine: Engine) -> dict[str, int]:
    """Ada, Ben and two who are called Cy, with something of each kind; a tracker tells of Ben's time off."""
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        who = {name: add.person(name) for name in ("Ada", "Ben", HOSTILE)}
        who["Cy"], who["Other Cy"] = add.person("Cy"), add.person("Cy")
        north = add.add(Calendar, name="North")
        write_hours(store, north, ((EVER, "7.5 7.5 7.5 7.5 0 0 0"), (MAY, "7.333333 8 8 8 0 0 0")))
        blue, told = add.add(Team, name="Blue"), add.add(Team, name="Told", connection_id=jira, external_id="t")
        ada = who["Ada"]
        usual = {"person_id": ada, "fte": Decimal(1)}
        half = {"fte": Decimal("0.333"), "calendar_id": north, "hours": "8 8 4 0 0 0 0"}
        quarter = {"person_id": who["Ben"], "valid_from": date(2026, 1, 1), "valid_to": MAY, "fte": Decimal("0.25")}
        one, closed = add.project("One", code="ONE"), add.project("Closed", code="OLD", status="closed")
        booked = {"person_id": ada, "project_id": one, "end": date(2026, 3, 6), "booked_at": LONG_AGO}
        begun = booked | {"project_id": closed, "start": date(2026, 2, 2), "hours_per_day": 2, "kind": "soft"}
        rows: list[tuple[Any, dict[str, Any]]] = [
            (Allocation, booked | {"start": date(2026, 3, 3), "percent": 50}),
            (Allocation, begun),
            (Allocation, booked | {"start": MAY, "end": MAY, "connection_id": jira, "external_id": "7"}),
            (Allocation, booked | {"person_id": None, "placeholder": "Chef", "start": MAY, "end": MAY}),
            (PersonTerms, usual | {"valid_from": EVER, "valid_to": MAY}),
            (PersonTerms, usual | half | {"valid_from": MAY, "valid_to": FAR}),
            (PersonTerms, quarter),
            (TeamMember, {"team_id": blue, "person_id": ada, "share": Decimal("0.6"), "valid_to": MAY}),
            (TeamMember, {"team_id": blue, "person_id": ada, "share": Decimal("0.4"), "valid_from": MAY}),
            (TeamMember, {"team_id": told, "person_id": ada}),
            (PersonSkill, {"person_id": ada, "skill": HOSTILE, "valid_from": MAY, "level": 3}),
            (RoleSkill, {"role": "Lead", "skill": "Go", "level": 4}),
            (Holiday, {"calendar_id": north, "day": MAY, "name": "'Day, of; work", "fraction": Decimal("0.5")}),
            (TimeOff, {"person_id": ada, "start": MAY, "end": MAY, "fraction": Decimal("0.5"), "origin": "hand"}),
            (TimeOff, {"person_id": who["Ben"], "start": MAY, "end": MAY, "connection_id": jira, "external_id": "1"}),
            (TimeOff, {"person_id": who["Ben"], "start": MAY, "end": MAY, "origin": "hand"}),
            (TimeOff, {"person_id": who[HOSTILE], "start": MAY, "end": date(2026, 5, 9), "origin": "file"}),
        ]
        for table, values in rows:
            store.execute(insert(table).values(**values))
    return who


def take(engine: Engine, kind: str, body: str | bytes, *, dry: bool = False, meant: bool = False) -> Imported:
    body = body.encode() if isinstance(body, str) else body
    return import_table(engine, KINDS[kind], read_table(body, bare), NOW, COMMAND, dry=dry, meant=meant)


def out(engine: Engine, kind: str) -> list[tuple[Any, ...]]:
    with reading(engine) as store:
        return [tuple(row) for row in table_out(store, KINDS[kind])]


@contextmanager
def written(engine: Engine) -> Iterator[list[str]]:
    """The statements that write to other tables than the audit log."""
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.split()[0] in {"INSERT", "UPDATE", "DELETE"} and "audit" not in statement:
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_what_is_given_out_comes_in_again_and_writes_nothing(engine: Engine, staff: dict[str, int]) -> None:
    for kind in KINDS:
        head, rows = KINDS[kind].head, out(engine, kind)
        assert rows
        text = csv_text(head, rows)
        bodies = [text.encode(), workbook(head, rows, ZoneInfo("UTC"), "Times of UTC", "")]
        bodies += [text.replace(",", ";").encode()] if kind in {"terms", "role-skills"} else []
        for body in bodies:
            with written(engine) as statements:
                done = take(engine, kind, body)
            assert (kind, done.done, done.count("same"), done.faults) == (kind, True, len(rows), [])
            assert (statements, out(engine, kind)) == ([], rows)


def test_terms_hold_from_the_first_row_on_and_what_was_before_stays(engine: Engine, staff: dict[str, int]) -> None:
    done = take(
        engine,
        "terms",
        "person,from,to,fte,calendar,hours\n"
        "Ada,2026-02-01,,80%,,\nAda,2026-07-01,2026-12-31,0.5,North,\nBen,2026-04-01,,1,,8 8 4 0 0\n",
    )
    assert [it.outcome for it in done.answers] == ["added", "added", "added"]
    ada, ben = staff["Ada"], staff["Ben"]
    assert out(engine, "terms") == [
        (ada, "Ada", "", "2026-01-31", 1.0, None, None),
        (ada, "Ada", "2026-02-01", "2026-06-30", 0.8, None, None),
        (ada, "Ada", "2026-07-01", "2026-12-31", 0.5, "North", None),
        (ben, "Ben", "2026-01-01", "2026-03-31", 0.25, None, None),
        (ben, "Ben", "2026-04-01", "", 1.0, None, "8 8 4 0 0 0 0"),
    ]


def test_hours_of_a_calendar_hold_from_the_first_row_on_and_those_of_the_past_are_a_correction(
    engine: Engine, staff: dict[str, int]
) -> None:
    before = ("North", "", "7.5 7.5 7.5 7.5 0 0 0")
    done = take(
        engine, "calendar-hours", "calendar,from,hours\nNorth,2026-03-02,8 8 8 8 4\nNorth,2026-09-01,6 6 6 6 6\n"
    )
    assert ([it.outcome for it in done.answers], done.corrects) == (["added", "added"], None)
    rows = [before, ("North", "2026-03-02", "8 8 8 8 4 0 0"), ("North", "2026-09-01", "6 6 6 6 6 0 0")]
    assert out(engine, "calendar-hours") == rows
    with reading(engine) as store:
        (noted,) = store.execute(select(AuditEntry).where(AuditEntry.action == "calendar.changed")).all()
    assert json.loads(noted.old) == {"hours": "7.5 7.5 7.5 7.5 0 0 0; from 2026-05-01: 7.333333 8 8 8 0 0 0"}
    new = {"hours": "8 8 8 8 4 0 0; from 2026-09-01: 6 6 6 6 6 0 0", "since": "2026-03-02"}
    assert (json.loads(noted.new), noted.subject_id) == (new, 1)
    past = "calendar,from,hours\nNorth,2026-02-01,8 8 8 8 4\n"
    assert take(engine, "calendar-hours", past, dry=True).corrects == date(2026, 2, 1)
    with reading(engine) as store:
        assert store.scalars(select(HistoryDue.from_day)).all() == []
    assert take(engine, "calendar-hours", past).corrects == date(2026, 2, 1)
    assert out(engine, "calendar-hours") == [before, ("North", "2026-02-01", "8 8 8 8 4 0 0")]
    # What is only called otherwise, and a day off that is worked, change no capacity.
    names = "calendar,day,name,fraction\nNorth,2026-05-01,Other,0.5\nNorth,2026-01-06,Worked,0\n"
    assert take(engine, "holidays", names).corrects is None
    assert take(engine, "holidays", "calendar,day\nNorth,2026-01-06\nNorth,2026-05-01\n").corrects == date(2026, 1, 6)
    with reading(engine) as store:
        assert set(store.scalars(select(HistoryDue.from_day))) == {date(2026, 1, 6)}
        entry = store.scalars(select(AuditEntry.new).order_by(AuditEntry.id.desc())).first()
    assert json.loads(entry or "")["corrects_since"] == "2026-01-06"


def test_terms_and_time_off_of_the_past_are_corrections(engine: Engine, staff: dict[str, int]) -> None:
    def due() -> list[date]:
        with reading(engine) as store:
            return list(store.scalars(select(HistoryDue.from_day)))

    ada = staff["Ada"]
    assert take(engine, "terms", f"number,from,fte\n{ada},{NOW.date()},0.5\n").corrects is None
    assert due() == []
    past = f"number,from,fte\n{ada},2026-02-02,0.5\n"
    assert take(engine, "terms", past, dry=True).corrects == date(2026, 2, 2)
    assert due() == []
    assert take(engine, "terms", past).corrects == date(2026, 2, 2)
    assert due() == [date(2026, 2, 2)]
    assert take(engine, "terms", past).corrects is None
    # Who had no terms worked as usual: said so for the past, nothing is another.
    assert take(engine, "terms", f"number,from,fte\n{staff['Cy']},2026-01-05,1\n").corrects is None
    away = f"number,start,end\n{ada},2026-01-12,2026-01-13\n"
    assert take(engine, "time-off", away.replace("2026-01", "2026-12")).corrects is None
    assert take(engine, "time-off", away).corrects == date(2026, 1, 12)
    assert due() == [date(2026, 1, 12)]
    with reading(engine) as store:
        assert store.scalars(select(HistoryDue.project_id)).all() == [store.scalar(select(func.min(Project.id)))]
        entry = store.scalars(select(AuditEntry.new).order_by(AuditEntry.id.desc())).first()
    assert json.loads(entry or "")["corrects_since"] == "2026-01-12"


def test_of_whom_nothing_was_told_works_as_usual_until_then(engine: Engine, staff: dict[str, int]) -> None:
    take(engine, "terms", f"number,from,fte\n{staff['Cy']},2026-06-01,0.5\n")
    rows = [row[2:5] for row in out(engine, "terms") if row[0] == staff["Cy"]]
    assert rows == [("", "2026-05-31", 1.0), ("2026-06-01", "", 0.5)]


def test_shares_of_one_team_leave_those_of_others(engine: Engine, staff: dict[str, int]) -> None:
    take(engine, "team-shares", "person,team,from,share\nAda,Green,2026-06-01,30%\nAda,Blue,2026-06-01,0.1\n")
    rows = [row[2:] for row in out(engine, "team-shares")]
    assert rows == [
        ("Blue", "", "2026-04-30", 0.6),
        ("Blue", "2026-05-01", "2026-05-31", 0.4),
        ("Blue", "2026-06-01", "", 0.1),
        ("Green", "2026-06-01", "", 0.3),
    ]
    with reading(engine) as store:
        assert store.scalar(select(TeamMember.valid_to).join(Team).where(Team.name == "Told")) == FAR


def test_a_level_of_0_takes_back_what_a_role_asks_for(engine: Engine, staff: dict[str, int]) -> None:
    done = take(engine, "role-skills", "role,skill,level\nLead,Go,0\nLead,Rust,2\n", meant=True)
    assert [it.outcome for it in done.answers] == ["removed", "added"]
    assert out(engine, "role-skills") == [("Lead", "Rust", 2)]


def test_a_role_or_skill_that_nobody_has_is_asked_about(engine: Engine, staff: dict[str, int]) -> None:
    with writing(engine) as store:
        store.execute(update(Person).where(Person.id == staff["Ada"]).values(role="Lead"))
    rows = "role,skill,level\nLaed,Goo,2\nLead,Go,4\nGone,Going,0\n"
    done = take(engine, "role-skills", rows)
    assert (done.done, done.may_be_meant) == (False, True)
    assert [it.fault for it in done.faults] == [
        "role: Nobody has the role Laed. The nearest: Lead. Name one there is, or say that it is meant. "
        "skill: Nobody has the skill Goo. The nearest: Go. Name one there is, or say that it is meant."
    ]
    assert take(engine, "role-skills", rows, meant=True).done
    assert not take(engine, "role-skills", "role,skill,level\nChef,Go,9\n").may_be_meant


def test_all_that_is_wrong_with_a_row_is_told_at_once(engine: Engine, staff: dict[str, int]) -> None:
    done = take(engine, "bookings", HEAD + "Zoe,NONE,soon,2026-03-06,x,,,maybe\nBen,OLD,2026-02-02,,,400,,\n")
    assert [it.fault for it in done.faults] == [
        "person: nobody is 'Zoe'. Give a number, an address or a whole name. project: 'NONE' is the code of no "
        "project. start: 'soon' is no day. Write it like 2026-03-14, from 1900 to 2200. kind: It is firm or proposed. "
        "hours_per_day: 'x' is no number.",
        "end: It takes a day such as 2026-03-14. project: OLD is over. Nobody is booked there any more. "
        "start: Days that are over stay as they were: a booking begins today or later. "
        "amount: At most 200% can be booked, which is twice what the person can do. Give less.",
    ]
    terms = take(engine, "terms", "person,from,to,fte,calendar,hours\nAda,2026-06-02,2026-06-01,9,South,many\n")
    assert [len(re.findall("(?:to|fte|calendar|hours): ", it.fault or "")) for it in terms.faults] == [4]


def test_a_skill_that_nobody_has_is_asked_about_row_by_row(engine: Engine, staff: dict[str, int]) -> None:
    head, rows = "person,skill,from,level\n", "Ada,Goo,2026-02-02,2\nAda,go,2026-02-02,2\nBen,Cobol,2026-02-02,0\n"
    asked = take(engine, "skills", head + rows)
    assert [it.fault for it in asked.answers] == [
        "skill: Nobody has the skill Goo. The nearest: Go. Name one there is, or say that it is meant.",
        None,
        None,
    ]
    assert (asked.done, asked.may_be_meant, len(out(engine, "skills"))) == (False, True, 1)
    assert take(engine, "skills", head + rows, meant=True).done
    assert len(out(engine, "skills")) == 4
    # What stands may stay, and is known from then on.
    assert take(engine, "skills", head + rows + "Ben,Goo,2026-02-02,1\n").done


HEAD = "person,project,start,end,hours_per_day,percent,total_hours,kind\n"
WRONG = [
    ("bookings", HEAD + "Ada,NONE,2026-03-03,2026-03-06,,50,,\n", "is the code of no project"),
    ("bookings", HEAD + "Ada,OLD,2026-03-03,2026-03-06,,50,,\n", "OLD is over"),
    ("bookings", HEAD + "Ada,ONE,2026-03-03,2026-03-06,3,50,,\n", "Give one of hours per day"),
    ("bookings", HEAD + "Ada,ONE,2026-03-03,2026-03-06,,400,,\n", "At most 200%"),
    ("bookings", HEAD + "Ada,ONE,2026-03-03,2026-03-06,,half,,\n", "'half' is no number"),
    ("bookings", HEAD + "Ada,ONE,2026-03-03,2026-03-06,,50,,maybe\n", "firm or proposed"),
    ("bookings", HEAD + "Ben,ONE,2026-02-27,2026-03-06,,50,,\n", "Days that are over stay"),
    ("time-off", "person,start,end\nCy,2026-04-01,2026-04-02\n", "several persons"),
    ("time-off", "person,start,end\nZoe,2026-04-01,2026-04-02\n", "nobody is 'Zoe'"),
    ("time-off", "number,start,end\n999999,2026-04-01,2026-04-02\n", "no person 999999"),
    ("time-off", "person,start,end\nAda,2026-04-02,2026-04-01\n", "ends on 2026-04-01 before"),
    ("time-off", "person,start,end\nAda,02.04.2026,2026-04-01\n", "start: '02.04.2026' is no day"),
    ("time-off", "person,start,end,fraction\nAda,2026-04-01,2026-04-02,1.5\n", "fraction: '1.5' is not from"),
    ("time-off", "person,start,end,fraction\nAda,2026-04-01,2026-04-02,0\n", "fraction: '0' is not from"),
    ("time-off", "person,start,end,fraction\nAda,2026-04-01,2026-04-02,NaN\n", "no share"),
    (
        "time-off",
        "person,start,end\nAda,2026-04-01,2026-04-01\nada,2026-04-01,2026-04-01\n",
        "line 2 is about the same",
    ),
    ("time-off", "person,start,end,fraction\nBen,2026-05-01,2026-05-01,0.5\n", "a tracker tells of these days"),
    ("terms", "person,from,to,fte\nAda,2026-04-01,2026-06-01,1\nAda,2026-06-01,,1\n", "overlaps with line 3"),
    ("terms", "person,fte,calendar\nAda,1,South\n", "no such calendar. Known: North"),
    ("terms", "person,fte,hours\nAda,1,8 8 25 8 8\n", "hours: Write the hours"),
    ("terms", "person,fte\nAda,3\n", "not from 0 to 2"),
    ("holidays", "calendar,day\nSouth,2026-04-01\n", "no such calendar"),
    ("calendar-hours", "calendar,hours\nSouth,8 8 8 8 8\n", "no such calendar"),
    ("calendar-hours", "calendar,hours\nNorth,\n", "at least one working day"),
    ("calendar-hours", "calendar,hours\nNorth,0 0 0 0 0\n", "at least one working day"),
    ("calendar-hours", "calendar,hours\nNorth,;\n", "at least one working day"),
    ("calendar-hours", "calendar,hours\nNorth,/\n", "at least one working day"),
    ("team-shares", "person,team,share\nAda,,1\n", "team: It takes"),
    ("skills", "person,skill,from,level\nAda,Go,2026-01-01,6\n", "'6' is no level"),
    ("skills", "person,skill,from,level\nAda,\u202eoG,2026-01-01,3\n", "cannot be seen"),
]


def test_a_wrong_row_is_answered_and_nothing_is_taken_in(engine: Engine, staff: dict[str, int]) -> None:
    before = {kind: out(engine, kind) for kind in KINDS}
    right = {"time-off": "Ada,2026-08-01,2026-08-01\n", "skills": "Ada,Go,2026-02-02,1\n"}
    with written(engine) as statements:
        for kind, text, fault in WRONG:
            further = right.get(kind, "") if text.startswith("person") else ""
            sheet = read_table((text + further).encode(), bare)
            done = import_table(engine, KINDS[kind], sheet, NOW, COMMAND)
            assert not done.done
            assert [fault in (it.fault or "") for it in done.faults] == [True], (text, done.faults)
            # The file that says what is wrong with each row is read as the first one was.
            again = take(engine, kind, csv_text(*report(sheet, done)))
            assert [it.fault for it in again.faults] == [it.fault for it in done.faults]
    assert (statements, {kind: out(engine, kind) for kind in KINDS}) == ([], before)
    with reading(engine) as store:
        assert store.scalars(select(AuditEntry.action)).all() == []


COLUMNS = [
    ("person,begin,end\nAda,1,2\n", "missing: start; columns that are not known: begin"),
    ("start,end\n1,2\n", "missing: person"),
    ("person,start,end,end\nAda,1,2,3\n", "end is there twice"),
    ("person,start,end,reason\nAda,2026-01-01,2026-01-01,ill\n", "not known: reason"),
]


def test_wrong_columns_are_named(engine: Engine) -> None:
    for text, fault in COLUMNS:
        with pytest.raises(TableError, match=fault):
            take(engine, "time-off", text)


def test_many_rows_take_seconds_and_too_many_are_refused(engine: Engine, staff: dict[str, int]) -> None:
    first = date(2026, 1, 1)
    days = ((first + timedelta(days=number % 20_000)).isoformat() for number in range(20_000))
    text = "number,start,end\n" + "".join(f"{staff['Ada']},{day},{day}\n" for day in days)
    assert take(engine, "time-off", text).count("added") == 19_999
    with pytest.raises(TableError, match="more than 32 MB"):
        read_table(b"x" * (MOST_BYTES + 1), bare)


def xlsx(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_as_people_make_it(engine: Engine, staff: dict[str, int]) -> None:
    noon = datetime(2026, 4, 1)  # noqa: DTZ001 - a spreadsheet knows no zones
    body = xlsx(("Person", "Start", "End", "Fraction"), ("Ada", noon, date(2026, 4, 2), 0.5), (), ())
    assert take(engine, "time-off", body).count("added") == 1
    assert (staff["Ada"], "Ada", "2026-04-01", "2026-04-02", 0.5) in out(engine, "time-off")


def tampered(part: str, old: bytes, new: bytes, encoding: str = "utf-8") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(("a", "b"), (1, 2)))) as given, zipfile.ZipFile(file, "w", 8) as made:
        for name in given.namelist():
            body = given.read(name)
            if name == part:
                assert old in body
                body = body.replace(old, new, 1).decode().encode(encoding)
            made.writestr(name, body)
    return file.getvalue()


ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'
SHEET = "xl/worksheets/sheet1.xml"
BOMBS = {
    "a bomb": (tampered(SHEET, b"<sheetData>", b"<!--" + b" " * 300_000_000 + b"--><sheetData>"), "unpacks to more"),
    "entities": (tampered(SHEET, b"<worksheet", ENTITY), "declares entities"),
    "a wide row": (tampered(SHEET, b"</row>", b"<c/>" * 2_000_000 + b"</row>"), "too many cells in one row"),
    "wide rows": (
        tampered(SHEET, b"</sheetData>", (b"<row>" + b"<c/>" * 40_000 + b"</row>") * 120 + b"</sheetData>"),
        "too many cells in all",
    ),
    "a wide row elsewhere": (tampered(SHEET, b"</sheetData>", b"</sheetData>" + b"<c/>" * 2_000_000), "too many cells"),
    "styles": (tampered("xl/styles.xml", b"<fonts", b"<row/>" * 2_000_000 + b"<fonts"), "too many parts"),
    "entities in UTF-16": (tampered(SHEET, b"<worksheet", ENTITY, "utf-16"), "declares entities"),
    "far rows": (tampered(SHEET, b'<row r="2"', b'<row r="99999999999"'), "too many empty ones"),
    "no workbook": (b"PK\x03\x04" + b"x" * 99, "no XLSX workbook"),
    "no sheet": (tampered("xl/workbook.xml", b"<sheets>", b"<other>"), "cannot be read"),
    "formula": (xlsx(("a", "b"), ("=1+1", 2)), "line 2 has a formula"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_workbooks_that_would_do_harm_are_refused(name: str) -> None:
    body, fault = BOMBS[name]
    with pytest.raises(TableError, match=fault):
        read_workbook(body)


DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(12)]


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """What holds of two subjects, without overlaps, with gaps."""
    found = {}
    for subject in ("a", "b"):
        days = sorted(draw(st.sets(st.sampled_from(DAYS))))
        for first, following in zip(days, [*days[1:], FAR], strict=False):
            until = draw(st.sampled_from([following, first + timedelta(days=1)]))
            found[subject, first] = (until, draw(st.integers(0, 3)))
    return found


def holds(standing: Standing, subject: str, day: date) -> int | None:
    return next((value[1] for key, value in standing.items() if key[0] == subject and key[1] <= day < value[0]), None)


@given(standings(), standings())
def test_from_its_first_row_on_a_file_says_all_and_before_it_nothing(standing: Standing, file: Standing) -> None:
    rows = [Row(key, value) for key, value in sorted(file.items())]
    settled = settle(rows, range(len(rows)), standing, Dated())
    assert not settled.faults
    after = {key: value for key, value in {**standing, **settled.wanted}.items() if value is not None}
    for subject in ("a", "b"):
        first = min((key[1] for key in file if key[0] == subject), default=FAR)
        for day in DAYS:
            told = file if day >= first else standing
            assert holds(after, subject, day) == holds(told, subject, day)
    own = [Row(key, value) for key, value in standing.items()]
    assert settle(own, range(len(own)), standing, Dated()).wanted == standing


def test_a_file_books_and_books_otherwise(engine: Engine, staff: dict[str, int]) -> None:
    rows = "Ada,ONE,2026-03-03,2026-03-10,,,16,firm\nBen,ONE,2026-03-02,2026-03-02,7.5,,,proposed\n"
    done = take(engine, "bookings", HEAD + rows)
    assert (done.done, [it.outcome for it in done.answers]) == (True, ["changed", "added"])
    ada, ben = staff["Ada"], staff["Ben"]
    assert [row[2:] for row in out(engine, "bookings") if row[0] in (ada, ben)] == [
        ("OLD", "2026-02-02", "2026-03-06", 2.0, None, None, "proposed"),
        ("ONE", "2026-03-03", "2026-03-10", None, None, 16.0, "firm"),
        ("ONE", "2026-03-02", "2026-03-02", 7.5, None, None, "proposed"),
    ]
    late = take(engine, "bookings", HEAD + "Ada,OLD,2026-02-02,2026-03-05,2,,,proposed\n")
    assert [(it.fault or "").split(". ")[0] for it in late.faults] == ["project: OLD is over"]
    with reading(engine) as store:
        when = store.execute(select(Allocation.booked_at, func.count()).group_by(Allocation.booked_at)).all()
    # What stood there was made when it was; what is new is made now.
    assert {tuple(row) for row in when} == {(LONG_AGO, 4), (NOW, 1)}
