"""Records that could not be read or mapped, with the reason, and the payload of one as text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import zstandard
from sqlalchemy import ColumnElement, Connection, func, or_, select

from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.landing import Quarantine
from webapp.queries.search import contains
from webapp.tables import Paging

LONGEST_PAYLOAD = 20_000
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CONNECTION = ConnectionRow.__table__
_HELD = Quarantine.__table__


@dataclass(frozen=True)
class Held:
    """One record in quarantine."""

    id: int
    connection: str
    stream: str
    external_id: str
    reason: str
    first_seen_at: datetime
    last_seen_at: datetime
    run_id: int | None


@dataclass(frozen=True)
class Payload:
    """The beginning of what the tracker sent. `readable` is False when it cannot even be decompressed."""

    text: str
    whole: bool
    readable: bool


def payload_text(stored: bytes) -> Payload:
    """The stored payload as text, at most `LONGEST_PAYLOAD` characters: a small bomb must not fill the memory."""
    data = stored
    if stored.startswith(ZSTD_MAGIC):
        try:
            with zstandard.ZstdDecompressor().stream_reader(stored) as stream:
                data = stream.read(LONGEST_PAYLOAD * 4 + 1)
        except zstandard.ZstdError:
            return Payload("", whole=False, readable=False)
    text = data.decode("utf-8", errors="replace")
    return Payload(text[:LONGEST_PAYLOAD], whole=len(text) <= LONGEST_PAYLOAD, readable=True)


def _where(connection_id: int | None, text: str) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if connection_id is not None:
        parts.append(_HELD.c.connection_id == connection_id)
    if text:
        parts.append(or_(*(contains(column, text) for column in (_HELD.c.reason, _HELD.c.external_id, _HELD.c.stream))))
    return parts


_COLUMNS = (
    _HELD.c.id,
    _CONNECTION.c.name,
    _HELD.c.stream,
    _HELD.c.external_id,
    _HELD.c.reason,
    _HELD.c.first_seen_at,
    _HELD.c.last_seen_at,
    _HELD.c.run_id,
)


def count_held(connection: Connection, connection_id: int | None, text: str) -> int:
    """How many records are held that fit the filter."""
    return int(connection.scalar(select(func.count()).select_from(_HELD).where(*_where(connection_id, text))) or 0)


def list_held(connection: Connection, connection_id: int | None, text: str, paging: Paging) -> tuple[Held, ...]:
    """One page of held records, the latest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .join(_CONNECTION, _CONNECTION.c.id == _HELD.c.connection_id)
        .where(*_where(connection_id, text))
        .order_by(_HELD.c.last_seen_at.desc(), _HELD.c.id)
        .limit(paging.size)
        .offset(paging.offset)
    )
    return tuple(Held(*row) for row in rows)


def find_held(connection: Connection, held_id: int) -> tuple[Held, Payload] | None:
    """One held record with its payload."""
    row = connection.execute(
        select(*_COLUMNS, _HELD.c.payload)
        .join(_CONNECTION, _CONNECTION.c.id == _HELD.c.connection_id)
        .where(_HELD.c.id == held_id)
    ).one_or_none()
    return None if row is None else (Held(*row[:-1]), payload_text(row.payload))
