"""All that waits: words of items, and fields."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from sync.inbox.fields import waiting_fields
from sync.inbox.waiting import Waiting, waiting
from sync.mapping.document import Mapping


def everything(store: Connection, mapping: Mapping, approved_at: datetime | None) -> tuple[Waiting, ...]:
    """What waits under a mapping: statuses first, fields last. `approved_at` is when what is in force was approved."""
    return (*waiting(store, mapping, approved_at), *waiting_fields(store, mapping, approved_at))
