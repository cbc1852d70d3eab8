"""From an edit in Asana to the portfolio, by way of a door."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

import requests
from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.registry import open_hooks
from connector.settings import Secret
from portfolio.audit.entry import COMMAND
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading
from simulator.asana import edits
from simulator.asana.workspace import Workspace
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import get_connection, open_connection
from sync.hooks.registering import Site, disable, enable, status
from sync.hooks.webhooks import webhooks
from sync.jobs.deliver import deliver_job
from sync.jobs.means import Means
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.loopback import LOOPBACK
from tests.webapp.doors import connection, kept, knocker

TOKEN = Secret("simulated-token")


def item(engine: Engine, gid: str) -> Any:
    with reading(engine) as store:
        return store.execute(select(WorkItem.__table__).where(WorkItem.external_id == gid)).one()


def test_what_a_notice_names_is_as_asana_has_it(
    engine: Engine, secrets: SecretStore, clock: Clock, address: str
) -> None:
    asana = build_company(seed=3, today=clock().date(), scale=0.02).workspace
    with Simulator(asana=asana) as simulator:
        there = knocker(engine, secrets, "asana", clock(), address=simulator.addresses["asana"])
        secrets.put(there.connection_id, TOKEN, clock(), COMMAND)
        with closing(open_connection(engine, there.connection_id, secrets, LOOPBACK)) as connector:
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
        (summary,) = deliver_job(Means(engine, secrets, clock, outbound=LOOPBACK), there.connection_id)
    assert (summary.mode, summary.state) == (Mode.NAMED, "done")
    assert (item(engine, edited).title, item(engine, edited).due) == ("A new name", date(2026, 5, 1))
    assert item(engine, deleted).gone == "deleted"
    assert item(engine, lied_about) == before
    assert [state for _, state in kept(engine)] == ["done"]


def refusals(asana: Workspace) -> list[str | None]:
    """How the deliveries that failed were answered."""
    return [hook.last_failure_content for hook in asana.webhooks.values()]


def test_hands_are_shaken_for_each_project_and_an_edit_comes_through(
    engine: Engine, secrets: SecretStore, clock: Clock, address: str
) -> None:
    asana = build_company(seed=3, today=clock().date(), scale=0.02).workspace
    with Simulator(asana=asana, clock=clock) as simulator:
        ident = connection(engine, "asana", clock(), simulator.addresses["asana"])
        secrets.put(ident, TOKEN, clock(), COMMAND)
        with closing(open_connection(engine, ident, secrets, LOOPBACK)) as connector:
            assert sync_connection(engine, ident, connector, clock=clock).state == "done"
            followed = connector.slices(Stream.ITEMS)
        with closing(open_hooks(get_connection(engine, ident).settings, TOKEN, outbound=LOOPBACK)) as hooks:
            site = Site(engine, secrets, ident, hooks, clock, COMMAND)
            standings, pastes = enable(site, address, signed=True)
            assert {each.resource: each.state for each in standings} == dict.fromkeys(followed, "active"), refusals(
                asana
            )
            assert pastes == ()
            assert simulator.settle()
            with reading(engine) as store:
                assert all(row.last_delivery_at is not None for row in webhooks(store, ident))
            assert kept(engine) == []

            edited = next(gid for gid, task in asana.tasks.items() if task["memberships"] and not task["completed"])
            edits.edit(asana, edited, at=clock(), by=next(iter(asana.users)), name="A new name", due_on="2026-05-01")
            assert simulator.settle()
            assert deliver_job(Means(engine, secrets, clock, outbound=LOOPBACK), ident)[0].state == "done"
            assert (item(engine, edited).title, item(engine, edited).due) == ("A new name", date(2026, 5, 1))

            asana.webhooks.popitem()
            assert sorted(each.state for each in status(site))[-1] == "gone"
            assert {each.state for each in enable(site, address, signed=True)[0]} == {"active"}, refusals(asana)
            assert len(asana.webhooks) == len(followed)
            assert disable(site) == ()
    assert asana.webhooks == {}
