"""What is said to who knocks at a door: the checks in their order, then one small transaction.

The body is read for what it names, and for nothing else: it is neither kept nor logged. Whoever knocks learns whether
the door is there and opens, and no more.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from connector.registry import open_notices
from connector.webhooks import Handshake, Headers, Notice
from portfolio.store.engine import reading, writing
from sync.hooks import deliveries, webhooks
from sync.secrets import SecretStore

OPENED, REFUSED, NO_DOOR = 200, 401, 404
LARGEST = 1_000_000
"""Bytes of the largest body that is read."""
LONGEST_SECRET = 500
_ID = re.compile("[A-Za-z0-9_-]{1,64}")
_DELIVERY_ID = re.compile("[!-~]{1,200}")
_NEW = "run `sightline connection webhooks disable` and then `enable`"


class Answer(NamedTuple):
    """The status of the answer, and the headers it must carry. It has no body."""

    status: int
    headers: Mapping[str, str]


def knock(engine: Engine, secrets: SecretStore, name: str, headers: Headers, body: bytes, now: datetime) -> Answer:
    """Answer a request to the door of this name; what a verified delivery names waits from then on.

    A repeated delivery is answered like the first and does nothing, and so is one that names nothing. Raises
    `StoreError` and `SecretError`.
    """
    with reading(engine) as store:
        door = webhooks.find_door(store, name)
    if door is None:
        return _plain(NO_DOOR)
    notices = open_notices(door.tracker)
    shaken = notices.handshake(headers)
    if shaken is not None:
        return _shake(engine, secrets, door, shaken)
    if door.signed:
        if door.secret is None:
            return _plain(REFUSED)
        secret = secrets.unseal(door.connection_id, door.secret, _NEW)
        if not notices.verify(headers, body, secret):
            return _plain(REFUSED)
    delivery_id = _short(notices.delivery_id(headers, body))
    notice = _plausible(notices.notice(body))
    if not (notice.items or notice.streams):
        with writing(engine) as store:
            webhooks.heard(store, door.webhook_id, now)
        return _plain(OPENED)
    with reading(engine) as store:
        known = deliveries.is_known(store, door.connection_id, delivery_id)
    if not known:
        with writing(engine) as store:
            webhooks.heard(store, door.webhook_id, now)
            # Nobody fetches for a connection at rest; once it is enabled its first run reads all that changed.
            if door.enabled:
                deliveries.keep(store, door.connection_id, delivery_id, notice, now)
    return _plain(OPENED)


def _shake(engine: Engine, secrets: SecretStore, door: webhooks.Door, shaken: Handshake) -> Answer:
    """Take the tracker's secret and say so, once. An empty one would let everybody sign."""
    if not 0 < len(shaken.secret.reveal()) <= LONGEST_SECRET:
        return _plain(REFUSED)
    sealed = secrets.seal(door.connection_id, shaken.secret)
    with writing(engine) as store:
        kept = webhooks.keep_secret(store, door.webhook_id, sealed)
    return Answer(OPENED, shaken.answer) if kept else _plain(REFUSED)


def _plausible(notice: Notice) -> Notice:
    """The notice without what can be no id: ids become parts of addresses."""
    return Notice(tuple(item for item in notice.items if _ID.fullmatch(item)), notice.streams)


def _short(delivery_id: str) -> str:
    """An id that can be kept, whatever the tracker, or somebody else, wrote there."""
    if _DELIVERY_ID.fullmatch(delivery_id):
        return delivery_id
    return hashlib.sha256(delivery_id.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(status: int) -> Answer:
    return Answer(status, {})
