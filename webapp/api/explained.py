"""GET /api/v1/projects/<id>/kpis/<kpi>, and the same of programs, portfolios and all: one number, and why it is so."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from flask import Blueprint, Response, abort
from sqlalchemy import Connection

from portfolio.access.masks import judges
from portfolio.access.narrow import in_project
from portfolio.figures.explain import Explained, explain
from portfolio.figures.keep import Scope
from portfolio.figures.members import ALL
from portfolio.figures.read import Kept
from webapp import here, signin
from webapp.api.asked import Shape, answer, query
from webapp.explaining import parts_of, put_in, written
from webapp.queries.explained import find_group
from webapp.queries.project import find_heading
from webapp.queries.readings import newest_day

part = Blueprint("explained", __name__)


class Asked(Shape, frozen=True):
    """`as_of` is the day, the last one computed where it is not said."""

    as_of: date | None = None


class Said(msgspec.Struct, frozen=True):
    """A reading, unrounded, which holds from `as_of` up to, not including, `until`."""

    as_of: date
    until: date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    coverage: float | None
    reason: str | None
    rag: str
    currency: str | None
    confidence: str | None
    mapping_number: int | None
    settings_number: int | None
    origin: str
    computed_at: datetime


class Now(msgspec.Struct, frozen=True):
    """The reading of that day as it is computed at present."""

    value: float | None
    reason: str | None
    rag: str


class Limit(msgspec.Struct, frozen=True):
    """Limits and target, and the scope each was set in; None: the KPI's own."""

    green: str | None
    amber: str | None
    limits_from: str | None
    target: str | None
    target_from: str | None
    on: bool


class Share(msgspec.Struct, frozen=True):
    """What a project brings to the number of a group."""

    project_id: int
    code: str
    value: float | None
    numerator: float | None
    denominator: float | None
    reason: str | None
    rag: str | None


class Number(msgspec.Struct, frozen=True):
    """One number of a day, and all it rests on. `behind` counts items by fact; `runs` are ids by connection.

    `counted_in` is what the plan behind the number of a project is counted in: hours, points or items; else None.
    """

    kpi: str
    name: str
    scope: str
    id: int
    day: date
    words: str
    symbols: str
    put_in: str | None
    parts: dict[str, str]
    kept: Said | None
    now: Now | None
    differs: bool
    published: list[Said]
    limits: Limit
    runs: dict[str, int | None]
    quarantined: dict[str, int]
    unmapped: dict[str, int]
    lacking: dict[str, int]
    behind: dict[str, int]
    projects: list[Share]
    trend: list[Said]
    counted_in: str | None = None


def document(found: Explained) -> Number:
    """The number as it stands in the API, and at the command line."""
    told, kpi = found.resolved, found.resolved.kpi
    currency = found.now.currency if found.now else None
    return Number(
        kpi=kpi.id,
        name=kpi.name,
        scope=found.scope[0],
        id=found.scope[1],
        day=found.day,
        words=kpi.words,
        symbols=kpi.symbols,
        put_in=put_in(kpi, found.now),
        parts={it.symbol: written(it, currency) for it in parts_of(found.now)},
        kept=_said(found.kept) if found.kept else None,
        now=Now(_float(found.now.value), found.now.reason, found.now.rag) if found.now else None,
        differs=found.differs,
        published=[_said(it) for it in found.published],
        limits=Limit(
            told.limits.green if told.limits else None,
            told.limits.amber if told.limits else None,
            str(told.limits_from) if told.limits_from else None,
            told.target,
            str(told.target_from) if told.target_from else None,
            told.on,
        ),
        runs={it.connection: it.run_id for it in found.runs},
        quarantined={it.connection: it.quarantined for it in found.left_out if it.quarantined},
        unmapped={it.connection: it.unmapped for it in found.left_out if it.unmapped},
        lacking={it.having: it.lacking for it in found.gaps},
        behind={fact.name: number for fact, number in found.behind},
        projects=[
            Share(it.project_id, it.code, *(_share(it.kept) if it.kept else (None,) * 5)) for it in found.contributing
        ],
        trend=[_said(it) for it in found.trend],
        counted_in=found.counted_in,
    )


def _said(kept: Kept) -> Said:
    return Said(*(getattr(kept, name) for name in Said.__struct_fields__))


def _share(kept: Kept) -> tuple[float | None, float | None, float | None, str | None, str]:
    return kept.value, kept.numerator, kept.denominator, kept.reason, kept.rag


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


@part.get("/projects/<id:project_id>/kpis/<kpi_id>")
def project(project_id: int, kpi_id: str) -> Response:
    asked, viewer = query(Asked), signin.viewer()
    with here.reading() as connection:
        seen = find_heading(connection, project_id, viewer) is not None
        if not seen or not judges(in_project(connection, viewer, project_id)):
            abort(404)
        return _answer(connection, ("project", project_id), kpi_id, asked)


@part.get("/programs/<id:program_id>/kpis/<kpi_id>")
def program(program_id: int, kpi_id: str) -> Response:
    return _of_group(("program", program_id), kpi_id)


@part.get("/portfolios/<id:portfolio_id>/kpis/<kpi_id>")
def portfolio(portfolio_id: int, kpi_id: str) -> Response:
    return _of_group(("portfolio", portfolio_id), kpi_id)


@part.get("/all/kpis/<kpi_id>")
def everything(kpi_id: str) -> Response:
    return _of_group(ALL, kpi_id)


def _of_group(scope: Scope, kpi_id: str) -> Response:
    asked = query(Asked)
    with here.reading() as connection:
        if find_group(connection, scope, signin.viewer()) is None:
            abort(404)
        return _answer(connection, scope, kpi_id, asked)


def _answer(connection: Connection, scope: Scope, kpi_id: str, asked: Asked) -> Response:
    last = newest_day(connection) or here.today()
    day = min(asked.as_of or last, last)
    found = explain(connection, scope, kpi_id, day, here.now().astimezone(here.zone()))
    if found is None:
        abort(404)
    return answer(document(found))
