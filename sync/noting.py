"""A connection's settings as the audit log may keep them: no secret is in them, and no e-mail address stays."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from connector.settings import ConnectionSettings

_MAILBOX = re.compile(r"[^\s\"'(),=]+@[^\s\"'(),=]+")


def noted(settings: ConnectionSettings, secret_ref: str) -> dict[str, Any]:
    """The settings by name. The account is an e-mail address, so only whether there is one; a query may hold some."""
    return _unnamed(_told(settings, secret_ref))


def differing(
    old: ConnectionSettings, old_ref: str, new: ConnectionSettings, new_ref: str
) -> dict[str, tuple[Any, Any]]:
    """What differs, as it was and as it is, by name; also where the difference is in what may not be kept."""
    before, after = _told(old, old_ref), _told(new, new_ref)
    shown = _unnamed(before), _unnamed(after)
    return {name: (shown[0][name], shown[1][name]) for name in after if before[name] != after[name]}


def _told(settings: ConnectionSettings, secret_ref: str) -> dict[str, Any]:
    told = {**msgspec.to_builtins(settings), "secret": secret_ref}
    # They are not the connection's own.
    del told["queries"]
    return told


def _unnamed(told: dict[str, Any]) -> dict[str, Any]:
    rules = [{**rule, "name": _MAILBOX.sub("(e-mail)", rule["name"])} for rule in told["follow"]]
    return {**told, "account": bool(told["account"]), "follow": rules}
