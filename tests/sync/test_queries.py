"""Queries of the mapping in force: what they find is landed by ordinary runs, and a refused one is a gap that costs
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from connector.protocol import Stream
from connector.records import QueryRecord
from connector.registry import open_reader
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import RawRecord
from portfolio.model.oversight import SyncRunStream
from portfolio.model.structure import Project
from portfolio.model.work import WorkItem
from portfolio.store.engine import reading, writing
from simulator.jira import edits
from sync import versions
from sync.connections import open_connection
from sync.landing.raw import landed_chunks
from sync.mapping.document import Mapping, ProjectRule, Source
from sync.mapping.queries import queries_of, query_id
from sync.modes import Mode
from sync.run.pipeline import sync_connection
from sync.run.runs import RunSummary
from sync.secrets import SecretStore
from tests.connector.jira.plant import plant
from tests.loopback import LOOPBACK
from tests.sync.builders import rows
from tests.sync.test_following_jira import Followed

HOT = "labels = hot ORDER BY created"


class Queried(Followed):
    """A plant whose connection is opened as jobs open it."""

    def force(self, *queries: str) -> None:
        """Bring a mapping in force in which these queries feed one project."""
        sources = tuple(Source(connection="Plant", type="query", name=text) for text in queries)
        mapping = Mapping(projects=(ProjectRule(code="HOT", name="Hot", sources=sources),) if sources else ())
        with writing(self.engine) as store:
            draft = versions.begin(store, self.now, "ada", COMMAND)
            draft = versions.change(store, draft.id, draft.revision, mapping, self.now, "ada", COMMAND)
            versions.approve(store, draft.id, draft.revision, self.now, "ada", COMMAND)

    def run(self, mode: Mode = Mode.INCREMENTAL) -> RunSummary:
        self.now += timedelta(minutes=10)
        secrets = SecretStore(self.engine, [], {"TOKEN": "simulated-token"})
        with closing(open_connection(self.engine, self.ident, secrets, LOOPBACK)) as connector:
            return sync_connection(
                self.engine, self.ident, connector, clock=lambda: self.now, mode=mode, most_retired=1.0
            )

    def found(self) -> dict[str, tuple[str, ...]]:
        reader = open_reader("jira", self.settings.address, (), ())
        with reading(self.engine) as store:
            raws = [raw for chunk in landed_chunks(store, self.ident, Stream.QUERIES) for raw in chunk]
        read = [reader.read(raw) for raw in raws]
        return {each.text: each.item_ids for each in read if isinstance(each, QueryRecord)}

    def hot(self) -> set[str]:
        """The items that count to the project the queries feed."""
        query = select(WorkItem.external_id).join(Project, Project.id == WorkItem.project_id)
        with reading(self.engine) as store:
            return set(store.scalars(query.where(Project.code == "HOT", WorkItem.deleted_at.is_(None))))


@pytest.fixture(params=["cloud", "datacenter"])
def queried(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Queried]:
    made = Queried(engine, plant(request.param, issues=6, histories=1), secret="env:TOKEN")
    yield made
    made.simulator.stop()


def test_what_a_query_finds_is_landed_by_every_run(queried: Queried) -> None:
    assert queried.run().state == "done"
    assert queried.found() == {}
    queried.force(HOT)
    edits.edit(queried.site, "20001", {"labels": ["hot"]}, at=queried.now, by=queried.site.me)
    assert queried.run().state == "done"
    assert queried.found() == {HOT: ("20001",)}
    edits.edit(queried.site, "20004", {"labels": ["hot"]}, at=queried.now, by=queried.site.me)
    edits.edit(queried.site, "20001", {"labels": []}, at=queried.now, by=queried.site.me)
    queried.run()
    assert queried.found() == {HOT: ("20004",)}
    [ident] = {row[0] for row in rows(queried.engine, RawRecord, "external_id", "stream") if row[1] == "queries"}
    assert ident == query_id(HOT)


def test_a_refused_query_is_a_gap_with_its_reason_and_changes_nothing(queried: Queried) -> None:
    edits.edit(queried.site, "20001", {"labels": ["hot"]}, at=queried.now, by=queried.site.me)
    queried.force(HOT, "component = Door")
    assert queried.run().state == "done"
    before = queried.found()
    assert before == {HOT: ("20001",), "component = Door": ()}
    queried.site.components = {"10000": [{"id": "1", "name": "Hatch"}]}
    assert queried.run(Mode.CENSUS).state == "partial"
    notes = " ".join(note or "" for (note,) in rows(queried.engine, SyncRunStream, "note"))
    assert "The value 'Door' does not exist for the field 'component'" in notes
    assert queried.found() == before
    assert queried.kept() == queried.shown()
    queried.force(HOT)
    assert queried.run(Mode.CENSUS).state == "done"
    assert queried.found() == {HOT: ("20001",)}


def test_what_a_query_finds_counts_to_its_project_until_it_finds_it_no_more(queried: Queried) -> None:
    for ident in ("20001", "30000"):
        edits.edit(queried.site, ident, {"labels": ["hot"]}, at=queried.now, by=queried.site.me)
    queried.run()
    before = sorted(rows(queried.engine, WorkItem, "external_id", "project_id"))
    queried.force(HOT)
    assert queried.run().state == "done"
    assert queried.hot() == {"20001", "30000"}
    edits.edit(queried.site, "20002", {"labels": ["hot"]}, at=queried.now, by=queried.site.me)
    edits.edit(queried.site, "30000", {"labels": []}, at=queried.now, by=queried.site.me)
    assert queried.run().state == "done"
    assert queried.hot() == {"20001", "20002"}
    # No time of change tells of this one: the query alone does.
    queried.site.issues["20003"].fields["labels"] = ["hot"]
    assert queried.run().state == "done"
    assert queried.hot() == {"20001", "20002", "20003"}
    queried.force()
    assert queried.run().state == "done"
    assert queried.hot() == set()
    assert sorted(rows(queried.engine, WorkItem, "external_id", "project_id")) == before


def test_queries_are_those_of_the_connection_each_once() -> None:
    def source(connection: str, text: str) -> Source:
        return Source(connection=connection, type="query", name=text)

    other = Source(connection="A", type="label", name="hot")
    first = ProjectRule(code="ONE", sources=(source("A", "x = 1"), source("B", "y = 1"), other))
    mapping = Mapping(projects=(first, ProjectRule(code="TWO", sources=(source("A", " x = 1 "), source("A", "z = 1")))))
    assert [query.text for query in queries_of(mapping, "A")] == ["x = 1", "z = 1"]
    assert queries_of(mapping, "C") == ()
