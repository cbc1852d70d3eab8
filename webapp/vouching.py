"""Whom a proxy in front says is asking: believed only from the addresses it connects from."""

from __future__ import annotations

from flask import current_app, g, request

from webapp import here
from webapp.accounts.claims import Claimed, ClaimError, of_proxy
from webapp.peer import peer
from webapp.settings import SigningProxy

_KEPT = "sightline_vouched"


def vouched() -> Claimed | None:
    """Whoever the proxy says is asking; None where there is no such proxy, or the request does not come from it."""
    proxy = here.settings().signing_proxy
    if proxy is None:
        return None
    if _KEPT not in g:
        setattr(g, _KEPT, _read(proxy))
    found: Claimed | None = g.get(_KEPT)
    return found


def _read(proxy: SigningProxy) -> Claimed | None:
    name = request.headers.get(proxy.header)
    if name is None:
        return None
    place = peer()
    if place is None or not any(place in network for network in proxy.networks):
        _warn_once("stranger", f"the header {proxy.header} came from {place}, which is not the proxy: not believed")
        return None
    groups = request.headers.get(proxy.groups_header, "") if proxy.groups_header else ""
    try:
        return of_proxy(_text(name), _text(groups))
    except ClaimError as error:
        _warn_once("nobody", f"the header {proxy.header} of the proxy is not believed: {error}")
        return None


def _text(value: str) -> str:
    """A header's bytes as UTF-8 where they are that; they arrive as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _warn_once(kind: str, words: str) -> None:
    """Whoever sends such requests must not be able to fill the log."""
    told: set[str] = current_app.extensions.setdefault("sightline.vouching", set())
    if kind not in told:
        told.add(kind)
        current_app.logger.warning(words)
