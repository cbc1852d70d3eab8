"""Fields that hold something and that no rule binds: what they could carry. By the samples that were taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as Table
from datetime import datetime
from typing import NamedTuple

import msgspec
from rapidfuzz import fuzz, process
from sqlalchemy import Connection as Store
from sqlalchemy import func, select

from portfolio.model.landing import Connection, MappingProfile
from portfolio.model.mapping import FieldSample
from sync.inbox.meaning import Subject, said
from sync.inbox.suggest import LIKE, Suggestion
from sync.inbox.waiting import Waiting
from sync.mapping import words
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.document import Mapping
from sync.mapping.profile import decode, fold

_NUMBERS, _DATES = ("number", "float"), ("date", "datetime")
_CHOICES = ("option", "option-with-child", "enum", "multi_enum", "array", "select")
_FITS: Table[str, tuple[str, ...]] = {
    "effort": (*_NUMBERS, "string", "text"),
    "number": _NUMBERS,
    "points": _NUMBERS,
    "percent": (*_NUMBERS, "string", "text"),
    "money": (*_NUMBERS, "string", "text"),
    "date": _DATES,
    "choice": _CHOICES,
    "person": ("user", "people", "array"),
    "persons": ("people", "array"),
}
"""The types of fields that an attribute of a type can come from; text comes from any."""


def _names() -> dict[str, str]:
    """Names of fields, folded -> the attribute, with its unit where the name tells it."""
    found = {fold(each.words): each.name for each in ATTRIBUTES.values()}
    found |= {each.name.replace("_", " "): each.name for each in ATTRIBUTES.values()}
    found |= dict.fromkeys(words.START_FIELDS, "start") | dict.fromkeys(words.END_FIELDS, "due")
    found |= dict.fromkeys(words.POINTS_FIELDS, "points") | dict.fromkeys(words.ESTIMATE_FIELDS, "estimate hours")
    return found | dict.fromkeys(words.ROLE_FIELDS, "role")


NAMES: Table[str, str] = _names()


class _Field(NamedTuple):
    connection: str
    field_id: str
    name: str
    type: str
    filled: int
    sampled: int
    examples: str
    first_seen_at: datetime


def waiting_fields(store: Store, mapping: Mapping, approved_at: datetime | None) -> tuple[Waiting, ...]:
    """The fields that hold something, carry nothing and are not ignored; those filled most often first.

    A field that shares its name with another of its connection stands by its id.
    """
    groups: dict[str, list[_Field]] = defaultdict(list)
    for value, each in _unbound(store, mapping):
        groups[value].append(each)
    found = [_waiting(value, fields, approved_at) for value, fields in groups.items()]
    return tuple(sorted(found, key=lambda it: (-it.items, it.value)))


def _waiting(value: str, fields: list[_Field], approved_at: datetime | None) -> Waiting:
    first = min(each.first_seen_at for each in fields)
    examples = [text for each in fields for text in msgspec.json.decode(each.examples, type=list[str])]
    return Waiting(
        subject=Subject.FIELD,
        value=value,
        connections=tuple(sorted({each.connection for each in fields})),
        items=sum(each.filled for each in fields),
        projects=0,
        first_seen_at=first,
        new=approved_at is not None and first > approved_at,
        present=None,
        suggestion=suggest_field(fields[0].name, fields[0].type),
        title=fields[0].name,
        sampled=sum(each.sampled for each in fields),
        examples=tuple(dict.fromkeys(examples)),
    )


def suggest_field(name: str, type: str) -> Suggestion | None:
    """What a field of this name and type could carry: by its name, as far as the type allows it."""
    folded = fold(name)
    fitting = [each for each, meaning in NAMES.items() if _fits(meaning, type)]
    if folded in fitting:
        return Suggestion(NAMES[folded], f"fields called “{name}” usually carry it", 0.9)
    found = process.extractOne(folded, fitting, scorer=fuzz.ratio, score_cutoff=LIKE)
    if found is None:
        return None
    return Suggestion(NAMES[found[0]], f"its name is like “{found[0]}”", round(found[1] / 100 * 0.9, 2))


def _fits(meaning: str, type: str) -> bool:
    wanted = _FITS.get(ATTRIBUTES[meaning.partition(" ")[0]].type)
    return wanted is None or type.casefold() in wanted


def _unbound(store: Store, mapping: Mapping) -> Iterable[tuple[str, _Field]]:
    """(how rules name it, the field) of those that nothing binds."""
    bound = _bound(store)
    columns = (getattr(FieldSample, name) for name in _Field._fields[1:])
    query = (
        select(Connection.id, Connection.name, *columns)
        .join(Connection, Connection.id == FieldSample.connection_id)
        .order_by(Connection.name, FieldSample.field_id)
    )
    by_connection: dict[tuple[int, str], list[_Field]] = defaultdict(list)
    for connection_id, *values in store.execute(query):
        by_connection[connection_id, values[0]].append(_Field(*values))
    for (connection_id, connection), fields in by_connection.items():
        known = said(mapping, connection, Subject.FIELD)
        names = [fold(each.name) for each in fields]
        for each, name in zip(fields, names, strict=True):
            if each.filled and each.field_id not in bound.get(connection_id, ()) and not {name, each.field_id} & known:
                yield (each.name if names.count(name) == 1 else each.field_id), each


def _bound(store: Store) -> dict[int, frozenset[str]]:
    """The ids of the fields that the newest profile of each connection reads."""
    newest = select(func.max(MappingProfile.id)).group_by(MappingProfile.connection_id)
    query = select(MappingProfile.connection_id, MappingProfile.body).where(MappingProfile.id.in_(newest))
    return {ident: frozenset(decode(body).bindings.wanted()) for ident, body in store.execute(query)}
