"""Documents as TOML files, for people: read with the place and the line of what is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from sync.errors import FileError
from sync.mapping.lines import Path, line_of
from sync.mapping.place import at

LONGEST = 5_000_000
"""Characters of a file; a mapping of 5,000 projects with a rule each has a tenth of that."""

_LINE = re.compile(r"^(.*) \(at line (\d+), column \d+\)$", re.DOTALL)
_SAID = {
    re.compile("Object contains unknown field `(.*)`"): "there is no such word here",
    re.compile("Object missing required field `(.*)`"): "`{}` is missing",
    re.compile("Expected `(.*)`, got `(.*)`"): "{} is expected, not {}",
    re.compile("Invalid enum value '(.*)'"): "{!r} is none of the words that may stand here",
}
_TYPES = {"str": "a text", "int": "a whole number", "object": "a table", "array": "a list", "bool": "true or false"}
_UNKNOWN = re.compile("Object contains unknown field `(.*)`")


Document = TypeVar("Document")


def read_document(text: str, kind: type[Document], format: int) -> Document:
    """Read a document of a kind back. Raises `FileError`, with the line where that can be told.

    `format` is the newest that is known; a file that names a newer one was written by a newer Sightline.
    """
    if len(text) > LONGEST:
        raise FileError(f"the file is longer than {LONGEST:,} characters: none is")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = _LINE.match(str(error))
        raise FileError(
            f"this is no TOML: {told[1] if told else error}", line=int(told[2]) if told else None
        ) from error
    except RecursionError as error:
        raise FileError("this is nested deeper than any such file") from error
    except ValueError as error:
        # The reader of TOML leaves what Python cannot read as a number to Python.
        raise FileError("there is a number with more digits than any such file has") from error
    _require_known_format(text, document, format)
    wrong = _wrong(document, kind, ())
    if wrong is not None:
        path, message = wrong
        raise FileError(message, place=at(*path), line=line_of(text, path))
    return msgspec.convert(document, kind)


def _require_known_format(text: str, document: dict[str, Any], format: int) -> None:
    given = document.get("format", format)
    if isinstance(given, int) and given > format:
        raise FileError(
            f"the file is of format {given}, which a newer Sightline wrote; this one reads format {format}. Update "
            "Sightline here, or export the file where it came from in the older format",
            place="format",
            line=line_of(text, ("format",)),
        )


def _wrong(value: Any, kind: Any, path: Path) -> tuple[Path, str] | None:
    """The narrowest place that is not what it should be, with what is wrong there; None when all is well."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        for step, inner, inner_kind in _inside(value, kind):
            found = _wrong(inner, inner_kind, (*path, step))
            if found is not None:
                return found
        message = str(error).partition(" - at `")[0]
        unknown = _UNKNOWN.match(message)
        return ((*path, unknown[1]) if unknown else path), _in_words(message)
    return None


def _inside(value: Any, kind: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """What is within a value, with the type that each should have."""
    if isinstance(kind, UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    if isinstance(value, list) and get_origin(kind) is tuple:
        yield from ((number, inner, get_args(kind)[0]) for number, inner in enumerate(value))
    elif isinstance(value, dict) and get_origin(kind) is dict:
        yield from ((name, inner, get_args(kind)[1]) for name, inner in value.items())
    elif isinstance(value, dict) and isinstance(kind, type):
        hints = get_type_hints(kind)
        yield from ((name, inner, hints[name]) for name, inner in value.items() if name in hints)


def _in_words(message: str) -> str:
    for pattern, words in _SAID.items():
        found = pattern.fullmatch(message)
        if found is not None:
            return words.format(*(_TYPES.get(part, part) for part in found.groups()))
    return message
