"""GET /api/v1/kpis: every KPI, shipped and own, with the limits that count for everything."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from portfolio.governance.scope import EVERYTHING
from portfolio.governance.settings import read_settings
from webapp import here
from webapp.api.asked import Nothing, answer, query

part = Blueprint("kpis", __name__)


class Limits(msgspec.Struct, frozen=True):
    """The limits of green and amber, as exact decimal text."""

    green: str
    amber: str


class Kpi(msgspec.Struct, frozen=True):
    """A KPI. `direction` + is: more is better. `facts` are those whose items stand behind it."""

    id: str
    name: str
    unit: str
    direction: str
    limits: Limits | None
    source: str
    together: str
    words: str
    facts: list[str]


class Kpis(msgspec.Struct, frozen=True):
    kpis: list[Kpi]


@part.get("/kpis")
def kpis() -> Response:
    query(Nothing)
    with here.reading() as connection:
        found = read_settings(connection).kpis_of((EVERYTHING,))
    return answer(
        Kpis(
            [
                Kpi(
                    it.id,
                    it.name,
                    it.unit,
                    it.direction,
                    Limits(it.thresholds.green, it.thresholds.amber) if it.thresholds else None,
                    it.source,
                    it.together,
                    it.words,
                    list(it.behind),
                )
                for it in found.values()
            ]
        )
    )
