"""Rules of fields as a form has them, and what they make of values that were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import NamedTuple

from sync.inbox.meaning import MeaningError
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.document import FieldRule, Rules
from sync.mapping.profile import Carrier, fold
from sync.mapping.transforms import Unreadable, Value, read_value
from webapp.queries.mapped import Sampled

LONGEST = 200
MOST_VALUES = 100


class Shown(NamedTuple):
    """A value that was met, and what a rule makes of it; `wrong` says why it makes nothing."""

    given: str
    read: str
    wrong: bool = False


def read_fields(form: Mapping[str, str]) -> dict[str, tuple[FieldRule, ...]]:
    """The rules of all fields in a form: rows `attribute-N`, `field-N`, `unit-N`, `level-N`, `values-N`.

    A row without a field or attribute is none. Raises `MeaningError` with what is wrong in which row.
    """
    found: dict[str, tuple[FieldRule, ...]] = {}
    for name in form:
        number = name.removeprefix("field-")
        field, attribute = _text(form, name), _text(form, f"attribute-{number}")
        if number == name or not field or not attribute:
            continue
        level = _text(form, f"level-{number}") or "0"
        if not level.isascii() or not level.isdecimal() or len(level) > 2:
            raise MeaningError(f"{field}: the step is a number, 1 for the first and 0 for the last")
        values = _values(field, form.get(f"values-{number}", ""))
        rule = FieldRule(field=field, unit=_text(form, f"unit-{number}"), values=values, level=int(level))
        found[attribute] = (*found.get(attribute, ()), rule)
    return found


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST]


def _values(field: str, text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines()[:MOST_VALUES]:
        value, sign, means = line.partition("=")
        if not line.strip():
            continue
        if not sign or not value.strip() or not means.strip():
            raise MeaningError(f"{field}: write each value as “value = meaning”, not “{line.strip()[:40]}”")
        found[value.strip()[:LONGEST]] = means.strip()[:LONGEST]
    return found


def examples_of(rules: Rules, fields: Sequence[Sampled]) -> dict[tuple[str, int], tuple[Shown, ...]]:
    """(attribute, number of its rule) -> what the rule makes of the values that were met in its field."""
    found = {}
    for attribute, carriers in rules.fields.items():
        for number, rule in enumerate(carriers):
            met = [it for it in fields if fold(rule.field) in (fold(it.name), it.field_id)]
            given = dict.fromkeys(text for it in met for text in it.examples)
            found[attribute, number] = tuple(_shown(attribute, rule, text) for text in given)
    return found


def _shown(attribute: str, rule: FieldRule, given: str) -> Shown:
    known = ATTRIBUTES.get(attribute)
    if known is None:
        return Shown(given, "there is no such attribute", wrong=True)
    carrier = Carrier("", rule.unit, {fold(name): means for name, means in rule.values.items()}, rule.level)
    read = read_value(known, carrier, given, lambda moment: moment.astimezone(UTC).date())
    if read is None or isinstance(read, Unreadable):
        return Shown(given, read.reason if read is not None else "empty", wrong=True)
    return Shown(given, _in_words(known.type, read))


def _in_words(type: str, value: Value) -> str:
    if value.number is None:
        return str(value.day or value.text or value.person or "")
    if type == "effort":
        return f"{value.number / 3600:.4g} h"
    if type == "percent":
        return f"{value.number * 100:.4g} %"
    return f"{value.number:f} {value.currency or ''}".strip()
