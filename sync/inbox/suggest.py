"""What a value could mean, and why: mapped so elsewhere, its name is like another, the tracker says so. Pure.

A suggestion is never applied by itself. `score` orders suggestions: 1 is certain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz import fuzz, process

from sync.inbox.meaning import Subject, write
from sync.mapping import words
from sync.mapping.profile import StatusRule, fold
from sync.mapping.status_words import STATUSES

LIKE = 82.0
"""From which likeness of two names (0..100) on the one speaks for the other."""
SHORT = 4
"""Names of fewer letters are like anything."""


class Suggestion(NamedTuple):
    """A meaning (`sync.inbox.meaning`), what speaks for it in words, and how much."""

    meaning: str
    why: str
    score: float


class Known(NamedTuple):
    """What is known besides the name: `elsewhere` (folded value -> meaning and where it is mapped so); `category` and
    `flow` that hold for the value at present, where the tracker itself tells the category; `neighbour`: what could come
    before what items most often are after it, as a meaning, and what they are then."""

    elsewhere: Mapping[str, tuple[str, str]] = {}
    category: str | None = None
    neighbour: tuple[str, str] | None = None


def suggest(subject: Subject, value: str, known: Known) -> Suggestion | None:
    """The best suggestion, None where nothing speaks for anything."""
    name = fold(value)
    if name in known.elsewhere:
        meaning, where = known.elsewhere[name]
        return Suggestion(meaning, f"{where} maps the same name so", 0.95)
    match subject:
        case Subject.STATUS | Subject.FLOW:
            return _status(name, known)
        case Subject.KIND:
            return _alike(name, words.KINDS, "type") or _neighbour(known)
        case Subject.LINK:
            return _link(name)
        case Subject.REPORTED:
            return _alike(name.replace(" ", "_"), words.REPORTED, "word")
        case _:
            return None


def _status(name: str, known: Known) -> Suggestion | None:
    like = _alike(name, STATUSES, "status")
    if known.category is None:
        return like or _neighbour(known)
    told = known.category.replace("_", " ")
    if like is not None and like.meaning.partition(" ")[0] == known.category:
        return Suggestion(like.meaning, f"{like.why}, and the tracker says {told}", min(1.0, like.score + 0.05))
    plain = write(StatusRule(known.category))
    return Suggestion(plain, f"the tracker says {told}, and nothing in the name says that it waits", 0.6)


def _link(name: str) -> Suggestion:
    found = _alike(name, words.PHRASES, "link")
    return found or Suggestion("relates", "nothing in the name says which item comes first", 0.5)


def _alike(name: str, table: Mapping[str, object], what: str) -> Suggestion | None:
    """By the word of the table that is most like the name, or is a whole part of it."""
    if name in table:
        return Suggestion(write(table[name]), f"“{name}” is a known {what}", 0.9)
    if len(name) < SHORT:
        return None
    found = process.extractOne(name, table.keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
    if found is not None:
        word, likeness, _ = found
        return Suggestion(write(table[word]), f"its name is like “{word}”", round(likeness / 100 * 0.9, 2))
    part = _part(name, table)
    return Suggestion(write(table[part]), f"“{part}” is part of its name", 0.65) if part is not None else None


def _part(name: str, table: Mapping[str, object]) -> str | None:
    """The longest word of the table that stands in the name as whole words."""
    parts = name.split()
    spans = (" ".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1))
    return max((span for span in spans if len(span) >= SHORT and span in table), key=len, default=None)


def _neighbour(known: Known) -> Suggestion | None:
    if known.neighbour is None:
        return None
    meaning, name = known.neighbour
    return Suggestion(meaning, f"items that leave it are most often {name} then", 0.3)
