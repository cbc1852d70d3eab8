"""Accounts: what identifies them, and how they are read wherever they occur."""

from __future__ import annotations

import msgspec

from connector.jira.words import shown
from connector.pseudonyms import Shape
from connector.records import PersonRecord

_NOT_HUMAN = frozenset({"app", "customer"})


class User(msgspec.Struct, gc=False):
    """A user object of any age: Server (name, key), Cloud (accountId), and the years between."""

    accountId: str | None = None
    key: str | None = None
    name: str | None = None
    displayName: str | None = None
    emailAddress: str | None = None
    active: bool | None = None
    accountType: str | None = None
    timeZone: str | None = None


def person_id(user: User | None) -> str | None:
    """The account's immutable id: `accountId` on Cloud, `key` on Data Center, the login on a Server that sends no key.

    None for an object that names nobody; emptied texts of deleted Cloud accounts count as absent.
    """
    if user is None:
        return None
    return user.accountId or user.key or user.name or None


def read_person(user: User, ident: str) -> PersonRecord:
    """The account as a record, under an id already found."""
    return PersonRecord(
        external_id=ident,
        name=shown(user.displayName or user.name or ident),
        email=user.emailAddress or None,
        active=user.active is not False,
        human=user.accountType not in _NOT_HUMAN,
        time_zone=user.timeZone or None,
        handle=_handle(user),
    )


def _handle(user: User) -> str | None:
    """The login of a Server or Data Center account. Cloud has none; one that is an address is not taken."""
    found = shown(user.name) if user.name and not user.accountId else ""
    return found if found and "@" not in found else None


ACCOUNT = Shape(
    ids=("accountId", "key", "name"),
    marks=("accountId", "displayName", "emailAddress"),
    names=("displayName", "publicName", "name"),
    gone=("emailAddress", "avatarUrls", "timeZone", "locale"),
    off=("active",),
    # A step of a changelog, and the comment of a worklog.
    beside=(("from", "fromString"), ("to", "toString")),
    told=(("author", "comment"),),
)
"""What an account looks like wherever it occurs."""
