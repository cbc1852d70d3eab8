"""An older database, upgraded: all of it is mapped again by itself, and until then nothing false is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.protocol import Stream
from connector.records import Category, Change, ChangedField, ChangesRecord, SprintRecord, StatusRecord
from portfolio.facts.gather import day_of, gather
from portfolio.figures.own import project_readings
from portfolio.kpis.reading import Reading
from portfolio.model.landing import RunRequest
from portfolio.model.work import ItemVersion, Sprint, WorkItem
from portfolio.store.engine import reading
from portfolio.store.migrate import downgrade, upgrade
from sync.modes import Mode
from tests.sync.builders import NOW, Tracker, at, item, project, rows
from tests.sync.fake_connector import raw

STATUSES = {"1": ("To Do", Category.TODO), "2": ("Doing", Category.IN_PROGRESS), "3": ("Done", Category.DONE)}


def moved(*steps: tuple[str, str, str]) -> tuple[Change, ...]:
    """Changes of status: (instant, id before, id after)."""
    return tuple(
        Change(
            at=at(when),
            field=ChangedField.STATUS,
            old=old,
            new=new,
            old_text=STATUSES[old][0],
            new_text=STATUSES[new][0],
        )
        for when, old, new in steps
    )


@pytest.fixture
def lived(tracker: Tracker) -> Tracker:
    """Two items that were finished, one of them twice, one that was put back and is open; one due, in a sprint."""
    tracker.put(Stream.PROJECTS, project("P1"))
    states = [StatusRecord(external_id=i, name=name, category=kind) for i, (name, kind) in STATUSES.items()]
    tracker.put(Stream.STATUSES, *states)
    start, end = at("2026-01-05T10:00"), at("2026-01-20T10:00")
    tracker.put(Stream.SPRINTS, SprintRecord(external_id="s", name="S", state="closed", start=start, completed=end))
    done: dict[str, Any] = {"status_id": "3", "status_name": "Done"}
    once = moved(("2026-01-07T10:00", "1", "2"), ("2026-01-09T10:00", "2", "3"))
    back = moved(("2026-01-12T10:00", "3", "1"))
    postponed = Change(at=at("2026-01-08"), field=ChangedField.DUE, old="2026-01-08", new="2026-02-05")
    tracker.put(
        Stream.ITEMS,
        item("1", **done, due=date(2026, 2, 5), sprint_ids=("s",)),
        raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(once[0], postponed, once[1]))),
        item("2", **done),
        raw(Stream.CHANGES, ChangesRecord(item_id="2", changes=once + back + moved(("2026-01-14T10:00", "1", "3")))),
        item("3"),
        raw(Stream.CHANGES, ChangesRecord(item_id="3", changes=once + back)),
    )
    tracker.sync()
    return tracker


def dump(engine: Engine) -> dict[str, list[Any]]:
    return {model.__tablename__: rows(engine, model) for model in (WorkItem, ItemVersion, Sprint)}


def reopened(engine: Engine) -> list[tuple[Any, ...]]:
    return rows(engine, ItemVersion, "item_id", "valid_from", "reopened_on")


def readings(engine: Engine) -> dict[str, Reading]:
    with reading(engine) as store:
        day = day_of(store, NOW.date(), NOW)
        [facts] = gather(store, day).values()
    return project_readings(facts, day)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(Tracker.remap, id="what is asked for"),
        pytest.param(lambda tracker: tracker.sync(mode=Mode.INCREMENTAL), id="the next sync"),
    ],
)
def test_all_is_mapped_again_after_the_upgrade(
    lived: Tracker, engine: Engine, run: Callable[[Tracker], object]
) -> None:
    before, put_back, told = dump(engine), reopened(engine), readings(engine)
    downgrade(engine, "0004")
    upgrade(engine)
    assert rows(engine, RunRequest, "connection_id", "mode") == [(lived.id, "remap")]
    assert reopened(engine) == put_back
    then = readings(engine)
    assert then["QLT-03"].value == told["QLT-03"].value == Fraction(1, 2)
    # What rules had found went with its table, and is found anew by the run.
    other = {kpi for kpi, known in told.items() if known.value != then[kpi].value}
    assert {kpi for kpi in other if not kpi.startswith(("GOV-", "RAG"))} == {"FLW-06", "SCH-12-FIRST"}
    assert then["FLW-06"].value is then["SCH-12-FIRST"].value is None
    run(lived)
    assert dump(engine) == before
    assert readings(engine) == told
    assert rows(engine, RunRequest) == []
