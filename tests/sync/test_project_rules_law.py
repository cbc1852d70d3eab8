"""Whatever the project rules: mapping again what is landed gives the rows of a fresh sync, and taking them back gives
the former rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.records import (
    AllocationRecord,
    Change,
    ChangedField,
    ChangesRecord,
    GoalRecord,
    Membership,
    MilestoneRecord,
    PortfolioRecord,
    SectionRecord,
    StatusUpdateRecord,
    WorklogRecord,
)
from portfolio.model.structure import Project
from portfolio.store.engine import open_engine, reading
from sync.mapping.document import Mapping, ProjectRule
from tests.chaos.dump import dump, unlike
from tests.sync.builders import NOW, Tracker, at, item, person, project, put_in_force
from tests.sync.fake_connector import FakeConnector, raw
from tests.sync.rules import rule, source

# What counts runs and versions, and hashes of ids.
APART = ("profile_version", "mapping_number", "mapped_hash", "fed")
# Versions themselves, readings (of a scope's id), and groups that are kept when nothing is in them any more.
NOT_COMPARED = {"mapping_version", "mapping_profile", "kpi_value", "audit_entry", "portfolio", "program", "run_request"}
SOURCES = (
    source("project", "PRJ1"),
    source("project", "P2"),
    source("component", "Web", "P1"),
    source("component", "Api", "P2"),
    source("label", "pmo-x"),
    source("label", "pmo-y", "P2"),
    source("section", "Build", "P3"),
    source("epic", "ONE-10"),
    source("epic", "11"),
    source("portfolio", "All"),
    source("project", "there is none"),
)
ONE_RULE = st.builds(
    lambda sources, named, placed: (sources, named, placed),
    st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(("", "Hand")),
)
CODES = ("A", "", "PRJ2", "B")


def rules_of(drawn: list[tuple[list[object], bool, str]]) -> tuple[ProjectRule, ...]:
    return tuple(
        rule(code, *sources, name="Named" if named else "", portfolio=placed)  # type: ignore[arg-type]
        for code, (sources, named, placed) in zip(CODES, drawn, strict=False)
    )


def fill(connector: FakeConnector) -> None:
    """Three projects, split and crossed in every way, with a hierarchy, a past, time spent and plans."""
    connector.put(Stream.PEOPLE, person("ann"), person("bob"))
    connector.put(
        Stream.PROJECTS, project(lead_id="ann", grouping="G / H"), project("P2", lead_id="bob"), project("P3")
    )
    connector.put(Stream.SECTIONS, SectionRecord(external_id="s1", name="Build", project_id="P3"))
    connector.put(Stream.PORTFOLIOS, PortfolioRecord(external_id="g", name="All", project_ids=("P2", "P3")))
    moved = Change(at=at("2026-01-20"), field=ChangedField.PROJECT, old="P2", new="P1")
    other, third = (Membership("P2"),), Membership("P3", "s1", "Build")
    connector.put(
        Stream.ITEMS,
        item("1", component_names=("Web",), labels=("pmo-x",)),
        item("2", memberships=other, component_names=("Api",), labels=("pmo-y",), milestone=True),
        item("3", memberships=(third, Membership("P2"))),
        item("4", memberships=(), parent_id="3"),
        item("5", memberships=(), parent_id="4", labels=("pmo-x",)),
        item("10", level=1, title="Epic", assignee_id="bob", due=at("2026-08-01").date()),
        item("11", parent_id="10"),
        item("12", parent_key="ONE-11", memberships=other),
        item("13", memberships=(Membership("P9"),)),
        item("14"),
        raw(Stream.CHANGES, ChangesRecord(item_id="14", changes=(moved,))),
    )
    connector.put(Stream.MILESTONES, MilestoneRecord(external_id="m", name="Release", project_id="P1"))
    said = {"status": "at_risk", "title": "t", "created": NOW}
    connector.put(
        Stream.STATUS_UPDATES, *(StatusUpdateRecord(external_id=p, project_id=p, **said) for p in ("P1", "P2"))
    )
    connector.put(Stream.GOALS, GoalRecord(external_id="o", name="Goal", project_ids=("P1", "P2")))
    booked = {"start": NOW.date(), "end": NOW.date(), "person_id": "ann"}
    connector.put(Stream.ALLOCATIONS, AllocationRecord(external_id="a", project_id="P2", **booked))
    spent = {"work_date": NOW.date(), "seconds": 60, "person_id": "ann"}
    connector.put(
        Stream.WORKLOGS,
        *(WorklogRecord(external_id=f"w{n}", item_id=n, project_id="P1", **spent) for n in ("1", "5", "12")),
        WorklogRecord(external_id="w3", item_id="3", **spent),
    )


def kept(engine: Engine) -> dict[str, list[str]]:
    """All rows but those of projects that nothing feeds."""
    with reading(engine) as store:
        unfed = tuple(f"['{code}'," for code in store.scalars(select(Project.code).where(~Project.fed)))
    found = dump(engine, "https://tracker.invalid", APART)
    for table in ("project", "project_field"):
        found[table] = [line for line in found[table] if not line.startswith(unfed)] if unfed else found[table]
    # Which project a tracker's project would feed by itself may be one that nothing feeds.
    return {table: lines for table, lines in found.items() if table not in NOT_COMPARED}


@contextmanager
def fresh(template: Path, folder: Path) -> Iterator[Engine]:
    path = folder / "fresh.db"
    shutil.copyfile(template, path)
    engine = open_engine(f"sqlite:///{path}")
    try:
        yield engine
    finally:
        engine.dispose()


def test_whatever_the_rules_mapping_again_gives_what_a_fresh_sync_gives(
    engine: Engine, sqlite_template: Path, tmp_path: Path
) -> None:
    tracker = Tracker(engine)
    fill(tracker.connector)
    tracker.sync()
    before, number = kept(engine), count()

    @settings(
        max_examples=4,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(st.lists(ONE_RULE, min_size=1, max_size=4))
    def law(drawn: list[tuple[list[object], bool, str]]) -> None:
        mapping = Mapping(projects=rules_of(drawn))
        put_in_force(engine, mapping)
        assert tracker.remap().state == "done"
        folder = tmp_path / f"fresh-{next(number)}"
        folder.mkdir()
        with fresh(sqlite_template, folder) as other:
            put_in_force(other, mapping)
            anew = Tracker(other)
            fill(anew.connector)
            anew.sync()
            lines = unlike(kept(other), kept(engine))
            assert lines == [], mapping.projects
        put_in_force(engine, Mapping())
        assert tracker.remap().state == "done"
        assert unlike(before, kept(engine)) == []

    law()
