"""Roles, scopes, switches and persons of accounts from the command line: given, taken away, refused with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from portfolio.access.grants import usual
from portfolio.access.roles import Grant, Role, Scope, ScopeType
from portfolio.model.access import AuditEntry
from portfolio.model.people import PersonIdentity
from portfolio.store.engine import open_engine, reading, writing
from tests.cli.conftest import Sightline
from tests.webapp.builders import Rows
from webapp.accounts.users import User, user_named


@pytest.fixture
def pat(prepared: Sightline, monkeypatch: pytest.MonkeyPatch) -> Sightline:
    """A prepared folder where Pat is an executive; the account made by `init` is the one admin."""
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "the first pass phrase")
    assert prepared("user", "add", "pat", "--role", "executive").code == 0
    return prepared


@pytest.fixture
def engine(pat: Sightline, tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def places(engine: Engine) -> dict[str, int]:
    """A portfolio, a program and a project of a segment, and two persons called Mia."""
    with writing(engine) as store:
        add = Rows(store)
        jira = add.connection()
        growth = add.portfolio("Growth")
        program = add.program("Self-service", growth)
        mia, other = add.person("Mia Manager"), add.person("Mia Other")
        project = add.project("Portal", jira, program_id=program, manager_id=mia, segment="North")
        for person, name in ((mia, "mia.m"), (other, "mia.o")):
            row = {"connection_id": jira, "external_id": name, "name": name, "person_id": person}
            store.execute(insert(PersonIdentity).values(active=True, human=True, listed=True, **row))
    return {"portfolio": growth, "program": program, "project": project, "mia": mia, "other": other}


CODES = {"portfolio": "F1", "program": "G2", "project": "P3"}


def user(engine: Engine, name: str = "pat") -> User:
    with reading(engine) as store:
        found = user_named(store, name)
    assert found is not None
    return found


def grants(engine: Engine, name: str = "pat") -> frozenset[Grant]:
    return user(engine, name).viewer.grants


def admin_name(sightline: Sightline) -> str:
    listed = sightline("user", "list", "--json").document["users"]
    return str(next(it["name"] for it in listed if any(grant["role"] == "admin" for grant in it["grants"])))


@pytest.mark.parametrize("kind", ["portfolio", "program", "project"])
def test_a_role_over_a_place_is_given_and_taken_away(
    pat: Sightline, engine: Engine, places: dict[str, int], kind: str
) -> None:
    over = (f"--{kind}", CODES[kind])
    assert pat("user", "grant", "pat", "auditor", *over).code == 0
    wish = Grant(Role.AUDITOR, Scope(ScopeType(kind), places[kind]))
    assert grants(engine) == usual(Role.EXECUTIVE) | {wish}
    assert "was already" in pat("user", "grant", "pat", "auditor", *over).err
    assert pat("user", "revoke", "pat", "auditor", *over).code == 0
    assert grants(engine) == usual(Role.EXECUTIVE)
    with reading(engine) as store:
        assert store.scalars(select(AuditEntry.action)).all()[-2:] == ["user.grants_changed"] * 2


def test_a_role_over_a_segment_and_over_the_usual(pat: Sightline, engine: Engine, places: dict[str, int]) -> None:
    assert pat("user", "grant", "pat", "project_manager", "--segment", "North").code == 0
    assert pat("user", "grant", "pat", "program_manager").code == 0
    north = Grant(Role.PROJECT_MANAGER, Scope(ScopeType.SEGMENT, segment="North"))
    assert grants(engine) == usual(Role.EXECUTIVE, Role.PROGRAM_MANAGER) | {north}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["grant", "nobody", "auditor"], 1, "sightline user list"),
        (["grant", "pat", "king"], 2, "king"),
        (["grant", "pat", "auditor", "--portfolio", "F99"], 1, "no portfolio with the code 'F99'"),
        (["grant", "pat", "auditor", "--segment", "South"], 1, "no project is in a segment 'South'"),
        (["grant", "pat", "auditor", "--project", "P3", "--segment", "North"], 2, "give one of them"),
        (["grant", "pat", "admin", "--project", "P3"], 1, "cannot be held over project"),
        (["revoke", "pat", "auditor"], 1, "but executive all"),
        (["switch", "nobody", "off"], 1, "there is no user 'nobody'"),
        (["link", "pat", "Zoe"], 1, "know no person 'Zoe'"),
        (["link", "pat", "4711"], 1, "know no person '4711'"),
    ],
)
@pytest.mark.usefixtures("places")
def test_what_cannot_be_done(pat: Sightline, engine: Engine, words: list[str], code: int, said: str) -> None:
    refused = pat("user", *words)
    assert refused.code == code
    assert said in refused.err
    assert grants(engine) == usual(Role.EXECUTIVE)


def test_the_last_admin_stays(pat: Sightline, engine: Engine) -> None:
    name = admin_name(pat)
    for words in (["revoke", name, "admin"], ["switch", name, "off"]):
        refused = pat("user", *words)
        assert refused.code == 1
        assert "this is the last admin" in refused.err
    assert Role.ADMIN in user(engine, name).viewer.roles
    assert pat("user", "grant", "pat", "admin").code == 0
    assert pat("user", "revoke", name, "admin").code == 0
    assert Role.ADMIN not in user(engine, name).viewer.roles


def test_an_account_is_switched_off_and_on(pat: Sightline, engine: Engine) -> None:
    before = user(engine).epoch
    assert pat("user", "switch", "pat", "off").code == 0
    assert user(engine).epoch > before  # no session goes on
    assert "off" in pat("user", "list").out
    assert pat("user", "switch", "pat", "on").code == 0
    assert next(it for it in pat("user", "list", "--json").document["users"] if it["name"] == "pat")["active"]


def test_an_account_is_linked_to_a_person(pat: Sightline, engine: Engine, places: dict[str, int]) -> None:
    several = pat("user", "link", "pat", "mia")
    assert several.code == 1
    assert "mia.m in Jira EU" in several.out
    assert "mia.o in Jira EU" in several.out
    assert "sightline user link pat NUMBER" in several.err
    assert user(engine).viewer.person_id is None
    linked = pat("user", "link", "pat", "Mia Manager")
    assert "Projects managed: 1, sponsored: 0" in linked.err
    assert user(engine).viewer.person_id == places["mia"]
    assert pat("user", "link", "pat", str(places["other"])).code == 0
    assert user(engine).viewer.person_id == places["other"]


def test_a_service_account_is_no_human(pat: Sightline, engine: Engine, places: dict[str, int]) -> None:
    assert pat("user", "add", "robot", "--service").code == 0
    assert "no human" in pat("user", "link", "robot", "Mia Manager").err
    assert user(engine, "robot").viewer.person_id is None


def test_accounts_are_listed(pat: Sightline, places: dict[str, int]) -> None:
    pat("user", "link", "pat", "Mia Manager")
    pat("user", "grant", "pat", "auditor", "--portfolio", "F1")
    found: dict[str, Any] = next(it for it in pat("user", "list", "--json").document["users"] if it["name"] == "pat")
    assert (found["origin"], found["active"], found["person"]) == ("local", True, "Mia Manager")
    assert found["grants"] == [
        {"role": "auditor", "scope": "portfolio", "scope_id": places["portfolio"], "segment": None, "origin": "hand"},
        {"role": "executive", "scope": "all", "scope_id": None, "segment": None, "origin": "hand"},
    ]
    shown = pat("user", "list").out
    assert "auditor portfolio" in shown
    assert "Mia Manager" in shown
    assert "never" in shown
