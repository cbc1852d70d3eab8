"""Two laws of the mapping, on the made-up company through the real connectors, on both databases.

What is mapped anew is what a fresh sync under that mapping gives; and rolling back gives back what was there before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model import Base
from portfolio.model.landing import Connection
from portfolio.model.oversight import KpiValue
from portfolio.store.engine import open_engine, reading, writing
from portfolio.store.migrate import upgrade
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync import versions
from sync.connections import add_connection
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, Override, ProfileRules, Rules
from sync.mapping.profile import LinkRule, ReportedRule, StatusRule
from sync.run.pipeline import sync_connection
from sync.run.remapping import remap_connection
from tests.chaos.dump import dump, unlike
from tests.chaos.kept import BOOKKEEPING
from tests.loopback import LOOPBACK

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
NAMES = ("jira_cloud", "asana")

OURS = Mapping(
    profiles={
        "ours": ProfileRules(
            rules=Rules(
                kinds={"Risk": "issue", "Approval": "deliverable"},
                statuses={"Closed": StatusRule("cancelled"), "On somebody's desk": StatusRule("in_progress", "wait")},
                statuses_by_kind={"Story": {"Done": StatusRule("in_progress")}},
                fields={"estimate": (FieldRule(field="Story Points", unit="hours"),)},
                links={"Blocks": LinkRule("relates")},
                reported={"on track": ReportedRule(rag="red")},
                cancelled=(),
            ),
            overrides=(
                Override(
                    connection="jira_cloud", project="KNOT", rules=Rules(statuses={"Released": StatusRule("todo")})
                ),
            ),
        )
    },
    connections={name: ConnectionRules(profile="ours") for name in NAMES},
)
# What tells by which version something was computed, and not what.
VERSIONS = frozenset({"profile_version", "mapping_number"})
# What people and runs did, and what they looked at, but not what came of it.
DEEDS = BOOKKEEPING | {"audit_entry", "field_sample", "mapping_profile", "mapping_version", "run_request"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    company = build_company(seed=7, today=NOW.date(), scale=0.02)
    with Simulator(jira_cloud=company.cloud, asana=company.workspace) as simulator:
        yield simulator


def sync(engine: Engine, simulator: Simulator) -> list[int]:
    """Sync the company for the first time. Returns the ids of the connections."""
    idents = []
    for name in NAMES:
        settings = ConnectionSettings(
            tracker=name.partition("_")[0],
            address=simulator.addresses[name],
            sign_in=SignIn.CLOUD_TOKEN if name == "jira_cloud" else SignIn.PERSONAL_TOKEN,
            account="pmo@example.invalid" if name == "jira_cloud" else "",
        )
        idents.append(add_connection(engine, name, settings, "store", NOW, COMMAND))
        connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            assert sync_connection(engine, idents[-1], connector, clock=lambda: NOW).state == "done"
        finally:
            connector.close()
    return idents


def put_in_force(engine: Engine, mapping: Mapping) -> None:
    with writing(engine) as store:
        draft = versions.begin(store, NOW, "ada", COMMAND)
        changed = versions.change(store, draft.id, draft.revision, mapping, NOW, "ada", COMMAND)
        versions.approve(store, changed.id, changed.revision, NOW, "ada", COMMAND)


def take_up(engine: Engine, idents: list[int]) -> None:
    for ident in idents:
        assert remap_connection(engine, ident, clock=lambda: NOW).state == "done"


def roll_back(engine: Engine, number: int, idents: list[int]) -> None:
    with writing(engine) as store:
        versions.rollback(store, number, NOW, "ada", COMMAND)
    take_up(engine, idents)


def everything(engine: Engine) -> dict[str, list[str]]:
    """All rows of the portfolio, with their ids."""
    with reading(engine) as store:
        return {
            table.name: sorted(repr(tuple(row)) for row in store.execute(select(*_told(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in DEEDS
        }


def _told(table: Any) -> list[Any]:
    return [column for column in table.columns if column.name not in VERSIONS]


def comparable(engine: Engine, simulator: Simulator) -> dict[str, list[str]]:
    """All rows of the portfolio, without their ids."""
    rows = dump(engine, simulator.addresses["jira_cloud"], VERSIONS)
    return {name: lines for name, lines in rows.items() if name not in DEEDS}


def numbers(engine: Engine, column: Any) -> set[int | None]:
    with reading(engine) as store:
        return set(store.scalars(select(column).distinct()))


@pytest.fixture(scope="module")
def fresh(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a first sync under `OURS` gives."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('fresh') / 'fresh.db'}")
    try:
        upgrade(engine)
        put_in_force(engine, OURS)
        sync(engine, simulator)
        return comparable(engine, simulator)
    finally:
        engine.dispose()


def test_mapped_anew_it_is_as_synced_afresh_and_rolled_back_as_it_was_ids_included(
    engine: Engine, simulator: Simulator, fresh: dict[str, list[str]]
) -> None:
    idents = sync(engine, simulator)
    before = everything(engine)
    put_in_force(engine, OURS)
    assert everything(engine) == before  # Old figures are shown until it has been taken up.
    take_up(engine, idents)
    ours = everything(engine)
    assert len(set(before["work_item"]) - set(ours["work_item"])) > 50
    for table in ("kpi_value", "dependency", "project", "transition", "unmapped_value"):
        assert before[table] != ours[table], table
    assert unlike(fresh, comparable(engine, simulator)) == []
    roll_back(engine, versions.DEFAULTS, idents)
    assert unlike(before, everything(engine)) == []
    roll_back(engine, 1, idents)
    assert unlike(ours, everything(engine)) == []
    assert numbers(engine, KpiValue.mapping_number) == numbers(engine, Connection.mapping_number) == {3}
