"""Filters of items: from JSON to a value, and back. All that stands in one object must hold.

    {"kind": ["bug"], "category": ["todo", "in_progress"], "age_wd": {"gt": 2}, "not": {"has": ["severity"]}}

Names are those of `terms`; `label`, `leaf`, `has`, `attribute`, `linked`, `child`, `parent`, `and`, `or` and `not`
besides. Whatever is given, `read` gives a filter or raises `FilterError`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from portfolio.governance.filters import terms
from portfolio.governance.rules import RuleError
from portfolio.governance.working_days import MOST

DEEPEST, LARGEST, LONGEST = 6, 100, 200
LARGEST_NUMBER = Decimal(10) ** 9


class FilterError(RuleError):
    """What was given is no filter."""


@dataclass(frozen=True)
class All:
    """What holds when each part does; an empty one holds for every item."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class AnyOf:
    """What holds when any part does."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True)
class Not:
    """What holds when its part does not."""

    part: Filter


@dataclass(frozen=True)
class Among:
    """A column or attribute is one of these words."""

    name: str
    words: tuple[str, ...]
    is_attribute: bool = False


@dataclass(frozen=True)
class Labelled:
    """It carries the label."""

    label: str


@dataclass(frozen=True)
class Leaf:
    """Whether other items hang on it."""

    wanted: bool


@dataclass(frozen=True)
class Filled:
    """All these fields are filled in."""

    fields: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """A number of it is on one side of another."""

    name: str
    operator: str
    number: Decimal


@dataclass(frozen=True)
class Related:
    """Some item that is related in this way fits the filter. Of related items only what they are now is known."""

    how: str
    filter: Filter


Filter: TypeAlias = All | AnyOf | Not | Among | Labelled | Leaf | Filled | Limit | Related


def read(data: object, field: str = "filter") -> Filter:
    """The filter of a piece of JSON. Raises `FilterError`."""
    return _Reader(field).whole(data, 0)


class _Reader:
    def __init__(self, field: str) -> None:
        self.field = field
        self.terms = 0

    def wrong(self, message: str) -> FilterError:
        return FilterError(self.field, message)

    def whole(self, data: object, depth: int) -> Filter:
        if depth > DEEPEST:
            raise self.wrong(f"Filters may stand in each other up to {DEEPEST} times.")
        if not isinstance(data, Mapping):
            raise self.wrong('A filter is an object, such as {"kind": ["bug"]}.')
        parts = [part for name, value in data.items() for part in self.term(name, value, depth)]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def term(self, name: object, value: object, depth: int) -> list[Filter]:
        self.terms += 1
        if self.terms > LARGEST:
            raise self.wrong(f"A filter may have up to {LARGEST} terms.")
        if not isinstance(name, str):
            raise self.wrong("The names in a filter are texts.")
        if name in terms.NUMBERS:
            return self.limits(name, value)
        if name in terms.CHOICES:
            return [Among(name, self.words(name, value, terms.CHOICES[name]))]
        if name in terms.RELATED:
            return [Related(name, self.whole(value, depth + 1))]
        special: Mapping[str, Callable[[object, int], Filter]] = {
            "label": self.label,
            "leaf": self.leaf,
            "has": self.has,
            "attribute": self.attribute,
            "and": lambda given, at: All(self.several("and", given, at)),
            "or": lambda given, at: AnyOf(self.several("or", given, at)),
            "not": lambda given, at: Not(self.whole(given, at + 1)),
        }
        if name not in special:
            known = (*terms.CHOICES, *terms.NUMBERS, *terms.RELATED, *special)
            raise self.wrong(f"{name[:40]!r} is no name of a filter. Known are {', '.join(known)}.")
        return [special[name](value, depth)]

    def several(self, name: str, value: object, depth: int) -> tuple[Filter, ...]:
        if not isinstance(value, list | tuple) or not value:
            raise self.wrong(f"{name} takes a list of filters.")
        return tuple(self.whole(each, depth + 1) for each in value)

    def label(self, value: object, depth: int) -> Filter:
        if not isinstance(value, str) or not value.strip() or "," in value or "\x00" in value or len(value) > LONGEST:
            raise self.wrong("label takes one label, without a comma.")
        return Labelled(value)

    def leaf(self, value: object, depth: int) -> Filter:
        if not isinstance(value, bool):
            raise self.wrong("leaf takes true or false.")
        return Leaf(value)

    def has(self, value: object, depth: int) -> Filter:
        return Filled(self.words("has", value, terms.FIELDS))

    def attribute(self, value: object, depth: int) -> Filter:
        if not isinstance(value, Mapping) or not value:
            raise self.wrong('attribute takes an object, such as {"risk_state": ["occurred"]}.')
        if unknown := next((name for name in value if name not in terms.ATTRIBUTES), None):
            raise self.wrong(f"{str(unknown)[:40]!r} is no attribute. Known are {', '.join(terms.ATTRIBUTES)}.")
        parts = tuple(Among(name, self.words(name, words, ()), True) for name, words in value.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def words(self, name: str, value: object, known: tuple[str, ...]) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not value or len(value) > LARGEST:
            raise self.wrong(f'{name} takes a list of words, such as ["{(known or ("high",))[0]}"].')
        for word in value:
            if not isinstance(word, str) or not word or "\x00" in word or len(word) > LONGEST:
                raise self.wrong(f"{name} takes a list of words.")
            if known and word not in known:
                raise self.wrong(f"{name}: {word[:40]!r} is none of {', '.join(known)}.")
        return tuple(value)

    def limits(self, name: str, value: object) -> list[Filter]:
        if not isinstance(value, Mapping) or not value:
            raise self.wrong(f'{name} takes a limit, such as {{"gt": 10}}.')
        return [Limit(name, self.operator(name, each), self.number(name, number)) for each, number in value.items()]

    def operator(self, name: str, given: object) -> str:
        if given not in terms.OPERATORS:
            raise self.wrong(f"{name} takes one of {', '.join(terms.OPERATORS)}.")
        return str(given)

    def number(self, name: str, given: object) -> Decimal:
        whole = name not in terms.AMOUNTS
        if isinstance(given, bool) or not isinstance(given, int | float | str) or len(str(given)) > 30:
            raise self.wrong(f"{name} takes a number.")
        try:
            number = Decimal(str(given))
        except InvalidOperation as error:
            raise self.wrong(f"{name} takes a number.") from error
        if not number.is_finite() or abs(number) > LARGEST_NUMBER:
            raise self.wrong(f"{name} takes a number up to {LARGEST_NUMBER:,}.")
        if whole and not (number == number.to_integral_value() and 0 <= number <= MOST):
            raise self.wrong(f"{name} takes whole working days from 0 to {MOST}.")
        return number


def write(filter_: Filter) -> dict[str, Any]:
    """The JSON of a filter: reading it again gives a filter that means the same, and is written the same."""
    match filter_:
        case All(parts):
            return {"and": [write(part) for part in parts]} if parts else {}
        case AnyOf(parts):
            return {"or": [write(part) for part in parts]}
        case Not(part):
            return {"not": write(part)}
        case Among(name, words, is_attribute):
            return {"attribute": {name: list(words)}} if is_attribute else {name: list(words)}
        case Labelled(label):
            return {"label": label}
        case Leaf(wanted):
            return {"leaf": wanted}
        case Filled(fields):
            return {"has": list(fields)}
        case Limit(name, operator, number):
            return {name: {operator: str(number)}}
        case Related(how, inner):
            return {how: write(inner)}
