"""The made-up company over real HTTP through the real connectors: what is served is what stands in the portfolio."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import Quarantine, RawRecord
from portfolio.model.people import Person, PersonIdentity
from portfolio.model.structure import Portfolio, Program, Project, ProjectRef
from portfolio.model.work import Dependency, Milestone, Transition, WorkItem, Worklog
from portfolio.store.engine import reading
from simulator.company.build import Company, build_company
from simulator.serve import Simulator
from sync.connections import add_connection
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from tests.loopback import LOOPBACK

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
DONE = ("done", "cancelled")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(seed=7, today=TODAY, scale=0.05)


@pytest.fixture(scope="module")
def simulator(company: Company) -> Iterator[Simulator]:
    with Simulator(jira_cloud=company.cloud, jira_datacenter=company.datacenter, asana=company.workspace) as simulator:
        yield simulator


def sync_all(engine: Engine, simulator: Simulator, ids: dict[str, int]) -> dict[str, RunSummary]:
    summaries = {}
    for name, address in simulator.addresses.items():
        cloud = name == "jira_cloud"
        settings = ConnectionSettings(
            tracker=name.partition("_")[0],
            address=address,
            sign_in=SignIn.CLOUD_TOKEN if cloud else SignIn.PERSONAL_TOKEN,
            account="pmo@example.invalid" if cloud else "",
        )
        if name not in ids:
            ids[name] = add_connection(engine, name, settings, "store", NOW, COMMAND)
        connector = open_connector(settings, Secret("simulated-token"), outbound=LOOPBACK)
        try:
            summaries[name] = sync_connection(engine, ids[name], connector, clock=lambda: NOW)
        finally:
            connector.close()
    return summaries


def count(engine: Engine, model: Any, *conditions: Any) -> int:
    with reading(engine) as store:
        return store.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def served(company: Company, name: str) -> dict[str, tuple[bool, date | None]]:
    """Each served item's id -> whether its tracker calls it done, and its due date."""
    if name == "asana":
        return {gid: (bool(task["completed"]), _day(task["due_on"])) for gid, task in company.workspace.tasks.items()}
    site = company.cloud if name == "jira_cloud" else company.datacenter
    return {
        issue.id: (issue.fields["status"]["statusCategory"]["key"] == "done", _day(issue.fields.get("duedate")))
        for issue in site.issues.values()
        if not issue.hidden and not issue.archived
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def moves_in_foreign_sections(engine: Engine, company: Company) -> list[tuple[str, str]]:
    """Id and status where an item in two projects is said to have left one that its own project does not have."""
    shared = {item.external_id: item.project for item in company.plan.items if item.homes}
    assert shared, "a company without shared items tries nothing"
    words = {
        gid: {step.name.strip() for step in project.workflow.steps} | set(project.phases)
        for gid, project in shared.items()
    }
    said = select(WorkItem.external_id, Transition.from_status).join(Transition, Transition.item_id == WorkItem.id)
    with reading(engine) as store:
        rows = store.execute(said.where(WorkItem.external_id.in_(shared))).all()
    return [(gid, status) for gid, status in rows if status not in words[gid]]


def test_the_whole_company(engine: Engine, company: Company, simulator: Simulator) -> None:
    ids: dict[str, int] = {}
    first = sync_all(engine, simulator, ids)
    assert {name: (summary.state, summary.error) for name, summary in first.items()} == dict.fromkeys(
        first, ("done", None)
    )
    for name, summary in first.items():
        own = WorkItem.connection_id == ids[name]
        expected = served(company, name)
        assert summary.streams["items"].created == len(expected) == count(engine, WorkItem, own)
        assert count(engine, WorkItem, own, WorkItem.category.in_(DONE)) == sum(done for done, _ in expected.values())
        overdue = sum(due is not None and due < TODAY and not done for done, due in expected.values())
        assert count(engine, WorkItem, own, WorkItem.category.not_in(DONE), WorkItem.due < TODAY) == overdue
        landed = sum(counts.fetched - counts.quarantined for counts in summary.streams.values())
        assert count(engine, RawRecord, RawRecord.connection_id == ids[name]) == landed
        worklogs = summary.streams["worklogs"].created
        assert count(engine, Worklog, Worklog.connection_id == ids[name], Worklog.item_id.is_not(None)) == worklogs > 0
    assert count(engine, Quarantine) == 0
    projects = [
        *company.cloud.projects.values(),
        *company.datacenter.projects.values(),
        *company.workspace.projects.values(),
    ]
    assert count(engine, Project) == count(engine, ProjectRef) == len(projects) == 40
    assert (count(engine, Portfolio), count(engine, Program)) == (3, 8)
    assert count(engine, Project, Project.program_id.is_(None)) == 0
    assert count(engine, WorkItem, WorkItem.project_id.is_(None)) == 0
    assert count(engine, Dependency, Dependency.from_item_id.is_(None)) == 0
    assert count(engine, Milestone, Milestone.baseline != Milestone.due) > 0
    assert moves_in_foreign_sections(engine, company) == []

    again = sync_all(engine, simulator, ids)
    for summary in again.values():
        for stream, counts in summary.streams.items():
            assert counts.unchanged == counts.fetched, f"{stream} changed by itself"


def test_people_of_two_trackers_are_one(engine: Engine, company: Company, simulator: Simulator) -> None:
    sync_all(engine, simulator, {})
    shown: dict[str, set[str]] = {}
    for site in (company.cloud, company.datacenter):
        for ident, user in site.users.items():
            if ident not in site.hidden_emails and user.get("emailAddress") and user.get("accountType") != "app":
                shown.setdefault(user["emailAddress"].lower(), set()).add(ident)
    for ident, user in company.workspace.users.items():
        if user.get("email"):
            shown.setdefault(user["email"].lower(), set()).add(ident)
    assert count(engine, Person, Person.email_hash.is_not(None)) == len(shown)
    with reading(engine) as store:
        accounts = store.execute(
            select(PersonIdentity.person_id, func.count())
            .where(PersonIdentity.email_hash.is_not(None))
            .group_by(PersonIdentity.person_id)
        ).all()
    assert sorted(n for _, n in accounts) == sorted(len(found) for found in shown.values())
    assert any(n > 1 for _, n in accounts)
