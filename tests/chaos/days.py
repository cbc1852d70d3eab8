"""The figures of projects on one day, as values that two databases can be compared by; and a life of several days."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, NamedTuple

from hypothesis import strategies as st
from sqlalchemy import Engine, select

from portfolio.facts.gather import day_of, gather
from portfolio.facts.samples import Samples
from portfolio.figures.own import project_readings
from portfolio.figures.scopes import scope_readings
from portfolio.governance.settings import SHIPPED
from portfolio.kpis.reading import Reason
from portfolio.model.structure import ProjectRef
from portfolio.store.engine import reading
from tests.chaos.story import Edit

PRESENT = {
    "status": "whether a project is active keeps no history",
    "synced_at": "when a tracker was last heard is of the present",
    "due": "the due date of a project keeps no history",
    "risks": "probability and impact are fields whose changes are not read",
    "accepted": "results of acceptance are fields whose changes are not read",
    "required": "parents and fields keep no history",
    "unmapped": "what nobody mapped is counted at present",
    "objectives": "which objective a project serves keeps no history",
    "exposure_before": "made of what was kept of earlier days, which is tested where it is kept",
    "links": "links keep no history",
    "escaped": "labels keep no history",
    "updated": "only the last update of an item is known",
    "findings": "rules are run on the day that is going on, and what they found is kept",
    "owned": "only the present owner of an item is known by name",
}
"""Parts of the facts that are of the present only, each with the reason. KPIs over them say NOT_KEPT of the past."""
NOT_COMPARED = {
    "RAG": "colours are made of all readings of their day, also of those that are not kept: what was observed stays",
    "STK-03": "made of colours",
    "GOV-01": "made of what rules found",
    "GOV-06": "made of what rules found",
}
"""KPIs that say something of past days, and not the same as then, each with the reason."""

Told = dict[tuple[str, str], Any]
"""What is said of one day, by project and fact or KPI."""


class Day(NamedTuple):
    """Edits of one day, at whose end there is a sync or not; then so many days pass."""

    edits: tuple[Edit, ...]
    synced: bool
    pass_days: int


Life = tuple[Day, ...]


def lives(names: Collection[str], once: Mapping[str, int]) -> st.SearchStrategy[Life]:
    """Lives of a few days, of edits by these names. `once` are factors by which the values of some are multiplied."""
    edit = st.builds(
        lambda name, pick, value: Edit(name, pick, value * once.get(name, 1), 300),
        st.sampled_from(sorted(names)),
        st.integers(0, 60),
        st.integers(0, 60),
    )
    day = st.builds(
        Day,
        edits=st.lists(edit, min_size=1, max_size=10).map(tuple),
        synced=st.sampled_from([True, True, False]),
        pass_days=st.sampled_from([1, 1, 2, 5]),
    )
    return st.lists(day, min_size=2, max_size=5).map(tuple)


def told(engine: Engine, as_of: date, now: datetime) -> Told:
    """The facts and readings as of a day, as they are computed now."""
    with reading(engine) as store:
        day = day_of(store, as_of, now)
        facts = gather(store, day)
        names = dict(store.execute(select(ProjectRef.project_id, ProjectRef.external_id)).all())
    found: Told = {}
    readings = {ident: project_readings(of_it, day) for ident, of_it in facts.items()}
    for ident, of_it in facts.items():
        for part in fields(of_it):
            if part.name not in PRESENT and part.name != "samples":
                found[names[ident], part.name] = _plain(getattr(of_it, part.name))
        for part in fields(Samples):
            if part.name not in PRESENT:
                found[names[ident], part.name] = _plain(getattr(of_it.samples, part.name))
        found |= {(names[ident], kpi_id): each for kpi_id, each in readings[ident].items()}
    every = scope_readings(list(facts.values()), list(readings.values()), day, SHIPPED)
    return found | {("all", kpi_id): each for kpi_id, each in every.items()}


def _plain(value: Any) -> Any:
    return sorted(map(repr, value)) if isinstance(value, tuple) else value


def differences(then: Told, now: Told) -> list[str]:
    """What is said otherwise now; what is said now to be not kept is no difference."""
    found = []
    for place in sorted(then.keys() | now.keys()):
        old, new = then.get(place), now.get(place)
        kept = getattr(new, "reason", None) is not Reason.NOT_KEPT
        if old != new and kept and place[1].partition("-")[0] != "RAG" and place[1] not in NOT_COMPARED:
            found.append(f"{place}: {_other(old, new)} then, {_other(new, old)} now")
    return found


def _other(value: Any, than: Any) -> Any:
    """What of a mapping differs from another one; any other value as it is."""
    return dict(value.items() - than.items()) if isinstance(value, dict) and isinstance(than, dict) else value
