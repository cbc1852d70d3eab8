"""Items that name what is not known yet get it when it becomes known, though they themselves did not change."""

from __future__ import annotations

import pytest

from connector.errors import TrackerDownError
from connector.protocol import Stream
from connector.records import Change, ChangedField, ChangesRecord, Membership, SprintRecord
from portfolio.model.landing import AwaitedName
from portfolio.model.work import ItemProject, ItemSprint, ItemVersion, WorkItem
from sync.mapping.document import Mapping, ProjectRule, Source
from tests.sync.builders import Tracker, at, item, project, put_in_force, rows
from tests.sync.fake_connector import raw


def in_projects(*idents: str) -> tuple[Membership, ...]:
    return tuple(Membership(ident) for ident in idents)


@pytest.mark.parametrize("fails_between", [False, True])
def test_a_project_known_later_gets_its_items(tracker: Tracker, fails_between: bool) -> None:
    tracker.put(
        Stream.ITEMS,
        item("1", memberships=in_projects("P2")),
        item("2", memberships=in_projects("P1", "P2")),
        item("3", memberships=in_projects("P3")),
        item("4", memberships=(), parent_id="1"),
    )
    assert tracker.sync().streams["items"].note == "3 items without a project"
    tracker.put(Stream.PROJECTS, project("P2"))
    if fails_between:
        tracker.connector.trouble[Stream.ITEMS, ""] = (0, TrackerDownError("The tracker went away"))
        assert tracker.sync().state == "failed"
        tracker.connector.trouble.clear()
    summary = tracker.sync()
    assert (summary.streams["items"].unchanged, summary.state) == (4, "done")
    assert summary.streams["items"].note == "1 item without a project"
    assert [p for (p,) in rows(tracker.engine, WorkItem, "project_id")] == [2, 1, None, 2]
    assert rows(tracker.engine, ItemProject, "item_id", "project_id") == [(1, 2), (2, 1), (2, 2), (4, 2)]
    assert rows(tracker.engine, AwaitedName, "external_id", "subject", "name") == [("3", "project", "P3")]


def test_what_a_rule_leaves_out_is_no_gap(tracker: Tracker) -> None:
    parked = ProjectRule(sources=(Source(connection="one", type="label", name="parked"),))
    put_in_force(tracker.engine, Mapping(projects=(parked,)))
    tracker.put(Stream.ITEMS, item("1"), item("2", labels=("parked",)), item("3", memberships=in_projects("P3")))
    assert tracker.sync().streams["items"].note == "1 item without a project"
    assert [p for (p,) in rows(tracker.engine, WorkItem, "project_id")] == [1, None, None]


def test_a_sprint_known_later_gets_its_items(tracker: Tracker) -> None:
    tracker.put(Stream.SPRINTS).put(Stream.ITEMS, item("1", sprint_ids=("s",)), item("2")).sync()
    assert rows(tracker.engine, ItemSprint) == []
    tracker.put(Stream.SPRINTS, SprintRecord(external_id="s", name="Sprint 1", state="active"))
    assert tracker.sync().streams["items"].unchanged == 2
    assert rows(tracker.engine, ItemSprint) == [(1, 1)]
    assert rows(tracker.engine, AwaitedName) == []


def test_the_past_in_a_project_known_later_counts_there(tracker: Tracker) -> None:
    moved = Change(at=at("2026-01-20"), field=ChangedField.PROJECT, old="P2", new="P1")
    tracker.put(Stream.ITEMS, item("1"), raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=(moved,)))).sync()
    assert rows(tracker.engine, ItemVersion, "project_id") == [(None,), (1,)]
    tracker.put(Stream.PROJECTS, project("P2")).sync()
    assert rows(tracker.engine, ItemVersion, "project_id") == [(2,), (1,)]


def test_an_item_that_names_something_else_waits_no_longer(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1", memberships=in_projects("P9"))).sync()
    tracker.connector.replace(Stream.ITEMS, item("1"))
    tracker.sync()
    assert rows(tracker.engine, AwaitedName) == []
