"""The settings of a provider and of a proxy that signs people in: what is refused, and what the pages are told."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cli.commands.serve import page_settings
from cli.exits import CommandError
from cli.runtime import Runtime
from cli.settings import load_settings
from portfolio.store.engine import open_engine
from portfolio.store.migrate import upgrade

OIDC = '[oidc]\nissuer = "https://login.example.invalid"\nclient_id = "sightline"\n'
PROXY = '[proxy_sign_in]\nheader = "X-Remote-User"\naddresses = ["10.0.0.7", "fd00::/64"]\n'


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str) -> None:
    Path("sightline.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[oidc]\nissuer = "https://login.example.invalid"', "an issuer needs a client_id"),
        ('[oidc]\nissuer = "login.example.invalid"\nclient_id = "x"', "is not an issuer"),
        ('[oidc]\nissuer = "https://a:b@login.invalid"\nclient_id = "x"', "is not an issuer"),
        ('[oidc]\nissuer = "http://login.example.invalid"\nclient_id = "x"', "it must begin with https://"),
        ('[oidc]\nscopes = "profile email"', "openid must be among the scopes"),
        ('[oidc]\nclient_secret = "x"', "unknown setting 'oidc.client_secret'"),
        ('[proxy_sign_in]\nheader = "X-Remote-User"', "a header needs addresses"),
        ('[proxy_sign_in]\nheader = "X_Remote_User"\naddresses = ["10.0.0.7"]', "cannot name people"),
        ('[proxy_sign_in]\nheader = "Cookie"\naddresses = ["10.0.0.7"]', "cannot name people"),
        ('[proxy_sign_in]\nheader = "X-User"\naddresses = ["proxy"]', "is not an IP address or network"),
        ('[proxy_sign_in]\nheader = "X-User"\naddresses = ["0.0.0.0/0"]', "is everybody"),
        ('[proxy_sign_in]\nheader = "X-User"\naddresses = 7', "it must be a list"),
        ('[proxy_sign_in]\nheader = "X-User"\ngroups_header = "x-user"\naddresses = ["10.0.0.7"]', "two headers"),
        ('[proxy_sign_in]\ngroups_header = "X-Groups"', "needs a header that names the person"),
    ],
)
def test_what_would_not_be_safe_or_cannot_be_is_refused(text: str, words: str) -> None:
    write(text)
    with pytest.raises(CommandError) as refused:
        load_settings(None)
    assert words in str(refused.value)
    assert "sightline.toml" in str(refused.value)


def test_an_issuer_on_this_machine_may_do_without_https() -> None:
    write('[oidc]\nissuer = "http://localhost:9000"\nclient_id = "x"')
    assert load_settings(None).oidc.issuer == "http://localhost:9000"


def test_addresses_in_a_variable_stand_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_PROXY_SIGN_IN__HEADER", "X-Remote-User")
    monkeypatch.setenv("SIGHTLINE_PROXY_SIGN_IN__ADDRESSES", "10.0.0.7, 10.1.0.0/28")
    assert load_settings(None).proxy_sign_in.addresses == ("10.0.0.7", "10.1.0.0/28")


def runtime(environ: dict[str, str]) -> Runtime:
    Path("var").mkdir()
    engine = open_engine("sqlite:///var/sightline.db")
    upgrade(engine)
    engine.dispose()
    return Runtime(load_settings(None), {"SIGHTLINE_KEYS": Fernet.generate_key().decode(), **environ})


def test_the_pages_are_told_and_the_secret_shows_itself_nowhere() -> None:
    write(f'server.public_url = "https://pmo.example.invalid/"\n{OIDC}{PROXY}')
    told = page_settings(runtime({"SIGHTLINE_OIDC_CLIENT_SECRET": "the secret of the client"}))
    assert told.public_url == "https://pmo.example.invalid"
    assert told.oidc is not None
    assert told.oidc.client_secret is not None
    assert told.oidc.client_secret.reveal() == "the secret of the client"
    assert "the secret of the client" not in repr(told)
    assert told.signing_proxy is not None
    assert told.signing_proxy.networks == (ip_network("10.0.0.7"), ip_network("fd00::/64"))


def test_where_neither_is_set_the_pages_know_of_neither_and_a_client_may_have_no_secret() -> None:
    write("")
    plain = runtime({})
    told = page_settings(plain)
    assert (told.oidc, told.signing_proxy) == (None, None)
    write(OIDC)
    public = page_settings(Runtime(load_settings(None), plain.environ)).oidc
    assert public is not None
    assert public.client_secret is None
