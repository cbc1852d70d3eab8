"""What the fields of an item carry, by what people say; and the templates it is taken for an instance of. Pure."""

from __future__ import annotations

import re
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
    """Template code -> what shows it: a label, or the name of an attachment."""
    found: dict[str, str] = {}
    said = rules.said.templates
    for label in (*record.labels, *record.attachment_names) if said else record.labels:
        if not said and ":" not in label:
            continue
        folded = fold(label)
        code = next((code for pattern, code in said.items() if _matches(pattern, folded)), None)
        if code is None and folded.startswith(TEMPLATE):
            named = folded.removeprefix(TEMPLATE).strip().upper()
            code = named if CODE.fullmatch(named) else None
        if code is not None:
            found.setdefault(code, label)
    return found


def _shown(held: object) -> str:
    return (", ".join(held) if isinstance(held, list) else str(held)).strip()[:100]


def _matches(pattern: str, name: str) -> bool:
    """Whether the name is like the pattern, where * stands for anything. Each part is looked for once, after the one
    before it: no pattern takes long, whatever the name."""
    first, *parts = pattern.split("*")
    if not parts:
        return pattern == name
    *between, last = parts
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in between:
        at = name.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
