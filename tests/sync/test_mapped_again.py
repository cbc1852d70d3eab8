"""Mapping again passes over the items that came out the same, and leaves the rows that mapping all of them would."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from connector.protocol import Stream
from connector.records import (
    Category,
    Change,
    ChangedField,
    ChangesRecord,
    FieldRecord,
    LinkRecord,
    Membership,
    SprintRecord,
    StatusRecord,
)
from portfolio.model.landing import UnmappedValue
from portfolio.model.mapping import ItemAttribute, ItemTemplate
from portfolio.model.people import PersonIdentity
from portfolio.model.work import (
    Dependency,
    FieldChange,
    ItemAssignee,
    ItemProject,
    ItemSprint,
    ItemVersion,
    Milestone,
    Transition,
    WorkItem,
)
from portfolio.store.engine import reading, writing
from sync.mapping.document import FieldRule, Override, Rules
from sync.mapping.profile import LinkRule, StatusRule
from tests.sync.builders import NOW, Tracker, all_say, at, item, person, project, rows
from tests.sync.fake_connector import raw

ALL = (
    WorkItem, ItemVersion, Transition, FieldChange, ItemProject, ItemAssignee, ItemSprint, ItemAttribute, ItemTemplate,
    Milestone, Dependency, UnmappedValue,
)  # fmt: skip
MOVED = (
    Change(at=at("2026-01-08"), field=ChangedField.STATUS, old_text="To Do", new_text="Pondering", by_id="a"),
    Change(at=at("2026-01-09"), field=ChangedField.DUE, old="2026-02-01", new="2026-02-05"),
)
MAPPINGS = (
    Rules(statuses={"Pondering": StatusRule("in_progress", "wait")}),
    Rules(kinds={"Wish": "milestone"}, links={"Blocks": LinkRule("SS")}),
    Rules(fields={"cost": (FieldRule(field="Price", unit="EUR"),), "owner": (FieldRule(field="Owner"),)}),
    Rules(fields={"role": (FieldRule(field="Skill"),), "assignees": (FieldRule(field="Owner"),)}),
    Rules(labels={"gate": "milestone"}, templates={"gate": "MOM"}, cancelled=("Parked",)),
    Rules(),
)


@pytest.fixture
def company(tracker: Tracker) -> Tracker:
    """Items of all sorts: an epic by another name, sub-tasks without a project, milestones, links, people."""
    block = LinkRecord(external_id="9", type_name="Blocks", phrase="blocks", outward=True, other_id="2")
    tracker.put(Stream.PROJECTS, project("P2"))
    tracker.put(Stream.PEOPLE, person("a"), person("b"))
    tracker.put(Stream.STATUSES, StatusRecord(external_id="1", name="To Do", category=Category.TODO))
    tracker.put(
        Stream.FIELDS,
        FieldRecord(external_id="f1", name="Price", type="number"),
        FieldRecord(external_id="f2", name="Owner", type="user"),
        FieldRecord(external_id="f3", name="Skill", type="option"),
    )
    tracker.put(Stream.SPRINTS, SprintRecord(external_id="s", name="S", state="active"))
    pondering: dict[str, Any] = {"status_id": None, "status_name": "Pondering"}
    tracker.put(
        Stream.ITEMS,
        item("1", kind_name="Wish", assignee_id="a", links=(block,), sprint_ids=("s", "x"), **pondering),
        raw(Stream.CHANGES, ChangesRecord(item_id="1", changes=MOVED)),
        item("2", parent_key="ONE-1", labels=("gate", "tmpl:SOW"), co_assignee_ids=("b", "a"), due=date(2026, 3, 1)),
        item("3", parent_id="2", memberships=(), kind_name="Sub-task", subtask=True, **pondering),
        item("4", kind_name="Milestone", due=date(2026, 4, 1), fields={"f1": 12.5, "f2": ["b"], "f3": "QA"}),
        item("5", status_id=None, status_name="Closed", resolution="Parked", memberships=(Membership("P2"),)),
        item("6", fields={"f1": "dear", "f2": ["nobody"]}, milestone_ids=("v",)),
    )
    tracker.sync()
    return tracker


def dump(engine: Engine) -> dict[str, list[Any]]:
    return {model.__tablename__: sorted(map(repr, rows(engine, model))) for model in ALL}


def remap(tracker: Tracker) -> None:
    done = tracker.remap()
    assert (done.state, done.streams["items"].fetched) == ("done", 6)


def test_passing_over_leaves_the_same_rows(company: Tracker, engine: Engine) -> None:
    of_project = Override(connection="one", project="P2", rules=Rules(statuses={"Closed": StatusRule("todo")}))
    for number, said in enumerate((*MAPPINGS, MAPPINGS[0])):
        all_say(engine, said, "one", *((of_project,) if number % 2 else ()))
        remap(company)
        passed = dump(engine)
        with writing(engine) as store:
            store.execute(update(WorkItem).values(mapped_hash=None))
        remap(company)
        assert dump(engine) == passed
    assert {row[0] for row in rows(engine, WorkItem, "profile_version")} == {8}


def test_only_what_comes_out_otherwise_is_written(company: Tracker, engine: Engine) -> None:
    with writing(engine) as store:
        store.execute(update(WorkItem).values(title="untouched"))
    all_say(engine, MAPPINGS[2])
    remap(company)
    # An epic by another name and a sub-task below another item's project hang on more than themselves.
    assert dict(rows(engine, WorkItem, "external_id", "title")) == {
        "1": "Item 1", "2": "untouched", "3": "Item 3", "4": "Item 4", "5": "untouched", "6": "untouched",
    }  # fmt: skip
    assert {row[0] for row in rows(engine, WorkItem, "profile_version")} == {2}


def test_what_is_back_is_written_again(company: Tracker, engine: Engine) -> None:
    with writing(engine) as store:
        store.execute(update(WorkItem).where(WorkItem.external_id == "2").values(deleted_at=NOW, gone="deleted"))
    remap(company)
    assert rows(engine, WorkItem, "deleted_at", "gone")[1] == (None, None)


def test_attributes_and_templates_are_rows(company: Tracker, engine: Engine) -> None:
    all_say(engine, MAPPINGS[2])
    remap(company)
    with reading(engine) as store:
        [b] = store.scalars(select(PersonIdentity.person_id).where(PersonIdentity.external_id == "b"))
    assert [
        (name, None if number is None else float(number), currency, whose)
        for name, number, currency, whose in rows(engine, ItemAttribute, "name", "number", "currency", "person_id")
    ] == [("cost", 12.5, "EUR", None), ("owner", None, None, b)]
    assert rows(engine, ItemTemplate, "code", "evidence") == [("SOW", "tmpl:SOW")]
    reported = set(rows(engine, UnmappedValue, "subject", "value"))
    assert reported >= {
        ("field cost", "dear: no amount, or one that can be read in two ways"),
        ("field owner", "somebody of whom the tracker tells nothing"),
    }
    all_say(engine, MAPPINGS[5])
    remap(company)
    assert rows(engine, ItemAttribute) == []


def test_the_role_of_an_item_comes_and_goes_with_the_mapping_and_is_written_once(
    company: Tracker, engine: Engine
) -> None:
    all_say(engine, MAPPINGS[3])
    remap(company)
    expected = {"1": None, "2": None, "3": None, "4": "QA", "5": None, "6": None}
    assert dict(rows(engine, WorkItem, "external_id", "role")) == expected
    again = company.sync()
    assert again.streams["items"].unchanged == again.streams["items"].fetched == 6
    company.put(Stream.ITEMS, item("5", updated=at("2026-02-02T10:00"), fields={"f3": " <i>Dev</i> "})).sync()
    assert dict(rows(engine, WorkItem, "external_id", "role")) == expected | {"5": "<i>Dev</i>"}
    all_say(engine, MAPPINGS[5])
    remap(company)
    assert {role for _, role in rows(engine, WorkItem, "external_id", "role")} == {None}
