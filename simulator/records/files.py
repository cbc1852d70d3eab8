"""The files of a folder of recordings, read into sightings.

`*.jsonl` holds a row a line, in one of the known layouts; `*.json` one recorded answer. Other files are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from simulator.records.layouts import sightings_of
from simulator.records.sighting import Sighting, documents


class UnreadableRecord(ValueError):
    """A line or file that is not JSON. It cannot be served; `place` names it."""

    def __init__(self, place: str) -> None:
        super().__init__(f"not JSON: {place}")
        self.place = place


def read_folder(folder: Path) -> Iterator[Sighting]:
    """All sightings below a folder, in the order of the files' names. Raises `UnreadableRecord`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".jsonl":
            yield from _lines(path)
        elif path.suffix == ".json" and not path.stem.endswith((".post", ".put", "_webhook")):
            # Fixture collections name the answers to writes for the method; they are no state.
            yield from (Sighting(document, path.stem) for document in documents(_decoded(path.read_bytes(), path.name)))


def _lines(path: Path) -> Iterator[Sighting]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                row = _decoded(line, f"{path.name}, line {number}")
                if isinstance(row, dict):
                    yield from sightings_of(row, path.stem)


def _decoded(data: bytes, place: str) -> object:
    try:
        decoded: object = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise UnreadableRecord(place) from error
    return decoded
