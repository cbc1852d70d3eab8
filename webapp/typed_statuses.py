"""Statuses that mean something else for one type of the tracker, as a form has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sync.inbox.meaning import MeaningError, Subject, read, write
from sync.mapping.document import Rules
from sync.mapping.profile import StatusRule, fold

LONGEST = 200


class TypedStatus(NamedTuple):
    """A row: the status `value` of items of the tracker's type `type` means `meaning` (`sync.inbox.meaning`)."""

    type: str
    value: str
    meaning: str


def typed_statuses_of(rules: Rules) -> list[TypedStatus]:
    """The rows of what is said, by type."""
    said = rules.statuses_by_kind.items()
    return [TypedStatus(type, value, write(rule)) for type, statuses in said for value, rule in statuses.items()]


def typed_statuses(form: Mapping[str, str]) -> list[TypedStatus]:
    """The rows of a form as they came: `type-N`, `status-N`, `meaning-N`; empty ones are left out."""
    numbers = [name.removeprefix("status-") for name in form if name.startswith("status-")]
    rows = (TypedStatus(*(_text(form, f"{part}-{each}") for part in ("type", "status", "meaning"))) for each in numbers)
    return [row for row in rows if any(row)]


def read_typed(form: Mapping[str, str]) -> dict[str, dict[str, StatusRule]]:
    """Type -> status -> what it means. A row without a meaning takes its rule away; the last of two rows counts.

    Raises `MeaningError` for a row that names no type or no status.
    """
    found: dict[str, dict[str, StatusRule]] = {}
    for row in typed_statuses(form):
        if not row.meaning:
            continue
        if not row.type or not row.value:
            raise MeaningError(f"“{row.type or row.value}”: name both the type and the status, or choose nothing")
        rule = read(Subject.STATUS, row.meaning)
        assert isinstance(rule, StatusRule)
        type = next((each for each in found if fold(each) == fold(row.type)), row.type)
        kept = {name: other for name, other in found.get(type, {}).items() if fold(name) != fold(row.value)}
        found[type] = kept | {row.value: rule}
    return found


def _text(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST]
