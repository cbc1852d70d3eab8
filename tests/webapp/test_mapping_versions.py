"""Versions of the mapping on a page: the draft in words, its preview, approving, discarding, the way back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from flask import Flask
from msgspec.structs import replace
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.access import AuditEntry
from portfolio.organisation import Separation, change_settings
from portfolio.store.engine import reading, writing
from sync import versions
from sync.inbox.meaning import Subject, decide
from sync.mapping.document import ConnectionRules, Mapping, ProjectRule, Source
from sync.mapping.strangers import strangers
from sync.preview import requests as previews
from sync.preview.result import Change, Example, Failure, Figure, KpiChange, Move, Result, Said, Turn
from sync.versions import Version
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor, admit
from webapp.accounts.users import add_account

BLOCKED = decide(Mapping(), ["Jira EU"], Subject.STATUS, "Stuck <i>", "in_progress blocked")
PAGE = "/mapping/versions"
Open = Callable[[], AbstractContextManager[Rows]]


def drafted(engine: Engine, clock: Clock, name: str = "ada", mapping: Mapping = BLOCKED) -> Version:
    with writing(engine) as store:
        begun = versions.begin(store, clock(), name, COMMAND)
        return versions.change(store, begun.id, begun.revision, mapping, clock(), name, COMMAND)


def made_from(draft: Version) -> dict[str, str]:
    return {"draft": str(draft.id), "revision": str(draft.revision)}


def apart(engine: Engine, clock: Clock) -> None:
    """Let nobody approve what they wrote."""
    with writing(engine) as store:
        change_settings(store, Separation(small=False), clock(), COMMAND)


@pytest.fixture
def bea(app: Flask, engine: Engine, clock: Clock) -> Visitor:
    with writing(engine) as store:
        user = add_account(store, "bea", usual(Role.PMO_LEAD), clock(), COMMAND)
    visitor = Visitor(app.test_client())
    admit(visitor.client, user, clock())
    return visitor


def in_words(text: str) -> str:
    return " ".join(text.split())


def test_a_connection_that_does_not_exist_is_told(ada: Visitor, engine: Engine, clock: Clock, rows: Open) -> None:
    strange = replace(BLOCKED, connections=BLOCKED.connections | {"Jira <b>": ConnectionRules(profile="standard")})
    source = Source(connection="Jira <b>", name="ONE")
    drafted(engine, clock, mapping=replace(strange, projects=(ProjectRule(code="ONE", sources=(source,)),)))
    text = in_words(ada.text(PAGE))
    assert "2 connections named in the draft do not exist" in text
    assert "<bdi>Jira &lt;b&gt;</bdi>, at" in text
    assert "and 1 more" in text
    with rows() as add:
        add.connection("Jira EU")
    assert "1 connection named in the draft does not exist" in in_words(ada.text(PAGE))
    assert strangers(BLOCKED, ("Jira EU",)) == ()


def test_a_draft_is_told_in_words_and_another_person_approves_it(
    ada: Visitor, bea: Visitor, engine: Engine, clock: Clock
) -> None:
    apart(engine, clock)
    draft = drafted(engine, clock)
    text = ada.text(PAGE)
    assert "status Stuck &lt;i&gt;: becomes in progress, blocked" in text
    assert "another person has to approve it" in in_words(text)
    refused = ada.post(f"{PAGE}/approve", PAGE, **made_from(draft))
    assert refused.status_code == 409
    assert "you edited the draft last" in refused.text
    assert bea.post(f"{PAGE}/approve", PAGE, **made_from(draft), note="as agreed").status_code == 302
    text = in_words(bea.text(PAGE))
    assert "Version 1 is in force since 09:00; no draft is open" in text
    assert "as agreed" in text
    with reading(engine) as store:
        held = versions.in_force(store)
    assert held is not None
    assert (held.mapping, held.approved_by, held.self_approved) == (BLOCKED, "bea", False)


def test_there_is_a_way_back(ada: Visitor, engine: Engine, clock: Clock) -> None:
    first = drafted(engine, clock)
    ada.post(f"{PAGE}/approve", PAGE, **made_from(first))
    second = drafted(engine, clock, mapping=Mapping())
    ada.post(f"{PAGE}/approve", PAGE, **made_from(second))
    assert "is said no more" in in_words(ada.text(f"{PAGE}?number=2")) or "removed" in ada.text(f"{PAGE}?number=2")
    assert ada.post(f"{PAGE}/rollback", PAGE, number="1").status_code == 302
    text = in_words(ada.text(PAGE))
    assert "Version 3 is in force" in text
    assert "Brings back version 1" in text
    assert "by the same person" in text
    with reading(engine) as store:
        held = versions.in_force(store)
    assert held is not None
    assert held.mapping == BLOCKED
    assert ada.post(f"{PAGE}/rollback", PAGE, number="99").status_code == 404


def test_a_draft_that_moved_on_is_neither_approved_nor_discarded(
    ada: Visitor, bea: Visitor, engine: Engine, clock: Clock
) -> None:
    seen = drafted(engine, clock, "ada", Mapping(connections={"Jira EU": ConnectionRules()}))
    drafted(engine, clock, "cyn")
    for action in ("approve", "discard"):
        refused = bea.post(f"{PAGE}/{action}", PAGE, **made_from(seen), note="typed")
        assert refused.status_code == 409
        assert "cyn</bdi> changed the draft" in refused.text
        assert 'value="typed"' in refused.text
    with reading(engine) as store:
        now = versions.draft(store)
    assert now is not None
    assert bea.post(f"{PAGE}/discard", PAGE, **made_from(now)).status_code == 302
    assert "The draft is discarded" in bea.text(PAGE)


def test_what_is_faulty_does_not_come_in_force(bea: Visitor, engine: Engine, clock: Clock) -> None:
    draft = drafted(engine, clock, mapping=Mapping(connections={"Jira EU": ConnectionRules(profile="nowhere")}))
    assert "connections" in bea.text(PAGE)
    refused = bea.post(f"{PAGE}/approve", PAGE, **made_from(draft))
    assert refused.status_code == 422
    assert "1 fault: nothing of it can come in force" in in_words(refused.text)
    with reading(engine) as store:
        assert versions.in_force(store) is None


def test_a_preview_is_asked_for_stopped_and_told(ada: Visitor, engine: Engine, clock: Clock) -> None:
    draft = drafted(engine, clock)
    assert ada.post(f"{PAGE}/preview", PAGE, **made_from(draft)).status_code == 302
    text = ada.text(PAGE)
    assert "It waits for a process that is free" in text
    assert "every 2s" in text
    with reading(engine) as store:
        asked = previews.newest(store, draft.id)
    assert asked is not None
    assert ada.post(f"{PAGE}/preview/stop", PAGE, preview=str(asked.id)).status_code == 302
    assert "It was stopped by" in in_words(ada.text(PAGE))
    ada.post(f"{PAGE}/preview/stop", PAGE, preview=str(asked.id))
    assert "Nothing to stop" in ada.text(PAGE)


RESULT = Result(
    as_of=date(2026, 3, 2),
    looked_at=datetime(2026, 3, 2, 8, 59, tzinfo=UTC),
    seconds=1.5,
    items=812,
    changed=40,
    changes=(Change("flow", 40),),
    moves=(Move("flow", "active", "blocked", 40),),
    kpis=(KpiChange("all", 0, "", "", "SCH-09", Figure(0.04, "green"), Figure(0.2, "red")),),
    failed=1,
    failures=(Failure("Jira EU", "items", "77", "the start date is <b>odd</b>"),),
    examples=(
        Example(
            1, "Jira EU", "ONE-1", "A <u>title</u>", "https://x.invalid/1", (Said("status", "Stuck"),),
            (Turn("flow", "flow", "active", "blocked"),),
        ),
    ),
)  # fmt: skip


def test_what_a_preview_found_is_shown_until_the_draft_moves_on(ada: Visitor, engine: Engine, clock: Clock) -> None:
    draft = drafted(engine, clock)
    asked = previews.ask(engine, draft.id, draft.revision, "ada", clock(), COMMAND)
    assert previews.take(engine, asked, clock()) is not None
    with writing(engine) as store:
        previews.beat(store, asked, clock(), 200, 812)
    assert "200 of 812 items are looked at" in in_words(ada.text(PAGE))
    previews.finish(engine, asked, previews.DONE, clock(), result=RESULT)
    text = in_words(ada.text(PAGE))
    assert "40 of 812 items would change" in text
    assert "Overdue items" in text
    assert "another colour" in text
    assert "the start date is &lt;b&gt;odd" in text
    assert "A &lt;u&gt;title" in text
    assert "The draft was changed since" not in text
    drafted(engine, clock, mapping=Mapping(connections={"Jira EU": ConnectionRules()}))
    assert "The draft was changed since" in ada.text(PAGE)


def test_a_mapping_goes_out_and_in_as_a_file(ada: Visitor, engine: Engine, clock: Clock) -> None:
    draft = drafted(engine, clock)
    text = ada.text("/mapping/mapping.toml")
    assert '"Stuck <i>"' in text
    ada.post(f"{PAGE}/approve", PAGE, **made_from(draft))
    other = text.replace('flow = "blocked"', 'flow = "wait"')
    before = noted(engine)
    assert send_file(ada, other).status_code == 302
    assert noted(engine)[len(before) :] == ["mapping.begun", "mapping.changed"]
    assert "status Stuck &lt;i&gt;: was in progress, blocked, becomes in progress, waiting" in ada.text(PAGE)
    assert ada.text("/mapping/mapping.toml") == other
    assert ada.text("/mapping/mapping.toml?number=1") == text
    ada.text("/mapping/mapping.toml?number=7", 404)
    refused = send_file(ada, text)
    assert refused.status_code == 409  # made from no draft, and there is one by now
    assert ada.text("/mapping/mapping.toml") == other


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "there is nothing in the file"), ("format = 99", "newer Sightline"), ("a = [", "no TOML"), ("x = 1", "x")],
)
def test_a_file_that_is_no_mapping_is_told_where(ada: Visitor, engine: Engine, text: str, why: str) -> None:
    refused = send_file(ada, text)
    assert refused.status_code == 422
    assert why in refused.text
    with reading(engine) as store:
        assert versions.draft(store) is None


def noted(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return list(store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def send_file(visitor: Visitor, text: str) -> TestResponse:
    data = {"csrf_token": visitor.token(PAGE), "draft": "", "revision": "", "file": (BytesIO(text.encode()), "m.toml")}
    return visitor.client.post("/mapping/import", data=data, content_type="multipart/form-data")
