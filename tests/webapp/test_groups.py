"""The page of groups: what they give is added and removed, and the audit log knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine, select

from portfolio.access.grants import usual
from portfolio.access.groups import grants_of, mappings
from portfolio.access.roles import EVERYTHING, Grant, Role, Scope, ScopeType
from portfolio.audit.entry import COMMAND
from portfolio.model.access import AuditEntry
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.accounts.local import add_user

GROUPS = "/settings/groups"


def noted(engine: Engine) -> list[tuple[str, object, object]]:
    with reading(engine) as connection:
        found = connection.execute(
            select(AuditEntry.action, AuditEntry.old, AuditEntry.new)
            .where(AuditEntry.action.like("group.%"))
            .order_by(AuditEntry.id)
        )
        return [(action, *(text and json.loads(text) for text in texts)) for action, *texts in found]


def test_a_group_gives_a_role_until_it_is_removed(engine: Engine, ada: Visitor) -> None:
    assert "No group" in ada.text(GROUPS) or "Nobody signs in at a provider" in ada.text(GROUPS)
    assert ada.post(GROUPS, group=" pmo office ", role="pmo_lead", scope="all").location == GROUPS
    page = ada.text(GROUPS)
    assert "<strong>Added.</strong>" in page
    assert '<th scope="row"><bdi>pmo office</bdi></th>' in page
    with reading(engine) as connection:
        assert grants_of(connection, {"pmo office", "another"}) == {Grant(Role.PMO_LEAD, EVERYTHING)}
        assert grants_of(connection, {"PMO office"}) == frozenset()
    ada.post(f"{GROUPS}/1/remove")
    assert "<strong>Removed.</strong>" in ada.text(GROUPS)
    ada.post(f"{GROUPS}/1/remove")
    assert "removed already" in ada.text(GROUPS)
    told = {"group": "pmo office", "grant": "pmo_lead all"}
    assert noted(engine) == [("group.added", None, told), ("group.removed", told, None)]


def test_a_place_is_chosen_by_its_name(
    engine: Engine, ada: Visitor, rows: Callable[[], AbstractContextManager[Rows]]
) -> None:
    with rows() as add:
        growth = add.portfolio("Growth <b>")
        add.project("Alpha", segment="Retail & more")
    page = ada.text(GROUPS)
    assert f'<option value="portfolio:{growth}">Growth &lt;b&gt;</option>' in page
    ada.post(GROUPS, group="board", role="executive", scope=f"portfolio:{growth}")
    ada.post(GROUPS, group="shops", role="project_manager", scope="segment:Retail & more")
    page = ada.text(GROUPS)
    assert "Portfolio <bdi>Growth &lt;b&gt;</bdi>" in page
    assert "Segment <bdi>Retail &amp; more</bdi>" in page
    with reading(engine) as connection:
        assert [it.grant.scope for it in mappings(connection)] == [
            Scope(ScopeType.PORTFOLIO, growth),
            Scope(ScopeType.SEGMENT, segment="Retail & more"),
        ]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"group": "", "role": "auditor", "scope": "all"}, "The name of a group needs"),
        ({"group": "g" * 201, "role": "auditor", "scope": "all"}, "The name of a group needs"),
        ({"group": "pms", "role": "project_manager", "scope": "all"}, "cannot be held over all"),
        ({"group": "admins", "role": "admin", "scope": "own"}, "cannot be held over own"),
        ({"group": "there", "role": "auditor", "scope": "all"}, "gives that already"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(ada: Visitor, form: dict[str, str], words: str) -> None:
    ada.post(GROUPS, group="there", role="auditor", scope="all")
    answer = ada.post(GROUPS, **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form["group"]}"' in answer.text
    assert f'<option value="{form["role"]}" selected>' in answer.text


@pytest.mark.parametrize("form", [{"role": "owner", "scope": "all"}, {"role": "auditor", "scope": "project:77"}, {}])
def test_what_was_not_offered_is_not_added(engine: Engine, ada: Visitor, form: dict[str, str]) -> None:
    assert ada.post(GROUPS, group="g", **form).status_code == 422
    with reading(engine) as connection:
        assert mappings(connection) == ()


def test_who_only_looks_sees_no_form(engine: Engine, clock: Clock, ada: Visitor, visitor: Visitor) -> None:
    ada.post(GROUPS, group="board", role="executive", scope="own")
    add_user(engine, "eve", PASSWORD, usual(Role.AUDITOR), clock(), COMMAND)
    ada.post("/sign-out", "/")
    visitor.sign_in("eve")
    page = visitor.text(GROUPS)
    assert "<bdi>board</bdi>" in page
    assert "Let a group give a role" not in page
    assert "/remove" not in page
