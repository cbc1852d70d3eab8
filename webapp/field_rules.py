"""Rules of fields as a form has them, and what they make of values that were met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import NamedTuple

from sync.inbox.meaning import MeaningError
from sync.mapping.attributes import ATTRIBUTES, Attribute
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


class Row(NamedTuple):
    """A rule of a field as a form has it. `values`: one “value = meaning” a line."""

    attribute: str
    field: str
    unit: str
    level: str
    values: str


def rows_of(rules: Rules) -> list[Row]:
    """What is said of fields, in the order of `examples_of`."""
    return [
        Row(
            attribute,
            rule.field,
            rule.unit,
            str(rule.level or ""),
            "\n".join(f"{value} = {means}" for value, means in rule.values.items()),
        )
        for attribute, carriers in rules.fields.items()
        for rule in carriers
    ]


def typed_rows(form: Mapping[str, str]) -> list[Row]:
    """The rows of a form as they came: `attribute-N`, `field-N`, `unit-N`, `level-N`, `values-N`; empty ones not."""
    numbers = [name.removeprefix("field-") for name in form if name.startswith("field-")]
    rows = (
        Row(
            _text(form, f"attribute-{each}"),
            _text(form, f"field-{each}"),
            _text(form, f"unit-{each}"),
            _text(form, f"level-{each}"),
            form.get(f"values-{each}", ""),
        )
        for each in numbers
    )
    return [row for row in rows if any(row)]


def read_fields(form: Mapping[str, str]) -> dict[str, tuple[FieldRule, ...]]:
    """The rules of all fields in a form.

    A row without a field or attribute is none. Raises `MeaningError` with what is wrong in which row.
    """
    found: dict[str, tuple[FieldRule, ...]] = {}
    for row in typed_rows(form):
        if not row.field or not row.attribute:
            continue
        found[row.attribute] = (*found.get(row.attribute, ()), _rule(row))
    return found


def _rule(row: Row) -> FieldRule:
    level = row.level or "0"
    if not level.isascii() or not level.isdecimal() or len(level) > 2:
        raise MeaningError(f"{row.field}: the step is a number, 1 for the first and 0 for the last")
    return FieldRule(field=row.field, unit=row.unit, values=_values(row.field, row.values), level=int(level))


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


def examples_of(
    rows: Sequence[Row], fields: Sequence[Sampled], known: Mapping[str, Attribute] = ATTRIBUTES
) -> list[tuple[Shown, ...]]:
    """By row: what its rule makes of the values that were met in its field; nothing of a row that is no rule."""
    found = []
    for row in rows:
        met = [it for it in fields if fold(row.field) in (fold(it.name), it.field_id)]
        given = dict.fromkeys(text for it in met for text in it.examples)
        try:
            rule = _rule(row)
        except MeaningError:
            given = {}
        found.append(tuple(_shown(known.get(row.attribute), rule, text) for text in given))
    return found


def _shown(known: Attribute | None, rule: FieldRule, given: str) -> Shown:
    if known is None:
        return Shown(given, "there is no such attribute", wrong=True)
    carrier = Carrier("", rule.unit, {fold(name): means for name, means in rule.values.items()}, rule.level)
    read = read_value(known, carrier, given, lambda moment: moment.astimezone(UTC).date())
    if read is None or isinstance(read, Unreadable):
        return Shown(given, read.reason if read is not None else "empty", wrong=True)
    return Shown(given, _in_words(known.type, read))


def _in_words(type: str, value: Value) -> str:
    if value.number is None:
        return str(value.day or value.text or value.person or ", ".join(value.persons))
    if type == "effort":
        return f"{value.number / 3600:.4g} h"
    if type == "percent":
        return f"{value.number * 100:.4g} %"
    if type == "money":
        return f"{value.number:.2f} {value.currency}"
    return f"{value.number:f}"
