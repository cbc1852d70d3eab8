"""From an edit in a tracker to the portfolio, by way of a door: over real sockets, with the real parts on both ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, select

from connector.registry import open_hooks
from connector.settings import Secret
from portfolio.audit.entry import COMMAND
from portfolio.model.oversight import SyncRun
from portfolio.model.work import Sprint, WorkItem
from portfolio.store.engine import reading, writing
from simulator.company.build import Company, build_company
from simulator.faults import Fault
from simulator.jira import edits
from simulator.jira.site import Site as Jira
from simulator.serve import Simulator
from sync.connections import get_connection, open_connection
from sync.hooks import deliveries
from sync.hooks.registering import Site, disable, enable, status
from sync.jobs.deliver import deliver_job
from sync.jobs.means import Means
from sync.modes import Mode
from sync.run.lease import Lease
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from sync.secrets import SecretStore
from tests.conftest import Clock
from tests.loopback import LOOPBACK
from tests.webapp.doors import Knocker, connection, kept, webhook

TOKEN = Secret("simulated-token")


@dataclass
class Stage:
    """A simulated site, a connection to it that was read once, and the address of our doors."""

    engine: Engine
    secrets: SecretStore
    clock: Clock
    company: Company
    simulator: Simulator
    connection_id: int
    public_url: str

    @property
    def jira(self) -> Jira:
        return self.company.cloud

    def at(self) -> datetime:
        self.clock.advance(minutes=1)
        return self.clock()

    def site(self) -> Site:
        settings = get_connection(self.engine, self.connection_id).settings
        hooks = open_hooks(settings, TOKEN, outbound=LOOPBACK)
        return Site(self.engine, self.secrets, self.connection_id, hooks, self.clock, COMMAND)

    def enable(self) -> None:
        standings, pastes = enable(self.site(), self.public_url, signed=True)
        assert [each.state for each in standings] == ["active"]
        assert pastes == ()

    def hear(self) -> tuple[RunSummary, ...]:
        """Let the site tell all it has to tell, and do the job."""
        assert self.simulator.settle()
        means = Means(self.engine, self.secrets, self.clock, threads=2, outbound=LOOPBACK)
        return deliver_job(means, self.connection_id)

    def poll(self) -> RunSummary:
        """An incremental run, as the schedule starts one."""
        with closing(open_connection(self.engine, self.connection_id, self.secrets, LOOPBACK)) as connector:
            return sync_connection(self.engine, self.connection_id, connector, clock=self.clock, threads=2)

    def item(self, ident: str) -> Any:
        with reading(self.engine) as store:
            query = select(WorkItem.__table__).where(WorkItem.external_id == ident)
            return store.execute(query).one()

    def some_issue(self) -> tuple[str, str]:
        """An issue, and a user of the site."""
        return next(iter(self.jira.issues)), next(iter(self.jira.users))


@pytest.fixture
def stage(engine: Engine, secrets: SecretStore, clock: Clock, address: str) -> Iterator[Stage]:
    company = build_company(seed=3, today=clock().date(), scale=0.02)
    with Simulator(jira_cloud=company.cloud, clock=clock) as simulator:
        ident = connection(engine, "jira", clock(), simulator.addresses["jira_cloud"])
        secrets.put(ident, TOKEN, clock(), COMMAND)
        stage = Stage(engine, secrets, clock, company, simulator, ident, address)
        assert stage.poll().state == "done"
        yield stage


def test_an_edit_is_in_the_portfolio_after_one_job(stage: Stage) -> None:
    stage.enable()
    issue, user = stage.some_issue()
    edits.edit(stage.jira, issue, {"summary": "A new name", "duedate": "2026-05-01"}, at=stage.at(), by=user)
    (summary,) = stage.hear()
    assert (summary.mode, summary.state) == (Mode.NAMED, "done")
    assert (stage.item(issue).title, stage.item(issue).due) == ("A new name", date(2026, 5, 1))
    assert [state for _, state in kept(stage.engine)] == ["done"]
    assert webhook(stage.engine).last_delivery_at is not None
    with reading(stage.engine) as store:
        assert store.scalar(select(SyncRun.cause).order_by(SyncRun.id.desc()).limit(1)) == "webhook"


def test_many_notices_are_one_question_and_repeated_ones_are_none(stage: Stage) -> None:
    stage.enable()
    issue, user = stage.some_issue()
    stage.jira.outbox.doubled = 3
    for number in range(5):
        edits.edit(stage.jira, issue, {"summary": f"Name {number}"}, at=stage.at(), by=user)
    (summary,) = stage.hear()
    assert len(kept(stage.engine)) == 5
    assert summary.streams["items"].fetched == 1
    assert stage.item(issue).title == "Name 4"
    assert stage.hear() == ()


def test_a_deleted_item_leaves_at_once(stage: Stage) -> None:
    stage.enable()
    issue, _ = stage.some_issue()
    edits.delete_issue(stage.jira, issue, at=stage.at())
    assert stage.hear()[0].state == "done"
    assert (stage.item(issue).gone, stage.item(issue).deleted_at is not None) == ("deleted", True)


def test_a_sprint_that_a_notice_names_is_read_anew(stage: Stage) -> None:
    stage.enable()
    sprints = [each for board in stage.jira.sprints_by_board.values() for each in board]
    sprint = next(each for each in sprints if each["state"] == "active")
    edits.edit_sprint(stage.jira, sprint["id"], name="Renamed")
    (summary,) = stage.hear()
    assert (summary.mode, summary.state) == (Mode.INCREMENTAL, "done")
    with reading(stage.engine) as store:
        query = select(Sprint.name).where(Sprint.external_id == str(sprint["id"]))
        assert store.scalar(query) == "Renamed"


def test_what_a_notice_claims_is_never_taken_for_data(stage: Stage, secrets: SecretStore) -> None:
    stage.enable()
    issue, _ = stage.some_issue()
    before = stage.item(issue)
    row = webhook(stage.engine)
    liar = Knocker("jira", stage.connection_id, row.door, secrets.unseal(row.connection_id, row.secret, "").reveal())
    for body in (
        f'{{"webhookEvent": "jira:issue_updated", "issue": {{"id": "{issue}", "fields": {{"summary": "Lie"}}}}}}',
        f'{{"webhookEvent": "jira:issue_deleted", "issue": {{"id": "{issue}"}}}}',
        '{"webhookEvent": "jira:issue_created", "issue": {"id": "99999999", "fields": {"summary": "Lie"}}}',
    ):
        data = body.encode()
        answer = requests.post(stage.public_url + liar.path, data=data, headers=liar.headers(data), timeout=30)
        assert answer.status_code == 200
    assert len(kept(stage.engine)) == 3
    (summary,) = stage.hear()
    assert summary.state == "done"
    after = stage.item(issue)
    assert after == before
    with reading(stage.engine) as store:
        assert store.scalar(select(WorkItem.id).where(WorkItem.external_id == "99999999")) is None


def test_while_another_run_is_under_way_the_deliveries_wait(stage: Stage) -> None:
    stage.enable()
    issue, user = stage.some_issue()
    edits.edit(stage.jira, issue, {"summary": "A new name"}, at=stage.at(), by=user)
    with writing(stage.engine) as store:
        Lease(stage.connection_id, "jira", 999).acquire(store, stage.clock())
    assert stage.hear() == ()
    assert deliveries.waiting(stage.engine, stage.clock()) == (stage.connection_id,)
    with writing(stage.engine) as store:
        Lease(stage.connection_id, "jira", 999).release(store)
    assert stage.hear()[0].state == "done"
    assert stage.item(issue).title == "A new name"


def test_what_could_not_be_fetched_waits_and_is_asked_for_after_a_rest(stage: Stage) -> None:
    stage.enable()
    issue, user = stage.some_issue()
    edits.edit(stage.jira, issue, {"summary": "A new name"}, at=stage.at(), by=user)
    faults = stage.simulator.faults["jira_cloud"]
    faults.add(Fault(status=401))
    assert stage.hear()[0].state == "failed"
    assert deliveries.waiting(stage.engine, stage.clock()) == ()
    faults.clear()
    stage.clock.now += timedelta(minutes=6)
    assert deliveries.waiting(stage.engine, stage.clock()) == (stage.connection_id,)
    assert stage.hear()[0].state == "done"
    assert stage.item(issue).title == "A new name"


def test_what_a_lost_notice_did_not_tell_the_next_incremental_run_finds(stage: Stage) -> None:
    stage.enable()
    issue, user = stage.some_issue()
    stage.jira.outbox.lost = 1
    edits.edit(stage.jira, issue, {"summary": "A new name"}, at=stage.at(), by=user)
    assert stage.hear() == ()
    stage.clock.advance(minutes=1)
    stage.poll()
    assert stage.item(issue).title == "A new name"


def test_a_webhook_that_was_removed_at_the_site_is_found_and_made_anew(stage: Stage) -> None:
    stage.enable()
    stage.jira.webhooks.clear()
    assert [each.state for each in status(stage.site())] == ["gone"]
    stage.enable()
    issue, user = stage.some_issue()
    edits.edit(stage.jira, issue, {"summary": "A new name"}, at=stage.at(), by=user)
    assert stage.hear()[0].state == "done"
    assert stage.item(issue).title == "A new name"
    assert disable(stage.site()) == ()
    assert stage.jira.webhooks == {}
