"""Numbered decisions: what is set, what was, who was faster, and the way back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import select

from portfolio.audit.entry import SYSTEM
from portfolio.governance import store
from portfolio.governance.errors import StaleSettingsError, UnknownNumberError
from portfolio.governance.scope import EVERYTHING, Level, SettingScope
from portfolio.governance.store import KPI, RULE, Thing
from portfolio.model.access import AuditEntry
from portfolio.model.governance import GovernanceSetting
from tests.portfolio.builders import World

NOW = datetime(2026, 3, 13, 12, tzinfo=UTC)
SPI = Thing(KPI, "SCH-01", EVERYTHING)
OF_TYPE = Thing(KPI, "SCH-01", SettingScope(Level.TYPE, "product"))
A_RULE = Thing(RULE, "GOV-R01", EVERYTHING)


def decide(world: World, wanted: dict[Thing, str | None], seen: int, **more: object) -> int | None:
    return store.decide(world.connection, wanted, seen, NOW, "ada", SYSTEM, **more)  # type: ignore[arg-type]


def bodies(world: World, number: int | None = None) -> dict[Thing, str]:
    return {thing: it.body for thing, it in store.held(world.connection, number=number).items()}


def test_each_decision_takes_the_next_number_and_former_ones_can_be_read(world: World) -> None:
    assert store.number_in_force(world.connection) == store.DEFAULTS
    assert decide(world, {SPI: '{"green":".9"}', A_RULE: '{"n":5}'}, 0) == 1
    assert decide(world, {SPI: '{"green":".8"}'}, 1, note="too strict") == 2
    assert decide(world, {SPI: None}, 2) == 3
    assert [bodies(world, number) for number in range(4)] == [
        {},
        {SPI: '{"green":".9"}', A_RULE: '{"n":5}'},
        {SPI: '{"green":".8"}', A_RULE: '{"n":5}'},
        {A_RULE: '{"n":5}'},
    ]
    assert bodies(world) == {A_RULE: '{"n":5}'}
    assert store.held(world.connection, (RULE,))[A_RULE].number == 1
    assert [(it.number, it.note) for it in store.history(world.connection)] == [(3, ""), (2, "too strict"), (1, "")]
    told = [(it.part, it.before, it.after) for it in store.changes_of(world.connection, 2)]
    assert told == [("green", ".9", ".8")]


def test_what_is_so_already_is_no_decision(world: World) -> None:
    decide(world, {SPI: '{"green":".9","amber":".8"}'}, 0)
    assert decide(world, {SPI: '{"amber":".8","green":".9"}', OF_TYPE: None}, 0) is None
    assert store.number_in_force(world.connection) == 1


def test_who_was_slower_about_the_same_thing_is_told_and_changes_nothing(world: World) -> None:
    decide(world, {SPI: '{"green":".9"}'}, 0)
    with pytest.raises(StaleSettingsError, match="ada") as raised:
        decide(world, {OF_TYPE: '{"green":".7"}'}, 0)
    assert raised.value.number == 1
    assert decide(world, {A_RULE: '{"n":5}'}, 0) == 2
    assert bodies(world) == {SPI: '{"green":".9"}', A_RULE: '{"n":5}'}
    decide(world, {SPI: None}, 2)
    with pytest.raises(StaleSettingsError):
        decide(world, {SPI: '{"green":".9"}'}, 1)


def test_a_former_number_comes_back_as_a_new_one(world: World) -> None:
    decide(world, {SPI: '{"green":".9"}'}, 0)
    decide(world, {SPI: None, OF_TYPE: '{"on":false}'}, 1)
    back = (NOW, "ada", SYSTEM)
    assert store.restore(world.connection, 1, 2, *back) == 3
    assert bodies(world) == bodies(world, 1) == {SPI: '{"green":".9"}'}
    assert store.history(world.connection)[0].restores == 1
    assert store.restore(world.connection, 1, 3, *back) is None
    assert store.restore(world.connection, store.DEFAULTS, 3, *back) == 4
    assert bodies(world) == {}
    with pytest.raises(UnknownNumberError):
        store.restore(world.connection, 9, 4, *back)
    with pytest.raises(StaleSettingsError):
        store.restore(world.connection, 1, 3, *back)


def test_the_audit_log_tells_what_changed_in_words(world: World) -> None:
    decide(world, {SPI: '{"green":".9","on":false}'}, 0)
    store.restore(world.connection, 0, 1, NOW, "ada", SYSTEM)
    entries = world.connection.execute(select(AuditEntry.action, AuditEntry.subject_id, AuditEntry.new)).all()
    assert [(it.action, it.subject_id, msgspec.json.decode(it.new or "")) for it in entries] == [
        ("governance.changed", 1, {"changes": [
            "kpi SCH-01, global: green was nothing, becomes .9", "kpi SCH-01, global: on was nothing, becomes no",
        ]}),
        ("governance.restored", 2, {"restores": 0, "changes": [
            "kpi SCH-01, global: green was .9, becomes nothing", "kpi SCH-01, global: on was no, becomes nothing",
        ]}),
    ]  # fmt: skip


def test_the_number_of_a_day_is_that_of_its_end(world: World) -> None:
    decide(world, {SPI: '{"green":".9"}'}, 0)
    later = NOW + timedelta(days=2)
    store.decide(world.connection, {SPI: None}, 1, later, "ada", SYSTEM)
    days = [date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 14), date(2026, 3, 15)]
    assert [store.number_on(world.connection, day, UTC) for day in days] == [0, 1, 1, 2]


def test_of_a_thing_only_one_row_is_in_force(world: World) -> None:
    for number in range(3):
        decide(world, {SPI: f'{{"green":".{number}"}}'}, number)
    rows = world.connection.execute(select(GovernanceSetting).where(GovernanceSetting.until_number.is_(None))).all()
    assert len(rows) == 1
