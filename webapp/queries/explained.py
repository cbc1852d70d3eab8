"""Programs, portfolios and all, as far as a viewer may see figures of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.access.rows import seen_reading, sees_all
from portfolio.access.viewer import Viewer
from portfolio.figures.keep import Scope
from portfolio.figures.members import ALL
from portfolio.model.structure import Portfolio, Program

MODELS: dict[str, Any] = {"program": Program, "portfolio": Portfolio}


@dataclass(frozen=True)
class Group:
    """A program, a portfolio, or all (without code and name)."""

    scope: Scope
    code: str = ""
    name: str = ""


def find_group(connection: Connection, scope: Scope, viewer: Viewer) -> Group | None:
    """The scope, None when there is none of that id of which the viewer may see figures."""
    kind, ident = scope
    if scope == ALL:
        return Group(scope) if sees_all(viewer, Capability.KPIS, Right.VIEW) else None
    model = MODELS[kind]
    query = select(model.code, model.name).where(model.id == ident, seen_reading(kind, model.__table__.c.id, viewer))
    row = connection.execute(query).one_or_none()
    return None if row is None else Group(scope, row.code, row.name)
