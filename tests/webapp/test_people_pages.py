"""The people of the trackers on the pages: found, told what is kept of them, erased after their name was typed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine, insert, select

from portfolio.model.access import AuditEntry
from portfolio.model.people import Person, PersonIdentity
from portfolio.store.engine import reading, writing
from sync.run.lease import Lease
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

HOSTILE = "<img src=x onerror=alert(1)>"
Open = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def mia(rows: Open, engine: Engine, clock: Clock) -> int:
    with rows() as add:
        jira = add.connection()
        person_id = add.person("Mia Example")
        add.person(HOSTILE)
        add.item(add.project("One", jira), jira, created=clock().date(), assignee_id=person_id)
    with writing(engine) as store:
        about = {"name": "Mia Example", "active": True, "human": True, "listed": True}
        store.execute(
            insert(PersonIdentity).values(connection_id=jira, external_id="acc-1", person_id=person_id, **about)
        )
    return person_id


def name_of(engine: Engine, person_id: int) -> str | None:
    with reading(engine) as store:
        return store.scalar(select(Person.name).where(Person.id == person_id))


def noted(engine: Engine) -> list[tuple[str, int | None]]:
    with reading(engine) as store:
        rows = store.execute(select(AuditEntry.action, AuditEntry.subject_id).order_by(AuditEntry.id))
        return [(action, subject) for action, subject in rows]


def test_nobody_is_listed_before_somebody_is_looked_for(ada: Visitor, mia: int) -> None:
    assert "Mia" not in ada.text("/settings/people")
    assert "Mia Example" in ada.text("/settings/people?q=exam")
    assert "Mia Example" in ada.text(f"/settings/people?q={mia}")
    assert "Nobody the trackers tell of" in ada.text("/settings/people?q=zzz")
    assert HOSTILE not in ada.text("/settings/people?q=img")


def test_a_person_is_erased_when_the_name_was_typed(ada: Visitor, mia: int, engine: Engine) -> None:
    page = ada.text(f"/settings/people/{mia}")
    assert "1 account at trackers" in page
    refused = ada.post(f"/settings/people/{mia}/erase", name="Mia", reason="asked for it")
    assert refused.status_code == 422
    assert "exactly as it stands" in refused.text
    assert 'value="asked for it"' in refused.text
    for reason in ("", "Mia Example asked for it", "x" * 501):
        assert ada.post(f"/settings/people/{mia}/erase", name="Mia Example", reason=reason).status_code == 422
    assert name_of(engine, mia) == "Mia Example"
    done = ada.post(f"/settings/people/{mia}/erase", name="Mia Example", reason="asked for it")
    assert done.status_code == 302
    assert name_of(engine, mia) == f"Person {mia}"
    page = ada.text(f"/settings/people/{mia}")
    assert "The person is erased" in page
    assert "Erase for good" not in page
    assert "Mia" not in page
    assert ("person.erased", mia) in noted(engine)


def test_while_a_run_is_under_way_nothing_is_erased(ada: Visitor, mia: int, engine: Engine, clock: Clock) -> None:
    with writing(engine) as store:
        Lease(1, "Jira EU", 77).acquire(store, clock())
    refused = ada.post(f"/settings/people/{mia}/erase", name="Mia Example", reason="asked for it")
    assert refused.status_code == 422
    assert "when that run has ended" in refused.text
    assert name_of(engine, mia) == "Mia Example"


def test_what_is_kept_comes_as_a_file_and_each_look_is_noted(ada: Visitor, mia: int, engine: Engine) -> None:
    before = len(noted(engine))
    ada.text(f"/settings/people/{mia}")
    answer = ada.get(f"/settings/people/{mia}.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="person-{mia}.json"'
    found = answer.get_json()
    assert found["person"]["name"] == "Mia Example"
    assert [it["external_id"] for it in found["identities"]] == ["acc-1"]
    assert len(found["items"]) == 1
    assert [look["action"] for look in found["looked_at"]] == ["person.viewed"]
    assert noted(engine)[before:] == [("person.viewed", mia), ("person.exported", mia)]


def test_who_is_not_there_is_not_found(ada: Visitor) -> None:
    for path in ("/settings/people/4711", "/settings/people/4711.json"):
        assert ada.get(path).status_code == 404
    assert ada.post("/settings/people/4711/erase", name="x", reason="x").status_code == 404
