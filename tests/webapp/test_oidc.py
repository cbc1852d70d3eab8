"""Signing in at a real OpenID provider, over HTTP: who comes in, with what, and who does not."""

from __future__ import annotations

import hmac
import json
import logging
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Flask, Response
from sqlalchemy import Engine, insert, select, update

from connector.settings import Secret
from portfolio.access.grants import GROUP, HAND, read_grants, set_grants, usual
from portfolio.access.groups import add_mapping, mappings, remove_mapping
from portfolio.access.roles import Grant, Role, usual_scope
from portfolio.audit.entry import COMMAND
from portfolio.audit.verify import verify
from portfolio.model.access import AuditEntry
from portfolio.model.access import User as UserRow
from portfolio.model.people import Person
from portfolio.organisation import Separation, change_settings
from portfolio.store.engine import reading, writing
from sync.people import email_hash
from tests.conftest import Clock
from tests.webapp import provider as real
from tests.webapp.compiled import create_app
from tests.webapp.conftest import PASSWORD, Visitor
from tests.webapp.provider import CLIENT, CLIENT_SECRET, Directory, altered, arguments_of
from webapp.accounts.claims import Claimed
from webapp.accounts.local import add_user
from webapp.accounts.outside import Refusal
from webapp.accounts.outside import enter as enter_account
from webapp.accounts.users import Known, User, set_active
from webapp.settings import Provider, WebSettings

provider_server = real.provider_server
SITE = "http://localhost"
TOKEN, USER_INFO = "/oauth/token", "/oauth/userinfo"
Start = Callable[..., Visitor]


@pytest.fixture
def directory(provider_server: Directory) -> Directory:
    provider_server.register(SITE)
    provider_server.verify_addresses("true")
    provider_server.person("bea", "pmo office")
    return provider_server


@pytest.fixture
def settings(engine: Engine, clock: Clock, directory: Directory) -> WebSettings:
    known = Provider(
        issuer=directory.issuer, client_id=CLIENT, client_secret=Secret(CLIENT_SECRET), label="Example Ltd"
    )
    return WebSettings(engine=engine, secret_key="only for tests", clock=clock, oidc=known)


@pytest.fixture
def start(settings: WebSettings) -> Start:
    """`start(client_secret=None)` is a visitor of a site whose provider is set otherwise in that."""

    def begin(**changes: Any) -> Visitor:
        assert settings.oidc is not None
        app = create_app(replace(settings, oidc=replace(settings.oidc, **changes)))
        app.config["PROPAGATE_EXCEPTIONS"] = False
        return Visitor(app.test_client())

    return begin


@pytest.fixture
def visitor(start: Start) -> Visitor:
    return start()


@pytest.fixture
def app(visitor: Visitor) -> Flask:
    return visitor.client.application


@pytest.fixture
def mapped(engine: Engine, clock: Clock) -> None:
    """Who is in "pmo office" is a PMO lead, who is in "board" an executive, who is in "audit" an auditor."""
    with writing(engine) as connection:
        for group, role in (("pmo office", Role.PMO_LEAD), ("board", Role.EXECUTIVE), ("audit", Role.AUDITOR)):
            add_mapping(connection, group, Grant(role, usual_scope(role)), clock(), COMMAND)


def come_back(visitor: Visitor, directory: Directory, name: str = "bea", target: str = "") -> str:
    """Go to the provider and sign in there; the address one is sent back to, on the site."""
    there = visitor.get("/sign-in/oidc" + (f"?{urlencode({'next': target})}" if target else ""))
    assert there.status_code == 302, there.text
    back = directory.answer(there.location, name)
    assert back.startswith(f"{SITE}/sign-in/oidc/return?")
    return back.removeprefix(SITE)


def enter(visitor: Visitor, directory: Directory, name: str = "bea", target: str = "", status: int = 302) -> str:
    """All the way in: where one is led, or the page that says why not."""
    answer = visitor.get(come_back(visitor, directory, name, target))
    assert answer.status_code == status, answer.text
    return answer.location if status == 302 else answer.text


def accounts(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        return [
            (row.name, row.origin)
            for row in connection.execute(select(UserRow.name, UserRow.origin).order_by(UserRow.id))
        ]


def refusals(engine: Engine) -> list[Mapping[str, str] | None]:
    with reading(engine) as connection:
        found = select(AuditEntry.new).where(AuditEntry.action == "sign_in.refused").order_by(AuditEntry.id)
        return [json.loads(text) if text else None for text in connection.scalars(found)]


def test_whoever_signs_in_there_has_an_account_here_and_what_their_group_gives(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    page = visitor.text("/sign-in?next=/runs?connection%3D3")
    assert 'href="/sign-in/oidc?next=/runs?connection%3D3"' in page
    assert "Sign in with Example Ltd" in page
    assert enter(visitor, directory, target="/runs?connection=3") == "/runs?connection=3"
    assert "bea" in visitor.text("/runs")
    with reading(engine) as connection:
        user = connection.execute(select(UserRow.id, UserRow.subject, UserRow.password_hash)).one()
        assert user.subject == f"{directory.issuer}|bea"
        assert user.password_hash is None
        assert read_grants(connection, user.id, GROUP) == usual(Role.PMO_LEAD)
        assert read_grants(connection, user.id, HAND) == frozenset()
        done = connection.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert list(done[3:]) == ["user.added", "user.grants_changed", "sign_in"]
        assert verify(connection).broken_at is None
    assert accounts(engine) == [("bea", "oidc")]


def test_the_second_time_it_is_the_same_account(
    engine: Engine, visitor: Visitor, start: Start, directory: Directory, mapped: None
) -> None:
    assert enter(visitor, directory) == "/"
    assert enter(start(), directory) == "/"
    assert accounts(engine) == [("bea", "oidc")]


def test_what_is_asked_of_the_provider(visitor: Visitor, directory: Directory) -> None:
    first, second = (arguments_of(visitor.get("/sign-in/oidc").location) for _ in range(2))
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    assert first["redirect_uri"] == f"{SITE}/sign-in/oidc/return"
    assert "openid" in first["scope"].split()
    for once in ("state", "nonce", "code_challenge"):
        assert len(first[once]) >= 20
        assert first[once] != second[once]


def test_a_client_without_a_secret_proves_itself_by_the_code_challenge_alone(
    start: Start, directory: Directory, mapped: None
) -> None:
    directory.register(SITE, method="none")
    assert enter(start(client_secret=None), directory) == "/"


def test_a_wrong_secret_is_told_to_the_admin_and_stands_nowhere(
    start: Start, directory: Directory, mapped: None, caplog: pytest.LogCaptureFixture
) -> None:
    page = enter(start(client_secret=Secret("not the secret")), directory, status=502)
    assert "compare <code>[oidc]</code>" in page
    assert "invalid_client" in caplog.text
    assert "not the secret" not in page + caplog.text


def test_sign_in_starts_a_new_session(visitor: Visitor, directory: Directory, mapped: None) -> None:
    back = come_back(visitor, directory)
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    assert visitor.get(back).status_code == 302
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert not [key for key in session if "oidc" in key]


def test_the_session_of_one_who_came_from_there_ends_like_any_other(
    visitor: Visitor, directory: Directory, clock: Clock, mapped: None
) -> None:
    enter(visitor, directory)
    for _ in range(11):
        clock.advance(hours=1, minutes=5)
        visitor.get("/")
    clock.advance(minutes=10)
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.invalid/", "//evil.invalid", "/\\evil.invalid", "/a\nb"])
def test_nobody_is_sent_elsewhere_afterwards(visitor: Visitor, directory: Directory, mapped: None, target: str) -> None:
    assert enter(visitor, directory, target=target) == "/"


def test_a_role_changes_with_the_group_at_the_next_sign_in(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    enter(visitor, directory)
    assert visitor.get("/runs").status_code == 200
    directory.person("bea", "board")
    assert visitor.get("/runs").status_code == 200  # the session goes on until it ends
    visitor.post("/sign-out", "/")
    enter(visitor, directory)
    assert visitor.get("/runs").status_code == 403
    assert visitor.get("/").status_code == 200
    with reading(engine) as connection:
        assert read_grants(connection, 1) == usual(Role.EXECUTIVE)


def test_a_grant_that_is_taken_from_the_group_is_gone_at_the_next_sign_in(
    engine: Engine, clock: Clock, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    enter(visitor, directory)
    with writing(engine) as connection:
        for it in mappings(connection):
            remove_mapping(connection, it.id, clock(), COMMAND)
    visitor.post("/sign-out", "/")
    page = enter(visitor, directory, status=403)
    assert "You have no role yet" in page
    assert "An admin can give you one" in page


def test_somebody_without_a_role_is_known_and_comes_in_once_an_admin_gave_one(
    engine: Engine, clock: Clock, visitor: Visitor, directory: Directory
) -> None:
    page = enter(visitor, directory, status=403)
    assert "You have no role yet" in page
    assert "<bdi>bea</bdi>" in page
    assert visitor.get("/").status_code == 302  # nobody is signed in
    assert refusals(engine) == [{"why": "no_role"}]
    with writing(engine) as connection:
        set_grants(connection, 1, usual(Role.EXECUTIVE), clock(), COMMAND)
    assert enter(visitor, directory) == "/"
    with reading(engine) as connection:
        assert read_grants(connection, 1, HAND) == usual(Role.EXECUTIVE)


def test_an_account_that_was_switched_off_does_not_come_in(
    engine: Engine, clock: Clock, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    enter(visitor, directory)
    with writing(engine) as connection:
        set_active(connection, 1, False, clock(), COMMAND)
    assert visitor.get("/").status_code == 302
    assert "Your account is switched off" in enter(visitor, directory, status=403)
    assert refusals(engine) == [{"why": "off"}]


def test_groups_that_should_be_apart_give_nothing_until_that_is_settled(
    engine: Engine, clock: Clock, visitor: Visitor, start: Start, directory: Directory, mapped: None
) -> None:
    enter(visitor, directory)
    with writing(engine) as connection:
        change_settings(connection, Separation(small=False), clock(), COMMAND)
    directory.person("bea", "pmo office", "audit")
    page = enter(start(), directory, status=403)
    assert "Your groups do not go together" in page
    assert refusals(engine) == [{"why": "apart"}]
    assert visitor.get("/runs").status_code == 403  # the session from before has lost the role as well
    directory.person("bea", "audit")
    assert enter(start(), directory) == "/"


def test_a_name_that_is_taken_opens_nobody_elses_account(
    engine: Engine, clock: Clock, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    add_user(engine, "bea", PASSWORD, usual(Role.ADMIN), clock(), COMMAND)
    enter(visitor, directory)
    assert accounts(engine) == [("bea", "local"), ("bea@example.invalid", "oidc")]
    with reading(engine) as connection:
        found = connection.execute(select(UserRow.origin, UserRow.id))
        ids = {row.origin: row.id for row in found}
        assert read_grants(connection, ids["local"]) == usual(Role.ADMIN)
        assert read_grants(connection, ids["oidc"]) == usual(Role.PMO_LEAD)


def test_a_name_no_form_of_which_is_free_is_numbered(engine: Engine, clock: Clock, mapped: None) -> None:
    for subject in ("1", "2", "3"):
        claimed = Claimed(Known("oidc", f"https://login.invalid|{subject}"), ("bea",), None, frozenset({"board"}))
        enter_account(engine, claimed, clock(), None)
    assert accounts(engine) == [("bea", "oidc"), ("bea (2)", "oidc"), ("bea (3)", "oidc")]


def test_an_account_made_there_has_no_password_here(visitor: Visitor, directory: Directory, mapped: None) -> None:
    enter(visitor, directory)
    visitor.post("/sign-out", "/")
    for password in ("", PASSWORD, real.PASSWORD):
        assert visitor.sign_in("bea", password).status_code == 401


@pytest.mark.parametrize(
    ("verified", "persons", "linked"), [("true", 1, True), ("false", 1, False), ("true", 2, False)]
)
def test_they_are_the_person_whose_verified_address_they_have(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None, verified: str, persons: int, linked: bool
) -> None:
    directory.verify_addresses(verified)
    trace = email_hash("BEA@example.invalid")
    with writing(engine) as connection:
        for name in ("Bea Ambermoor", "B. Ambermoor")[:persons]:
            connection.execute(insert(Person).values(name=name, email_hash=trace, active=True))
    enter(visitor, directory)
    with reading(engine) as connection:
        assert connection.scalar(select(UserRow.person_id)) == (1 if linked else None)


def test_a_person_who_is_met_later_is_recognised_later_and_what_an_admin_said_stays(
    engine: Engine, visitor: Visitor, start: Start, directory: Directory, mapped: None
) -> None:
    enter(visitor, directory)
    with writing(engine) as connection:
        for name in ("Bea Ambermoor", "Cyn Birchwick"):
            trace = email_hash("bea@example.invalid") if name.startswith("Bea") else None
            connection.execute(insert(Person).values(name=name, email_hash=trace, active=True))
    enter(start(), directory)
    with writing(engine) as connection:
        assert connection.scalar(select(UserRow.person_id)) == 1
        connection.execute(update(UserRow).values(person_id=2))
    enter(start(), directory)
    with reading(engine) as connection:
        assert connection.scalar(select(UserRow.person_id)) == 2


def test_an_answer_to_another_browser_signs_nobody_in(
    engine: Engine, visitor: Visitor, start: Start, directory: Directory, mapped: None
) -> None:
    """Nobody can be signed in as somebody else by a link."""
    back = come_back(visitor, directory)
    other = start()
    assert "That sign-in is over" in other.text(back, status=401)
    other.get("/sign-in/oidc")
    assert "That sign-in is over" in other.text(back, status=401)
    assert accounts(engine) == []


def test_a_state_that_was_changed_signs_nobody_in(visitor: Visitor, directory: Directory, mapped: None) -> None:
    back = come_back(visitor, directory)
    answer = visitor.get(back.replace("state=", "state=x"))
    assert answer.status_code == 401
    assert visitor.get("/").status_code == 302


def test_an_answer_counts_once(visitor: Visitor, start: Start, directory: Directory, mapped: None) -> None:
    back = come_back(visitor, directory)
    cookie = visitor.client.get_cookie("sightline")
    assert cookie is not None
    assert visitor.get(back).status_code == 302
    visitor.post("/sign-out", "/")
    assert visitor.get(back).status_code == 401
    thief = start()  # with the cookie from before too: the provider gives nothing for a code a second time
    thief.client.set_cookie("sightline", cookie.value)
    assert "That sign-in is over" in thief.text(back, status=401)


def test_the_code_of_another_attempt_is_of_no_use(
    visitor: Visitor, start: Start, directory: Directory, mapped: None
) -> None:
    """A stolen code put into one's own attempt: the code challenge does not fit."""
    stolen = arguments_of(come_back(visitor, directory))["code"]
    thief = start()
    own = come_back(thief, directory)
    answer = thief.get(own.replace(arguments_of(own)["code"], stolen))
    assert answer.status_code == 401
    assert thief.get("/").status_code == 302


def test_a_nonce_that_is_not_that_of_the_attempt_proves_nobody(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    there = visitor.get("/sign-in/oidc").location
    nonce = arguments_of(there)["nonce"]
    back = directory.answer(there.replace(nonce, "another" + nonce), "bea")
    page = visitor.text(back.removeprefix(SITE), status=401)
    assert "did not prove who you are" in page
    assert accounts(engine) == []
    assert refusals(engine) == [{"why": "unproved"}]


def _with_id_token(change: Callable[[dict[str, Any], str], str]) -> Callable[[Response], Response]:
    def changed(answer: Response) -> Response:
        told = answer.get_json()
        claims = json.loads(_decoded(told["id_token"].split(".")[1]))
        told["id_token"] = change(claims, told["id_token"])
        answer.data = json.dumps(told)
        return answer

    return changed


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _token(head: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    text = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    return f"{text}.{_encoded(sign(text.encode()))}"


def _with(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    """Signs as the provider does: RS512."""
    return lambda text: key.sign(text, padding.PKCS1v15(), hashes.SHA512())


def _head(token: str) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(_decoded(token.partition(".")[0]))
    assert head["alg"] == "RS512"
    return head


def _unsigned(claims: dict[str, Any], token: str) -> str:
    return _token({"alg": "none"}, claims, lambda _: b"")


def _by_another_key(claims: dict[str, Any], token: str) -> str:
    return _token(_head(token), claims, _with(rsa.generate_private_key(65537, 2048)))


def _by_the_secret(claims: dict[str, Any], token: str) -> str:
    return _token({"alg": "HS256"}, claims, lambda text: hmac.digest(CLIENT_SECRET.encode(), text, "sha256"))


def _about_another(claims: dict[str, Any], token: str) -> str:
    return _token(_head(token), claims | {"sub": "ada"}, lambda _: _decoded(token.rpartition(".")[2]))


@pytest.mark.parametrize(
    "change", [_unsigned, _by_another_key, _by_the_secret, _about_another, lambda *_: "", lambda *_: "a.b.c"]
)
def test_an_id_token_the_provider_did_not_sign_proves_nobody(
    engine: Engine,
    visitor: Visitor,
    directory: Directory,
    mapped: None,
    change: Callable[[dict[str, Any], str], str],
) -> None:
    back = come_back(visitor, directory)
    with altered(directory, TOKEN, _with_id_token(change)):
        answer = visitor.get(back)
    assert answer.status_code in (401, 502)
    assert "nobody was signed in" in answer.text or "could not be used" in answer.text
    assert accounts(engine) == []


@pytest.mark.parametrize(
    "claim", [{"aud": "another client"}, {"iss": "https://evil.invalid"}, {"exp": 1}, {"sub": ""}, {"nonce": None}]
)
def test_an_id_token_for_another_by_another_or_from_before_proves_nobody(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None, claim: dict[str, Any]
) -> None:
    """Signed by the provider's own key."""
    back = come_back(visitor, directory)

    def change(claims: dict[str, Any], token: str) -> str:
        return _token(_head(token), claims | claim, _with(directory.key))

    with altered(directory, TOKEN, _with_id_token(change)):
        page = visitor.text(back, status=401)
    assert "nobody was signed in" in page
    assert accounts(engine) == []


def test_an_id_token_that_is_signed_anew_by_the_providers_key_is_good(
    visitor: Visitor, directory: Directory, mapped: None
) -> None:
    """So what is refused above is refused for what it says."""
    back = come_back(visitor, directory)
    signed = _with_id_token(lambda claims, token: _token(_head(token), claims, _with(directory.key)))
    with altered(directory, TOKEN, signed):
        assert visitor.get(back).location == "/"


def test_user_information_about_somebody_else_proves_nobody(
    engine: Engine, visitor: Visitor, directory: Directory, mapped: None
) -> None:
    def about_ada(answer: Response) -> Response:
        answer.data = json.dumps({**answer.get_json(), "sub": "ada"})
        return answer

    back = come_back(visitor, directory)
    with altered(directory, USER_INFO, about_ada):
        assert "nobody was signed in" in visitor.text(back, status=401)
    assert accounts(engine) == []


def test_whoever_turns_back_at_the_provider_is_told_so(visitor: Visitor, directory: Directory) -> None:
    back = directory.answer(visitor.get("/sign-in/oidc").location, "bea", consent="deny")
    assert "did not let you in" in visitor.text(back.removeprefix(SITE), status=401)


def _answer(status: int, body: bytes) -> Callable[[Response], Response]:
    return lambda _: Response(body, status, mimetype="application/json")


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", TOKEN, USER_INFO, "/oauth/jwks.json"])
@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"oh", 503),
        (403, b"{}", 502),
        (200, b"<html>", 502),
        (200, b"[]", 502),
        (200, b'{"keys": 3}', 502),
        (200, b"null", 502),
    ],
)
def test_whatever_the_provider_answers_people_get_a_page(
    engine: Engine,
    start: Start,
    directory: Directory,
    mapped: None,
    caplog: pytest.LogCaptureFixture,
    path: str,
    status: int,
    body: bytes,
    told: int,
) -> None:
    visitor = start()
    caplog.set_level(logging.INFO)
    first = path.startswith("/.well-known")
    back = "/sign-in/oidc" if first else come_back(visitor, directory)
    with altered(directory, path, _answer(status, body)):
        answer = visitor.get(back)
    assert answer.status_code == told or (told, answer.status_code) == (502, 401)
    assert "sign-in provider" in answer.text
    assert "Traceback" not in answer.text + caplog.text
    assert "nobody could sign in at the OpenID provider" in caplog.text
    assert CLIENT_SECRET not in caplog.text
    if not first:
        assert arguments_of(back)["code"] not in caplog.text
    assert accounts(engine) == []
    assert enter(visitor, directory) == "/"  # and once the provider is well again, all goes on


def test_a_provider_that_is_not_there(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    visitor = start(issuer="http://localhost:9")
    assert "Sign in with Example Ltd" in visitor.text("/sign-in")
    page = visitor.text("/sign-in/oidc", status=503)
    assert "does not answer" in page
    assert "ConnectionError" in caplog.text


def test_a_provider_that_never_answers_is_given_up(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.oidc.TIMEOUT_S", 0.2)
    asked, done = threading.Event(), threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            done.wait(30)

    server = HTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    visitor = start(issuer=f"http://127.0.0.1:{server.server_port}")
    page = visitor.text("/sign-in/oidc", status=503)
    done.set()
    server.shutdown()
    assert asked.is_set()
    assert "does not answer" in page


def test_a_provider_under_another_name_than_was_set(start: Start, directory: Directory) -> None:
    """Whoever answers at that address says it is somebody else."""
    port = urlsplit(directory.issuer).port
    assert "could not be used" in start(issuer=f"http://127.0.0.1:{port}").text("/sign-in/oidc", status=502)


def test_knocking_in_vain_is_limited(start: Start) -> None:
    visitor = start(issuer="http://localhost:9")
    told = [visitor.get("/sign-in/oidc").status_code for _ in range(21)]
    assert told == [503] * 20 + [429]


def test_who_signs_out_here_is_told_of_the_provider(visitor: Visitor, directory: Directory, mapped: None) -> None:
    enter(visitor, directory)
    assert visitor.post("/sign-out", "/").location == "/signed-out"
    page = visitor.text("/signed-out")
    assert "You may still be signed in at Example Ltd" in page
    assert 'href="/sign-in/oidc/leave"' in page
    there = visitor.get("/sign-in/oidc/leave").location
    assert there.startswith(f"{directory.issuer}/oauth/end_session?")
    asked = arguments_of(there)
    assert asked["post_logout_redirect_uri"] == f"{SITE}/sign-in"
    assert asked["client_id"] == CLIENT


def test_behind_a_known_address_the_provider_is_told_that(settings: WebSettings) -> None:
    app = create_app(replace(settings, public_url="https://pmo.example.invalid"))
    there = app.test_client().get("/sign-in/oidc").location
    assert arguments_of(there)["redirect_uri"] == "https://pmo.example.invalid/sign-in/oidc/return"


def test_without_a_provider_there_is_no_such_page(engine: Engine, clock: Clock) -> None:
    app = create_app(WebSettings(engine=engine, secret_key="only for tests", clock=clock))
    for path in ("/sign-in/oidc", "/sign-in/oidc/return?code=1&state=2", "/sign-in/oidc/leave"):
        assert app.test_client().get(path).status_code == 404
    assert "/sign-in/oidc" not in app.test_client().get("/sign-in").text


def test_two_first_requests_of_one_person_make_one_account(engine: Engine, clock: Clock, mapped: None) -> None:
    together = threading.Barrier(4)

    def come(_: int) -> User | Refusal:
        together.wait(30)
        claimed = Claimed(Known("oidc", "https://login.invalid|7"), ("bea",), None, frozenset({"board"}))
        return enter_account(engine, claimed, clock(), None)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(come, range(4)))
    assert [getattr(it, "id", it) for it in found] == [1] * 4
    assert accounts(engine) == [("bea", "oidc")]
