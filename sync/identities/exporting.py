"""The table of people as a file that can be changed and taken in again (`sync.identities.importing`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from sync.identities.details import read_details
from sync.identities.importing import Imported
from sync.identities.sheet import Sheet

WRONG = "what is wrong"
"""The column of a report that says what is wrong with a row; taken in again, it says nothing."""
HEAD = (
    "number",
    "name",
    "role",
    "segment",
    "seniority",
    "location",
    "fte",
    "calendar",
    "hours",
    "manager",
    "active",
    "teams",
)


def people_table(store: Connection, day: date) -> list[tuple[str, ...]]:
    """Everybody who was not erased, as they are on the day, by number, as texts under `HEAD`."""
    return [
        (
            str(who),
            it.name,
            it.role or "",
            it.segment or "",
            it.seniority or "",
            it.location or "",
            _number(it.fte),
            it.calendar or "",
            it.hours or "",
            str(it.manager_id or ""),
            "yes" if it.active else "no",
            write_teams(it.teams),
        )
        for who, it in sorted(read_details(store, day).items())
    ]


def write_teams(teams: Sequence[tuple[str, Decimal]]) -> str:
    """Teams with shares as `read_teams` reads them."""
    return "; ".join(f"{name} {write_share(share)}" for name, share in teams)


def write_share(share: Decimal) -> str:
    """A share as people write it: 80%, 12.5%."""
    return f"{_number(share * 100)}%"


def report(sheet: Sheet, imported: Imported) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The head and rows of a file that was not taken in, with what is wrong in each row: to mend and bring again."""
    kept = [place for place, heading in enumerate(sheet.head) if heading.casefold() != WRONG]
    rows = [
        (*(row[place] for place in kept), answer.fault or "")
        for row, answer in zip(sheet.rows, imported.answers, strict=True)
    ]
    return (*(sheet.head[place] for place in kept), WRONG), rows


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
