"""The mapping as a TOML file, for people: written sorted, read with the place of what is wrong."""

from __future__ import annotations

import msgspec
import tomli_w

from sync.mapping.document import FORMAT, Mapping
from sync.mapping.lines import line_of
from sync.mapping.place import steps
from sync.toml_files import read_document


def to_toml(mapping: Mapping) -> str:
    """The document as TOML; equal documents give equal text, and `from_toml` gives the document back."""
    document = msgspec.to_builtins(mapping, order="deterministic")
    return tomli_w.dumps({"format": mapping.format, **document})


def from_toml(text: str) -> Mapping:
    """Read a document back. Raises `FileError`, with the line where that can be told.

    What the words mean together is not looked at: that is `sync.mapping.faults`.
    """
    return read_document(text, Mapping, FORMAT)


def line_of_place(text: str, place: str) -> int | None:
    """The line of a place as `sync.mapping.faults` writes it, None where it has none."""
    return line_of(text, steps(place))
