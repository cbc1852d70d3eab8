"""Deciding about KPIs: what is to be set is checked here, and kept by `portfolio.governance.store`.

`wanted_...` only check and write out what a decision would set, so that it can be looked at before it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from portfolio.governance.errors import FaultySettingError
from portfolio.governance.kpi_setting import KpiSetting, require_sound, written
from portfolio.governance.own import OwnKpi, kpi_of, next_id, written_own
from portfolio.governance.scope import EVERYTHING, SettingScope, there_is
from portfolio.governance.settings import Settings, kpis_in_force, settings_of
from portfolio.governance.store import KPI, OWN_KPI, Held, Thing, Wanted, held, number_in_force
from portfolio.model.governance import GovernanceSetting


def wanted_settings(connection: Connection, settings: Mapping[tuple[str, SettingScope], KpiSetting]) -> Wanted:
    """What is to be set of KPIs, by id and scope; an empty setting takes back what is set there.

    Raises `FaultySettingError` for an unknown KPI or scope, and for limits and targets that cannot be.
    """
    kpis = kpis_in_force(connection)
    for (kpi_id, scope), setting in settings.items():
        if kpi_id not in kpis:
            raise FaultySettingError("kpi", f"there is no KPI {kpi_id[:40]}")
        if not there_is(connection, scope):
            raise FaultySettingError("scope", f"there is no {scope.level} {scope.key[:40]}")
        require_sound(setting, kpis[kpi_id])
    return {Thing(KPI, kpi_id, scope): written(setting) for (kpi_id, scope), setting in settings.items()}


def wanted_own(connection: Connection, kpi_id: str | None, own: OwnKpi) -> tuple[str, Wanted]:
    """What is to be set for an own KPI, and its id: a new one where none is given. Raises `FaultySettingError`."""
    known = connection.scalars(select(GovernanceSetting.key).where(GovernanceSetting.kind == OWN_KPI)).all()
    if kpi_id is not None and kpi_id not in known:
        raise FaultySettingError("kpi", f"there is no own KPI {kpi_id[:40]}")
    kpi_id = kpi_id or next_id(known)
    kpi_of(kpi_id, own)
    return kpi_id, {Thing(OWN_KPI, kpi_id, EVERYTHING): written_own(own)}


def wanted_without(connection: Connection, kpi_id: str) -> Wanted:
    """What is to be set for an own KPI to be no more, with all that is set of it. What was computed stays."""
    gone = [thing for thing in held(connection, (KPI, OWN_KPI)) if thing.key == kpi_id]
    if not any(thing.kind == OWN_KPI for thing in gone):
        raise FaultySettingError("kpi", f"there is no own KPI {kpi_id[:40]}")
    return dict.fromkeys(gone)


def wanted_as_of(connection: Connection, kpi_id: str, number: int) -> Wanted:
    """What is to be set of one KPI, own or shipped, for it to be as it was with a number."""
    now, then = (
        {thing: it.body for thing, it in held(connection, (KPI, OWN_KPI), which).items() if thing.key == kpi_id}
        for which in (None, number)
    )
    return dict.fromkeys(now) | then


def settings_with(connection: Connection, wanted: Wanted) -> Settings:
    """The settings as they would be."""
    number = number_in_force(connection)
    kept = held(connection, (KPI, OWN_KPI))
    new = {thing: Held(body, number + 1) for thing, body in wanted.items() if body is not None}
    return settings_of({thing: it for thing, it in kept.items() if thing not in wanted} | new)
