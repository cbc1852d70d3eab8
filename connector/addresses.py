"""What no address of a connection may hold: a password. Addresses are kept and shown as they are; secrets never are."""

from __future__ import annotations

from connector.errors import BadAddressError
from connector.settings import ConnectionSettings

_SIGNED = (
    ("The address", "address", "Leave user and password out of it; the account and its token are given apart"),
    ("The gateway's address", "gateway", "Leave user and password out of it"),
    (
        "The proxy's address",
        "proxy",
        "Use a proxy without a password, or give it in the environment (HTTPS_PROXY), where it is not kept",
    ),
)


def refuse_passwords(settings: ConnectionSettings) -> None:
    """Raise `BadAddressError` where an address holds user info (user:password@host). The error does not show it.

    An at sign anywhere counts: a password with a slash in it would otherwise pass for a path.
    """
    for what, name, remedy in _SIGNED:
        if "@" in getattr(settings, name):
            raise BadAddressError(f"{what} holds a user name or password, which would be kept in clear", remedy=remedy)
