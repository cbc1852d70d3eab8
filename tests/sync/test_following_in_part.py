"""A connection that follows some items of a project: they leave and enter, and the portfolio is what the rules mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from connector.settings import Follow, FollowType
from portfolio.model.landing import Absence, SliceCount
from portfolio.model.oversight import SyncRunStream
from portfolio.model.structure import ProjectRef
from portfolio.model.work import WorkItem
from simulator.jira import edits
from simulator.jira.site import Issue, Site
from sync.modes import Mode
from tests.connector.jira.plant import plant
from tests.sync.builders import rows
from tests.sync.test_following_jira import Followed, change

DOOR = {"id": "100002", "name": "Door"}
HOT = "labels = hot ORDER BY created"


class Narrowed(Followed):
    """Follows a component of KILN, what is labelled hot anywhere, and all of whatever is in the category Fired."""

    def __init__(self, engine: Engine, site: Site) -> None:
        site.categories = [{"id": "7", "name": "Fired"}]
        for number, issue in enumerate(site.issues.values()):
            if number % 3 == 0:
                issue.fields["components"] = [DOOR]
        site.issues["30000"].fields["labels"] = ["hot"]
        component, query = Follow(FollowType.COMPONENT, "KILN/Door"), Follow(FollowType.QUERY, HOT)
        super().__init__(engine, site, component, query, Follow(FollowType.CATEGORY, "Fired"))

    def visible(self) -> list[Issue]:
        return [one for one in super().visible() if self._meant(one)]

    def _meant(self, issue: Issue) -> bool:
        whole = "projectCategory" in self.site.projects[issue.project_id]
        door = issue.project_id == "10000" and DOOR in (issue.fields.get("components") or ())
        return whole or door or "hot" in (issue.fields.get("labels") or ())


@pytest.fixture(params=["cloud", "datacenter"])
def narrowed(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Narrowed]:
    made = Narrowed(engine, plant(request.param, issues=30, histories=1))
    yield made
    made.simulator.stop()


def turn(it: Narrowed, random: Random) -> None:
    """One item enters what is followed, or leaves it."""
    issue = it.site.issues[random.choice(sorted(it.site.issues))]
    name, value = random.choice([("components", [DOOR]), ("components", []), ("labels", ["hot"]), ("labels", [])])
    edits.edit(it.site, issue.id, {name: value}, at=it.now, by=it.site.me)


def test_items_leave_and_enter_and_nothing_is_lost(narrowed: Narrowed) -> None:
    random = Random(7)
    assert narrowed.sync(Mode.INCREMENTAL).state == "done"
    assert narrowed.kept() == narrowed.shown()
    for number in range(3):
        for _ in range(8):
            narrowed.now += timedelta(seconds=random.choice([1, 61, 900]))
            turn(narrowed, random)
            if random.random() < 0.4 and narrowed.visible():
                change(narrowed, random)
        assert narrowed.sync(Mode.INCREMENTAL).state == "done"
        # Whatever entered is there at once; what left is known when it is looked for.
        shown, kept = narrowed.shown(), narrowed.kept()
        assert {ident: kept.get(ident) for ident in shown} == shown, number
        assert narrowed.sync(Mode.CENSUS).state == "done"
        assert narrowed.kept() == narrowed.shown(), number
    for project, told, listed, kept in rows(narrowed.engine, SliceCount, "slice", "told", "listed", "kept"):
        if project in {one.project_id for one in narrowed.visible()}:
            assert told == listed == kept, project


def test_an_item_that_leaves_the_filter_has_moved_and_comes_back_whole(narrowed: Narrowed) -> None:
    narrowed.sync(Mode.INCREMENTAL)
    by = {"at": narrowed.now + timedelta(minutes=1), "by": narrowed.site.me}
    before = {ident: row for ident, *row in rows(narrowed.engine, WorkItem, "external_id", "id", "title", "project_id")}
    edits.edit(narrowed.site, "20000", {"components": []}, **by)
    narrowed.now += timedelta(minutes=2)
    # A webhook tells of it: no census is needed.
    assert narrowed.sync(Mode.NAMED, "20000", "20001").state == "done"
    [(verdict, why)] = rows(narrowed.engine, Absence, "verdict", "why")
    assert (verdict, "follows" in why) == ("moved", True)
    narrowed.sync(Mode.CENSUS)
    assert {gone for ident, gone in rows(narrowed.engine, WorkItem, "external_id", "gone") if ident == "20000"} == {
        "moved"
    }
    edits.edit(narrowed.site, "20000", {"components": [DOOR]}, at=narrowed.now, by=narrowed.site.me)
    narrowed.now += timedelta(minutes=2)
    assert narrowed.sync(Mode.INCREMENTAL).state == "done"
    after = {ident: row for ident, *row in rows(narrowed.engine, WorkItem, "external_id", "id", "title", "project_id")}
    assert after == before
    assert narrowed.kept() == narrowed.shown()


def test_a_query_that_is_refused_retires_nothing_and_says_why(narrowed: Narrowed) -> None:
    narrowed.sync(Mode.INCREMENTAL)
    kept, refs = narrowed.kept(), rows(narrowed.engine, ProjectRef, "external_id", "deleted_at")
    components, narrowed.site.components = narrowed.site.components, {"10000": [{"id": "1", "name": "Hatch"}]}
    edits.edit(narrowed.site, "30000", {"summary": "Still hot"}, at=narrowed.now, by=narrowed.site.me)
    for mode in (Mode.INCREMENTAL, Mode.CENSUS):
        narrowed.now += timedelta(hours=2)
        assert narrowed.sync(mode).state == "partial"
        notes = rows(narrowed.engine, SyncRunStream, "note")
        assert any("component KILN/Door" in (note or "") for (note,) in notes)
    # What the other rules mean is read all the same.
    kept["30000"] = ("GLAZE-1", "Still hot")
    assert narrowed.kept() == kept
    assert rows(narrowed.engine, ProjectRef, "external_id", "deleted_at") == refs
    narrowed.site.components = components
    narrowed.now += timedelta(hours=2)
    assert narrowed.sync(Mode.CENSUS).state == "done"
    assert narrowed.kept() == narrowed.shown()
    assert rows(narrowed.engine, Absence) == []


def test_a_project_that_comes_into_the_category_is_followed_whole_by_itself(narrowed: Narrowed) -> None:
    narrowed.sync(Mode.INCREMENTAL)
    assert len(narrowed.kept()) == 11
    narrowed.site.projects["10000"]["projectCategory"] = narrowed.site.categories[0]
    narrowed.now += timedelta(minutes=10)
    assert narrowed.sync(Mode.CENSUS).state == "done"
    assert narrowed.kept() == narrowed.shown()
    assert len(narrowed.kept()) == 31
