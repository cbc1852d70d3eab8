"""GET /api/v1/kpis: every KPI as the catalogue declares it."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from portfolio.kpis.catalogue import KPIS
from webapp.api.asked import Nothing, answer, query
from webapp.queries.columns import behind

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
                    list(behind(it)),
                )
                for it in KPIS.values()
            ]
        )
    )
