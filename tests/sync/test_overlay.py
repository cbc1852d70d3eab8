"""A sync never changes what was entered; what it tells stands beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from connector.protocol import Stream
from connector.records import FieldRecord, FieldValue
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import RunRequest, UnmappedValue
from portfolio.model.mapping import ProjectField
from portfolio.model.people import Person
from portfolio.model.structure import Project, StatusUpdate
from portfolio.model.work import WorkItem
from portfolio.overlay.enter import enter
from portfolio.overlay.fields import FIELDS as OVERLAY_FIELDS
from portfolio.overlay.text import Value, columns_of
from portfolio.store.engine import writing
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, Override, ProfileRules, Rules
from sync.mapping.faults import faults
from sync.mapping.overlay import OVERLAY, told_of
from sync.mapping.profile import Carrier, Profile, StatusRule
from sync.mapping.rules import Rules as MappingRules
from sync.merge import merge_person
from sync.overlay import enter_data
from sync.versions import approve, begin, change
from tests.sync.builders import NOW, Tracker, item, project, rows


def told(ident: str = "P1", **fields: object) -> object:
    return project(ident, **({"lead_id": "l", "lead_name": "Lee", "due": date(2026, 6, 30)} | fields))


def test_a_sync_and_a_remap_leave_alone_what_was_entered(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.put(Stream.ITEMS, item("1"), slice="P1").sync()
    lee = rows(tracker.engine, Person, "id")[0][0]
    assert rows(tracker.engine, Project, "manager_id", "due", "start") == [(lee, date(2026, 6, 30), None)]
    with writing(tracker.engine) as store:
        ident = store.scalar(select(Project.id))
        enter(store, {ident: {"due": "2026-09-01", "segment": "Retail"}}, NOW, "ada", COMMAND)
    tracker.connector.replace(Stream.PROJECTS, told(due=date(2026, 7, 31), start=date(2026, 1, 1)))
    tracker.now += timedelta(hours=1)
    tracker.sync()
    expected = [(lee, date(2026, 9, 1), date(2026, 1, 1), "Retail")]
    columns = ("manager_id", "due", "start", "segment")
    assert rows(tracker.engine, Project, *columns) == expected
    before = rows(tracker.engine, ProjectField)
    tracker.remap()
    assert rows(tracker.engine, Project, *columns) == expected
    assert rows(tracker.engine, ProjectField) == before
    with writing(tracker.engine) as store:
        enter(store, {ident: {"due": ""}}, NOW, "ada", COMMAND)
    assert rows(tracker.engine, Project, "due") == [(date(2026, 7, 31),)]


def test_a_second_sync_changes_nothing(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.sync()
    before = rows(tracker.engine, ProjectField)
    tracker.now += timedelta(hours=1)
    tracker.sync()
    assert rows(tracker.engine, ProjectField) == before != []


def test_who_is_merged_is_told_and_entered_as_who_stays(tracker: Tracker) -> None:
    tracker.connector.replace(Stream.PROJECTS, told())
    tracker.put(Stream.PROJECTS, told("P2", lead_id="m", lead_name="Mo")).sync()
    lee, mo = (row[0] for row in rows(tracker.engine, Person, "id"))
    with writing(tracker.engine) as store:
        first = store.scalars(select(Project.id).order_by(Project.id)).first()
        enter(store, {first: {"sponsor": "Mo"}}, NOW, "ada", COMMAND)
        merge_person(store, mo, lee)
    assert rows(tracker.engine, Project, "manager_id", "sponsor_id") == [(lee, lee), (lee, None)]
    named = rows(tracker.engine, ProjectField, "field", "told_person_id", "entered_person_id")
    assert {("sponsor", None, lee), ("manager", lee, None)} <= set(named)
    assert mo not in {number for row in named for number in row[1:]}


SAYS = ConnectionRules(
    profile="ours",
    project_fields={
        "budget": FieldRule(field="Cost frame", unit="EUR"),
        "type": FieldRule(field="Sort", values={"Kunde": "client_delivery"}),
        "sponsor": FieldRule(field="Pays"),
        "due": FieldRule(field="Promised"),
    },
)
FIELDS = [
    FieldRecord(external_id=f"f{number}", name=name, type="string")
    for number, name in enumerate(("Cost frame", "Sort", "Pays", "Promised"))
]
BY_TYPE = ProfileRules(
    overrides=(Override(project_type="client_delivery", rules=Rules(statuses={"To Do": StatusRule("done")})),)
)


def in_force(tracker: Tracker, mapping: Mapping) -> None:
    with writing(tracker.engine) as store:
        draft = begin(store, tracker.now, "ada", COMMAND)
        draft = change(store, draft.id, draft.revision, mapping, tracker.now, "ada", COMMAND)
        approve(store, draft.id, draft.revision, tracker.now, "ada", COMMAND)


def test_a_projects_own_fields_carry_what_the_mapping_says(tracker: Tracker) -> None:
    fields = {"f0": "120,000.50", "f1": "Kunde", "f2": "l", "f3": "2026-09-30T10:00:00Z"}
    tracker.put(Stream.FIELDS, *FIELDS)
    tracker.connector.replace(Stream.PROJECTS, told(fields=fields))
    tracker.put(Stream.ITEMS, item("1"), slice="P1").sync()
    columns = ("budget", "budget_currency", "type", "sponsor_id", "due")
    assert rows(tracker.engine, Project, *columns) == [(None, None, None, None, date(2026, 6, 30))]
    in_force(tracker, Mapping(profiles={"ours": BY_TYPE}, connections={"one": SAYS}))
    tracker.now += timedelta(hours=1)
    tracker.sync()
    lee = rows(tracker.engine, Person, "id")[0][0]
    expected = [(Decimal("120000.50"), "EUR", "client_delivery", lee, date(2026, 9, 30))]
    assert rows(tracker.engine, Project, *columns) == expected
    broken = {"f0": "much", "f1": "Kunst", "f2": "nobody", "f3": ""}
    tracker.connector.replace(Stream.PROJECTS, told(fields=broken))
    tracker.now += timedelta(hours=1)
    tracker.sync()
    assert rows(tracker.engine, Project, *columns) == [(None, None, None, None, date(2026, 6, 30))]
    subjects = {row[0] for row in rows(tracker.engine, UnmappedValue, "subject")}
    assert {"project field budget", "project field type"} <= subjects


def test_another_type_has_what_is_landed_mapped_anew_where_rules_go_by_type(tracker: Tracker) -> None:
    tracker.put(Stream.ITEMS, item("1"), slice="P1").sync()
    ident = rows(tracker.engine, Project, "id")[0][0]

    def entered(**typed: str) -> list[str]:
        with writing(tracker.engine) as store:
            store.execute(delete(RunRequest))
        enter_data(tracker.engine, {ident: typed}, tracker.now, "ada", COMMAND)
        return [row[0] for row in rows(tracker.engine, RunRequest, "mode")]

    assert entered(type="internal") == []
    in_force(tracker, Mapping(profiles={"ours": BY_TYPE}, connections={"one": ConnectionRules(profile="ours")}))
    assert entered(phase="closing") == []
    assert entered(type="client_delivery") == ["remap"]
    assert entered(type="client_delivery") == []
    assert rows(tracker.engine, WorkItem, "category") == [("todo",)]
    tracker.now += timedelta(hours=1)
    tracker.sync()
    assert rows(tracker.engine, WorkItem, "category") == [("done",)]


def test_a_field_of_the_project_tells_its_colour_since_it_was_first_read(tracker: Tracker) -> None:
    says = ConnectionRules(
        project_fields={"reported": FieldRule(field="Health", values={"gut": "green", "mies": "red"})}
    )
    field = FieldRecord(external_id="f9", name="Health", type="string")
    tracker.put(Stream.FIELDS, field)
    tracker.connector.replace(Stream.PROJECTS, project(fields={"f9": "gut"}))
    tracker.put(Stream.ITEMS, item("1"), slice="P1").sync()
    in_force(tracker, Mapping(profiles={"ours": BY_TYPE}, connections={"one": says}))
    said = []
    for name, word in (("A", "gut"), ("B", "gut"), ("C", "mies"), ("D", "??"), ("E", None)):
        tracker.now += timedelta(hours=1)
        tracker.connector.replace(Stream.PROJECTS, project(name=name, fields={"f9": word}))
        tracker.sync()
        said.append(rows(tracker.engine, Project, "reported_rag")[0][0])
    assert said == ["green", "green", "red", "red", "red"]
    assert [row[0] for row in rows(tracker.engine, StatusUpdate, "rag")] == ["green", "red"]


def test_what_cannot_carry_anything_is_a_fault_at_its_place() -> None:
    wrong = {
        "colour": FieldRule(field="Paint"),
        "budget": FieldRule(field=" ", unit="Taler"),
        "type": FieldRule(field="Sort", values={"Kunde": "customer"}),
    }
    found = faults(Mapping(connections={"one": ConnectionRules(project_fields=wrong)}))
    assert [fault.place for fault in found] == [
        "connections.one.project_fields.colour",
        "connections.one.project_fields.budget",
        "connections.one.project_fields.budget",
        "connections.one.project_fields.type.values.Kunde",
    ]


@given(
    st.sampled_from(sorted(OVERLAY)),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
)
def test_whatever_a_projects_field_holds_is_told_or_reported(name: str, held: FieldValue) -> None:
    profile = Profile(project_fields={name: Carrier("f0", "EUR")})
    said = told_of(project(fields={"f0": held}), MappingRules(profile))
    assert set(said.texts) | set(said.accounts) <= {name}
    assert said.reported is None or name == "reported"
    for field, text in said.texts.items():
        columns_of(OVERLAY_FIELDS[field], Value(text))
    assert not (said.unread and (said.texts or said.accounts))
