"""What went missing in the trackers: the verdict on it, when it was seen and retired; and what is held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from portfolio.model.landing import Absence, Hold
from portfolio.model.landing import Connection as ConnectionRow
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import WorkItem

VERDICTS = ("deleted", "moved", "archived", "access_lost", "unknown")
NOT_ASKED = "not_asked"
_ABSENCE = Absence.__table__
_CONNECTION = ConnectionRow.__table__
_HOLD = Hold.__table__
_ITEM = WorkItem.__table__
_PROJECT = Project.__table__
_REF = ProjectRef.__table__


@dataclass(frozen=True)
class Gone:
    """One record that is not where it was. `verdict` is None until the tracker was asked; `applied_at` when retired."""

    connection: str
    stream: str
    external_id: str
    key: str | None
    title: str | None
    url: str | None
    project_id: int | None
    project: str | None
    verdict: str | None
    why: str | None
    observed_at: datetime
    applied_at: datetime | None


@dataclass(frozen=True)
class Held:
    """Records that are missing all at once and wait for a person, or were decided on and wait for the next run."""

    connection_id: int
    connection: str
    run_id: int
    missing: int
    total: int
    made_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Wish:
    """Which absences: of one connection or all, with one verdict or any, all of them or those not retired yet."""

    connection: int | None = None
    verdict: str | None = None
    open_only: bool = False


def _fit(statement: Select[Any], wish: Wish) -> Select[Any]:
    parts: list[ColumnElement[bool]] = []
    if wish.connection is not None:
        parts.append(_ABSENCE.c.connection_id == wish.connection)
    if wish.verdict is not None:
        parts.append(_ABSENCE.c.verdict.is_(None) if wish.verdict == NOT_ASKED else _ABSENCE.c.verdict == wish.verdict)
    if wish.open_only:
        parts.append(_ABSENCE.c.applied_at.is_(None))
    return statement.where(*parts)


def count_gone(connection: Connection, wish: Wish) -> int:
    """How many absences fit."""
    return int(connection.scalar(_fit(select(func.count()).select_from(_ABSENCE), wish)) or 0)


def list_gone(connection: Connection, wish: Wish, *, limit: int, offset: int = 0) -> tuple[Gone, ...]:
    """Some absences, the latest first."""
    own = (_ABSENCE.c.connection_id == _ITEM.c.connection_id) & (_ABSENCE.c.external_id == _ITEM.c.external_id)
    ref = (_ABSENCE.c.connection_id == _REF.c.connection_id) & (_ABSENCE.c.external_id == _REF.c.external_id)
    project_id = func.coalesce(_ITEM.c.project_id, _REF.c.project_id)
    statement = (
        select(
            _CONNECTION.c.name,
            _ABSENCE.c.stream,
            _ABSENCE.c.external_id,
            func.coalesce(_ITEM.c.key, _REF.c.key),
            func.coalesce(_ITEM.c.title, _REF.c.name),
            func.coalesce(_ITEM.c.url, _REF.c.url),
            project_id,
            _PROJECT.c.name,
            _ABSENCE.c.verdict,
            _ABSENCE.c.why,
            _ABSENCE.c.observed_at,
            _ABSENCE.c.applied_at,
        )
        .join(_CONNECTION, _CONNECTION.c.id == _ABSENCE.c.connection_id)
        .outerjoin(_ITEM, own & (_ABSENCE.c.stream == "items"))
        .outerjoin(_REF, ref & (_ABSENCE.c.stream == "projects"))
        .outerjoin(_PROJECT, _PROJECT.c.id == project_id)
        .order_by(_ABSENCE.c.observed_at.desc(), _ABSENCE.c.connection_id, _ABSENCE.c.stream, _ABSENCE.c.external_id)
    )
    rows = connection.execute(_fit(statement, wish).limit(limit).offset(offset))
    return tuple(Gone(*row) for row in rows)


def holds(connection: Connection) -> tuple[Held, ...]:
    """What is held back, by connection."""
    rows = connection.execute(
        select(
            _HOLD.c.connection_id,
            _CONNECTION.c.name,
            _HOLD.c.run_id,
            _HOLD.c.missing,
            _HOLD.c.total,
            _HOLD.c.made_at,
            _HOLD.c.decision,
            _HOLD.c.decided_by,
            _HOLD.c.decided_at,
        )
        .join(_CONNECTION, _CONNECTION.c.id == _HOLD.c.connection_id)
        .order_by(_CONNECTION.c.name)
    )
    return tuple(Held(*row) for row in rows)
