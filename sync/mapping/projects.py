"""A tracker's project -> what the portfolio says of it; a tracker's groupings -> portfolio and program names. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from connector.records import PortfolioRecord, ProjectRecord
from sync.mapping.rules import Rules
from sync.mapping.sources import Placing
from sync.mapping.values import text

CODE_LENGTH = 24
LONGEST_NAME = 2_000
"""In characters. Trackers allow half as many; whoever gets round that must not make every page endless."""

_WORD = re.compile(r"\w")


class Place(NamedTuple):
    """Where a project belongs, by name; None where the tracker does not say."""

    portfolio: str | None
    program: str | None


class ProjectValues(NamedTuple):
    """What a tracker says of a project, in the portfolio's terms. `reported` is the tracker's own word."""

    name: str
    status: str
    actual_finish: date | None
    reported_rag: str | None
    reported: str | None
    reported_at: datetime | None
    unmapped: tuple[str, str] | None


def map_project(record: ProjectRecord, rules: Rules) -> ProjectValues:
    """Map one project. An archived or completed one is closed, whatever it reports."""
    said = rules.of(record.external_id).reported(record.reported)
    status = (said.status if said else None) or "active"
    if record.completed or record.archived:
        status = status if status == "cancelled" else "closed"
    return ProjectValues(
        name=clean(record.name) or record.key or record.external_id,
        status=status,
        actual_finish=rules.day(record.completed_at) if record.completed_at else None,
        reported_rag=said.rag if said else None,
        reported=record.reported,
        reported_at=record.reported_at,
        unmapped=("reported", record.reported) if record.reported and said is None else None,
    )


def clean(name: str) -> str:
    """A name or title as it is kept: without padding, no longer than anybody reads, "" when there is nothing to see.

    What is cut off stays in the landed payload.
    """
    name = name.strip()
    if len(name) > LONGEST_NAME:
        name = f"{name[:LONGEST_NAME]}\u2026"
    # Most names hold a letter or digit, and are asked no further.
    return name if _WORD.search(name) or any(map(_seen, name)) else ""


def _seen(character: str) -> bool:
    """Whether a character leaves something to see: no blank, control, mark of format or half of anything."""
    return unicodedata.category(character)[0] not in "CZ"


def place_of(grouping: str | None, separator: str) -> Place | None:
    """Read a grouping name: "PORTFOLIO / PROGRAM", or a program alone."""
    name = clean(grouping or "")
    if not name:
        return None
    first, found, second = name.partition(separator)
    if not found or not first.strip() or not second.strip():
        return Place(None, name.strip(f"{separator} ") or name)
    return Place(first.strip(), second.strip())


def named_places(projects: Sequence[ProjectRecord], separator: str) -> Mapping[str, Place]:
    """Project id -> place, from the one grouping name each project carries."""
    found = {record.external_id: place_of(record.grouping, separator) for record in projects}
    return {ident: place for ident, place in found.items() if place is not None}


def places_by(
    projects: Sequence[ProjectRecord],
    portfolios: Sequence[PortfolioRecord],
    field_id: str,
    grouped: bool,
    separator: str,
) -> Mapping[str, Place]:
    """Project id -> place: from the field of the project, where one is named; else, if `grouped`, from the tracker's
    groupings, nested ones or one name per project."""
    if field_id:
        return by_field(projects, field_id, separator)
    if not grouped:
        return {}
    return places(portfolios) if portfolios else named_places(projects, separator)


def by_field(projects: Sequence[ProjectRecord], field_id: str, separator: str) -> Mapping[str, Place]:
    """Project id -> place, from a field of the project."""
    found = {record.external_id: place_of(text(record.fields.get(field_id)), separator) for record in projects}
    return {ident: place for ident, place in found.items() if place is not None}


def by_rules(placing: Placing, named: Mapping[str, Place]) -> Mapping[str, Place]:
    """Source id -> place: by hand where a rule says one, else that of the tracker's project the source is a part of."""
    found = dict(named)
    for source in placing.sources:
        if source.portfolio or source.program:
            found[source.external_id] = Place(source.portfolio or None, source.program or None)
        elif source.within in named:
            found[source.external_id] = named[source.within]
    return found


def places(portfolios: Sequence[PortfolioRecord]) -> Mapping[str, Place]:
    """Project id -> place, from nested groupings: the outermost is the portfolio, the one inside it the program.

    What is nested deeper counts to the program it is in. A project in several groupings belongs to the first, unless a
    later one also names a program.
    """
    by_id = {record.external_id: record for record in portfolios}
    inner = {child for record in portfolios for child in record.portfolio_ids if child != record.external_id}
    found: dict[str, Place] = {}

    def visit(record: PortfolioRecord, place: Place, seen: frozenset[str]) -> None:
        for project in record.project_ids:
            if project not in found or (found[project].program is None and place.program is not None):
                found[project] = place
        for child in (by_id[ident] for ident in record.portfolio_ids if ident in by_id and ident not in seen):
            below = place if place.program else Place(place.portfolio, clean(child.name) or child.external_id)
            visit(child, below, seen | {child.external_id})

    for record in portfolios:
        if record.external_id not in inner:
            visit(record, Place(clean(record.name) or record.external_id, None), frozenset({record.external_id}))
    return found


def code_for(wanted: str, taken: Collection[str]) -> str:
    """A short code made of a key or a name, unlike all `taken` ones (compared without case)."""
    plain = unicodedata.normalize("NFKD", wanted).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-").upper()[:CODE_LENGTH].strip("-") or "X"
    code, count = stem, 1
    while code in taken:
        count += 1
        code = f"{stem}-{count}"
    return code
