"""From an edit in Asana to the portfolio, by way of a door."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

import requests
from sqlalchemy import Engine, select

from connector.settings import Secret
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading
from simulator.asana import edits
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import open_connection
from sync.jobs.deliver import deliver_job
from sync.modes import Mode
from sync.run import sync_connection
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.webapp.doors import kept, knocker


def item(engine: Engine, gid: str) -> Any:
    with reading(engine) as store:
        return store.execute(select(WorkItem.__table__).where(WorkItem.external_id == gid)).one()


def test_what_a_notice_names_is_as_asana_has_it(
    engine: Engine, secrets: SecretStore, clock: Clock, address: str
) -> None:
    asana = build_company(seed=3, today=clock().date(), scale=0.02).workspace
    with Simulator(asana=asana) as simulator:
        there = knocker(engine, secrets, "asana", clock(), address=simulator.addresses["asana"])
        secrets.put(there.connection_id, Secret("simulated-token"), clock())
        with closing(open_connection(engine, there.connection_id, secrets)) as connector:
            assert sync_connection(engine, there.connection_id, connector, clock=clock).state == "done"
        known = [gid for gid, task in asana.tasks.items() if task["memberships"] and not task["completed"]]
        edited, deleted, lied_about = known[:3]
        user = next(iter(asana.users))
        edits.edit(asana, edited, at=clock(), by=user, name="A new name", due_on="2026-05-01")
        edits.delete_task(asana, deleted, at=clock(), by=user)
        before = item(engine, lied_about)
        body = there.body(edited, deleted, lied_about)[:-1] + b', "name": "Lie"}'
        for _ in range(2):
            answer = requests.post(address + there.path, data=body, headers=there.headers(body), timeout=30)
            assert answer.status_code == 200
        (summary,) = deliver_job(engine, secrets, there.connection_id, clock=clock)
    assert (summary.mode, summary.state) == (Mode.NAMED, "done")
    assert (item(engine, edited).title, item(engine, edited).due) == ("A new name", date(2026, 5, 1))
    assert item(engine, deleted).gone == "deleted"
    assert item(engine, lied_about) == before
    assert [state for _, state in kept(engine)] == ["done"]
