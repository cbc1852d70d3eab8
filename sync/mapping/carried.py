"""What the fields of an item carry, by what people say; and the templates it is taken for an instance of. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from connector.records import ItemRecord
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.profile import fold
from sync.mapping.rules import Rules
from sync.mapping.transforms import Unreadable, Value, read_value

TEMPLATE = "tmpl:"
CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")
"""How a template's code is spelled. A label "tmpl:CODE" names one without any rule."""


class Carried(NamedTuple):
    """The values by attribute, and (subject, value) pairs of those that could not be read."""

    values: dict[str, Value]
    unread: list[tuple[str, str]]


_NOTHING = Carried({}, [])


def carried(record: ItemRecord, rules: Rules) -> Carried:
    """The value of each attribute that people let a field carry; of several fields the first that is not empty counts.

    A value that cannot be read is reported and none is taken from a further field: it would be another one's.
    """
    if not rules.said.fields:
        return _NOTHING
    values: dict[str, Value] = {}
    unread: list[tuple[str, str]] = []
    for name, carriers in rules.said.fields.items():
        attribute = ATTRIBUTES.get(name)
        for carrier in carriers if attribute is not None else ():
            assert attribute is not None
            held = record.fields.get(carrier.field_id)
            found = read_value(attribute, carrier, held, rules.day)
            if isinstance(found, Unreadable):
                unread.append((f"field {name}", f"{_shown(held)}: {found.reason}"))
            elif found is not None:
                values[name] = found
            if found is not None:
                break
    return Carried(values, unread)


def templates(record: ItemRecord, rules: Rules) -> dict[str, str]:
    """Template code -> the label that shows it."""
    found: dict[str, str] = {}
    for label in record.labels:
        if not rules.said.templates and ":" not in label:
            continue
        folded = fold(label)
        code = next((code for pattern, code in rules.said.templates.items() if _matches(pattern, folded)), None)
        if code is None and folded.startswith(TEMPLATE):
            named = folded.removeprefix(TEMPLATE).strip().upper()
            code = named if CODE.fullmatch(named) else None
        if code is not None:
            found.setdefault(code, label)
    return found


def _shown(held: object) -> str:
    return (", ".join(held) if isinstance(held, list) else str(held)).strip()[:100]


def _matches(pattern: str, name: str) -> bool:
    return pattern == name or ("*" in pattern and _compiled(pattern).fullmatch(name) is not None)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)), re.DOTALL)
