"""Who is who on the pages: found, suggested, decided many at once, taken back, and as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import BytesIO

import pytest
from sqlalchemy import Engine, select

from portfolio.model.access import AuditEntry
from portfolio.model.base import EVER
from portfolio.model.oversight import HistoryDue
from portfolio.model.people import Person, PersonIdentity
from portfolio.store.engine import reading
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

HOSTILE = "<img src=x onerror=alert(1)>"
Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def crowd(rows: Open) -> list[int]:
    """Mia and Ned at two trackers each, as two persons; and one with a hostile name."""
    with rows() as add:
        made = []
        connections = [add.connection("Jira EU"), add.connection("Asana", "asana")]
        for number, name in enumerate(("Mia Example", "Example, Mia", "Ned Other", "Нед Отер", HOSTILE)):
            made.append(add.person(name))
            account = {"connection_id": connections[number % 2], "external_id": f"a{number}", "name": name}
            add.add(PersonIdentity, **account, person_id=made[-1])
    return made


def names(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return list(store.scalars(select(Person.name).order_by(Person.id)))


def test_everybody_is_listed_and_found(ada: Visitor, crowd: list[int]) -> None:
    page = ada.text("/people")
    assert "5 persons" in page
    assert HOSTILE not in page
    found = ada.text("/people?q=mia")
    assert "2 persons" in found
    assert "Ned" not in found
    assert "Nobody fits" in ada.text("/people?q=zzz")
    assert ada.get("/people/987654").status_code == 404


def test_many_are_decided_at_once_and_taken_back(ada: Visitor, crowd: list[int], engine: Engine) -> None:
    mia, other, *_ = crowd
    page = ada.text("/people/suggestions")
    assert f'value="{mia}-{other}"' in page
    assert "parts in another order" in page
    assert "Choose suggestions first" in ada.post("/people/suggestions", do="accept").text
    assert ada.post("/people/suggestions", do="accept", pair=f"{mia}-{other}").status_code == 302
    assert "1 made one person" in ada.text("/people/suggestions")
    assert "Example, Mia" not in names(engine)
    person = ada.text(f"/people/{mia}")
    assert "2 accounts at trackers" in person
    assert "Undo decision 1" in person
    assert ada.post("/people/decisions/1/undo").status_code == 302
    assert names(engine)[:2] == ["Mia Example", "Example, Mia"]
    assert "undone by" in ada.text("/people/decisions")
    refused = ada.post("/people/decisions/1/undo")
    assert refused.status_code == 422
    assert "was undone already" in refused.text
    assert ada.post("/people/suggestions", do="reject", pair=f"{mia}-{other}").status_code == 302
    assert f'value="{mia}-{other}"' not in ada.text("/people/suggestions")
    for pair in ("1-1", "1-987654", f"{mia}"):
        assert ada.post("/people/suggestions", do="accept", pair=pair).status_code == 422


def test_two_are_merged_by_hand_and_split_again(ada: Visitor, crowd: list[int], engine: Engine) -> None:
    mia, _, ned, *_ = crowd
    assert ada.post(f"/people/{mia}/merge", other="x").status_code == 422
    assert ada.post(f"/people/{mia}/merge", other=str(ned)).status_code == 302
    with reading(engine) as store:
        theirs = list(store.scalars(select(PersonIdentity.id).where(PersonIdentity.person_id == mia)))
    none = ada.post(f"/people/{mia}/split")
    assert none.status_code == 422
    assert "choose accounts" in none.text.casefold()
    assert ada.post(f"/people/{mia}/split", account="9" * 5000).status_code == 422
    answer = ada.post(f"/people/{mia}/split", account=str(theirs[1]))
    assert answer.status_code == 302
    assert "Ned Other" in ada.text(answer.headers["Location"])


def test_what_is_entered_is_kept_or_refused_with_what_was_typed(
    ada: Visitor, crowd: list[int], engine: Engine, rows: Open
) -> None:
    with rows() as add:
        add.project("One")
    mia, other, *_ = crowd
    form = {"name": "Mia Example", "role": "Lead", "fte": "62.5%", "teams": "Blue 60%", "manager": str(other)}
    asked = ada.post(f"/people/{mia}", **form, active="on")
    assert (asked.status_code, "it would hold for all time: that would correct the past" in asked.text) == (422, True)
    assert ada.post(f"/people/{mia}", **form, active="on", correction="1").status_code == 302
    page = ada.text(f"/people/{mia}")
    for text in ('value="Lead"', 'value="62.5%"', 'value="Blue 60%"', "Saved."):
        assert text in page
    for wrong, said in (
        ({"manager": "x"}, "by their number"),
        ({"manager": "987654"}, "no person 987654"),
        ({"fte": "much"}, "is no share"),
        ({"calendar": "Moon"}, "no such calendar"),
        ({"teams": "Blue 300%"}, "Write teams as"),
        ({"since": "soon"}, "is written 2026-03-14"),
    ):
        answer = ada.post(f"/people/{mia}", **(form | {"role": "Typed"} | wrong))
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="Typed"' in answer.text
    later = form | {"fte": "40%", "since": "2026-05-01", "active": "on"}
    assert ada.post(f"/people/{mia}", **later).status_code == 302
    page = ada.text(f"/people/{mia}")
    assert 'value="62.5%"' in page  # today
    assert "until 2026-05-01: 63%; from 2026-05-01: 40%." in " ".join(page.split())
    past = form | {"fte": "50%", "since": "2026-01-05", "active": "on"}
    refused = ada.post(f"/people/{mia}", **past)
    assert (refused.status_code, "2026-01-05 is past: that would correct the past" in refused.text) == (422, True)
    assert ada.post(f"/people/{mia}", **past, correction="1").status_code == 302
    with reading(engine) as store:
        assert list(store.scalars(select(HistoryDue.from_day))) == [EVER]
        noted = store.scalars(select(AuditEntry.new).where(AuditEntry.action == "person.changed")).all()
    assert [json.loads(it or "")["correction"] for it in (noted[0], noted[-1])] == [True, True]
    circle = ada.post(f"/people/{other}", name="Other", manager=str(mia))
    assert "nobody is above themselves" in circle.text


def test_the_table_goes_out_and_comes_in(ada: Visitor, crowd: list[int], engine: Engine) -> None:
    table = ada.get("/people/table/people.csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    token = ada.token("/password")
    send = {"csrf_token": token, "file": (BytesIO(table.data), "people.csv")}
    assert ada.client.post("/people/table", data=send).status_code == 302
    assert "the same 5" in ada.text("/people/table")
    wrong = ada.post("/people/table", rows="name;fte\nNew;much\nNewer;50%\n")
    assert wrong.status_code == 422
    assert "1 of 2 rows is wrong" in wrong.text
    assert "is no share" in wrong.text
    assert len(names(engine)) == 5
    report = ada.post("/people/table", rows="name;fte\nNew;much\nNewer;50%\n", do="report")
    assert "attachment" in report.headers["Content-Disposition"]
    assert "is no share" in report.text
    assert "no rows" in ada.post("/people/table").text
    assert ada.post("/people/table", rows="name;fte\nNewer;50%\n").status_code == 302
    assert "Newer" in names(engine)
