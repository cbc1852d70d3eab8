"""Reading a backup, and finding out whether it is as it was written."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
import zstandard

from portfolio.backup.errors import DamagedBackup, NewerBackup, NotABackup
from portfolio.backup.layout import (
    FORMAT,
    MAGIC,
    VERSION,
    Contents,
    Header,
    TableEnd,
    TableLayout,
    Trailer,
    row_type,
)
from portfolio.backup.write import BATCH, Progress

Batch = list[tuple[Any, ...]]
LONGEST_HEADER = 1 << 20


class _Kind(msgspec.Struct):
    """What is read of a header before its version is known."""

    format: str
    version: int
    product: str = "unknown"


class BackupReader:
    """Reads a backup once, from its beginning to its end. The header is read at once.

    Raises `NotABackup`, `NewerBackup` or `DamagedBackup`. What has been handed out is proven only when `contents` gives
    its answer.
    """

    def __init__(self, file: BinaryIO) -> None:
        start = file.read(len(MAGIC))
        if start != MAGIC:
            raise NotABackup
        file.seek(-len(start), io.SEEK_CUR)
        self._lines = io.BufferedReader(
            zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True), 1 << 18
        )
        self._digests: dict[str, str] = {}
        self.header = self._read_header()

    def batches(self, layout: TableLayout) -> Iterator[Batch]:
        """The rows of a table, some at a time. Every table has to be read, in the order of the header."""
        decoder: msgspec.json.Decoder[tuple[Any, ...]] = msgspec.json.Decoder(row_type(layout))
        digest = hashlib.sha256()
        for first in range(0, layout.rows, BATCH):
            batch: Batch = []
            for _ in range(min(BATCH, layout.rows - first)):
                line = self._line()
                digest.update(line)
                batch.append(self._decoded(decoder, line, layout.name))
            yield batch
        found = digest.digest()
        end = self._decoded(msgspec.json.Decoder(TableEnd), self._line(), layout.name)
        if end.sha256 != found.hex():
            raise DamagedBackup(f"the rows of {layout.name} are not those that were written")
        self._digests[layout.name] = found.hex()
        self._whole.update(found)

    def contents(self) -> Contents:
        """What was read, after every table has been: the file is whole and unchanged."""
        trailer = self._decoded(msgspec.json.Decoder(Trailer), self._line(), "its end")
        if trailer.end != self._whole.hexdigest() or self._read():
            raise DamagedBackup("its parts do not belong together")
        return Contents(self.header, self._digests)

    def _read_header(self) -> Header:
        line = self._read(LONGEST_HEADER)
        if not line.endswith(b"\n") and len(line) < LONGEST_HEADER:
            raise DamagedBackup("it is cut off")
        self._whole = hashlib.sha256(line.rstrip(b"\n"))
        try:
            kind = msgspec.json.decode(line, type=_Kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NotABackup from None
        if kind.format != FORMAT:
            raise NotABackup
        if kind.version > VERSION:
            raise NewerBackup(kind.product)
        header: Header = self._decoded(msgspec.json.Decoder(Header), line, "its beginning")
        try:
            for layout in header.tables:
                row_type(layout)
        except KeyError:
            raise DamagedBackup("it names a kind of column that there is not") from None
        return header

    def _line(self) -> bytes:
        line = self._read()
        if not line.endswith(b"\n"):
            raise DamagedBackup("it is cut off")
        return line

    def _read(self, most: int = -1) -> bytes:
        try:
            return self._lines.readline(most)
        except zstandard.ZstdError:
            raise DamagedBackup("it cannot be decompressed") from None

    def _decoded(self, decoder: msgspec.json.Decoder[Any], line: bytes, where: str) -> Any:
        try:
            return decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            # The library's words may quote what the file holds.
            raise DamagedBackup(f"{where} cannot be read") from None


def check_backup(reader: BackupReader, progress: Progress | None = None) -> Contents:
    """Read everything and keep nothing. Raises `DamagedBackup` unless it is whole and unchanged."""
    done = 0
    for layout in reader.header.tables:
        for batch in reader.batches(layout):
            done += len(batch)
            if progress is not None:
                progress(layout.name, done, reader.header.rows)
    return reader.contents()
