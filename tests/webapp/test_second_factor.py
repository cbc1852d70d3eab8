"""The one-time code as a second factor: set up, asked for, taken once, given up, demanded by the organisation."""

from __future__ import annotations

import json
import re
import threading
from base64 import urlsafe_b64decode
from urllib.parse import unquote
from zlib import decompress

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from pyotp import TOTP
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from portfolio.access.grants import usual
from portfolio.access.roles import Role
from portfolio.audit.entry import COMMAND
from portfolio.model.access import AuditEntry, User
from portfolio.organisation import SecondFactor, SignInRules, change_settings
from portfolio.store.engine import reading, writing
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from webapp.access import ROUTES, Open
from webapp.accounts import second_factor
from webapp.accounts.local import add_user
from webapp.accounts.users import add_account, user_of
from webapp.pending import LASTS_S
from webapp.settings import WebSettings

PLACE = "/account/second-factor"
STEP_S = 30


def code_of(secret: str, clock: Clock, steps: int = 0) -> str:
    return TOTP(secret).at(int(clock().timestamp()) + steps * STEP_S)


def wrong(secret: str, clock: Clock) -> str:
    """A code that is none of the ones about now."""
    near = {code_of(secret, clock, steps) for steps in range(-3, 4)}
    return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)


def begun(visitor: Visitor) -> str:
    """The secret as the page shows it."""
    page = visitor.post(f"{PLACE}/begin", password=PASSWORD, token_from=PLACE)
    assert page.status_code == 200
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.text)
    assert found is not None
    return found[1].replace(" ", "")


def turned_on(visitor: Visitor, clock: Clock) -> str:
    """Set up by a signed-in visitor; the clock moves on, so that the next code is a fresh one."""
    secret = begun(visitor)
    assert visitor.post(f"{PLACE}/confirm", code=code_of(secret, clock), token_from=PLACE).location == PLACE
    clock.advance(seconds=2 * STEP_S)
    return secret


def give(visitor: Visitor, code: str, **form: str) -> TestResponse:
    return visitor.post("/sign-in/code", token_from="/sign-in/code", code=code, **form)


def kept(engine: Engine) -> User:
    with engine.connect() as connection:
        return User(**connection.execute(select(User.__table__)).mappings().one())


def actions(engine: Engine) -> list[tuple[str, str | None]]:
    with reading(engine) as connection:
        return [(row.action, row.new) for row in connection.execute(select(AuditEntry.__table__).order_by("id"))]


def demand(engine: Engine, clock: Clock, whom: SecondFactor) -> None:
    with writing(engine) as connection:
        change_settings(connection, SignInRules(second_factor=whom), clock(), COMMAND)


@pytest.fixture
def armed(ada: Visitor, clock: Clock) -> str:
    """Ada's secret, once she turned her second factor on and signed out."""
    secret = turned_on(ada, clock)
    ada.post("/sign-out", token_from="/account")
    return secret


def test_the_secret_is_shown_once_as_text_and_picture_and_kept_sealed(
    engine: Engine, ada: Visitor, clock: Clock, secrets: SecretStore
) -> None:
    assert "your password alone signs you in" in ada.text(PLACE)
    page = ada.post(f"{PLACE}/begin", password=PASSWORD, token_from=PLACE).text
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    picture = re.search(r'<img class="qr" src="(data:image/svg\+xml[^"]+)" alt="[^"]+"', page)
    assert shown is not None
    assert picture is not None
    assert "<path" in unquote(picture[1])
    secret = shown[1].replace(" ", "")
    row = kept(engine)
    assert row.totp_secret is not None
    assert secret.encode() not in row.totp_secret
    assert secrets.unseal(None, row.totp_secret, "").reveal() == secret
    assert row.totp_since is None  # not before a code was given
    for path in (PLACE, "/account"):
        assert shown[1] not in ada.text(path)
    again = ada.post(f"{PLACE}/confirm", code=wrong(secret, clock), token_from=PLACE)
    assert again.status_code == 401
    assert "That code is not right" in again.text
    assert shown[1] not in again.text
    with ada.client.session_transaction() as session:
        assert secret not in json.dumps(dict(session))


def test_what_is_typed_into_the_form_works_from_the_keyboard(ada: Visitor) -> None:
    page = ada.post(f"{PLACE}/begin", password=PASSWORD, token_from=PLACE).text
    field = re.search(r'<input[^>]*id="code"[^>]*>', page)
    assert field is not None
    assert 'autocomplete="one-time-code"' in field[0]
    assert 'inputmode="numeric"' in field[0]
    assert "autofocus" in field[0]
    assert '<label class="form-label" for="code">' in page


def test_a_secret_is_shown_only_to_who_knows_the_password(engine: Engine, ada: Visitor) -> None:
    refused = ada.post(f"{PLACE}/begin", password="wrong", token_from=PLACE)
    assert refused.status_code == 401
    assert "That is not your password" in refused.text
    assert kept(engine).totp_secret is None


def test_once_on_it_takes_both_to_sign_in(app: Flask, engine: Engine, ada: Visitor, clock: Clock) -> None:
    cookie = ada.client.get_cookie("sightline")
    assert cookie is not None
    elsewhere = app.test_client()
    elsewhere.set_cookie("sightline", cookie.value)
    secret = begun(ada)
    on = ada.post(f"{PLACE}/confirm", code=code_of(secret, clock), token_from=PLACE)
    assert "Your second factor is on" in ada.text(on.location)
    assert elsewhere.get("/").status_code == 302  # who came in with the password alone is out
    clock.advance(seconds=STEP_S)
    visitor = Visitor(app.test_client())
    half = visitor.sign_in(next="/runs?connection=3")
    assert half.location == "/sign-in/code?next=/runs?connection%3D3"
    page = visitor.text(half.location)
    assert 'autocomplete="one-time-code"' in page
    assert "Sign out" not in page  # nobody is signed in yet
    for path in ("/", "/account", PLACE, "/password", "/runs"):
        assert visitor.get(path).location.startswith("/sign-in"), path
    assert give(visitor, code_of(secret, clock), next="/runs?connection=3").location == "/runs?connection=3"
    assert visitor.get("/runs").status_code == 200
    assert actions(engine)[-2:] == [("user.second_factor_on", None), ("sign_in", None)]


def test_a_code_never_works_twice(app: Flask, visitor: Visitor, armed: str, clock: Clock) -> None:
    code = code_of(armed, clock)
    visitor.sign_in()
    assert give(visitor, code).status_code == 302
    other = Visitor(app.test_client())
    other.sign_in()
    assert give(other, code).status_code == 401
    assert give(other, code_of(armed, clock, -1)).status_code == 401  # nor one before it
    clock.advance(seconds=STEP_S)
    assert give(other, code).status_code == 401
    assert give(other, code_of(armed, clock)).status_code == 302


def test_of_many_who_show_one_code_at_once_one_comes_in(
    engine: Engine, secrets: SecretStore, armed: str, admin: int, clock: Clock
) -> None:
    with reading(engine) as connection:
        user = user_of(connection, admin)
    assert user is not None
    code, start, taken = code_of(armed, clock), threading.Barrier(6), []

    def take() -> None:
        start.wait(timeout=30)
        taken.append(second_factor.take_code(engine, secrets, user, code, clock()))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(taken) == [False] * 5 + [True]


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(visitor: Visitor, armed: str, clock: Clock, steps: int, taken: bool) -> None:
    clock.advance(minutes=1)
    visitor.sign_in()
    assert (give(visitor, code_of(armed, clock, steps)).status_code == 302) is taken


ARABIC = "\u0661\u0662\u0663\u0664\u0665\u0666"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567", "123456" * 40, ARABIC, "' OR 1=1"])
def test_what_is_no_code_is_refused_and_written_down(engine: Engine, visitor: Visitor, armed: str, typed: str) -> None:
    visitor.sign_in()
    refused = give(visitor, typed)
    assert refused.status_code == 401
    assert "That code does not count" in refused.text
    assert actions(engine)[-1] == ("sign_in.refused", '{"why":"code"}')
    assert visitor.get("/").status_code == 302


def test_a_code_may_be_typed_with_its_gap(visitor: Visitor, armed: str, clock: Clock) -> None:
    visitor.sign_in()
    code = code_of(armed, clock)
    assert give(visitor, f" {code[:3]} {code[3:]}").status_code == 302


def test_guessing_codes_is_limited_for_the_account_from_wherever(app: Flask, armed: str, clock: Clock) -> None:
    """Beginning again, with a new session and from another network, gives no new guesses."""
    told = []
    for turn in range(7):
        visitor = Visitor(app.test_client())
        visitor.sign_in(place=f"192.0.2.{turn}")
        form = {"code": wrong(armed, clock), "csrf_token": visitor.token("/sign-in/code")}
        answer = visitor.client.post("/sign-in/code", data=form, environ_overrides={"REMOTE_ADDR": f"192.0.2.{turn}"})
        told.append(answer.status_code)
    assert told == [401] * 5 + [429] * 2
    late = Visitor(app.test_client())
    late.sign_in()
    closed = give(late, code_of(armed, clock))
    assert closed.status_code == 429
    assert "Too many attempts" in closed.text


def test_a_right_password_waits_for_its_code_a_few_minutes(visitor: Visitor, armed: str, clock: Clock) -> None:
    visitor.sign_in()
    form = {"csrf_token": visitor.token("/sign-in/code")}
    clock.advance(seconds=LASTS_S)
    late = visitor.client.post("/sign-in/code", data=form | {"code": code_of(armed, clock)})
    assert late.location.startswith("/sign-in?")
    assert "The code took too long" in visitor.text(late.location)
    assert visitor.get("/").status_code == 302


def test_what_waits_for_a_code_ends_with_the_sessions_of_the_account(
    engine: Engine, visitor: Visitor, armed: str, admin: int, clock: Clock
) -> None:
    visitor.sign_in()
    form = {"csrf_token": visitor.token("/sign-in/code"), "code": code_of(armed, clock)}
    with writing(engine) as connection:
        assert second_factor.reset_second_factor(connection, admin, clock(), COMMAND)
    assert visitor.client.post("/sign-in/code", data=form).location.startswith("/sign-in?")
    assert visitor.get("/").status_code == 302


def test_nobody_reaches_the_second_step_without_the_first(visitor: Visitor, armed: str, clock: Clock) -> None:
    assert visitor.get("/sign-in/code").location == "/sign-in"
    answer = visitor.post("/sign-in/code", token_from="/sign-in", code=code_of(armed, clock))
    assert answer.location == "/sign-in"
    visitor.sign_in(password="wrong")
    assert visitor.get("/sign-in/code").location == "/sign-in"


def test_the_cookie_between_the_steps_says_no_secret(visitor: Visitor, armed: str) -> None:
    visitor.sign_in()
    visitor.get("/sign-in/code")
    cookie = visitor.client.get_cookie("sightline")
    assert cookie is not None
    packed = cookie.value.lstrip(".").split(".")[0]
    raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    said = json.loads(decompress(raw) if cookie.value.startswith(".") else raw)
    assert set(said) == {"pending", "csrf_token", "_fresh"}
    assert set(said["pending"]) == {"user", "epoch", "at"}


@pytest.mark.parametrize(("password", "right_code"), [("wrong", True), (PASSWORD, False), ("", True), (PASSWORD, True)])
def test_turning_it_off_takes_both(
    app: Flask, engine: Engine, ada: Visitor, clock: Clock, password: str, right_code: bool
) -> None:
    secret = turned_on(ada, clock)
    code = code_of(secret, clock) if right_code else wrong(secret, clock)
    answer = ada.post(f"{PLACE}/off", password=password, code=code, token_from=PLACE)
    row = kept(engine)
    if password == PASSWORD and right_code:
        assert answer.location == PLACE
        assert "Your second factor is off" in ada.text(PLACE)
        assert (row.totp_secret, row.totp_since) == (None, None)
        assert actions(engine)[-1][0] == "user.second_factor_off"
        assert Visitor(app.test_client()).sign_in().location == "/"
    else:
        assert answer.status_code == 401
        assert "The password or the code is not right" in answer.text
        assert row.totp_since is not None
        assert (
            ada.post(f"{PLACE}/off", password=PASSWORD, code=code_of(secret, clock), token_from=PLACE).location == PLACE
        )


def test_it_can_be_moved_to_another_device_within_one_step(ada: Visitor, clock: Clock) -> None:
    first = turned_on(ada, clock)
    assert ada.post(f"{PLACE}/off", password=PASSWORD, code=code_of(first, clock), token_from=PLACE).location == PLACE
    second = begun(ada)
    assert second != first
    assert ada.post(f"{PLACE}/confirm", code=code_of(second, clock), token_from=PLACE).location == PLACE
    assert "It is on" in ada.text(PLACE)


def test_while_it_is_on_no_session_can_put_another_in_its_place(engine: Engine, ada: Visitor, clock: Clock) -> None:
    turned_on(ada, clock)
    before = kept(engine).totp_secret
    assert ada.post(f"{PLACE}/begin", password=PASSWORD, token_from=PLACE).location == PLACE
    assert ada.post(f"{PLACE}/confirm", code="000000", token_from=PLACE).location == PLACE
    assert kept(engine).totp_secret == before


def test_an_admins_reset_ends_sessions_and_leaves_the_password(
    app: Flask, engine: Engine, ada: Visitor, admin: int, clock: Clock
) -> None:
    turned_on(ada, clock)
    with writing(engine) as connection:
        assert second_factor.reset_second_factor(connection, admin, clock(), COMMAND)
        assert not second_factor.reset_second_factor(connection, admin, clock(), COMMAND)
    assert ada.get("/").status_code == 302
    assert [action for action, _ in actions(engine)].count("user.second_factor_reset") == 1
    assert Visitor(app.test_client()).sign_in().location == "/"


@pytest.mark.parametrize(
    ("rule", "role", "owes"),
    [
        ("optional", Role.ADMIN, False),
        ("admins", Role.ADMIN, True),
        ("admins", Role.PMO_LEAD, False),
        ("everybody", Role.EXECUTIVE, True),
    ],
)
def test_whoever_must_have_one_is_led_to_set_it_up(
    engine: Engine, visitor: Visitor, clock: Clock, rule: SecondFactor, role: Role, owes: bool
) -> None:
    demand(engine, clock, rule)
    add_user(engine, "eve", PASSWORD, usual(role), clock(), COMMAND)
    location = visitor.sign_in("eve").location
    assert (location == PLACE) is owes
    if not owes:
        return
    page = visitor.text(PLACE)
    assert "Your organisation asks for a code" in page
    nav = page.split("<nav")[1].split("</nav>")[0]
    assert "href" not in nav
    secret = begun(visitor)
    assert visitor.post(f"{PLACE}/confirm", code=code_of(secret, clock), token_from=PLACE).location == PLACE
    assert visitor.get("/account").status_code == 200


def test_until_it_is_set_up_nothing_else_opens(app: Flask, engine: Engine, ada: Visitor, clock: Clock) -> None:
    """The rule counts at once, for sessions that are open too."""
    assert ada.get("/").status_code == 200
    token = ada.token("/account")
    demand(engine, clock, "everybody")
    open_now = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/static", "/bootstrap", "/hooks", "/api")):
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            if rule.endpoint == "account.sign_out":
                continue
            form = {"csrf_token": token} if method == "POST" else None
            answer = ada.client.open(path, method=method, data=form)
            if answer.location != PLACE:
                open_now.add(rule.endpoint)
    public = {endpoint for endpoint, needs in ROUTES.items() if needs is Open.TO_ANYBODY}
    assert open_now - public <= {"second_factor.show", "second_factor.begin", "second_factor.confirm"}
    assert ada.get("/", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_accounts_that_another_proves_owe_none_here(
    app: Flask, engine: Engine, ada: Visitor, admin: int, clock: Clock
) -> None:
    demand(engine, clock, "everybody")
    with writing(engine) as connection:
        connection.execute(User.__table__.update().values(origin="oidc", subject="s|1", password_hash=None))
    assert ada.get("/").status_code == 200
    assert "looked after there" in ada.text("/account")
    assert ada.get(PLACE).status_code == 404


def test_without_the_key_nobody_is_let_in_by_mistake(
    engine: Engine, visitor: Visitor, armed: str, clock: Clock
) -> None:
    other = SecretStore(engine, [Fernet.generate_key().decode()], {})
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=clock, secrets=other))
    stranger = Visitor(app.test_client())
    stranger.sign_in()
    answer = give(stranger, code_of(armed, clock))
    assert answer.status_code == 503
    assert "Bring back the key it was stored with" in answer.text
    assert armed not in answer.text
    assert stranger.get("/").status_code == 302


def test_the_account_page_shows_who_came_and_who_did_not(app: Flask, ada: Visitor) -> None:
    ada.post("/sign-out")
    ada.sign_in()
    Visitor(app.test_client()).sign_in(password="wrong", place="192.0.2.44")
    page = ada.text("/account")
    rows = re.findall(r"<tr><td>2026-03-02 09:00</td><td>(.*?)</td><td>(.*?)</td></tr>", page)
    assert rows == [("Refused", "192.0.2.44"), ("Signed in", "127.0.0.1")]
    assert "Sign out everywhere" in page


def test_a_secret_shows_itself_in_no_repr(engine: Engine, secrets: SecretStore, clock: Clock) -> None:
    with writing(engine) as connection:
        user = user_of(connection, add_account(connection, "eve", (), clock(), COMMAND))
    assert user is not None
    secret = second_factor.begin(engine, secrets, user)
    assert secret is not None
    told = second_factor.address(user, secret)
    assert told.reveal().startswith("otpauth://totp/Sightline:eve?secret=")
    assert secret.reveal() not in repr((secret, told, user))
