"""Which role can be held over what, and which should not be held together."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from portfolio.access.grants import GROUP, read_grants, set_grants, usual
from portfolio.access.matrix import MATRIX, Capability, Right
from portfolio.access.roles import EVERYTHING, OWN, SCOPES, Grant, GrantError, Role, Scope, ScopeType, apart
from portfolio.access.viewer import Permit, Viewer
from portfolio.audit.entry import SYSTEM
from portfolio.organisation import Separation, change_settings
from portfolio.store.engine import writing
from tests.conftest import Clock
from webapp.accounts.users import add_account


def test_the_matrix_has_every_cell() -> None:
    assert set(MATRIX) == set(Capability)
    assert all(set(row) == set(Role) for row in MATRIX.values())


def test_nobody_but_the_admin_changes_users_and_nobody_changes_the_audit_log() -> None:
    assert {role for role in Role if Right.EDIT in MATRIX[Capability.USERS][role]} == {Role.ADMIN}
    assert not {role for role in Role if Right.EDIT in MATRIX[Capability.AUDIT_LOG][role]}
    assert not MATRIX[Capability.KPIS][Role.ADMIN]


def test_managers_are_never_given_everything() -> None:
    assert ScopeType.ALL not in SCOPES[Role.PROJECT_MANAGER] | SCOPES[Role.PROGRAM_MANAGER]


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        (Grant(Role.PROJECT_MANAGER, EVERYTHING), "cannot be held over all"),
        (Grant(Role.ADMIN, Scope(ScopeType.PROJECT, 1)), "cannot be held over project"),
        (Grant(Role.AUDITOR, OWN), "cannot be held over own"),
        (Grant(Role.EXECUTIVE, Scope(ScopeType.PORTFOLIO)), "say which portfolio"),
        (Grant(Role.EXECUTIVE, Scope(ScopeType.SEGMENT)), "say which segment"),
    ],
)
def test_a_grant_that_cannot_be(engine: Engine, clock: Clock, grant: Grant, words: str) -> None:
    with writing(engine) as connection:
        user = add_account(connection, "eve", usual(), clock(), SYSTEM)
    with pytest.raises(GrantError, match=words), writing(engine) as connection:
        set_grants(connection, user, [grant], clock(), SYSTEM)


def test_a_small_organisation_may_give_everything_to_one_person(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        user = add_account(connection, "eve", usual(*Role), clock(), SYSTEM)
        assert read_grants(connection, user) == usual(*Role)
        change_settings(connection, Separation(small=False), clock(), SYSTEM)
        add_account(connection, "lea", usual(Role.PMO_LEAD, Role.EXECUTIVE), clock(), SYSTEM)
        with pytest.raises(GrantError, match="admin may not be held beside another role"):
            add_account(connection, "max", usual(Role.PMO_LEAD, Role.ADMIN), clock(), SYSTEM)


def test_what_groups_give_counts_beside_what_is_given_by_hand(engine: Engine, clock: Clock) -> None:
    with writing(engine) as connection:
        change_settings(connection, Separation(small=False), clock(), SYSTEM)
        user = add_account(connection, "eve", usual(Role.AUDITOR), clock(), SYSTEM)
        with pytest.raises(GrantError, match="auditor"):
            set_grants(connection, user, usual(Role.EXECUTIVE), clock(), SYSTEM, GROUP)
    assert apart(frozenset({Role.AUDITOR})) == frozenset()


def test_a_token_leaves_only_what_it_permits() -> None:
    limit = frozenset({Permit.read("kpis.view")})
    viewer = Viewer(1, None, usual(Role.PMO_LEAD), limit)
    assert viewer.may(Capability.KPIS, Right.VIEW)
    assert not viewer.may(Capability.SYNC, Right.VIEW)
    assert not Viewer(1, None, usual(Role.ADMIN), limit).may(Capability.KPIS, Right.VIEW)
