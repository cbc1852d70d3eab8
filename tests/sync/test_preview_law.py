"""The law of previews: what one says of any draft is what then happens. The made-up company through real connectors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from connector.registry import open_connector
from connector.settings import ConnectionSettings, Secret, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.figures.rollup import roll_up
from portfolio.model import Base
from portfolio.model.landing import Quarantine, UnmappedValue
from portfolio.model.mapping import ItemAttribute, ItemTemplate
from portfolio.model.oversight import KpiValue
from portfolio.model.structure import Project, ProjectRef
from portfolio.model.work import Dependency, ItemAssignee, ItemVersion, WorkItem
from portfolio.store.engine import reading, writing
from simulator.company.build import build_company
from simulator.serve import Simulator
from sync.connections import add_connection, list_connections
from sync.mapping.document import (
    ConnectionRules,
    FieldRule,
    Mapping,
    Override,
    ProfileRules,
    ProjectRule,
    Rules,
    Source,
)
from sync.mapping.profile import LinkRule, StatusRule
from sync.preview.result import Figure, Result
from sync.preview.run import Terms, run_preview
from sync.run.pipeline import sync_connection
from sync.run.remapping import remap_connection
from tests.loopback import LOOPBACK
from tests.sync.builders import put_in_force

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
OWN = {
    "kind": ("kind",),
    "category": ("category",),
    "flow": ("flow",),
    "project": ("project_id",),
    "dates": ("start", "due"),
    "estimate": ("estimate_s", "remaining_s"),
    "points": ("points",),
    "role": ("role",),
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    company = build_company(seed=11, today=NOW.date(), scale=0.01)
    with Simulator(jira_cloud=company.cloud, jira_datacenter=company.datacenter, asana=company.workspace) as simulator:
        yield simulator


@pytest.fixture
def company(engine: Engine, simulator: Simulator) -> Engine:
    for name, address in simulator.addresses.items():
        cloud = name == "jira_cloud"
        given = ConnectionSettings(
            tracker=name.partition("_")[0],
            address=address,
            sign_in=SignIn.CLOUD_TOKEN if cloud else SignIn.PERSONAL_TOKEN,
            account="pmo@example.invalid" if cloud else "",
        )
        ident = add_connection(engine, name, given, "store", NOW, COMMAND)
        connector = open_connector(given, Secret("simulated-token"), outbound=LOOPBACK)
        assert sync_connection(engine, ident, connector, clock=lambda: NOW).state == "done"
        connector.close()
    return engine


class Seen:
    """What the rows say, read by nothing of the preview's."""

    def __init__(self, engine: Engine) -> None:
        with reading(engine) as store:
            self.items = {row.id: row for row in store.execute(select(WorkItem.__table__))}
            unfed = {("project", ident) for ident in store.scalars(select(Project.id).where(Project.fed.is_(False)))}
            # Those of a project that nothing feeds stay, and count for nothing.
            self.readings = {
                (row.scope_type, row.scope_id, row.kpi): Figure(row.value, row.rag, row.reason)
                for row in store.execute(select(KpiValue.__table__).where(KpiValue.as_of == NOW.date()))
                if (row.scope_type, row.scope_id) not in unfed
            }
            self.hanging = {
                aspect: {tuple(row) for row in store.execute(select(model.__table__))}
                for aspect, model in (
                    ("assignees", ItemAssignee),
                    ("attributes", ItemAttribute),
                    ("templates", ItemTemplate),
                    ("history", ItemVersion),
                )
            }
            links = select(Dependency.id, Dependency.type, Dependency.from_item_id, Dependency.to_item_id)
            self.links = {tuple(row) for row in store.execute(links)}
            self.failed = {(r.connection_id, r.external_id) for r in store.execute(select(Quarantine.__table__))}
            unmapped = select(UnmappedValue.subject, UnmappedValue.value, UnmappedValue.items)
            self.unmapped = sorted(tuple(row) for row in store.execute(unmapped))
            self.projects = {row.name for row in store.execute(select(Project.name).where(Project.fed))}


def changes(before: Seen, after: Seen) -> dict[str, set[int]]:
    """Aspect -> the items that changed in it."""
    found = {
        aspect: {
            ident
            for ident, row in after.items.items()
            if any(getattr(row, name) != getattr(before.items[ident], name) for name in names)
        }
        for aspect, names in OWN.items()
    }
    for aspect, rows in after.hanging.items():
        found[aspect] = {row[0] for row in rows ^ before.hanging[aspect]}
    ends = (row[2:] for row in before.links ^ after.links)
    found["links"] = {ident for pair in ends for ident in pair if ident is not None}
    return {aspect: ids for aspect, ids in found.items() if ids}


def as_they_are(engine: Engine) -> None:
    """Bring all figures to this moment, as the preview does before it compares."""
    with writing(engine) as store:
        roll_up(store, as_of=NOW.date(), now=NOW)


def everything(engine: Engine) -> dict[str, list[Any]]:
    with reading(engine) as store:
        return {table.name: sorted(map(repr, store.execute(select(table)))) for table in Base.metadata.sorted_tables}


STATUSES = st.dictionaries(
    st.sampled_from(
        ["To Do", "In Progress", "In Review", "Review", "Done", "Blocked", "Backlog", "Testing", "Waiting"]
    ),
    st.builds(
        StatusRule,
        st.sampled_from(["todo", "in_progress", "done", "cancelled"]),
        st.sampled_from(["active", "wait", "blocked"]),
    ),
    min_size=1,
    max_size=4,
)
KINDS = st.dictionaries(
    st.sampled_from(["Story", "Task", "Bug", "Epic", "Milestone"]),
    st.sampled_from(["task", "bug", "risk", "milestone", "heading", "story"]),
    max_size=2,
)
LINKS = st.dictionaries(
    st.sampled_from(["Blocks", "Relates", "Dependency"]),
    st.builds(LinkRule, st.sampled_from(["FS", "SS", "relates"]), st.booleans()),
    max_size=2,
)
FIELDS = st.sampled_from([{}, {"points": (FieldRule(field="Story Points"),)}])
RULES = st.builds(Rules, kinds=KINDS, statuses=STATUSES, links=LINKS, fields=FIELDS)
NAMES = ("jira_cloud", "jira_datacenter", "asana")


def mappings(keys: list[str], epics: list[tuple[str, str]]) -> st.SearchStrategy[Mapping]:
    """Drafts: rules for some connections, an override for one project, and perhaps an epic that is a project."""
    split = st.sampled_from([(), *((each,) for each in epics)])
    return st.builds(
        lambda rules, own, used, sources: Mapping(
            profiles={"ours": ProfileRules(rules=rules, overrides=(own,))},
            connections={name: ConnectionRules(profile="ours") for name in used},
            projects=tuple(
                ProjectRule(code="OWN", name="Of its own", sources=(Source(connection=c, type="epic", name=n),))
                for c, n in sources
            ),
        ),
        RULES,
        st.builds(Override, connection=st.just("jira_cloud"), project=st.sampled_from(keys), rules=RULES),
        st.sets(st.sampled_from(NAMES), min_size=1),
        split,
    )


def keys(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return sorted(store.scalars(select(ProjectRef.key).where(ProjectRef.connection_id == 1)))


def epics(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as store:
        names = {row.id: row.name for row in list_connections(engine)}
        query = select(WorkItem.connection_id, WorkItem.external_id).where(WorkItem.kind == "epic").limit(3)
        return [(names[row[0]], row[1]) for row in store.execute(query)]


def check(engine: Engine, mapping: Mapping) -> Result:
    as_they_are(engine)
    before, rows = Seen(engine), everything(engine)
    said = run_preview(engine, mapping, Terms(lambda: NOW))
    assert everything(engine) == rows, "a preview changes nothing"
    put_in_force(engine, mapping)
    for row in list_connections(engine):
        assert remap_connection(engine, row.id, clock=lambda: NOW).state == "done"
    after = Seen(engine)
    done = changes(before, after)
    assert {change.aspect: change.items for change in said.changes} == {a: len(ids) for a, ids in done.items()}
    assert said.changed == len(set().union(*done.values()))
    assert said.failed == len(after.failed - before.failed)
    assert sorted((v.subject, v.value, v.items) for v in said.unmapped) == after.unmapped
    told = {(k.scope_type, k.scope_id, k.kpi): k.after for k in said.kpis}
    assert said.figures == len(told)
    turned = {key: value for key, value in after.readings.items() if before.readings.get(key) != value}
    assert {key: told[key] for key in told if told[key] is not None} == turned
    assert set(said.projects_new) == after.projects - before.projects
    assert set(said.projects_gone) == before.projects - after.projects
    return said


def test_what_is_said_is_what_then_happens(company: Engine) -> None:
    statuses = {"To Do": StatusRule("done"), "In Progress": StatusRule("todo")}
    fields = {"role": (FieldRule(field="Story Points"),)}
    rules = Rules(kinds={"Story": "bug"}, statuses=statuses, fields=fields)
    split = tuple(
        ProjectRule(code="OWN", name="Of its own", sources=(Source(connection=name, type="epic", name=ident),))
        for name, ident in epics(company)[:1]
    )
    used = {name: ConnectionRules(profile="ours") for name in NAMES}
    found = check(company, Mapping(profiles={"ours": ProfileRules(rules=rules)}, connections=used, projects=split))
    assert found.changed
    assert found.figures
    assert found.examples
    assert "role" in {change.aspect for change in found.changes}

    @settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mappings(keys(company), epics(company)))
    def hold(mapping: Mapping) -> None:
        check(company, mapping)

    hold()
