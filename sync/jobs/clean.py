"""Taking erased persons out of the payloads that were kept before they were erased.

The hash beside a payload stays that of what the tracker sent, so that the next run finds it unchanged. What lands
meanwhile is under pseudonyms already, and is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

import zstandard
from sqlalchemy import Connection as Store
from sqlalchemy import Engine, select, update

from connector.protocol import RawRecord, Stream
from portfolio.model.landing import Quarantine
from portfolio.model.landing import RawRecord as Landed
from portfolio.model.people import Erasure
from portfolio.store.engine import reading, writing
from sync.landing.raw import CHUNK, LEVEL
from sync.pseudonyms import Pseudonyms


class _Rewritten(NamedTuple):
    """A kept payload that named somebody: its row, its bytes as they were read, and as they are to be."""

    id: int
    before: bytes
    after: bytes


def clean(engine: Engine, now: datetime, *, stop: Callable[[], str | None] = lambda: None) -> int:
    """Rewrite what names erased persons, and return how many payloads those were. Nothing when nobody waits for it.

    Between two transactions `stop` is asked; what is left then is done by the next call, from the beginning.
    """
    with reading(engine) as store:
        waiting = select(Erasure.connection_id).where(Erasure.cleaned_at.is_(None)).distinct()
        connections = store.scalars(waiting.order_by(Erasure.connection_id)).all()
    done = 0
    for connection_id in connections:
        with reading(engine) as store:
            wanted = Erasure.connection_id == connection_id, Erasure.cleaned_at.is_(None)
            accounts = store.scalars(select(Erasure.external_id).where(*wanted)).all()
            names = Pseudonyms(store, connection_id)
        for table in (Landed, Quarantine):
            for found in _found(engine, table, connection_id, names):
                if stop() is not None:
                    return done
                done += _rewrite(engine, table, found)
        with writing(engine) as store:
            cleaned = Erasure.external_id.in_(accounts)
            store.execute(update(Erasure).where(wanted[0], cleaned).values(cleaned_at=now))
    return done


def _found(engine: Engine, table: Any, connection_id: int, names: Pseudonyms) -> Iterator[list[_Rewritten]]:
    """What is to be rewritten in a table, for each some hundred rows of it; retired ones are kept as evidence, too."""
    expand = zstandard.ZstdDecompressor().decompress
    compress = zstandard.ZstdCompressor(level=LEVEL).compress
    after = 0
    while True:
        with reading(engine) as store:
            rows = _some(store, table, connection_id, after)
        if not rows:
            return
        found = []
        for ident, stream, external_id, body in rows:
            try:
                raw = RawRecord(Stream(stream), external_id, expand(body))
            except zstandard.ZstdError:
                continue  # a damaged row, in which nobody can read a name
            renamed = names.payload(raw)
            if renamed is not raw:
                found.append(_Rewritten(ident, body, compress(renamed.payload)))
        yield found
        after = rows[-1][0]


def _some(store: Store, table: Any, connection_id: int, after: int) -> list[tuple[int, str, str, bytes]]:
    query = (
        select(table.id, table.stream, table.external_id, table.payload)
        .where(table.connection_id == connection_id, table.id > after)
        .order_by(table.id)
        .limit(CHUNK)
    )
    return [(ident, stream, external_id, bytes(body)) for ident, stream, external_id, body in store.execute(query)]


def _rewrite(engine: Engine, table: Any, found: list[_Rewritten]) -> int:
    if not found:
        return 0
    with writing(engine) as store:
        for each in found:
            as_read = (table.id == each.id, table.payload == each.before)
            store.execute(update(table).where(*as_read).values(payload=each.after))
    return len(found)
