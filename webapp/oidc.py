"""Signing in at an OpenID provider. The only module that knows Authlib.

The code flow with PKCE (S256), state and nonce. Authlib checks the id token (signature by a key of the provider,
issuer, audience, expiry, nonce); what it is to expect stands here. The attempt is kept in the browser's session, one at
a time. No token is kept: what the provider says is read once, when somebody signs in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, cast

from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError  # type: ignore[import-untyped]
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth  # type: ignore[import-untyped]
from flask import Flask, current_app, request, session
from requests import ConnectionError as NoConnection
from requests import HTTPError, RequestException, Timeout
from werkzeug import Response

from webapp import here
from webapp.accounts.claims import Claimed, ClaimError, of_provider
from webapp.settings import Provider

NAME = "oidc"
TIMEOUT_S = 10
LEEWAY_S = 60
"""How far the clocks of the provider and of this machine may be apart."""
SIGNED_BY = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Signatures only the provider can make: "none" proves nothing, and what is keyed by the secret we could make too."""
NEXT = "oidc_next"
_ATTEMPT = f"_state_{NAME}_"
"""How Authlib's keys in the session begin."""


class Fault(StrEnum):
    """Why nobody was proved.

    unreachable: no answer, or one that says the provider is out of order. unusable: an answer that cannot be used,
    which an admin must mend here or there. denied: the provider let nobody in. stale: the answer belongs to no attempt
    of this browser, or comes a second time. unproved: what should prove who it is does not.
    """

    UNREACHABLE = "unreachable"
    UNUSABLE = "unusable"
    DENIED = "denied"
    STALE = "stale"
    UNPROVED = "unproved"


class OidcError(Exception):
    """Nobody was proved. `detail` is for the log: it holds no token and no secret."""

    def __init__(self, fault: Fault, detail: str) -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault


class _Client(FlaskOAuth2App):  # type: ignore[misc]  # Authlib ships no types
    """Authlib's client, which takes the provider's description of itself only as far as it is what was set."""

    def load_server_metadata(self) -> dict[str, Any]:
        metadata: dict[str, Any] = super().load_server_metadata()
        provider = _provider()
        if metadata.get("issuer") != provider.issuer:
            raise OidcError(Fault.UNUSABLE, "the provider calls itself otherwise than oidc.issuer says")
        signed = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in signed if name in SIGNED_BY]
        if provider.client_secret is not None:
            taken = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            basic = "client_secret_basic" in taken
            metadata["token_endpoint_auth_method"] = "client_secret_basic" if basic else "client_secret_post"
        return metadata

    def parse_id_token(self, token: Mapping[str, Any], nonce: str, **how: Any) -> Any:
        try:
            return super().parse_id_token(token, nonce, **how)
        except (OidcError, RequestException):
            raise
        except Exception as error:
            raise OidcError(Fault.UNPROVED, type(error).__name__) from error


def _provider() -> Provider:
    provider = here.settings().oidc
    assert provider is not None, "a page asked for a provider where there is none"
    return provider


def _client() -> _Client:
    return cast(_Client, current_app.extensions["authlib.integrations.flask_client"].create_client(NAME))


def begin(back: str, target: str | None) -> Response:
    """Send the browser to the provider, from where it comes back to the address `back`, and on to `target`.

    Raises `OidcError`.
    """
    for key in [key for key in session if key.startswith(_ATTEMPT)]:
        session.pop(key)
    session[NEXT] = target
    with _told():
        return cast(Response, _client().authorize_redirect(back))


def finish() -> tuple[Claimed, str | None]:
    """Whom the provider proved, from the request the browser came back with, and where they wanted to go.

    Raises `OidcError`.
    """
    client, provider = _client(), _provider()
    if request.args.get("error"):
        raise OidcError(Fault.DENIED, f"it answered {_short(request.args['error'])}")
    expected = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
    }
    with _told():
        token = client.authorize_access_token(claims_options=expected, leeway=LEEWAY_S)
        proved = token.get("userinfo")
        if proved is None:
            raise OidcError(Fault.UNPROVED, "it sent no id token")
        claims = _all_claims(client, token, proved)
        return of_provider(claims, provider), session.get(NEXT)


def way_out(back: str) -> str | None:
    """Where the browser can go to be signed out at the provider too; None when the provider has no such place.

    Raises `OidcError`.
    """
    with _told():
        client = _client()
        if not client.load_server_metadata().get("end_session_endpoint"):
            return None
        # The id token that could name the session is not kept, so the provider asks the person.
        return str(client.create_logout_url(back, client_id=_provider().client_id)["url"])


def _all_claims(client: _Client, token: Mapping[str, Any], proved: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of the id token, and what else the provider says of the same subject."""
    if not client.load_server_metadata().get("userinfo_endpoint"):
        return dict(proved)
    more = client.userinfo(token=token)
    if more.get("sub") != proved.get("sub"):
        raise OidcError(Fault.UNPROVED, "the user information is about somebody else")
    return {**more, **proved}


@contextmanager
def _told() -> Iterator[None]:
    """Turn whatever goes wrong into an `OidcError`: what a provider answers may be anything."""
    try:
        yield
    except (OidcError, *_WRONG) as error:
        told = error if isinstance(error, OidcError) else _read(error)
        if told.fault is not Fault.STALE:
            # What is kept of the provider's answers may be what is wrong: it is asked for again.
            for kept in ("_loaded_at", "jwks"):
                _client().server_metadata.pop(kept, None)
        raise told from (None if told is error else error)


_WRONG = (
    OAuthError,
    ClaimError,
    RequestException,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
)


def _read(error: Exception) -> OidcError:
    if isinstance(error, MismatchingStateError):
        return OidcError(Fault.STALE, "the state is not that of an attempt of this browser")
    if isinstance(error, OAuthError):
        fault = Fault.STALE if error.error == "invalid_grant" else Fault.UNUSABLE
        return OidcError(fault, f"it answered {_short(str(error.error))}")
    if isinstance(error, ClaimError):
        return OidcError(Fault.UNPROVED, type(error).__name__)
    status = error.response.status_code if isinstance(error, HTTPError) and error.response is not None else 0
    down = isinstance(error, NoConnection | Timeout) or status >= 500
    return OidcError(Fault.UNREACHABLE if down else Fault.UNUSABLE, f"{type(error).__name__} {status or ''}".strip())


def _short(text: str) -> str:
    return repr(text[:60])


def init_app(app: Flask) -> None:
    """Make the client of the provider, if there is one. Nothing is asked of it before somebody signs in."""
    provider = app.extensions["sightline"].oidc
    if provider is None:
        return
    secret = provider.client_secret
    OAuth(app).register(
        NAME,
        client_cls=_Client,
        client_id=provider.client_id,
        client_secret=secret.reveal() if secret is not None else None,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": provider.scopes, "code_challenge_method": "S256", "default_timeout": TIMEOUT_S},
    )
