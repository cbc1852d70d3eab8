"""Calendars, time off and tables of capacity on pages: entered, refused with a reason, and seen by whom they may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.calendar import USUAL_HOURS, hours_by_calendar, load_calendar
from portfolio.model.base import EVER, FAR
from portfolio.model.oversight import HistoryDue
from portfolio.model.people import Calendar, Holiday, TimeOff
from portfolio.model.resources import PersonTerms
from portfolio.resources.working_time import WorkingTime, read_working_time
from portfolio.store.engine import reading
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor

Open = Callable[[], AbstractContextManager[Rows]]
TODAY = date(2026, 3, 2)
WEEK = {"hours": "8 8 8 8 8"}
HOSTILE = "<img src=x onerror=alert(1)>"
LEAVE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260401\r\n"
    b"DTEND;VALUE=DATE:20260403\r\nSUMMARY:a secret reason\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def lead(signed: Signed) -> Visitor:
    return signed("lead", usual(Role.RESOURCE_MANAGER), None)


@pytest.fixture
def people(rows: Open) -> dict[str, int]:
    with rows() as add:
        return {name: add.person(name) for name in ("Ada", "Ben", HOSTILE)}


def send(visitor: Visitor, path: str, **form: Any) -> TestResponse:
    """A form that carries a file."""
    data = {**form, "csrf_token": visitor.token("/password")}
    return visitor.client.post(path, data=data, content_type="multipart/form-data")


def holidays(engine: Engine) -> dict[date, tuple[str, float]]:
    with reading(engine) as store:
        rows = store.execute(select(Holiday.day, Holiday.name, Holiday.fraction))
        return {day: (name, float(fraction)) for day, name, fraction in rows}


def test_the_organisations_calendar_is_made_and_keeps_its_name(lead: Visitor, engine: Engine) -> None:
    assert "no calendar called “portfolio” yet" in lead.text("/resources/calendars")
    made = lead.post("/resources/calendars", name="portfolio", hours="7,5 7,5 7,5 7,5 7,5")
    assert made.location == "/resources/calendars/1"
    assert "counts for everybody without a calendar" in lead.text(made.location)
    for form, fault in (
        ({"do": "name", "name": "other"}, "keeps its name"),
        ({"do": "hours", "hours": ""}, "Write the hours of each day"),
        ({"do": "hours", "hours": "x"}, "Write the hours of each day"),
        ({"do": "hours", "hours": "1e30 8 8 8 8"}, "Write the hours of each day"),
        ({"do": "hours", "hours": "0 0 0 0 0"}, "at least one working day"),
        ({"do": "hours", "since": "1.7.2026", **WEEK}, "A day is written"),
    ):
        refused = lead.post(made.location, **form)
        assert (refused.status_code, fault in refused.text) == (422, True), fault
    assert "Change its days instead" in lead.post(made.location, do="delete").text
    assert lead.post(made.location, do="hours", hours="8 8 8 8 8 8 0").status_code == 302
    with reading(engine) as store:
        assert load_calendar(store).mask_on(TODAY) == "1111110"
    twice = lead.post("/resources/calendars", name="portfolio", **WEEK)
    assert (twice.status_code, "Another calendar is called that" in twice.text) == (422, True)


def test_hours_change_from_a_day_on_and_a_correction_has_to_be_meant(
    lead: Visitor, people: dict[str, int], rows: Open, engine: Engine
) -> None:
    with rows() as add:
        north = add.add(Calendar, name="North")
        add.row(PersonTerms, person_id=people["Ada"], valid_from=EVER, valid_to=FAR, fte=1, calendar_id=north)
        add.project("One")
    path, later = f"/resources/calendars/{north}", TODAY + timedelta(days=30)

    def due() -> list[date]:
        with reading(engine) as store:
            return list(store.scalars(select(HistoryDue.from_day)))

    assert lead.post(path, do="hours", hours="7 7 7 7", since=str(later)).status_code == 422
    assert lead.post(path, do="hours", hours="7 7 7 7 0", since=str(later)).status_code == 302
    page = lead.text(path)
    assert "Past days stay as they are" in page
    assert "to come" in page
    assert "Mon Tue Wed Thu, 7 h" in page
    assert f"until {later}" in lead.text("/resources/calendars")
    past = str(TODAY - timedelta(days=9))
    refused = lead.post(path, do="hours", hours="8 8 8 8 4", since=past)
    assert (refused.status_code, "would correct the past" in refused.text) == (422, True)
    assert due() == []
    assert lead.post(path, do="hours", hours="8 8 8 8 4", since=past, correction="1").status_code == 302
    page = lead.text(path)
    assert "The past is corrected" in page
    assert "Mon 8, Tue 8, Wed 8, Thu 8, Fri 4 h" in page
    assert due() == [TODAY - timedelta(days=9)]
    assert lead.post(path, do="back", since=past).status_code == 422
    lead.post(path, do="back", since=past, correction="1")
    lead.post(path, do="back", since=str(later))
    lead.post(path, do="back", since=str(later))
    assert "Nothing was different" in lead.text(path)
    with reading(engine) as store:
        assert hours_by_calendar(store)[north] == ((EVER, USUAL_HOURS),)
    with rows() as add:
        nobodys = f"/resources/calendars/{add.add(Calendar, name='Nobody')}"
    lead.post(nobodys, do="hours", hours="7.333333 7.333333 7.333333 7 7", since=past, correction="1")
    page = lead.text(nobodys)
    assert ("No figures change" in page, "The past is corrected" in page) == (True, False)
    assert "Mon 7.33, Tue 7.33, Wed 7.33, Thu 7, Fri 7 h" in page
    assert lead.post(path, do="name", name="South").status_code == 302
    assert "no other calendar becomes it" in lead.post(path, do="name", name="portfolio").text


def test_working_time_changes_from_a_day_on(signed: Signed, engine: Engine) -> None:
    admin = signed("root", usual(Role.ADMIN), None)
    path, told = "/settings/working-time", {"minutes_per_day": "450", "overhead_percent": "10"}
    assert "480 minutes a day, 20%" in admin.text(path)
    for form, fault in (
        (told | {"do": "hours", "minutes_per_day": "0"}, "1 to 1440 minutes"),
        (told | {"do": "hours", "overhead_percent": "x"}, "whole numbers"),
        (told | {"do": "hours", "since": str(TODAY - timedelta(days=1))}, "would correct the past"),
    ):
        refused = admin.post(path, **form)
        assert (refused.status_code, fault in refused.text) == (422, True), fault
    assert admin.post(path, do="hours", **told).status_code == 302
    page = admin.text(path)
    assert "Past days stay as they are" in page
    assert "450 minutes a day, 10%" in page
    with reading(engine) as store:
        assert read_working_time(store) == ((EVER, WorkingTime()), (TODAY, WorkingTime(450, 10)))
    admin.post(path, do="back", since=str(TODAY))
    with reading(engine) as store:
        assert read_working_time(store) == ((EVER, WorkingTime()),)
    assert admin.post(path, do="other").status_code == 400


def test_a_calendar_somebody_works_by_stays_and_says_who(lead: Visitor, people: dict[str, int], rows: Open) -> None:
    with rows() as add:
        north = add.add(Calendar, name=HOSTILE)
        told = {"person_id": people[HOSTILE], "valid_from": EVER, "valid_to": FAR, "fte": 1, "calendar_id": north}
        add.row(PersonTerms, **told)
        south = add.add(Calendar, name="South")
    refused = lead.post(f"/resources/calendars/{north}", do="delete")
    assert refused.status_code == 422
    assert f"[{people[HOSTILE]}]. Give them another" in refused.text
    assert HOSTILE not in refused.text + lead.text("/resources/calendars")
    assert lead.post(f"/resources/calendars/{south}", do="delete").status_code == 302
    assert "South" not in lead.text("/resources/calendars")


def test_holidays_by_hand_of_a_country_and_from_a_file(lead: Visitor, rows: Open, engine: Engine) -> None:
    with rows() as add:
        add.add(Calendar, name="North")
    path = "/resources/calendars/1"
    assert lead.post(path, do="add", day="2026-12-24", name="Eve", fraction="0.5").status_code == 302
    assert "Write" not in lead.post(path, do="add", day="2026-12-24", name="Other").text
    assert "from nothing" not in lead.text(path)
    assert "nothing (0) and all (1)" in lead.post(path, do="add", day="2026-12-23", fraction="1.5").text
    assert "A day is written" in lead.post(path, do="add", day="24.12.2026").text
    look = f"{path}?country=DE&part=BY&first=2026&last=2026"
    preview = lead.text(look)
    assert "Neujahr" in preview or "New Year" in preview
    count = int(re.search(r"Add (\d+) days", preview)[1])  # type: ignore[index]
    assert "has no such part. There are: BB" in lead.text(f"{path}?country=DE&part=ZZ&first=2026&last=2026")
    assert "Take 1 to 10 years" in lead.text(f"{path}?country=DE&first=2026&last=2040")
    assert lead.post(path, do="country", country="DE", part="BY", first="2026", last="2026").status_code == 302
    assert len(holidays(engine)) == count + 1
    assert "All of these days stand already" in lead.text(look)
    assert holidays(engine)[date(2026, 12, 24)] == ("Eve", 0.5)
    assert send(lead, path, do="file", file=(BytesIO(LEAVE), "days.ics")).status_code == 302
    assert holidays(engine)[date(2026, 4, 2)] == ("a secret reason", 1)
    broken = send(
        lead, path, do="file", file=(BytesIO(LEAVE.replace(b";VALUE=DATE:20260401", b":20260401T100000Z")), "x")
    )
    assert (broken.status_code, "no event of whole days" in broken.text) == (422, True)
    lead.post(path, do="remove", day="2026-12-24")
    assert date(2026, 12, 24) not in holidays(engine)
    assert lead.post(path, do="remove", day="2026-01-01").status_code == 302  # past, but nobody works by it
    assert "2027" not in lead.text(f"{path}?year=2027").split("Years")[1].split("</nav>")[0]


def test_days_off_and_time_off_of_the_past_have_to_be_meant(
    lead: Visitor, people: dict[str, int], rows: Open, engine: Engine
) -> None:
    with rows() as add:
        north = add.add(Calendar, name="North")
        add.row(PersonTerms, person_id=people["Ada"], valid_from=EVER, valid_to=FAR, fte=1, calendar_id=north)
        add.project("One")
    path, leave = f"/resources/calendars/{north}", "/resources/time-off"
    old = LEAVE.replace(b"202604", b"202601")

    def due() -> list[date]:
        with reading(engine) as store:
            return list(store.scalars(select(HistoryDue.from_day)))

    def asked(answer: TestResponse) -> bool:
        return (
            answer.status_code == 422 and "is past: that would correct the past. Say that you mean it." in answer.text
        )

    assert asked(lead.post(path, do="add", day="2026-01-20"))
    assert asked(lead.post(path, do="country", country="DE", part="BY", first="2026", last="2026"))
    assert asked(send(lead, path, do="file", file=(BytesIO(old), "days.ics")))
    assert (holidays(engine), due()) == ({}, [])
    assert (
        "Some days are past" in lead.text(f"{path}?country=DE&part=BY&first=2026&last=2026").split("From a calendar")[0]
    )
    assert lead.post(path, do="add", day="2026-01-20", correction="1").status_code == 302
    assert due() == [date(2026, 1, 20)]
    assert lead.post(path, do="add", day="2026-01-20").status_code == 302  # it stands already
    assert asked(lead.post(path, do="remove", day="2026-01-20"))
    lead.post(path, do="remove", day="2026-01-20", correction="1")
    assert holidays(engine) == {}
    away = {"do": "add", "person": "Ada", "start": "2026-01-12", "end": "2026-01-13"}
    refused = lead.post(leave, **away)
    assert asked(refused)
    assert refused.text.count("Say that you mean it.") == 2  # above the form, and beside the tick
    assert asked(send(lead, leave, do="file", person="Ben", file=(BytesIO(old), "leave.ics")))
    assert "Nobody is away" in lead.text(leave)
    assert lead.post(leave, **away, correction="1").status_code == 302
    assert due() == [date(2026, 1, 12)]
    sent = {"do": "file", "person": "Ben", "file": (BytesIO(old), "leave.ics"), "correction": "1"}
    assert send(lead, leave, **sent).status_code == 302
    assert due() == [date(2026, 1, 1)]
    with reading(engine) as store:
        mine = store.scalar(select(TimeOff.id).where(TimeOff.origin == "hand"))
    assert asked(lead.post(leave, do="remove", id=str(mine)))
    assert lead.post(leave, do="remove", id=str(mine), correction="1").status_code == 302


def test_time_off_by_hand_and_from_a_calendar_never_says_why(
    lead: Visitor, people: dict[str, int], rows: Open, engine: Engine
) -> None:
    with rows() as add:
        told = {"connection_id": add.connection(), "external_id": "1", "person_id": people["Ben"]}
        tracked = add.add(TimeOff, **told, start=date(2026, 3, 2), end=date(2026, 3, 3))
    path = "/resources/time-off"
    assert (
        lead.post(path, do="add", person="ada", start="2026-03-09", end="2026-03-13", fraction="50%").status_code == 302
    )
    page = lead.text(path)
    assert "50%" in page
    assert "Jira EU" in page
    for form, fault in (
        ({"person": "Zoe", "start": "2026-03-09", "end": "2026-03-13"}, "nobody is"),
        ({"person": "Ada", "start": "2026-03-13", "end": "2026-03-09"}, "ends before it starts"),
        ({"person": "Ada", "start": "2026-03-09", "end": "2026-03-13"}, "stand already"),
        ({"person": "Ada", "start": "2026-03-10", "end": "2026-03-13", "fraction": "2"}, "up to all"),
        ({"person": "Ada", "start": "", "end": "2026-03-13"}, "A day is written"),
        ({"person": "Zoe", "start": "soon", "end": "2026-03-13", "fraction": "0"}, "nobody is"),
    ):
        refused = lead.post(path, do="add", **form)
        assert (refused.status_code, fault in refused.text) == (422, True), fault
    # All that is wrong is told, beside each field.
    assert refused.text.count('class="d-block small bad-text"') == 3
    assert "A tracker tells" in lead.post(path, do="remove", id=str(tracked)).text
    assert send(lead, path, do="file", person=HOSTILE, file=(BytesIO(LEAVE), "leave.ics")).status_code == 302
    page = lead.text(f"{path}?origin=file")
    assert "Wed 2026-04-01" in page
    assert "secret" not in page
    assert HOSTILE not in page
    assert "Ada" not in page
    assert "Nothing fits" in lead.text(f"{path}?q=ada&first=2026-03-14")
    assert "Ada" in lead.text(f"{path}?part=part&last=2026-03-09")
    with reading(engine) as store:
        mine = store.scalar(select(TimeOff.id).where(TimeOff.origin == "hand"))
    lead.post(path, do="remove", id=str(mine))
    assert "Nobody is away" in lead.text(f"{path}?q=ada")


def test_a_table_is_taken_in_and_what_is_wrong_is_given_back(lead: Visitor, people: dict[str, int]) -> None:
    path = "/resources/files"
    rows = "person;start;end\nAda;2026-04-01;2026-04-02\nZoe;2026-04-01;2026-04-02\n"
    refused = lead.post(path, kind="time-off", rows=rows)
    assert (refused.status_code, "nobody is &#39;Zoe&#39;" in refused.text) == (422, True)
    answered = lead.post(path, kind="time-off", rows=rows, do="report")
    assert "what is wrong" in answered.text.splitlines()[0]
    sent = send(lead, path, kind="time-off", file=(BytesIO(answered.data.replace(b"Zoe", b"Ben")), "off.csv"))
    assert sent.location == f"{path}?kind=time-off"
    assert "Added 2, changed 0" in lead.text(path)
    workbook = lead.get("/resources/files/time-off.xlsx").data
    assert send(lead, path, kind="time-off", file=(BytesIO(workbook), "off.xlsx")).status_code == 302
    assert "Added 0, changed 0, taken back 0, the same 2" in lead.text(path)
    assert "missing: end" in lead.post(path, kind="time-off", rows="person,start\nAda,1").text
    assert lead.post(path, kind="nothing", rows="a").status_code == 404


def test_what_would_come_of_a_file_is_told_with_the_day_from_which_it_corrects_the_past(
    lead: Visitor, people: dict[str, int], rows: Open, engine: Engine
) -> None:
    with rows() as add:
        north = add.add(Calendar, name="North")
        add.row(PersonTerms, person_id=people["Ada"], valid_from=EVER, valid_to=FAR, fte=1, calendar_id=north)
    typed = "calendar,from,hours\nNorth,2026-02-01,7 7 7 7 7\n"
    page = lead.post("/resources/files", kind="calendar-hours", rows=typed, do="report")
    assert page.status_code == 200
    assert "Nothing is wrong, and nothing was taken in" in page.text
    assert "figures since 2026-02-01 would be computed anew" in page.text
    undated = typed.replace("2026-02-01", "")
    of_all_time = lead.post("/resources/files", kind="calendar-hours", rows=undated, do="report")
    assert "It would correct the past: all figures would be computed anew" in of_all_time.text
    with reading(engine) as store:
        assert hours_by_calendar(store)[north] == ((EVER, USUAL_HOURS),)


def test_who_sees_what_of_capacity(signed: Signed, people: dict[str, int], rows: Open) -> None:
    with rows() as add:
        add.add(Calendar, name="North")
        add.project("One", manager_id=people["Ada"])
        add.add(TimeOff, person_id=people["Ben"], start=date(2026, 3, 2), end=date(2026, 3, 3))
    auditor, manager, executive = (
        signed(name, usual(role), person)
        for name, role, person in (
            ("aud", Role.AUDITOR, None),
            ("man", Role.PROJECT_MANAGER, people["Ada"]),
            ("exe", Role.EXECUTIVE, None),
        )
    )
    assert ">Ben<" in auditor.text("/resources/time-off")
    assert "Enter time off" not in auditor.text("/resources/time-off")
    assert auditor.post("/resources/time-off", do="remove", id="1").status_code == 403
    assert "Add a day" not in manager.text("/resources/calendars/1")
    assert manager.get("/resources/time-off").status_code == 403
    assert "Time off" not in manager.text("/resources/calendars")
    for path in ("calendars", "time-off", "files", "files/terms.csv"):
        assert executive.get(f"/resources/{path}").status_code == 403


def test_skills_are_told_and_asked_and_who_has_them_is_for_few(
    lead: Visitor, signed: Signed, people: dict[str, int], rows: Open
) -> None:
    with rows() as add:
        add.project("One", manager_id=people["Ada"])
    path = "/resources/skills"
    assert "No role asks for a skill yet" in lead.text(path)
    asks = {"do": "ask", "role": "Lead", "skill": HOSTILE, "level": "4"}
    unknown = lead.post(path, **asks)
    assert (unknown.status_code, "It is not asked for yet." in unknown.text) == (422, True)
    assert unknown.text.count("Nobody has the") == 4  # above the form, and beside both fields
    assert unknown.text.count('<option value="4" selected>') == 1  # what was typed is kept, in this form alone
    assert lead.post(path, **asks, confirmed=lead.hidden(unknown.text, "confirmed")).status_code == 302
    assert "1 of 1 skill that roles ask for is met by fewer than 2" in lead.text(path)
    assert lead.post(path, do="tell", person="Ben", skill=HOSTILE, level="4", since="2026-02-01").status_code == 302
    for form, fault in (
        ({"person": "Zoe", "skill": "Go", "level": "3"}, "nobody is"),
        ({"person": "Ben", "skill": "Go", "level": "9"}, "A level is 1"),
        ({"person": "Ben", "skill": "Go", "level": "x"}, "number from 0 to 5"),
        ({"person": "Ben", "skill": "Go", "level": "3", "since": "1.2.2026"}, "A day is written"),
    ):
        refused = lead.post(path, do="tell", **form)
        assert (refused.status_code, fault in refused.text) == (422, True), fault
        assert "level" not in fault.lower() or refused.text.count(fault) == 2  # above the form, and beside the field
    asked = f"{path}?skill=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    assert "4, helps others, as of 2026-02-01" in lead.text(asked)
    assert HOSTILE not in lead.text(asked)
    assert "as of 2026-02-01" in lead.text(f"{path}?person={people['Ben']}")
    manager = signed("man", usual(Role.PROJECT_MANAGER), people["Ada"])
    assert ">Ben<" not in manager.text(asked) + manager.text(f"{path}?person={people['Ben']}")
    assert "onerror" in manager.text(path)
    assert signed("exe", usual(Role.EXECUTIVE), None).get(path).status_code == 403
    lead.post(path, do="ask", role="Lead", skill=HOSTILE, level="0")
    assert "No role asks for a skill yet" in lead.text(path)
