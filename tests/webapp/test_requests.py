"""The pages of requests: asked by a project manager, proposed by a resource manager, accepted; who may what."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.bookings.wish import Wish
from portfolio.model.access import User
from portfolio.model.people import Allocation, Person
from portfolio.model.resources import PersonSkill, ResourceRequest
from portfolio.store.engine import reading, writing
from tests.webapp.builders import Rows
from tests.webapp.conftest import Signed, Visitor
from tests.webapp.test_bookings import MONDAY, confirmation, meanwhile
from tests.webapp.test_resources import text_of

Open = Callable[[], AbstractContextManager[Rows]]
INBOX = "/resources/requests"


@pytest.fixture
def staff(rows: Open) -> dict[str, int]:
    """Mia manages One, Ned manages Two; Ada and Ben are testers, and Ada has all of her time booked in Two."""
    with rows() as add:
        jira = add.connection()
        mia, ned = add.person("Mia"), add.person("Ned")
        ada, ben = (add.add(Person, name=name, active=True, role="Tester") for name in ("Ada", "Ben"))
        one, two = add.project("One", jira, manager_id=mia), add.project("Two", jira, manager_id=ned)
        span = {"start": date(2026, 3, 2), "end": date(2026, 3, 31), "kind": "hard"}
        add.add(Allocation, person_id=ada, project_id=two, percent=100, **span)
    return {"mia": mia, "ned": ned, "ada": ada, "ben": ben, "one": one, "two": two}


@pytest.fixture
def mia(signed: Signed, staff: dict[str, int]) -> Visitor:
    return signed("mia", usual(Role.PROJECT_MANAGER), staff["mia"])


@pytest.fixture
def res(signed: Signed, staff: dict[str, int]) -> Visitor:
    return signed("res", usual(Role.RESOURCE_MANAGER), None)


def asks(visitor: Visitor, project: int, **values: Any) -> Any:
    given = {"project": project, "role": "Tester", "hours": "16", "start": "2026-03-02", "end": "2026-03-13"}
    given |= {"answer_by": "2026-03-06", "note": "<b>soon"} | values
    return visitor.post(f"{INBOX}/new", **{name: str(value) for name, value in given.items()})


def does(visitor: Visitor, action: str, path: str = f"{INBOX}/1", **form: str) -> Any:
    seen = visitor.hidden(visitor.text(path), "seen") if "seen" not in form else form.pop("seen")
    return visitor.post(path, do=action, seen=seen, **form)


def state(engine: Engine) -> list[tuple[str, int | None]]:
    with reading(engine) as store:
        found = store.execute(select(ResourceRequest.state, ResourceRequest.person_id).order_by(ResourceRequest.id))
        return [tuple(row) for row in found]


def test_asked_proposed_and_accepted(
    mia: Visitor, res: Visitor, signed: Signed, staff: dict[str, int], engine: Engine
) -> None:
    answer = asks(mia, staff["one"])
    assert answer.location == f"{INBOX}/1"
    assert "&lt;b&gt;soon" in text_of(mia, f"{INBOX}/1")
    assert "Propose" not in text_of(mia, f"{INBOX}/1").split("<h2", 1)[1].split("What was done")[0]
    # It waits for the resource manager, and not for who asked.
    assert "Requests (1<span" in text_of(res, "/resources")
    assert "Requests (1" not in text_of(mia, "/resources")
    page = text_of(res, f"{INBOX}/1")
    assert re.findall(r'<label for="person-\d+"><bdi>(\w+)', page) == ["Ben", "Ada"]
    assert does(res, "propose", person=str(staff["ben"])).status_code == 302
    assert "Requests (1<span" in text_of(mia, "/resources/bookings")
    assert "Requests (1" not in text_of(res, "/resources")
    page = text_of(mia, f"{INBOX}/1")
    assert "Is <bdi>Ben</bdi> whom you need?" in page
    assert "Who could do it" not in page
    assert does(mia, "send_back").status_code == 422
    assert does(mia, "accept").status_code == 302
    assert state(engine) == [("accepted", staff["ben"])]
    with reading(engine) as store:
        booked = store.execute(select(Allocation.__table__).where(Allocation.request_id == 1)).one()
    assert (booked.person_id, booked.kind, float(booked.total_hours)) == (staff["ben"], "hard", 16.0)
    history = text_of(mia, f"{INBOX}/1").split("What was done", 1)[1]
    assert [word in history for word in ("asked", "proposed <bdi>Ben", "accepted <bdi>Ben")] == [True] * 3
    listed = text_of(res, "/resources/bookings")
    assert f'href="{INBOX}/1">Request 1' in listed


def test_a_reason_that_was_typed_is_kept_where_it_was(mia: Visitor, res: Visitor, staff: dict[str, int]) -> None:
    asks(mia, staff["one"])
    refused = res.post(f"{INBOX}/1", do="decline", note="Nobody is free", seen="0")
    assert (refused.status_code, refused.text.count('value="Nobody is free"')) == (422, 1)
    assert re.search(r'id="reason"[^>]*value="Nobody is free"', refused.text)
    proposed = res.post(f"{INBOX}/1", do="propose", other="Zoe", note="From Monday", seen="0")
    assert re.search(r'id="note"[^>]*value="From Monday"', proposed.text)
    assert proposed.text.count('value="From Monday"') == 1


def test_who_acts_on_what_they_saw_earlier_is_told(
    mia: Visitor, res: Visitor, staff: dict[str, int], engine: Engine
) -> None:
    asks(mia, staff["one"])
    seen = mia.hidden(mia.text(f"{INBOX}/1"), "seen")
    does(res, "propose", person=str(staff["ben"]))
    late = does(mia, "withdraw", seen=seen)
    assert late.status_code == 422
    assert "Somebody acted meanwhile" in late.text
    assert state(engine) == [("proposed", staff["ben"])]


def test_who_may_do_what(mia: Visitor, res: Visitor, signed: Signed, staff: dict[str, int], engine: Engine) -> None:
    assert asks(mia, staff["two"]).status_code == 403
    asks(mia, staff["one"])
    ned = signed("ned", usual(Role.PROJECT_MANAGER), staff["ned"])
    assert ned.get(f"{INBOX}/1").status_code == 404
    assert ned.post(f"{INBOX}/1", do="withdraw", seen="1").status_code == 404
    assert "Nobody asks for people" in text_of(ned, INBOX)
    assert does(mia, "propose", person=str(staff["ben"])).status_code == 422
    assert does(mia, "decline", note="no").status_code == 422
    assert state(engine) == [("open", None)]
    does(res, "propose", person=str(staff["ben"]))
    assert "for whoever manages the project to decide" in does(res, "accept").text
    assert res.post(f"{INBOX}/1", do="nonsense", seen="1").status_code == 400
    auditor = signed("aud", usual(Role.AUDITOR), None)
    assert "<bdi>Ben</bdi>" in text_of(auditor, f"{INBOX}/1")
    assert auditor.post(f"{INBOX}/1", do="accept", seen="2").status_code == 403
    assert signed("exec", usual(Role.EXECUTIVE), None).get(INBOX).status_code == 403
    # The PMO lead arbitrates: both sides are theirs.
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    assert does(lead, "send_back", note="somebody else").status_code == 302
    # Somebody is chosen already when the page opens: a name that is typed counts before them.
    assert does(lead, "propose", person=str(staff["ned"]), other="Ben").status_code == 302
    assert does(lead, "accept").status_code == 302
    assert state(engine) == [("accepted", staff["ben"])]


def test_too_much_is_confirmed_by_who_proposes(
    mia: Visitor, res: Visitor, staff: dict[str, int], engine: Engine
) -> None:
    asks(mia, staff["one"])
    asked = does(res, "propose", person=str(staff["ada"]), note="has to be")
    assert asked.status_code == 422
    assert "Nothing was done yet.</strong> It is about <bdi>Ada</bdi>" in asked.text
    assert state(engine) == [("open", None)]
    assert (
        does(res, "propose", person=str(staff["ada"]), note="has to be", confirmed=str(staff["ada"])).status_code == 302
    )
    assert "with 16.0 h too much" in text_of(mia, f"{INBOX}/1")
    assert does(mia, "accept").status_code == 302


def test_who_is_booked_elsewhere_meanwhile_is_not_proposed_without_asking(
    mia: Visitor, res: Visitor, staff: dict[str, int], engine: Engine
) -> None:
    asks(mia, staff["one"])
    span = (date(2026, 3, 2), date(2026, 3, 13))
    seen = res.hidden(res.text(f"{INBOX}/1"), "seen")
    meanwhile(engine, Wish(staff["two"], staff["ben"], None, *span, percent=Decimal(100)))
    asked = does(res, "propose", seen=seen, person=str(staff["ben"]))
    assert asked.status_code == 422
    assert "Nothing was done yet" in asked.text
    assert state(engine) == [("open", None)]


def test_an_asker_whose_account_is_gone(
    mia: Visitor, res: Visitor, signed: Signed, staff: dict[str, int], engine: Engine
) -> None:
    asks(mia, staff["one"])
    does(res, "propose", person=str(staff["ben"]))
    with writing(engine) as store:
        store.execute(update(User).where(User.name == "mia").values(active=False))
    assert mia.get(f"{INBOX}/1").status_code == 302
    lead = signed("lead", usual(Role.PMO_LEAD), None)
    assert "Requests (1<span" in text_of(lead, "/resources")
    assert "account switched off" in text_of(lead, f"{INBOX}?which=waiting")
    assert "may not sign in any more" in text_of(lead, f"{INBOX}/1")
    # Whoever manages the project after them goes on, too.
    heir = signed("heir", usual(Role.PROJECT_MANAGER), staff["mia"])
    assert does(heir, "accept").status_code == 302
    assert state(engine) == [("accepted", staff["ben"])]


def test_the_inbox_has_what_is_due_first(
    res: Visitor, mia: Visitor, staff: dict[str, int], engine: Engine, rows: Open
) -> None:
    with rows() as add:
        for role in ("Late", "Any", "Soon", "Own"):
            add.add(Person, name=role, active=True, role=role)
    for role, until in (("Late", "2026-03-02"), ("Any", ""), ("Soon", "2026-03-04")):
        asks(mia, staff["one"], role=role, answer_by=until)
    asks(res, staff["two"], role="Own", answer_by="2026-03-09")
    with writing(engine) as store:
        late = update(ResourceRequest).where(ResourceRequest.role == "Late")
        store.execute(late.values(answer_by=date(2026, 3, 1)))
    page = text_of(res, INBOX)
    found = re.findall(rf'href="{INBOX}/\d+"><bdi>(\w+)', page)
    assert found == ["Late", "Soon", "Own", "Any"]
    assert page.count("overdue") == 1
    assert re.findall(rf'href="{INBOX}/\d+"><bdi>(\w+)', text_of(res, f"{INBOX}?which=own")) == ["Own"]
    assert does(res, "decline", path=f"{INBOX}/1", note="nobody is there").status_code == 302
    assert "Late" not in text_of(res, INBOX)
    assert "nobody is there" in text_of(mia, f"{INBOX}/1")
    assert re.findall(rf'href="{INBOX}/\d+"><bdi>(\w+)', text_of(mia, f"{INBOX}?stands=decided")) == ["Late"]
    assert re.findall(rf'href="{INBOX}/\d+"><bdi>(\w+)', text_of(mia, f"{INBOX}?which=waiting")) == []


def test_the_list_as_a_file(mia: Visitor, res: Visitor, staff: dict[str, int]) -> None:
    asks(mia, staff["one"], skill="", hours="7.5")
    asks(res, staff["two"])
    head, *lines = csv.reader(io.StringIO(res.get(f"{INBOX}.csv?which=own").text.lstrip("\ufeff")))
    assert head[:6] == ["Request", "Project", "Role", "Skill", "Level", "Hours"]
    assert [line[1:9] for line in lines] == [
        ["Two", "Tester", "", "", "16.0", "2026-03-02", "2026-03-13", "2026-03-06"]
    ]
    assert [line[1] for line in csv.reader(io.StringIO(mia.get(f"{INBOX}.csv").text))][1:] == ["One"]
    assert res.get(f"{INBOX}.xlsx").status_code == 200
    assert f'href="{INBOX}.csv?which=own"' in text_of(res, f"{INBOX}?which=own")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"hours": "500"}, "These days have 288 hours in all"),
        ({"role": ""}, "Say which role"),
        ({"level": "3"}, "of a skill that is named"),
        ({"level": "high"}, "A level is 1 to 5"),
        ({"answer_by": "2026-04-01"}, "An answer can be wanted from today on"),
        ({"end": ""}, "Give a day"),
    ],
)
def test_what_cannot_be_asked_for_is_said(
    mia: Visitor, staff: dict[str, int], values: dict[str, str], said: str
) -> None:
    answer = asks(mia, staff["one"], **values)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Tester"' in answer.text or "role" in values


def test_all_that_is_wrong_is_told_beside_its_field(mia: Visitor, staff: dict[str, int]) -> None:
    days = {"start": "", "end": "2026-02-27", "answer_by": "2026-02-01"}
    answer = asks(mia, staff["one"], role="", hours="many", level="9", **days)
    assert answer.status_code == 422
    for name, said in {
        "role": "Say which role", "level": "A level is 1 to 5", "hours": "Give a number", "start": "Give a day",
        "end": "ends before it begins", "answer_by": "from today on",
    }.items():  # fmt: skip
        assert re.search(rf'id="{name}-hint">[^<]*{said}', answer.text), name


def test_a_role_or_skill_that_nobody_has_is_asked_about_once(
    mia: Visitor, staff: dict[str, int], engine: Engine, rows: Open
) -> None:
    with rows() as add:
        add.row(PersonSkill, person_id=staff["ada"], skill="Python", valid_from=MONDAY, level=3)
    what = {"role": "Tster", "skill": "Pyhton"}
    asked = asks(mia, staff["one"], **what)
    assert asked.status_code == 422
    assert "It is not asked yet." in asked.text
    assert "Nobody has the role Tster. The nearest: Tester." in asked.text
    assert "Nobody has the skill Pyhton. The nearest: Python." in asked.text
    assert state(engine) == []
    confirmed = confirmation(asked.text)
    # What was confirmed is what was shown.
    assert asks(mia, staff["one"], **what | {"role": "Tstr"}, confirmed=confirmed).status_code == 422
    assert asks(mia, staff["one"], **what, confirmed=confirmed).status_code == 302
    assert asks(mia, staff["one"], skill="python").status_code == 302
    assert state(engine) == [("open", None)] * 2


def test_the_project_leads_to_its_requests(mia: Visitor, res: Visitor, staff: dict[str, int]) -> None:
    page = text_of(mia, f"/projects/{staff['one']}")
    assert f"{INBOX}/new?project={staff['one']}" in page
    form = text_of(mia, f"{INBOX}/new?project={staff['one']}")
    assert f'<option value="{staff["one"]}" selected>One' in form
    assert ">Two<" not in form


def test_levels_of_skills_are_told_to_who_sees_everybody(
    res: Visitor, signed: Signed, staff: dict[str, int], rows: Open
) -> None:
    with rows() as add:
        row = {"skill": "Python", "valid_from": date(2026, 1, 1), "level": 4}
        add.row(PersonSkill, person_id=staff["ben"], **row)
        add.add(Allocation, person_id=staff["ben"], project_id=staff["one"], start=date(2026, 3, 2),
                end=date(2026, 3, 3), percent=10, kind="soft")  # fmt: skip
    asks(res, staff["one"], skill="python", level="3")
    page = text_of(res, f"{INBOX}/1")
    assert re.findall(r'<label for="person-\d+"><bdi>(\w+)', page) == ["Ben", "Ada"]
    assert ">Level</th>" in page
    narrow = signed("narrow", frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.PROJECT, staff["one"]))}), None)
    page = text_of(narrow, f"{INBOX}/1")
    assert re.findall(r'<label for="person-\d+"><bdi>(\w+)', page) == ["Ben"]
    assert ">Level</th>" not in page


def test_who_may_not_propose_learns_nothing_of_names(mia: Visitor, staff: dict[str, int]) -> None:
    asks(mia, staff["one"])
    told = [does(mia, "propose", other=name).text for name in ("Ada", "Zoe")]
    assert all("for a resource manager to decide" in text and "called" not in text for text in told)


def test_nobody_is_proposed_who_is_out_of_sight(
    signed: Signed, mia: Visitor, staff: dict[str, int], engine: Engine
) -> None:
    asks(mia, staff["one"])
    grants = frozenset({Grant(Role.RESOURCE_MANAGER, Scope(ScopeType.PROJECT, staff["one"]))})
    narrow = signed("narrow", grants, None)
    for named in ({"person": str(staff["ada"])}, {"other": "Ada"}, {"person": "98765"}):
        answer = does(narrow, "propose", **named)
        assert answer.status_code == 422
        assert "Nobody in sight is called that" in answer.text
        assert "too much" not in answer.text
    assert state(engine) == [("open", None)]
