"""A backup made while a sync writes and pages are read is one moment of the store, and can be gone on from."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, select

from connector.settings import Secret
from portfolio.audit.entry import COMMAND
from portfolio.backup.read import BackupReader
from portfolio.backup.restore import restore_backup
from portfolio.backup.write import write_backup
from portfolio.model.landing import Lease, RawRecord
from portfolio.model.oversight import SyncRun
from portfolio.model.work import WorkItem
from portfolio.store.engine import open_engine, reading
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import open_connection
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from sync.secrets import SecretStore
from tests.chaos.dump import dump, unlike
from tests.chaos.kept import inconsistencies
from tests.conftest import Clock
from tests.loopback import LOOPBACK
from tests.postgres import Server
from tests.webapp.doors import connection

TOKEN = Secret("simulated-token")
OF_THIS_PROCESS = {"user", "audit_entry", "raw_record", "kpi_value"}


@pytest.fixture
def tracker(clock: Clock) -> Iterator[str]:
    company = build_company(seed=5, today=clock().date(), scale=0.05)
    with Simulator(jira_cloud=company.cloud, clock=clock) as simulator:
        yield simulator.addresses["jira_cloud"]


@pytest.fixture
def restored(engine: Engine, postgres: Server, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of the other kind."""
    url = postgres.create() if engine.dialect.name == "sqlite" else f"sqlite:///{tmp_path / 'restored.db'}"
    other = open_engine(url)
    yield other
    other.dispose()


def test_in_the_middle_of_a_sync(
    engine: Engine, restored: Engine, secrets: SecretStore, clock: Clock, tracker: str, address: str, admin: int
) -> None:
    ident = connection(engine, "jira", clock(), tracker)
    secrets.put(ident, TOKEN, clock(), COMMAND)
    files: list[bytes] = []
    summaries: list[RunSummary] = []

    def sync(store: Engine) -> None:
        with closing(open_connection(engine, ident, secrets, LOOPBACK)) as connector:
            summaries.append(sync_connection(store, ident, connector, clock=clock, threads=2))

    run = threading.Thread(target=sync, args=(engine,))
    run.start()
    while run.is_alive():
        assert requests.get(f"{address}/sign-in", timeout=30).status_code == 200
        out = io.BytesIO()
        write_backup(engine, out, product="0", now=clock())
        files.append(out.getvalue())
    run.join()
    assert [summary.state for summary in summaries] == ["done"]
    there = dump(engine, tracker)

    # Of those that have items, the earliest and one in the middle.
    begun = [file for file in files if _rows(file, "work_item")]
    assert begun, "the sync was over before anything could be backed up"
    for file in (begun[0], begun[len(begun) // 2]):
        restore_backup(restored, BackupReader(io.BytesIO(file)), replace=True, now=clock(), actor=COMMAND)
        assert inconsistencies(restored, ident) == []
        with reading(restored) as store:
            # What was landed and what was made of it were committed together, and are restored together.
            landed = select(RawRecord.external_id).where(RawRecord.stream == "items")
            assert set(store.scalars(select(WorkItem.external_id))) <= set(store.scalars(landed))
            assert store.scalars(select(Lease.owner)).all() == []
            assert "running" not in store.scalars(select(SyncRun.state)).all()
        sync(restored)
        assert summaries[-1].state == "done"
        assert inconsistencies(restored, ident) == []
        found = dump(restored, tracker)
        assert (
            unlike(
                {name: rows for name, rows in there.items() if name not in OF_THIS_PROCESS},
                {name: rows for name, rows in found.items() if name not in OF_THIS_PROCESS},
            )
            == []
        )


def _rows(file: bytes, table: str) -> int:
    return next(each.rows for each in BackupReader(io.BytesIO(file)).header.tables if each.name == table)
