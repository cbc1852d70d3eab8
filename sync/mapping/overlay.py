"""A tracker's project -> what it tells of the overlay fields. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from connector.records import ProjectRecord
from portfolio.overlay.fields import FIELDS, Type
from portfolio.overlay.reporting import STATUSES
from portfolio.overlay.text import OverlayError, Value, read_text
from portfolio.overlay.values import Values
from sync.mapping import attributes, transforms
from sync.mapping.attributes import Attribute
from sync.mapping.rules import Rules
from sync.mapping.values import text

_READ_AS: Mapping[Type, attributes.Type] = {
    Type.MONEY: "money",
    Type.DAY: "date",
    Type.PERSON: "person",
    Type.CHOICE: "choice",
    Type.TEXT: "text",
}
REPORTED = Attribute("reported", "choice", "Reported colour", tuple(STATUSES))
OVERLAY: Mapping[str, Attribute] = {
    field.name: Attribute(field.name, _READ_AS[field.type], field.words, field.choices) for field in FIELDS.values()
} | {REPORTED.name: REPORTED}
"""The overlay fields as a tracker's fields carry them, and the colour a project gives itself."""


class Told(NamedTuple):
    """What a tracker tells of a project: persons by their account, anything else as text in the one form it is kept in;
    (subject, value) pairs of what could not be read; and the colour a field of its own gives it."""

    texts: Mapping[str, str]
    accounts: Mapping[str, str]
    unread: tuple[tuple[str, str], ...]
    reported: str | None = None

    def values(self, person: Callable[[str], int | None]) -> Values:
        """The values by field; of accounts, `person` tells whose they are."""
        found = {name: Value(text) for name, text in self.texts.items()}
        known = {name: person(account) for name, account in self.accounts.items()}
        return found | {name: Value(person_id=ident) for name, ident in known.items() if ident is not None}


def told_of(record: ProjectRecord, rules: Rules) -> Told:
    """What the project says of its overlay fields: its lead and dates, and what people let its own fields carry.

    A field that people name goes before what the project states by itself, unless it is empty.
    """
    texts = {name: day.isoformat() for name, day in (("start", record.start), ("due", record.due)) if day is not None}
    accounts = {"manager": record.lead_id} if record.lead_id else {}
    unread = []
    reported = None
    for name, carrier in rules.profile.project_fields.items():
        held = record.fields.get(carrier.field_id)
        found = transforms.read_value(OVERLAY[name], carrier, held, rules.day) if name in OVERLAY else None
        if isinstance(found, transforms.Unreadable):
            unread.append((f"project field {name}", f"{text(held)}: {found.reason}"))
        elif name == REPORTED.name:
            reported = found.text if found is not None else None
        elif found is not None and found.person is not None:
            accounts[name] = found.person
        elif found is not None:
            try:
                texts[name] = read_text(FIELDS[name], _spelled(found))
            except OverlayError as error:
                unread.append((f"project field {name}", error.message))
    return Told(texts, accounts, tuple(unread), reported)


def _spelled(value: transforms.Value) -> str:
    if value.number is not None:
        return f"{value.number:.2f} {value.currency}"
    return value.day.isoformat() if value.day is not None else value.text or ""
