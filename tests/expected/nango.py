"""The requests and answers Nango's integration tests recorded, read here, and what Nango made of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connector.protocol import RawRecord, Stream
from connector.records import Record
from connector.registry import open_reader

Document = dict[str, Any]


class Nango:
    """One tracker's folder. A fixture is one of their tests: its exchanges, and its output or mapped models."""

    def __init__(self, folder: Path, tracker: str, address: str) -> None:
        self._reader = open_reader(tracker, address, (), ())
        if not folder.is_dir():
            pytest.skip(f"recorded payloads (realdata) have no folder {folder.parent.name}/{folder.name}")
        self._expected = {line["fixture"]: line for line in _lines(folder / "expected_mapped.jsonl")}
        self._exchanges = _lines(folder / "http_exchanges.jsonl")

    def output(self, fixture: str, *, under: str | None = None) -> list[Document]:
        """What an action of theirs gave back: one document, or the list `under` a name."""
        found = self._expected[fixture]["output"]
        return list(found[under]) if under else [found]

    def mapped(self, fixture: str, model: str) -> list[Document]:
        """What a sync of theirs stored."""
        return list(self._expected[fixture]["mapped"][model])

    def answers(self, fixture: str, ending: str) -> list[Any]:
        """The bodies of a fixture's answers to addresses that end so."""
        bodies = [
            line["response"]
            for line in self._exchanges
            if line["fixture"] == f"{fixture}.test.json" and line["url"].endswith(ending)
        ]
        assert bodies, (fixture, ending)
        return bodies

    def read(self, stream: Stream, documents: list[Document], ident: str = "id") -> dict[str, Record]:
        """Payloads as records, by id."""
        found = {}
        for document in documents:
            raw = RawRecord(stream, document[ident], json.dumps(document, ensure_ascii=False).encode())
            found[document[ident]] = self._reader.read(raw)
        assert len(found) == len(documents)
        return found


def by(ident: str, documents: list[Document]) -> dict[str, Document]:
    """Their documents by id. Fails when two share one."""
    found = {document[ident]: document for document in documents}
    assert len(found) == len(documents)
    return found


def _lines(path: Path) -> list[Document]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
