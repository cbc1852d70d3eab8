"""Making a backup: everything in the store as of one moment, while others go on reading and writing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

import msgspec
import zstandard
from sqlalchemy import Connection, Engine, Table, func, select

from portfolio.backup.layout import FORMAT, VERSION, Contents, Header, TableEnd, Trailer, layout_of, tables
from portfolio.store.engine import reading
from portfolio.store.migrate import head_revision

BATCH = 500

Progress = Callable[[str, int, int], None]
"""Told of each batch: the table, the rows that are done, the rows there are."""


def write_backup(
    engine: Engine, file: BinaryIO, *, product: str, now: datetime, progress: Progress | None = None
) -> Contents:
    """Write all tables of a store at the schema of this program to `file`, in one read transaction.

    A batch of rows is in memory at a time. The file is not closed. Raises OSError when it cannot be written.
    """
    encoder = msgspec.json.Encoder()
    digests: dict[str, str] = {}
    with reading(engine) as store, _compressed(file) as out:
        found = tables()
        header = Header(
            format=FORMAT,
            version=VERSION,
            product=product,
            revision=head_revision(),
            database=engine.dialect.name,
            made_at=now,
            tables=tuple(layout_of(table, _count(store, table)) for table in found),
        )
        line = encoder.encode(header)
        whole = hashlib.sha256(line)
        out.write(line + b"\n")
        done = 0
        for table in found:
            digest = hashlib.sha256()
            query = select(table).order_by(*table.primary_key)
            for batch in store.execute(query, execution_options={"yield_per": BATCH}).partitions():
                lines = encoder.encode_lines([tuple(row) for row in batch])
                digest.update(lines)
                out.write(lines)
                done += len(batch)
                if progress is not None:
                    progress(table.name, done, header.rows)
            digests[table.name] = digest.hexdigest()
            whole.update(digest.digest())
            out.write(encoder.encode(TableEnd(digest.hexdigest())) + b"\n")
        out.write(encoder.encode(Trailer(whole.hexdigest())) + b"\n")
    return Contents(header, digests)


def _compressed(file: BinaryIO) -> zstandard.ZstdCompressionWriter:
    return zstandard.ZstdCompressor(write_checksum=True).stream_writer(file, closefd=False)


def _count(store: Connection, table: Table) -> int:
    return store.execute(select(func.count()).select_from(table)).scalar_one()
