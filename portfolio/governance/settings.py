"""The settings of KPIs in force: which KPIs there are, and what counts for each of them in a scope.

What is set in the narrowest scope counts (project, program, type, everything, then the KPI's own limits), field by
field: limits, target, on or off, and what plans are counted in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from portfolio.facts.units import HOURS, Units
from portfolio.governance import store
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.kpi_setting import KpiSetting, limits_of, read_setting, require_sound
from portfolio.governance.own import kpi_of, read_own
from portfolio.governance.scope import EVERYTHING, Chain, Level, SettingScope
from portfolio.governance.store import KPI, OWN_KPI, Held, Thing
from portfolio.kpis.catalogue import KPIS
from portfolio.kpis.declare import Kpi
from portfolio.kpis.earned import ON_PLAN, UNIT_SET_WITH
from portfolio.kpis.thresholds import Thresholds

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Resolved:
    """What counts for a KPI in a scope, and in which scope each part was set: None where it is the KPI's own.

    `number` is that of the decision the newest part came with, None where nothing is set and the KPI is shipped. Where
    a KPI rests on the plan, `counted_in` is what that is counted in unless its baseline has it otherwise; else None.
    """

    kpi: Kpi
    limits: Thresholds | None
    limits_from: SettingScope | None = None
    target: str | None = None
    target_from: SettingScope | None = None
    on: bool = True
    on_from: SettingScope | None = None
    number: int | None = None
    counted_in: str | None = None
    counted_in_from: SettingScope | None = None


@dataclass(frozen=True)
class Settings:
    """The settings as they are or were. `kpis` are those there are, shipped and own, by id."""

    kpis: Mapping[str, Kpi] = field(default_factory=lambda: KPIS)
    own_since: Mapping[str, int] = field(default_factory=dict)
    set_: Mapping[tuple[str, SettingScope], tuple[KpiSetting, int]] = field(default_factory=dict)
    _resolved: dict[Chain, Mapping[str, Resolved]] = field(default_factory=dict, compare=False)

    def of(self, chain: Chain) -> Mapping[str, Resolved]:
        """What counts for every KPI in the first scope of the chain, by id. Worked out once for scopes set alike."""
        scopes = {scope for _, scope in self.set_}
        telling = tuple(scope for scope in chain if scope in scopes)
        if telling not in self._resolved:
            self._resolved[telling] = MappingProxyType({each: self.resolve(each, telling) for each in self.kpis})
        return self._resolved[telling]

    def kpis_of(self, chain: Chain) -> Mapping[str, Kpi]:
        """Every KPI with the limits that count in the first scope of the chain in place of its own, by id."""
        return {kpi_id: replace(it.kpi, thresholds=it.limits) for kpi_id, it in self.of(chain).items()}

    def resolve(self, kpi_id: str, chain: Chain) -> Resolved:
        """What counts for a KPI in the first scope of the chain. Raises KeyError for a KPI there is not."""
        kpi = self.kpis[kpi_id]

        def narrowest(
            wanted: Callable[[KpiSetting], Any], of: str = kpi_id
        ) -> tuple[KpiSetting, SettingScope | None, int]:
            said = ((scope, *self.set_[of, scope]) for scope in chain if (of, scope) in self.set_)
            found = ((it, scope, number) for scope, it, number in said if wanted(it) is not None)
            return next(found, (KpiSetting(), None, store.DEFAULTS))

        limits, limits_from, of_limits = narrowest(lambda it: it.green)
        target, target_from, of_target = narrowest(lambda it: it.target)
        on, on_from, of_on = narrowest(lambda it: it.on)
        unit, unit_from, of_unit = narrowest(lambda it: it.counted_in, UNIT_SET_WITH)
        on_plan = kpi_id in ON_PLAN
        return Resolved(
            kpi,
            limits_of(kpi.direction, limits.green, limits.amber) or kpi.thresholds,
            limits_from,
            target.target,
            target_from,
            on.on is not False,
            on_from,
            max(of_limits, of_target, of_on, of_unit * on_plan, self.own_since.get(kpi_id, store.DEFAULTS)) or None,
            (unit.counted_in or HOURS) if on_plan else None,
            unit_from if on_plan else None,
        )

    @property
    def units(self) -> Units:
        """What plans are counted in, for facts to be read by."""
        told = {scope: it.counted_in for (kpi_id, scope), (it, _) in self.set_.items() if kpi_id == UNIT_SET_WITH}
        unit_of = {scope: unit for scope, unit in told.items() if unit is not None}

        def of(level: Level) -> dict[str, str]:
            return {scope.key: unit for scope, unit in unit_of.items() if scope.level is level}

        return Units(
            {int(key): unit for key, unit in of(Level.PROJECT).items()},
            {int(key): unit for key, unit in of(Level.PROGRAM).items()},
            of(Level.TYPE),
            unit_of.get(EVERYTHING, HOURS),
        )


SHIPPED = Settings().of(())
"""What counts for every KPI where nothing is set."""


def read_settings(connection: Connection, number: int | None = None) -> Settings:
    """The settings in force, or those of a number."""
    return settings_of(store.held(connection, (KPI, OWN_KPI), number))


def settings_of(kept: Mapping[Thing, Held]) -> Settings:
    """The settings that these bodies say. What an older or newer version wrote and this one cannot read is left out."""
    own: dict[str, Kpi] = {}
    since: dict[str, int] = {}
    for thing, held in kept.items():
        if thing.kind == OWN_KPI:
            try:
                own[thing.key] = kpi_of(thing.key, read_own(held.body))
            except FaultySettingError as error:
                # A fact it names is not there any more. Its name is for whoever looks after KPIs, so no more is told.
                log.warning("the own KPI %s is left out: %s cannot be read any more", thing.key, error.field)
                continue
            since[thing.key] = held.number
    kpis = MappingProxyType(dict(KPIS) | own)
    set_: dict[tuple[str, SettingScope], tuple[KpiSetting, int]] = {}
    for thing, held in kept.items():
        if thing.kind == KPI and thing.key in kpis:
            setting = read_setting(held.body)
            try:
                require_sound(setting, kpis[thing.key])
            except FaultySettingError as error:
                log.warning("what is set of %s is left out: its %s fits no more", thing.key, error.field)
                continue
            set_[thing.key, thing.scope] = setting, held.number
    return Settings(kpis, since, set_)


def kpis_in_force(connection: Connection) -> Mapping[str, Kpi]:
    """Every KPI there is, shipped and own, by id."""
    return settings_of(store.held(connection, (OWN_KPI,))).kpis
