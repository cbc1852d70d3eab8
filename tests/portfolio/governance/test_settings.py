"""What counts for a KPI in a scope, and from where; what can be set at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portfolio.audit.entry import SYSTEM
from portfolio.governance import deciding, store
from portfolio.governance.errors import FaultySettingError
from portfolio.governance.kpi_setting import KpiSetting, require_sound
from portfolio.governance.own import OwnKpi
from portfolio.governance.scope import EVERYTHING, Level, SettingScope, project_chain, scope_chain
from portfolio.governance.settings import SHIPPED, Settings, kpis_in_force, read_settings
from portfolio.kpis.catalogue import KPIS
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 13, 12, tzinfo=UTC)
TYPE = SettingScope(Level.TYPE, "product")
PROGRAM = SettingScope(Level.PROGRAM, "4")
PROJECT = SettingScope(Level.PROJECT, "7")
CHAIN = project_chain(7, 4, "product")
OVERDUE = OwnKpi(name="Late", words="How much is late.", unit="ratio", direction="-", formula="overdue / open_items")


def settings(**set_: tuple[SettingScope, KpiSetting, int]) -> Settings:
    return Settings(KPIS, {}, {("SCH-01", scope): (it, number) for scope, it, number in set_.values()})


def decide(world: World, wanted: store.Wanted) -> None:
    seen = store.number_in_force(world.connection)
    store.decide(world.connection, wanted, seen, NOW, "ada", SYSTEM)


def test_the_narrowest_scope_counts_field_by_field() -> None:
    found = settings(
        everything=(EVERYTHING, KpiSetting(green=".99", amber=".9", target="1", on=False), 1),
        of_type=(TYPE, KpiSetting(on=True), 2),
        of_program=(PROGRAM, KpiSetting(green=".8", amber=".7"), 5),
        elsewhere=(SettingScope(Level.PROJECT, "8"), KpiSetting(green=".1", amber=".1"), 8),
    ).resolve("SCH-01", CHAIN)
    assert found.limits is not None
    assert (found.limits.green, found.limits_from) == (".8", PROGRAM)
    assert (found.target, found.target_from) == ("1", EVERYTHING)
    assert (found.on, found.on_from) == (True, TYPE)
    assert found.number == 5


def test_where_nothing_is_set_the_kpis_own_limits_count() -> None:
    found = Settings().resolve("SCH-01", CHAIN)
    assert (found.limits, found.limits_from, found.on, found.number) == (KPIS["SCH-01"].thresholds, None, True, None)
    assert SHIPPED["SCH-01"] == found


def test_programs_are_judged_by_their_own_settings_and_wider_scopes_by_those_of_everything() -> None:
    assert scope_chain("program", 4) == (PROGRAM, EVERYTHING)
    assert scope_chain("portfolio", 4) == scope_chain("all", 0) == (EVERYTHING,)


@pytest.mark.parametrize(
    ("kpi", "setting", "field"),
    [
        ("SCH-01", KpiSetting(green=".9"), "amber"),
        ("SCH-01", KpiSetting(amber=".9"), "green"),
        ("SCH-01", KpiSetting(green=".8", amber=".9"), "amber"),
        ("SCH-09", KpiSetting(green=".2", amber=".1"), "amber"),
        ("SCH-01", KpiSetting(green="good", amber=".9"), "green"),
        ("SCH-01", KpiSetting(green="1e9999999", amber=".9"), "green"),
        ("SCH-01", KpiSetting(green="1/0", amber=".9"), "green"),
        ("SCH-01", KpiSetting(green=".9..1.1", amber=".9"), "green"),
        ("SCH-01", KpiSetting(target="\u0661"), "target"),
        ("SCH-01", KpiSetting(target=""), "target"),
    ],
)
def test_limits_and_targets_that_cannot_be_are_refused_at_their_field(
    kpi: str, setting: KpiSetting, field: str
) -> None:
    with pytest.raises(FaultySettingError) as raised:
        require_sound(setting, KPIS[kpi])
    assert raised.value.field == field


def test_an_unknown_kpi_or_scope_is_refused(world: World) -> None:
    for key, field in (
        (("NOT-01", EVERYTHING), "kpi"),
        (("SCH-01", SettingScope(Level.PROJECT, "999")), "scope"),
        (("SCH-01", SettingScope(Level.PROJECT, "9" * 40)), "scope"),
        (("SCH-01", SettingScope(Level.PROJECT, f"0{world.project()}")), "scope"),
        (("SCH-01", SettingScope(Level.TYPE, "nonsense")), "scope"),
    ):
        with pytest.raises(FaultySettingError) as raised:
            deciding.wanted_settings(world.connection, {key: KpiSetting(on=False)})
        assert raised.value.field == field


def test_own_kpis_stand_beside_the_shipped_ones_until_they_are_taken_away(world: World) -> None:
    kpi_id, wanted = deciding.wanted_own(world.connection, None, OVERDUE)
    assert kpi_id == "OWN-01"
    assert deciding.settings_with(world.connection, wanted).kpis.keys() == KPIS.keys() | {kpi_id}
    decide(world, wanted)
    decide(world, deciding.wanted_settings(world.connection, {(kpi_id, EVERYTHING): KpiSetting(target="0")}))
    found = read_settings(world.connection)
    assert found.resolve(kpi_id, CHAIN).target == "0"
    assert found.resolve(kpi_id, CHAIN).number == 2
    assert read_settings(world.connection, 1).resolve(kpi_id, CHAIN).number == 1
    decide(world, deciding.wanted_without(world.connection, kpi_id))
    assert kpis_in_force(world.connection).keys() == KPIS.keys()
    assert store.held(world.connection) == {}
    assert deciding.wanted_own(world.connection, None, OVERDUE)[0] == "OWN-02"


def test_what_cannot_be_read_any_more_is_left_out(world: World, caplog: pytest.LogCaptureFixture) -> None:
    broken = '{"name":"x","words":"x","unit":"ratio","direction":"-","formula":"no_such_fact"}'
    decide(world, {
        store.Thing("own_kpi", "OWN-01", EVERYTHING): broken,
        store.Thing("kpi", "SCH-01", EVERYTHING): '{"green":".1","amber":".9"}',
        store.Thing("kpi", "GONE-01", EVERYTHING): '{"on":false}',
        store.Thing("kpi", "SCH-09", EVERYTHING): '{"on":false,"newer":"words"}',
    })  # fmt: skip
    found = read_settings(world.connection)
    assert found.kpis.keys() == KPIS.keys()
    assert found.resolve("SCH-01", CHAIN).limits == KPIS["SCH-01"].thresholds
    assert not found.resolve("SCH-09", CHAIN).on
    assert "OWN-01" in caplog.text
