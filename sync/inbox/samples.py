"""Fields as they are met in a sample of landed items: which hold anything, and what. No tracker is asked.

Examples are what people choose, count and date; nothing that could name a person: no ids of people, no addresses, no
long text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
import zstandard
from sqlalchemy import Connection as Store
from sqlalchemy import Engine, delete, func, select

from connector.protocol import RawRecord, Reading, Stream
from connector.records import FieldRecord, FieldValue, ItemRecord
from portfolio.model.landing import RawRecord as Landed
from portfolio.model.mapping import FieldSample
from portfolio.store.engine import reading, writing
from portfolio.store.upsert import upsert
from sync.connections import get_connection
from sync.landing.raw import landed_chunks
from sync.mapping.profile import Bindings
from sync.readers import open_reader, readable
from sync.tables import table_of

SAMPLE = 2_000
AT_ONCE = 100
AGAIN_AFTER = timedelta(days=1)
EXAMPLES = 6
LONGEST = 40
_PERSONAL = ("user", "people", "person", "multi_user")


def sample_fields(
    engine: Engine, connection_id: int, *, clock: Callable[[], datetime], readers: Reading | None = None
) -> int:
    """Look at the newest landed items of a connection and keep what was met of its own fields. Returns of how many.

    Fields whose role the tracker itself tells are left out: they are understood, or say nothing of the work. Where
    there is no other field, no item is looked at.
    """
    row = get_connection(engine, connection_id)
    with reading(engine) as store:
        plain = open_reader(store, connection_id, row.tracker, row.address, Bindings(), readers)
        fields = {
            record.external_id: record
            for chunk in landed_chunks(store, connection_id, Stream.FIELDS)
            for record in readable(plain, chunk)
            if isinstance(record, FieldRecord) and record.custom and record.role is None
        }
        wanted = tuple(fields)
        reader = open_reader(store, connection_id, row.tracker, row.address, Bindings(), readers, wanted=wanted)
        sampled, met = 0, {ident: list[FieldValue]() for ident in fields}
        for chunk in newest(store, connection_id, Stream.ITEMS, SAMPLE) if fields else ():
            for record in readable(reader, chunk):
                if isinstance(record, ItemRecord):
                    sampled += 1
                    for ident, values in met.items():
                        if _filled(value := record.fields.get(ident)):
                            values.append(value)
    now = clock()
    rows = [
        {
            "connection_id": connection_id,
            "field_id": ident,
            "name": fields[ident].name,
            "type": fields[ident].type,
            "filled": len(values),
            "sampled": sampled,
            "examples": msgspec.json.encode(examples(fields[ident], values)).decode(),
            "first_seen_at": now,
            "sampled_at": now,
        }
        for ident, values in met.items()
    ]
    with writing(engine) as store:
        gone = (FieldSample.connection_id == connection_id, FieldSample.field_id.not_in(wanted))
        store.execute(delete(FieldSample).where(*gone))
        if rows:
            taken = ["name", "type", "filled", "sampled", "examples", "sampled_at"]
            upsert(store, table_of(FieldSample), rows, ["connection_id", "field_id"], taken)
    return sampled


def keep_sampled(
    engine: Engine, connection_id: int, *, clock: Callable[[], datetime], readers: Reading | None = None
) -> None:
    """Take a sample where there is none, or the one there is has grown old."""
    with reading(engine) as store:
        newest = select(func.max(FieldSample.sampled_at)).where(FieldSample.connection_id == connection_id)
        sampled_at = store.scalar(newest)
    if sampled_at is None or clock() - sampled_at >= AGAIN_AFTER:
        sample_fields(engine, connection_id, clock=clock, readers=readers)


def examples(field: FieldRecord, values: Sequence[FieldValue]) -> list[str]:
    """The values met most often, as text. None for fields that hold people."""
    if any(word in field.type.casefold() for word in _PERSONAL):
        return []
    counts: Counter[str] = Counter()
    for value in values:
        for part in value if isinstance(value, list) else [value]:
            text = " ".join(str(int(part) if isinstance(part, float) and part.is_integer() else part).split())
            if text and len(text) <= LONGEST and "@" not in text:
                counts[text] += 1
    return [text for text, _ in counts.most_common(EXAMPLES)]


def _filled(value: FieldValue) -> bool:
    return value is not None and value != "" and value != []


def newest(store: Store, connection_id: int, stream: Stream, most: int) -> Iterator[list[RawRecord]]:
    """The newest landed records of a stream, no more than `most`, some at a time: whole payloads are large."""
    expand = zstandard.ZstdDecompressor().decompress
    query = (
        select(Landed.id, Landed.external_id, Landed.payload)
        .where(Landed.connection_id == connection_id, Landed.stream == stream.value, Landed.retired_at.is_(None))
        .order_by(Landed.id.desc())
    )
    older = query
    for first in range(0, most, AT_ONCE):
        rows = store.execute(older.limit(min(AT_ONCE, most - first))).all()
        if not rows:
            break
        yield [RawRecord(stream, ident, expand(bytes(body))) for _, ident, body in rows]
        older = query.where(Landed.id < rows[-1][0])
