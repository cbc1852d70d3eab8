"""Tokens: kept as a hash, told once, good until they end, never more than their user; and their pages."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select

from portfolio.access.grants import set_grants, usual
from portfolio.access.roles import Role
from portfolio.access.viewer import Permit
from portfolio.audit.entry import COMMAND
from portfolio.model.access import ApiToken, AuditEntry
from portfolio.store.engine import reading, writing
from tests.conftest import Clock
from tests.webapp.conftest import PASSWORD, Visitor
from tests.webapp.programs import program
from webapp.accounts.local import add_user
from webapp.accounts.passwords import check_password
from webapp.accounts.tokens import Wish, list_tokens, make_token, present, revoke
from webapp.accounts.users import AccountError, set_active

KPIS = frozenset({Permit.read("kpis.view")})
TOLD = re.compile(r'id="told" value="(sl_\d+_[A-Za-z0-9_-]{43})"')


def make(engine: Engine, user_id: int, clock: Clock, *, days: int = 90) -> str:
    return make_token(engine, user_id, Wish("a script", days, KPIS), clock(), COMMAND)


def actions(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_only_the_hash_of_the_secret_is_kept(engine: Engine, admin: int, clock: Clock) -> None:
    token = make(engine, admin, clock)
    secret = token.split("_", 2)[2]
    with reading(engine) as connection:
        row = connection.execute(select(ApiToken.__table__)).one()
        log = connection.execute(select(AuditEntry.new).where(AuditEntry.action == "token.made")).scalar_one()
    assert row.token_hash == sha256(secret.encode()).hexdigest()
    assert secret not in str(tuple(row))
    assert secret not in log
    assert str(row.token_hash) not in log


def test_a_good_token_is_its_user_within_its_permits(engine: Engine, admin: int, clock: Clock) -> None:
    found = present(engine, make(engine, admin, clock), clock())
    assert found is not None
    assert found.user.id == admin
    assert found.user.viewer.limit == KPIS


@pytest.mark.parametrize(
    "wrong", ["", "sl_1", "sl_1_short", "sl_999_" + "a" * 43, "sl_1_" + "a" * 43, "sl_\u0661_" + "a" * 43]
)
def test_what_is_no_token_opens_nothing(engine: Engine, admin: int, clock: Clock, wrong: str) -> None:
    make(engine, admin, clock)
    assert present(engine, wrong, clock()) is None


def test_the_secret_of_another_token_opens_nothing(engine: Engine, admin: int, clock: Clock) -> None:
    first, second = make(engine, admin, clock), make(engine, admin, clock)
    assert present(engine, f"sl_{first.split('_')[1]}_{second.split('_', 2)[2]}", clock()) is None


def test_a_token_ends_with_its_days(engine: Engine, admin: int, clock: Clock) -> None:
    token = make(engine, admin, clock, days=1)
    clock.advance(hours=23, minutes=59)
    assert present(engine, token, clock()) is not None
    clock.advance(minutes=1)
    assert present(engine, token, clock()) is None


def test_a_token_ends_when_it_is_revoked(engine: Engine, admin: int, clock: Clock) -> None:
    token = make(engine, admin, clock)
    token_id = int(token.split("_")[1])
    assert not revoke(engine, token_id, clock(), COMMAND, user_id=admin + 1)
    assert present(engine, token, clock()) is not None
    assert revoke(engine, token_id, clock(), COMMAND)
    assert not revoke(engine, token_id, clock(), COMMAND)
    assert present(engine, token, clock()) is None
    assert actions(engine)[-2:] == ["token.made", "token.revoked"]


def test_a_token_of_an_account_that_is_switched_off_opens_nothing(engine: Engine, admin: int, clock: Clock) -> None:
    token = make(engine, admin, clock)
    with writing(engine) as connection:
        set_active(connection, admin, False, clock(), COMMAND)
    assert present(engine, token, clock()) is None
    with reading(engine) as connection:
        assert [it.state(clock()) for it in list_tokens(connection)] == ["idle"]


def test_using_a_token_writes_once_a_minute(engine: Engine, admin: int, clock: Clock) -> None:
    token = make(engine, admin, clock)
    written: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        written.extend([statement] * (not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA", "SET"))))

    event.listen(engine, "before_cursor_execute", note)
    counts = []
    for seconds in (0, 30, 29, 1, 59):
        clock.advance(seconds=seconds)
        written.clear()
        assert present(engine, token, clock()) is not None
        counts.append(len(written))
    event.remove(engine, "before_cursor_execute", note)
    assert counts == [1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("", 90, KPIS), "needs a name"),
        (Wish("a\nb", 90, KPIS), "printable"),
        (Wish("a" * 101, 90, KPIS), "1 to 100"),
        (Wish("a", 0, KPIS), "1 to 365 days"),
        (Wish("a", 366, KPIS), "1 to 365 days"),
        (Wish("a", 90, frozenset()), "at least one permit"),
        (Wish("a", 90, KPIS | {Permit.read("sync.edit")}), "no right to sync.edit"),
    ],
)
def test_a_token_that_cannot_be_is_refused(engine: Engine, clock: Clock, wish: Wish, said: str) -> None:
    eve = add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    with pytest.raises(AccountError, match=said):
        make_token(engine, eve, wish, clock(), COMMAND)
    assert "token.made" not in actions(engine)


def test_a_right_that_is_taken_away_is_gone_from_the_token_at_once(app: Flask, engine: Engine, clock: Clock) -> None:
    robot = program(app, engine, clock(), "sync.view", "kpis.view")
    assert robot.ask("/connections").status_code == 200
    with writing(engine) as connection:
        set_grants(connection, robot.user_id, usual(Role.EXECUTIVE), clock(), COMMAND)
    assert robot.ask("/connections").status_code == 403
    assert robot.read("/me")["token"]["permits"] == ["kpis.view"]


def test_a_service_account_cannot_sign_in(app: Flask, engine: Engine, visitor: Visitor, clock: Clock) -> None:
    program(app, engine, clock(), "kpis.view", grants=usual(Role.EXECUTIVE))
    with reading(engine) as connection:
        name = list_tokens(connection)[0].user
    assert check_password(engine, name, "") is None
    assert visitor.sign_in(name, "").status_code == 401


def told(text: str) -> str:
    found = TOLD.search(text)
    assert found is not None
    return found[1]


def test_a_token_is_told_once(ada: Visitor, engine: Engine, clock: Clock) -> None:
    answer = ada.post("/account/tokens", name="my script", days="30", permit="kpis.view")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = told(answer.text)
    found = present(engine, token, clock())
    assert found is not None
    assert found.expires_at == clock.now.replace(day=1, month=4)
    secret = token.split("_", 2)[2]
    again = ada.text("/account/tokens")
    assert "my script" in again
    assert secret not in again
    assert secret not in ada.text("/settings/tokens")
    assert all(secret not in str(cookie) for cookie in answer.headers.getlist("Set-Cookie"))


def test_a_token_that_was_typed_wrong_is_not_made_and_stays_in_the_form(ada: Visitor) -> None:
    answer = ada.post("/account/tokens", name="my script", days="9999", permit="kpis.view")
    assert answer.status_code == 422
    assert "Nothing was made. A token lasts 1 to 365 days." in answer.text
    assert 'value="my script"' in answer.text
    assert re.search(r'value="kpis\.view" checked', answer.text)
    assert TOLD.search(answer.text) is None


def test_only_what_one_may_do_oneself_is_offered(engine: Engine, visitor: Visitor, clock: Clock) -> None:
    add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    visitor.sign_in("eve")
    page = visitor.text("/account/tokens")
    assert 'value="kpis.view"' in page
    assert 'value="sync.edit"' not in page
    answer = visitor.post("/account/tokens", name="more", days="9", permit="sync.edit")
    assert answer.status_code == 422
    assert "no right to sync.edit" in answer.text


def test_ones_own_tokens_alone_are_shown_and_revoked(ada: Visitor, app: Flask, engine: Engine, clock: Clock) -> None:
    ada.post("/account/tokens", name="of ada", days="30", permit="kpis.view")
    add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    eve = Visitor(app.test_client())
    eve.sign_in("eve")
    assert "of ada" not in eve.text("/account/tokens")
    assert eve.post("/account/tokens/1/revoke").status_code == 404
    eve.text("/settings/tokens", status=403)
    assert ada.post("/account/tokens/1/revoke").status_code == 302
    assert "Token 1 is revoked" in ada.text("/account/tokens")


def test_an_admin_makes_a_service_account_and_its_token(ada: Visitor, app: Flask, engine: Engine, clock: Clock) -> None:
    made = ada.post("/settings/services", name="scheduler", role="admin")
    assert made.status_code == 302
    page = ada.text(made.location)
    assert 'value="sync.edit"' in page
    assert 'value="kpis.view"' not in page  # an admin as such sees no figures
    answer = ada.post(f"{made.location}/tokens", name="nightly", days="365", permit="sync.edit")
    assert answer.headers["Cache-Control"] == "no-store"
    found = present(engine, told(answer.text), clock())
    assert found is not None
    assert found.user.name == "scheduler"
    everything = ada.text("/settings/tokens")
    assert "scheduler" in everything
    assert "nightly" in everything
    assert ada.post("/settings/tokens/1/revoke").status_code == 302
    assert "Revoked" in ada.text("/settings/tokens")
    again = ada.post("/settings/services", name="scheduler", role="admin")
    assert again.status_code == 422
    assert "Nothing was made. There is already a user" in again.text


def test_nobody_makes_a_token_in_another_persons_name(ada: Visitor, engine: Engine, clock: Clock) -> None:
    eve = add_user(engine, "eve", PASSWORD, usual(Role.EXECUTIVE), clock(), COMMAND)
    ada.text(f"/settings/services/{eve}", status=404)
    answer = ada.post(f"/settings/services/{eve}/tokens", name="spy", days="1", permit="kpis.view")
    assert answer.status_code == 404
    assert "token.made" not in actions(engine)
