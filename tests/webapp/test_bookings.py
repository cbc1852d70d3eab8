"""The pages of bookings: who sees which, who makes them, and what is asked before it is done."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.audit.entry import COMMAND
from portfolio.bookings.effects import NONE
from portfolio.bookings.keep import make
from portfolio.bookings.wish import Wish
from portfolio.model.access import AuditEntry
from portfolio.model.base import FAR
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import PersonTerms
from portfolio.store.engine import MODE, reading, writing
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from tests.webapp.test_resources import text_of

Open = Callable[[], AbstractContextManager[Rows]]
HOUR = 3600
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


@pytest.fixture
def staff(rows: Open) -> dict[str, int]:
    """Ada is booked in One (led by Mia) and in Two, by a tracker; a role is booked in Two."""
    with rows() as add:
        asana = add.connection("Asana", "asana")
        mia = add.person("Mia")
        ada = add.add(Person, name="Ada", active=True, role="Tester")
        one, two = add.project("One", asana, manager_id=mia), add.project("Two", asana)
        span = {"start": MONDAY, "end": FRIDAY}
        mine = add.add(Allocation, person_id=ada, project_id=one, percent=50, kind="hard", **span)
        told = add.add(
            Allocation, person_id=ada, project_id=two, hours_per_day=2, kind="hard", connection_id=asana,
            external_id="7", **span,
        )  # fmt: skip
        add.add(Allocation, placeholder="<b>Chef", project_id=two, total_hours=16, kind="soft", **span)
        add.add(
            Allocation, person_id=ada, project_id=one, start=date(2026, 2, 2), end=date(2026, 2, 6), percent=10,
            kind="hard",
        )  # fmt: skip
    return {"asana": asana, "mia": mia, "ada": ada, "one": one, "two": two, "mine": mine, "told": told}


@pytest.fixture
def manager(signed: Signed, staff: dict[str, int]) -> Visitor:
    return signed("res", usual(Role.RESOURCE_MANAGER), None)


def form(staff: dict[str, int], **values: Any) -> dict[str, str]:
    given = {"project": staff["one"], "person": "Ada", "start": "2026-03-09", "end": "2026-03-13"}
    given |= {"amount": "50", "unit": "percent", "kind": "hard"}
    return {name: str(value) for name, value in (given | values).items()}


def confirmation(text: str) -> str:
    """What says that it is meant."""
    found = re.search(r'name="confirmed" value="(\w+)"', text)
    assert found is not None
    return found[1]


def kept(engine: Engine) -> list[Any]:
    with reading(engine) as store:
        return list(store.execute(select(Allocation.__table__).order_by(Allocation.id)))


def test_who_sees_which_bookings(signed: Signed, manager: Visitor, staff: dict[str, int]) -> None:
    everything = text_of(manager, "/resources/bookings")
    assert "3 bookings that are not over" in everything
    assert "&lt;b&gt;Chef" in everything
    assert "2 h a day" in everything
    assert 'href="https://jira.invalid/browse/' in everything
    lead = signed("pm", usual(Role.PROJECT_MANAGER), staff["mia"])
    own = text_of(lead, "/resources/bookings?time=all")
    assert "2 bookings that fit" in own
    assert "Two" not in re.findall(r"\w+", own)
    assert "Chef" not in own
    assert "Make a booking" not in own
    assert lead.get(f"/resources/bookings/{staff['told']}").status_code == 404
    assert "changes bookings" in text_of(lead, f"/resources/bookings/{staff['mine']}")
    assert lead.post(f"/resources/bookings/{staff['mine']}", do="remove", seen="").status_code == 403
    executive = signed("exec", usual(Role.EXECUTIVE), None)
    assert executive.get("/resources/bookings").status_code == 403
    both = signed("both", usual(Role.PROJECT_MANAGER) | usual(Role.EXECUTIVE), staff["mia"])
    assert "1 booking that is not over" in text_of(both, "/resources/bookings")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=ad", 2), ("role=test", 2), ("role=chef", 1), ("project=two", 2), ("kind=soft", 1), ("origin=here", 2),
        ("origin=tracker", 1), ("time=over", 1), ("time=all", 4), ("person=%25", 0),
        ("time=all&project=one&kind=hard", 2),
    ],
)  # fmt: skip
def test_filters(manager: Visitor, staff: dict[str, int], query: str, found: int) -> None:
    lines = list(csv.reader(io.StringIO(manager.get(f"/resources/bookings.csv?{query}").text.lstrip("\ufeff"))))
    assert len(lines) - 1 == found


def test_the_file_of_bookings(manager: Visitor, staff: dict[str, int]) -> None:
    head, first, *_ = csv.reader(io.StringIO(manager.get("/resources/bookings.csv").text.lstrip("\ufeff")))
    assert head[:5] == ["Booking", "Person", "Role", "Project", "Code"]
    assert first[1:4] + first[5:12] == [
        "Ada", "Tester", "One", "2026-03-02", "2026-03-06", "", "50.0", "", "firm", "Sightline",
    ]  # fmt: skip
    assert manager.get("/resources/bookings.xlsx").status_code == 200


def test_a_booking_is_made(manager: Visitor, staff: dict[str, int], engine: Engine) -> None:
    answer = manager.post("/resources/bookings/new", **form(staff, amount="7,5", unit="hours_per_day", kind="soft"))
    assert answer.status_code == 302
    assert "Booked." in text_of(manager, "/resources/bookings")
    made = kept(engine)[-1]
    assert (made.person_id, made.project_id, float(made.hours_per_day), made.kind) == (
        staff["ada"], staff["one"], 7.5, "soft",
    )  # fmt: skip
    assert made.booked_by_id is not None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"amount": "400"}, "At most 200% can be booked"),
        ({"amount": "many"}, "Give a number"),
        ({"kind": ""}, "Choose whether it is firm or proposed."),
        ({"start": "soon"}, "Give a day, written 2026-03-14"),
        ({"start": "2026-02-27"}, "Days that are over stay as they were"),
        ({"person": "Nobody"}, "Nobody is called that"),
        ({"person": ""}, "Name a person, or the role"),
        ({"project": ""}, "Choose a project"),
        ({"unit": "weeks"}, "Choose hours per day"),
    ],
)
def test_what_cannot_be_booked_is_said_and_what_was_typed_stays(
    manager: Visitor, staff: dict[str, int], engine: Engine, values: dict[str, str], said: str
) -> None:
    before = kept(engine)
    answer = manager.post("/resources/bookings/new", **form(staff, **values))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="2026-03-13"' in answer.text
    assert kept(engine) == before


def test_all_that_is_wrong_is_told_beside_its_field(manager: Visitor, staff: dict[str, int], engine: Engine) -> None:
    before = kept(engine)
    wrong = {"project": "", "person": "Nobody", "start": "2026-02-27", "end": "soon", "amount": "many"}
    answer = manager.post("/resources/bookings/new", **form(staff, **wrong))
    assert answer.status_code == 422
    told = {"project-wrong": "Choose a project", "person-hint": "Nobody is called", "start-hint": "Days that are over"}
    for ident, said in (told | {"end-hint": "Give a day", "amount-wrong": "Give a number"}).items():
        assert re.search(rf'id="{ident}">[^<]*{said}', answer.text), ident
    assert kept(engine) == before


def test_a_role_that_nobody_has_is_asked_about_once(manager: Visitor, staff: dict[str, int], engine: Engine) -> None:
    what = form(staff, person="", role="Tster")
    asked = manager.post("/resources/bookings/new", **what)
    assert asked.status_code == 422
    assert "It is not booked yet." in asked.text
    assert "Nobody has the role Tster. The nearest: Tester." in asked.text
    confirmed = confirmation(asked.text)
    assert manager.post("/resources/bookings/new", **what | {"role": "tester"}, confirmed=confirmed).status_code == 422
    assert manager.post("/resources/bookings/new", **what, confirmed=confirmed).status_code == 302
    made = kept(engine)[-1]
    assert made.placeholder == "Tster"
    # It was confirmed: whoever changes its days is not asked again.
    path = f"/resources/bookings/{made.id}"
    seen = manager.hidden(manager.text(path), "seen")
    assert manager.post(path, do="change", seen=seen, **what | {"end": "2026-03-12"}).status_code == 302


def test_too_much_is_asked_about_and_only_what_was_shown_is_confirmed(
    manager: Visitor, staff: dict[str, int], engine: Engine
) -> None:
    before = len(kept(engine))
    # 3.2 h are booked in One and 2 h in Two of 6.4 h a day; half of all is 3.2 h more: 2 h too much each day.
    wanted = form(staff, project=staff["two"], start="2026-03-02", end="2026-03-06", amount="9", unit="hours_per_day")
    asked = manager.post("/resources/bookings/new", **wanted)
    assert asked.status_code == 422
    assert "It is not booked yet" in asked.text
    assert "Mon 2026-03-02" in asked.text
    assert len(kept(engine)) == before
    mark = confirmation(asked.text)
    other = manager.post("/resources/bookings/new", **(wanted | {"amount": "10"}), confirmed=mark)
    assert other.status_code == 422
    assert manager.post("/resources/bookings/new", **wanted, confirmed=mark).status_code == 302
    with reading(engine) as store:
        noted = store.scalar(select(AuditEntry.new).order_by(AuditEntry.id.desc()).limit(1))
    assert noted is not None
    assert '"too_much_h"' in noted


def meanwhile(engine: Engine, wish: Wish) -> None:
    """Let somebody else book it, once, just before the next thing is written."""

    waiting = [wish]

    def book(connection: Connection, *_: object) -> None:
        if waiting and connection.get_execution_options().get(MODE) == "write":
            wish = waiting.pop()
            with writing(engine) as store:
                make(store, wish, NONE, datetime(2026, 3, 2, 9, tzinfo=UTC), COMMAND)

    # On SQLite the first statement comes before the place in the queue of those who write is taken.
    event.listen(engine, "before_cursor_execute", book)


@pytest.mark.parametrize("changed", [False, True])
def test_of_two_who_book_at_once_the_second_is_asked(
    manager: Visitor, staff: dict[str, int], engine: Engine, rows: Open, changed: bool
) -> None:
    span = {"start": date(2026, 3, 9), "end": date(2026, 3, 13)}
    path = "/resources/bookings/new"
    wanted = form(staff, amount="60")
    if changed:
        with rows() as add:
            ours = {"person_id": staff["ada"], "project_id": staff["one"], "percent": 5, "kind": "hard"}
            path = f"/resources/bookings/{add.add(Allocation, **ours, **span)}"
        wanted |= {"do": "change", "seen": manager.hidden(text_of(manager, path), "seen")}
    before = len(kept(engine))
    meanwhile(engine, Wish(staff["two"], staff["ada"], None, **span, percent=Decimal(60)))
    answer = manager.post(path, **wanted)
    assert answer.status_code == 422
    assert "It is not booked yet" in answer.text
    assert len(kept(engine)) == before + 1


def test_one_that_has_begun_goes_on_as_another(
    manager: Visitor, staff: dict[str, int], engine: Engine, rows: Open
) -> None:
    with rows() as add:
        span = {"start": date(2026, 2, 23), "end": FRIDAY}
        held = add.add(Allocation, person_id=staff["ada"], project_id=staff["two"], percent=10, kind="soft", **span)
    path = f"/resources/bookings/{held}"
    page = text_of(manager, path)
    assert "It has begun" in page
    assert "Remove it" not in page
    seen = manager.hidden(page, "seen")
    answer = manager.post(path, do="change", seen=seen, **form(staff, start="2026-03-02", amount="20", kind="soft"))
    assert answer.status_code == 302, answer.text
    old, new = (row for row in kept(engine) if row.kind == "soft" and row.person_id == staff["ada"])
    assert (old.id, old.end, old.percent, old.project_id) == (held, date(2026, 3, 1), 10, staff["two"])
    assert (new.start, new.end, new.percent, new.project_id) == (MONDAY, date(2026, 3, 13), 20, staff["one"])
    # Whoever had the page open from before is told.
    late = manager.post(path, do="end", seen=seen, last="2026-03-03")
    assert late.status_code == 422
    assert "It is over" in late.text


def test_one_is_ended_or_removed(manager: Visitor, staff: dict[str, int], engine: Engine) -> None:
    path = f"/resources/bookings/{staff['mine']}"
    early = manager.post(path, do="end", seen=manager.hidden(text_of(manager, path), "seen"), last="2026-03-04")
    assert early.status_code == 302
    assert {row.id: row.end for row in kept(engine)}[staff["mine"]] == date(2026, 3, 4)
    gone = manager.post(path, do="remove", seen=manager.hidden(text_of(manager, path), "seen"))
    assert gone.status_code == 302
    assert staff["mine"] not in {row.id for row in kept(engine)}
    assert manager.get(path).status_code == 404
    assert manager.post(path, do="remove", seen="").status_code == 404


def test_a_trackers_booking_is_changed_there(manager: Visitor, staff: dict[str, int], engine: Engine) -> None:
    page = text_of(manager, f"/resources/bookings/{staff['told']}")
    assert "It comes from" in page
    assert "change it there" in page
    assert "<h2" not in page.split("<main", 1)[1]
    refused = manager.post(f"/resources/bookings/{staff['told']}", do="end", seen="", last="2026-03-03")
    assert refused.status_code == 422
    assert "Change it there" in refused.text


def test_what_has_become_of_project_and_person_is_told(manager: Visitor, staff: dict[str, int], rows: Open) -> None:
    with rows() as add:
        left = add.add(Person, name="Ben", active=False)
        leaves = add.add(Person, name="Cy", active=True)
        terms = [(date(2026, 1, 1), date(2026, 3, 5), 1), (date(2026, 3, 5), FAR, 0)]
        for since, until, fte in terms:
            add.row(PersonTerms, person_id=leaves, valid_from=since, valid_to=until, fte=fte)
        closed = add.project("Done", staff["asana"], status="closed")
        due = add.project("Short", staff["asana"], due=date(2026, 3, 4))
        for person, project in ((left, staff["one"]), (leaves, staff["one"]), (staff["ada"], closed), (left, due)):
            span = {"start": MONDAY, "end": FRIDAY}
            add.add(Allocation, person_id=person, project_id=project, percent=10, kind="hard", **span)
    page = text_of(manager, "/resources/bookings")
    assert "The project is closed: it counts no more." in page
    assert "Goes on after the project is due, Wed 2026-03-04." in page
    assert page.count("does not work here any more") == 2
    assert "The person works until 2026-03-05 only." in page


def test_bookings_that_do_not_fit_the_work_are_told(manager: Visitor, staff: dict[str, int], rows: Open) -> None:
    with rows() as add:
        told = {"created": date(2026, 1, 5), "due": FRIDAY, "assignee_id": staff["ada"]}
        add.item(staff["one"], staff["asana"], **told, remaining_s=20 * HOUR)
    page = text_of(manager, "/resources/bookings")
    assert "Too small in the week from 2026-03-02: 4.0 h of work are not booked." in page
    assert "Unused in the week from 2026-03-02: 10.0 h booked without work." in page


def test_a_manager_of_one_project_books_in_no_other(signed: Signed, staff: dict[str, int], engine: Engine) -> None:
    grants = frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.PROJECT, staff["one"]))})
    narrow = signed("narrow", grants, None)
    before = kept(engine)
    assert narrow.post("/resources/bookings/new", **form(staff, project=staff["two"])).status_code == 403
    path = f"/resources/bookings/{staff['mine']}"
    seen = narrow.hidden(text_of(narrow, path), "seen")
    assert narrow.post(path, do="change", seen=seen, **form(staff, project=staff["two"])).status_code == 403
    assert kept(engine) == before
    assert "<option>Ada" not in text_of(narrow, "/resources/bookings/new")


def test_who_is_out_of_sight_cannot_be_named(signed: Signed, staff: dict[str, int], engine: Engine, rows: Open) -> None:
    with rows() as add:
        ben = add.person("Ben")
        add.person("Ada")  # A namesake who does nothing here is not meant.
        add.add(
            Allocation, person_id=ben, project_id=staff["two"], start=MONDAY, end=FRIDAY, percent=100, kind="hard"
        )  # fmt: skip
    narrow = signed("narrow", frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.PROJECT, staff["one"]))}), None)
    before = kept(engine)
    days = {"start": "2026-03-02", "end": "2026-03-06"}
    path = f"/resources/bookings/{staff['mine']}"
    seen = narrow.hidden(text_of(narrow, path), "seen")
    for person in ("Ben", str(ben), "Nobody at all"):
        for answer in (
            narrow.post("/resources/bookings/new", **form(staff, person=person, **days)),
            narrow.post(path, do="change", seen=seen, **form(staff, person=person, **days)),
        ):
            assert answer.status_code == 422
            assert "Nobody in sight is called that" in answer.text
            assert "too much" not in answer.text
    assert kept(engine) == before
    assert narrow.post("/resources/bookings/new", **form(staff)).status_code == 302


def test_the_list_asks_as_much_for_many_as_for_one(
    manager: Visitor, staff: dict[str, int], engine: Engine, rows: Open
) -> None:
    def statements() -> int:
        manager.text("/resources/bookings")  # after this the plan is kept
        seen: list[str] = []
        listen = lambda *given: seen.append(given[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listen)
        manager.text("/resources/bookings")
        event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    few = statements()
    with rows() as add:
        for _ in range(20):
            row = {"start": MONDAY, "end": FRIDAY, "percent": 5, "kind": "hard"}
            add.add(Allocation, person_id=add.person("More"), project_id=staff["one"], **row)
    assert statements() == few
