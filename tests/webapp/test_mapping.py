"""The inbox of the mapping: what waits, accepting and ignoring, and two people at one draft. On both databases."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import Engine

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.store.engine import reading, writing
from sync import versions
from sync.inbox.meaning import Subject, decide
from sync.mapping.document import FieldRule, Mapping, ProjectRule, Rules, Source
from sync.mapping.profile import StatusRule
from tests.conftest import Clock
from tests.webapp.conftest import Visitor, admit
from tests.webapp.studio import fill_studio
from webapp.accounts.users import add_account

ROW = re.compile(r'name="value-(?P<row>[^"]+)" value="(?P<value>[^"]+)"')


@pytest.fixture
def studio(engine: Engine, clock: Clock) -> None:
    fill_studio(engine, clock())


def rules(engine: Engine) -> Rules:
    """What the draft says for all projects."""
    with reading(engine) as store:
        found = versions.draft(store)
    return found.mapping.profiles["standard"].rules if found is not None else Rules()


def form(text: str) -> dict[str, str]:
    """The hidden fields of the form: from which draft it was made, and which row is which value."""
    found = {
        name: value for name in ("draft", "revision") for value in re.findall(rf'name="{name}" value="(\d*)"', text)
    }
    return found | {f"value-{row}": value for row, value in ROW.findall(text)}


def row_of(text: str, value: str) -> str:
    return next(row for row, found in ROW.findall(text) if found == value)


def test_what_the_trackers_do_not_have_is_told(ada: Visitor, engine: Engine, clock: Clock) -> None:
    tracker = fill_studio(engine, clock())
    assert "the trackers do not have" not in ada.text("/mapping")
    nowhere = ProjectRule(code="A", sources=(Source(connection="Jira EU", name="NOPE"),))
    with writing(engine) as store:
        draft = versions.begin(store, clock(), "ada", COMMAND)
        draft = versions.change(store, draft.id, draft.revision, Mapping(projects=(nowhere,)), clock(), "ada", COMMAND)
        versions.approve(store, draft.id, draft.revision, clock(), "bob", COMMAND)
    tracker.sync()
    assert "there is no project “NOPE”" in ada.text("/mapping")


@pytest.mark.usefixtures("studio")
def test_the_page_says_what_waits_and_why(ada: Visitor) -> None:
    text = ada.text("/mapping")
    assert ada.first_button(text, "/mapping") == "accept", "Enter in a row does what is chosen, not the first row"
    assert "12 values wait for a meaning; the defaults are in force; 1 item is in no project." in " ".join(text.split())
    assert "its name is like “anforderung”" in text
    assert "<script>alert" not in text
    assert "Cost centre &lt;b&gt;" in text
    assert "Pondering" not in ada.text("/mapping?subject=kind")
    assert "None fits the filter" in ada.text("/mapping?q=nothing-like-it")


@pytest.mark.usefixtures("studio")
def test_accepting_one_writes_it_into_a_draft(ada: Visitor, engine: Engine) -> None:
    text = ada.text("/mapping")
    row = row_of(text, "status Pondering")
    given = form(text) | {"do": f"accept-{row}", f"meaning-{row}": "in_progress wait"}
    assert ada.post("/mapping", "/mapping", **given).status_code == 302
    assert rules(engine) == Rules(statuses={"Pondering": StatusRule("in_progress", "wait")})
    after = ada.text("/mapping")
    assert "1 meaning written into the draft" in after
    assert "a draft is open by" in " ".join(after.split())
    assert 'value="status Pondering"' not in after


@pytest.mark.usefixtures("studio")
def test_many_at_once_and_what_is_of_no_interest(ada: Visitor, engine: Engine) -> None:
    text = ada.text("/mapping")
    kind, field = row_of(text, "kind Anforderungen"), row_of(text, "field Effort in days")
    given = form(text) | {f"meaning-{kind}": "story", f"meaning-{field}": "estimate days", "do": "accept"}
    data = [*given.items(), ("pick", kind), ("pick", field), ("csrf_token", ada.token("/mapping"))]
    assert ada.client.post("/mapping", data=dict_of_lists(data)).status_code == 302
    assert rules(engine).kinds == {"Anforderungen": "story"}
    assert rules(engine).fields == {"estimate": (FieldRule(field="Effort in days", unit="days"),)}
    text = ada.text("/mapping")
    row = row_of(text, "field Cost centre &lt;b&gt;")
    given = form(text) | {f"value-{row}": "field Cost centre <b>", "do": f"ignore-{row}"}
    assert ada.post("/mapping", "/mapping", **given).status_code == 302
    assert rules(engine).ignored == ("Cost centre <b>",)
    assert "Cost centre" not in ada.text("/mapping")


def dict_of_lists(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.usefixtures("studio")
def test_of_two_people_at_one_draft_nobody_overwrites_the_other(
    ada: Visitor, app: Flask, engine: Engine, clock: Clock
) -> None:
    with writing(engine) as store:
        bea = add_account(store, "bea", usual(Role.PMO_LEAD), clock(), COMMAND)
    other = Visitor(app.test_client())
    admit(other.client, bea, clock())
    mine, theirs = ada.text("/mapping"), other.text("/mapping")
    row = row_of(theirs, "status Brooding")
    taken = other.post(
        "/mapping", "/mapping", **form(theirs), **{"do": f"accept-{row}", f"meaning-{row}": "todo active"}
    )
    assert taken.status_code == 302
    row = row_of(mine, "status Pondering")
    mine_too = form(mine) | {"do": f"accept-{row}", f"meaning-{row}": "in_progress blocked", "pick": row}
    refused = ada.post("/mapping", "/mapping", **mine_too)
    assert refused.status_code == 409
    assert "bea</bdi> changed the draft" in refused.text
    assert rules(engine).statuses == {"Brooding": StatusRule("todo")}
    assert '<option value="in_progress blocked" selected>' in refused.text  # what was typed is kept
    again = form(refused.text)
    row = row_of(refused.text, "status Pondering")
    sent = ada.post("/mapping", "/mapping", **again, **{"do": f"accept-{row}", f"meaning-{row}": "in_progress blocked"})
    assert sent.status_code == 302
    assert set(rules(engine).statuses) == {"Brooding", "Pondering"}


@pytest.mark.usefixtures("studio")
def test_what_is_no_meaning_is_told_beside_the_value(ada: Visitor, engine: Engine) -> None:
    text = ada.text("/mapping")
    row = row_of(text, "status Pondering")
    refused = ada.post("/mapping", "/mapping", **form(text), **{"do": f"accept-{row}", f"meaning-{row}": ""})
    assert refused.status_code == 422
    assert "say what it means" in refused.text
    with reading(engine) as store:
        assert versions.draft(store) is None
    assert ada.post("/mapping", "/mapping", **form(text), do="accept").status_code == 302
    assert "Nothing was chosen" in ada.text("/mapping")


@pytest.mark.usefixtures("studio")
def test_new_words_after_an_approval_are_marked(ada: Visitor, app: Flask, engine: Engine, clock: Clock) -> None:
    with writing(engine) as store:
        begun = versions.begin(store, clock(), "ada", COMMAND)
        versions.change(store, begun.id, begun.revision, Mapping(), clock(), "ada", COMMAND)
    assert "of them new since the approval" not in ada.text("/mapping")
    with writing(engine) as store:
        clock.advance(days=-1)
        versions.approve(store, begun.id, begun.revision, clock(), "bea", COMMAND)
        clock.advance(days=1)
    clock.advance(minutes=1)
    assert "12 of them new since the approval; version 1 is in force" in " ".join(ada.text("/mapping").split())
    assert "9 words of the trackers are new since the mapping was approved" in ada.text("/")
    assert "words of the trackers" not in ada.text("/mapping")
    with writing(engine) as store:
        fresh = versions.begin(store, clock(), "ada", COMMAND)
        decided = decide(Mapping(), ["Jira EU"], Subject.STATUS, "Pondering", "todo")
        versions.change(store, fresh.id, fresh.revision, decided, clock(), "ada", COMMAND)
        user = add_account(store, "exec", usual(Role.EXECUTIVE), clock(), COMMAND)
    clock.advance(minutes=1)
    assert "8 words of the trackers are new" in ada.text("/")
    other = Visitor(app.test_client())
    admit(other.client, user, clock())
    assert "words of the trackers" not in other.text("/")


def test_nothing_waits_in_an_empty_portfolio(ada: Visitor) -> None:
    text = ada.text("/mapping")
    assert "Nothing waits" in text
    assert "every item is in a project" in text
