"""Figures under settings: judged by what is set in their scope, without what is off, and recoloured at once."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy import select

from portfolio.audit.entry import SYSTEM
from portfolio.figures import recolour
from portfolio.figures.keep import standing_on
from portfolio.figures.recolour import readings_with, recoloured
from portfolio.figures.rollup import roll_up
from portfolio.governance import deciding, store
from portfolio.governance.kpi_setting import KpiSetting
from portfolio.governance.own import OwnKpi
from portfolio.governance.scope import EVERYTHING, Level, SettingScope
from portfolio.governance.settings import read_settings
from portfolio.governance.store import Wanted
from portfolio.model.oversight import KpiValue
from tests.portfolio.builders import World, noon

TODAY = date(2026, 3, 13)
NOW = noon(TODAY)
LAX = KpiSetting(green=".5", amber=".6")
OWN = OwnKpi(
    name="Blocked", words="w", unit="ratio", direction="-", formula="blocked / open_items", green="0", amber="1"
)
Said = dict[tuple[str, int], tuple[str, int | None]]


def colours(world: World, kpi: str, day: date = TODAY) -> Said:
    query = select(KpiValue.scope_type, KpiValue.scope_id, KpiValue.rag, KpiValue.settings_number)
    rows = world.connection.execute(query.where(KpiValue.kpi == kpi, standing_on(day)))
    return {(row.scope_type, row.scope_id): (row.rag, row.settings_number) for row in rows}


def decide(world: World, wanted: Wanted) -> None:
    recolour.decide(world.connection, wanted, store.number_in_force(world.connection), NOW, "ada", SYSTEM)


def setting(world: World, kpi: str, scope: SettingScope, it: KpiSetting) -> Wanted:
    return deciding.wanted_settings(world.connection, {(kpi, scope): it})


def late(world: World, **values: object) -> int:
    """A project with 2 of 10 items overdue: red by the shipped limits."""
    project = world.project(**values)
    for number in range(10):
        world.item(project, due=TODAY - timedelta(days=7) if number < 2 else TODAY)
    return project


def test_each_scope_is_judged_by_what_is_set_for_it(world: World) -> None:
    program = world.program("G", portfolio := world.portfolio("F"))
    one, two = late(world, program_id=program), late(world, portfolio_id=portfolio, type="product")
    roll_up(world.connection, as_of=TODAY, now=NOW)
    assert set(colours(world, "SCH-09").values()) == {("red", None)}
    decide(world, setting(world, "SCH-09", SettingScope(Level.PROGRAM, str(program)), LAX))
    assert colours(world, "SCH-09") == {
        ("project", one): ("green", 1),
        ("program", program): ("green", 1),
        ("project", two): ("red", None),
        ("portfolio", portfolio): ("red", None),
        ("all", 0): ("red", None),
    }
    decide(world, setting(world, "SCH-09", SettingScope(Level.TYPE, "product"), KpiSetting(green=".1", amber=".2")))
    assert colours(world, "SCH-09")["project", two] == ("amber", 2)
    decide(world, setting(world, "SCH-09", SettingScope(Level.PROJECT, str(one)), KpiSetting(green="0", amber="0")))
    assert colours(world, "SCH-09")["project", one] == ("red", 3)
    decide(world, setting(world, "SCH-09", EVERYTHING, LAX))
    assert colours(world, "SCH-09")["all", 0] == ("green", 4)


def test_yesterdays_readings_keep_their_colour_and_number_and_others_are_not_written(world: World) -> None:
    project = late(world)
    yesterday = TODAY - timedelta(days=1)
    roll_up(world.connection, as_of=yesterday, now=NOW - timedelta(days=1))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    before = colours(world, "SCH-09", yesterday)["project", project]
    ids = select(KpiValue.id).where(KpiValue.kpi == "FLW-04")
    rows = world.connection.scalars(ids).all()
    decide(world, setting(world, "SCH-09", EVERYTHING, LAX))
    assert colours(world, "SCH-09", yesterday)["project", project] == before == ("red", None)
    assert colours(world, "SCH-09")["project", project] == ("green", 1)
    assert world.connection.scalars(ids).all() == rows
    roll_up(world.connection, as_of=yesterday, now=NOW)
    assert colours(world, "SCH-09", yesterday)["project", project] == before


def test_a_kpi_that_is_off_is_left_out_and_its_projects_count_in_no_scope(world: World) -> None:
    program = world.program("G")
    one, two = late(world, program_id=program), late(world, program_id=program)
    yesterday = TODAY - timedelta(days=1)
    roll_up(world.connection, as_of=yesterday, now=NOW - timedelta(days=1))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    decide(world, setting(world, "SCH-09", SettingScope(Level.PROJECT, str(one)), KpiSetting(on=False)))
    assert ("project", one) not in colours(world, "SCH-09")
    assert ("project", one) in colours(world, "SCH-09", yesterday)
    query = select(KpiValue.denominator).where(KpiValue.kpi == "SCH-09", KpiValue.scope_id == program)
    found = query.where(KpiValue.scope_type == "program", standing_on(TODAY))
    assert world.connection.scalar(found) == 10
    decide(world, setting(world, "SCH-09", EVERYTHING, KpiSetting(on=False)))
    assert colours(world, "SCH-09") == {}
    decide(world, setting(world, "SCH-09", SettingScope(Level.PROJECT, str(two)), KpiSetting(on=True)))
    assert colours(world, "SCH-09").keys() == {("project", two)}


def test_an_own_kpi_is_computed_like_any_other_and_pooled_over_projects(world: World) -> None:
    one, two = late(world), late(world)
    world.item(one, flow="blocked")
    roll_up(world.connection, as_of=TODAY, now=NOW)
    kpi_id, wanted = deciding.wanted_own(world.connection, None, OWN)
    previewed = readings_with(world.connection, deciding.settings_with(world.connection, wanted), kpi_id, NOW)
    assert {project: it.value for project, it in previewed.items()} == {one: Fraction(1, 11), two: 0}
    decide(world, wanted)
    assert colours(world, kpi_id) == {
        ("project", one): ("amber", 1), ("project", two): ("green", 1), ("all", 0): ("amber", 1),
    }  # fmt: skip
    query = select(KpiValue.numerator, KpiValue.denominator).where(KpiValue.kpi == kpi_id, KpiValue.scope_type == "all")
    assert tuple(world.connection.execute(query).one()) == (1, 21)
    decide(world, deciding.wanted_without(world.connection, kpi_id))
    assert colours(world, kpi_id) == {}


def test_what_is_previewed_is_what_then_comes(world: World) -> None:
    projects = [late(world), late(world, type="product"), world.project()]
    for project in projects[:2]:
        world.milestone(project, TODAY, due=TODAY + timedelta(days=30))
    roll_up(world.connection, as_of=TODAY, now=NOW)
    before = {kpi: colours(world, kpi) for kpi in ("SCH-09", "RAG")}
    wanted = setting(world, "SCH-09", SettingScope(Level.TYPE, "product"), LAX)
    settings = read_settings(world.connection), deciding.settings_with(world.connection, wanted)
    found = recoloured(world.connection, *settings, ("SCH-09",), NOW)
    assert {kpi: colours(world, kpi) for kpi in ("SCH-09", "RAG")} == before
    decide(world, wanted)
    after = {kpi: colours(world, kpi) for kpi in ("SCH-09", "RAG")}
    unlike = {
        (project, kpi, before[kpi]["project", project][0], after[kpi]["project", project][0])
        for kpi in before
        for project in projects
        if before[kpi]["project", project][0] != after[kpi]["project", project][0]
    }
    told = {(it.project_id, it.kpi, str(it.before.rag), str(it.after.rag)) for it in found if it.before and it.after}
    assert told == unlike
    assert (projects[1], "SCH-09", "red", "green") in told


def test_taking_a_decision_back_brings_back_the_colours(world: World) -> None:
    project = late(world)
    roll_up(world.connection, as_of=TODAY, now=NOW)
    decide(world, setting(world, "SCH-09", EVERYTHING, LAX))
    assert recolour.restore(world.connection, store.DEFAULTS, 1, NOW, "ada", SYSTEM) == 2
    assert colours(world, "SCH-09")["project", project] == ("red", None)
    decide(world, deciding.wanted_as_of(world.connection, "SCH-09", 1))
    assert colours(world, "SCH-09")["project", project] == ("green", 3)
    numbers = [(change.number, [it.part for it in found]) for change, found in store.course(world.connection, "SCH-09")]
    assert numbers == [(number, ["amber", "green"]) for number in (3, 2, 1)]
