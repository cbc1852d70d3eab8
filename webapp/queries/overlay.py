"""Overlay fields for pages: what was entered, what a tracker tells, by whom and since when. One statement each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from portfolio.access.rows import seen
from portfolio.access.viewer import Viewer
from portfolio.facts.overlay import DIFFERS
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.mapping import ProjectField
from portfolio.model.people import Person
from portfolio.model.structure import Project, ProjectRef
from portfolio.overlay.fields import FIELDS

_FIELD = ProjectField.__table__
_PROJECT = Project.__table__
OPEN: ColumnElement[bool] = and_(DIFFERS, _FIELD.c.told_at > _FIELD.c.entered_at)
MOST_KNOWN = 200
ORDERS = ("project", "field", "told_at", "entered_at")


@dataclass(frozen=True)
class Line:
    """One field of one project. `differs`: both values are there, and are not the same. `open`: the tracker's is the
    newer of these, so nobody has looked at it since."""

    project_id: int
    code: str
    project: str
    field: str
    told: str | None
    teller: str | None
    teller_url: str | None
    told_at: datetime | None
    entered: str | None
    entered_by: str | None
    entered_at: datetime | None
    differs: bool
    open: bool

    @property
    def value(self) -> str | None:
        """The effective value, as people write it."""
        return self.told if self.entered is None else self.entered


@dataclass(frozen=True)
class Wish:
    """Which lines: of one field or all, of projects whose name or code holds the text; only open ones, or all."""

    field: str | None = None
    text: str = ""
    all: bool = False


def _person(person: Any) -> ColumnElement[Any]:
    """The person as text that finds them again (`portfolio.overlay.persons`)."""
    same = select(Person.name).group_by(Person.name).having(func.count() > 1)
    numbered = person.name + " [" + cast(person.id, String) + "]"
    return case((person.name.in_(same), numbered), else_=person.name)


def _lines(field: str | None, fields: Collection[str]) -> tuple[Select[Any], dict[str, ColumnElement[Any]]]:
    """The statement, and what it can be ordered by. With a `field` every project has a line, whatever is known."""
    told, entered = aliased(Person), aliased(Person)
    url = (
        select(func.min(ProjectRef.url))
        .where(
            ProjectRef.project_id == _PROJECT.c.id,
            ProjectRef.connection_id == _FIELD.c.told_by,
            ProjectRef.deleted_at.is_(None),
        )
        .correlate(_PROJECT, _FIELD)
        .scalar_subquery()
    )
    statement = select(
        _PROJECT.c.id,
        _PROJECT.c.code,
        _PROJECT.c.name,
        _FIELD.c.field if field is None else func.coalesce(_FIELD.c.field, field),
        func.coalesce(_FIELD.c.told, _person(told)),
        ConnectionRow.name,
        url,
        _FIELD.c.told_at,
        func.coalesce(_FIELD.c.entered, _person(entered)),
        _FIELD.c.entered_by,
        _FIELD.c.entered_at,
        DIFFERS.label("differs"),
        func.coalesce(OPEN, False),
    )
    on = _FIELD.c.project_id == _PROJECT.c.id
    own = on & _FIELD.c.field.in_(fields) if field is None else on & (_FIELD.c.field == field)
    joined = _PROJECT.join(_FIELD, own, isouter=field is not None)
    joined = joined.outerjoin(ConnectionRow.__table__, ConnectionRow.__table__.c.id == _FIELD.c.told_by)
    statement = statement.select_from(joined)
    statement = statement.outerjoin(told, told.id == _FIELD.c.told_person_id)
    statement = statement.outerjoin(entered, entered.id == _FIELD.c.entered_person_id)
    orders: dict[str, ColumnElement[Any]] = {
        "project": func.lower(_PROJECT.c.name),
        "field": _FIELD.c.field,
        "told_at": _FIELD.c.told_at,
        "entered_at": _FIELD.c.entered_at,
    }
    return statement, orders


def of_project(connection: Connection, project_id: int, fields: Collection[str]) -> Mapping[str, Line]:
    """What is known of these fields of the project, by field; those nobody said anything of are left out."""
    statement, _ = _lines(None, fields)
    return {
        line.field: line
        for line in (Line(*row) for row in connection.execute(statement.where(_PROJECT.c.id == project_id)))
    }


def _fits(text: str) -> ColumnElement[bool]:
    """Whether a project that something feeds is called like it."""
    called = (column.icontains(text, autoescape=True) for column in (_PROJECT.c.name, _PROJECT.c.code))
    return _PROJECT.c.fed & or_(*called)


def _conflicting(wish: Wish, fields: Collection[str]) -> list[ColumnElement[bool]]:
    wanted = [wish.field] if wish.field in fields else list(fields)
    return [_FIELD.c.field.in_(wanted), DIFFERS if wish.all else OPEN, _fits(wish.text)]


def count_conflicts(connection: Connection, wish: Wish, fields: Collection[str]) -> int:
    """How many conflicts fit."""
    joined = select(func.count()).select_from(_FIELD.join(_PROJECT, _PROJECT.c.id == _FIELD.c.project_id))
    return int(connection.scalar(joined.where(*_conflicting(wish, fields))) or 0)


def conflicts(
    connection: Connection, wish: Wish, fields: Collection[str], order: str, *, down: bool, limit: int, offset: int = 0
) -> tuple[Line, ...]:
    """Where what was entered and what the tracker tells differ."""
    statement, orders = _lines(None, fields)
    first = orders[order].desc() if down else orders[order]
    statement = statement.where(*_conflicting(wish, fields)).order_by(first, _PROJECT.c.id, _FIELD.c.field)
    return tuple(Line(*row) for row in connection.execute(statement.limit(limit).offset(offset)))


def _to_fill_in(wish: Wish) -> list[ColumnElement[bool]]:
    empty = (_FIELD.c[name].is_(None) for name in ("told", "told_person_id", "entered", "entered_person_id"))
    return [_fits(wish.text), *(() if wish.all else (and_(*empty),))]


def count_column(connection: Connection, field: str, wish: Wish) -> int:
    """How many projects fit: all, or those of which the field's value is not known."""
    on = (_FIELD.c.project_id == _PROJECT.c.id) & (_FIELD.c.field == field)
    statement = select(func.count()).select_from(_PROJECT.join(_FIELD, on, isouter=True)).where(*_to_fill_in(wish))
    return int(connection.scalar(statement) or 0)


def column(connection: Connection, field: str, wish: Wish, *, limit: int, offset: int) -> tuple[Line, ...]:
    """One field of many projects, by name."""
    statement, orders = _lines(field, (field,))
    statement = statement.where(*_to_fill_in(wish)).order_by(orders["project"], _PROJECT.c.id)
    return tuple(Line(*row) for row in connection.execute(statement.limit(limit).offset(offset)))


def everything(connection: Connection, fields: Collection[str]) -> list[tuple[int, str, str, dict[str, Line]]]:
    """All projects that something feeds, by code: id, code, name, and what is known of these fields, by field."""
    statement, _ = _lines(None, fields)
    known: dict[int, dict[str, Line]] = {}
    for row in connection.execute(statement):
        line = Line(*row)
        known.setdefault(line.project_id, {})[line.field] = line
    projects = select(_PROJECT.c.id, _PROJECT.c.code, _PROJECT.c.name).where(_PROJECT.c.fed).order_by(_PROJECT.c.code)
    return [(ident, code, name, known.get(ident, {})) for ident, code, name in connection.execute(projects)]


def known_texts(connection: Connection, field: str, viewer: Viewer) -> tuple[str, ...]:
    """What stands in the field of projects the viewer sees, to choose from instead of typing: for persons, those who
    lead something there. The first `MOST_KNOWN`, in their order."""
    column, mine = _PROJECT.c[FIELDS[field].columns[0]], seen(_PROJECT.c.id, viewer)
    if column.name.endswith("_id"):
        leads = [select(_PROJECT.c[name]).where(mine) for name in ("manager_id", "sponsor_id", "benefits_owner_id")]
        somebody = or_(*(Person.id.in_(lead.where(lead.selected_columns[0].is_not(None))) for lead in leads))
        query = select(_person(Person)).where(somebody, Person.active).order_by(Person.name)
    else:
        query = select(column).where(column.is_not(None), mine).distinct().order_by(column)
    return tuple(connection.scalars(query.limit(MOST_KNOWN)))
