"""Which columns hold what is encrypted. A binary column of the model stands in one of these two lists."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy.orm import InstrumentedAttribute

from portfolio.model.access import User
from portfolio.model.landing import Quarantine, RawRecord, StoredSecret, Webhook
from portfolio.model.work import WorkItem


class Sealed(NamedTuple):
    """A column of encrypted values, and what is in it in a word for people."""

    column: InstrumentedAttribute[Any]
    what: str


SEALED = (
    Sealed(StoredSecret.token, "token"),
    Sealed(Webhook.secret, "webhook secret"),
    Sealed(User.totp_secret, "second factor"),
)
"""Encrypted with the keys of the process, and anew when they are rotated. The row's owner is a connection or a user."""

PLAIN = (RawRecord.hash, RawRecord.payload, Quarantine.payload, WorkItem.mapped_hash)
"""What trackers sent, and hashes of it."""
