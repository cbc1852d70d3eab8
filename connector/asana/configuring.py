"""How the `asana` client is set up for a connection: address, token, proxy, certificates."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asana

from connector.errors import BadAddressError, SignInError
from connector.settings import ConnectionSettings, Secret, SignIn

API_PATH = "/api/1.0"
CONNECTIONS = 16

_LOGGERS = ("asana", "urllib3")
_CONFIGURING = threading.Lock()


@contextmanager
def _untouched_loggers() -> Iterator[None]:
    """The client's configuration adds handlers to its own and urllib3's loggers and sets their levels; undo that."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    try:
        yield
    finally:
        for logger, (handlers, level) in zip(loggers, before, strict=True):
            logger.handlers[:] = handlers
            logger.setLevel(level)


def configuration(settings: ConnectionSettings, secret: Secret) -> asana.Configuration:
    """The client's configuration. Raises `SignInError` and `BadAddressError` for what cannot work; asks nothing."""
    token = secret.reveal().strip()
    if settings.sign_in not in (SignIn.PERSONAL_TOKEN, SignIn.OAUTH):
        raise SignInError("Asana takes a personal access token or an OAuth token", remedy="Choose one of these")
    if not token or not all("!" <= sign <= "~" for sign in token):
        raise SignInError("The token is empty or holds blanks or signs no token has", remedy="Enter the token again")
    if settings.ca_bundle and not Path(settings.ca_bundle).exists():
        what = f"The CA bundle {settings.ca_bundle} of this connection is not there"
        raise BadAddressError(what, remedy="Correct its path")
    with _CONFIGURING, _untouched_loggers():
        made = asana.Configuration()
    made.access_token = token
    made.host = host(settings.address)
    made.proxy = _web_address(settings.proxy, "The proxy") if settings.proxy else None
    made.ssl_ca_cert = settings.ca_bundle or None
    made.connection_pool_maxsize = CONNECTIONS
    made.retry_strategy = False
    return made


def host(address: str) -> str:
    """The address with the API's path; one without any path is the site's. Raises `BadAddressError`."""
    address = _web_address(address, "The address").rstrip("/")
    return address if urlsplit(address).path else f"{address}{API_PATH}"


def _web_address(address: str, what: str) -> str:
    address = address.strip()
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadAddressError(f"{what} cannot be used", remedy="Give it as https://host")
    return address
