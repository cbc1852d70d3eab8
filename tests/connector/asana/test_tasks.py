"""Tasks read as items, from small invented payloads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from connector.asana.reader import AsanaReader
from connector.protocol import RawRecord, Stream
from connector.records import Category, FieldRecord, FieldRole, ItemRecord, LinkRecord, Membership, UnreadableError

MADE = "2026-01-05T08:00:00.000Z"


def item(fields: tuple[FieldRecord, ...] = (), wanted: tuple[str, ...] = (), **document: Any) -> ItemRecord:
    whole = {"gid": "1000", "name": "Dig", "created_at": MADE, **document}
    raw = RawRecord(Stream.ITEMS, "1000", msgspec.json.encode(whole))
    record = AsanaReader("https://app.asana.com/api/1.0", fields, wanted).read(raw)
    assert isinstance(record, ItemRecord)
    return record


def enum(gid: str, name: str, option: tuple[str, str] | None, **more: Any) -> dict[str, Any]:
    value = {"gid": option[0], "name": option[1]} if option else None
    return {"gid": gid, "name": name, "type": "enum", "enum_value": value, **more}


def number(gid: str, name: str, value: float | None, **more: Any) -> dict[str, Any]:
    return {"gid": gid, "name": name, "type": "number", "number_value": value, **more}


def test_the_least_a_task_can_be() -> None:
    record = item()
    assert (record.key, record.title, record.kind_id, record.kind_name) == ("1000", "Dig", "default_task", "Task")
    assert record.url == "https://app.asana.com/0/0/1000"
    assert record.created == record.updated == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert (record.memberships, record.status_id, record.status_category, record.completed) == ((), None, None, None)
    assert record.changes is None


@pytest.mark.parametrize(
    "wrong", [{"gid": None}, {"gid": ""}, {"name": None}, {"created_at": None}, {"created_at": "today"}]
)
def test_what_a_task_cannot_be_without(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        item(**wrong)


@pytest.mark.parametrize(
    ("told", "created", "updated"),
    [
        ({"modified_at": "2026-02-01T00:00:00.000Z"}, 2, 2),
        ({"completed_at": "2026-03-01T00:00:00.000Z", "modified_at": "2026-04-01T00:00:00.000Z"}, 3, 4),
        ({"completed_at": "2026-03-01T00:00:00.000Z"}, 3, 3),
    ],
)
def test_a_task_without_created_at_is_placed_by_what_it_tells(told: dict[str, str], created: int, updated: int) -> None:
    record = item(**{"created_at": None, **told})
    assert (record.created.month, record.updated.month) == (created, updated)


def test_memberships_of_every_sort() -> None:
    record = item(
        memberships=[
            {},
            {"project": {"gid": "301", "name": "Lantern"}, "section": None},
            {"project": {"gid": "300"}, "section": {"gid": "400", "name": "Doing\u00a0now "}},
        ],
        projects=[{"gid": "300"}, {"gid": "302"}],
    )
    assert record.memberships == (Membership("301"), Membership("300", "400", "Doing now"), Membership("302"))


def test_status_of_the_custom_type_comes_first() -> None:
    record = item(
        custom_type={"gid": "60", "name": "Risk"},
        custom_type_status_option={"gid": "61", "name": "Open"},
        resource_subtype="custom",
        custom_fields=[enum("500", "Status", ("510", "Doing"))],
    )
    assert (record.kind_id, record.kind_name) == ("60", "Risk")
    assert (record.status_id, record.status_name) == ("61", "Open")


@pytest.mark.parametrize("name", ["Status", "Estado", " status: ", "Статус", "状态", "Statut"])
def test_status_of_a_field_called_so_in_any_language(name: str) -> None:
    record = item(custom_fields=[enum("500", name, ("510", "Blocked "))])
    assert (record.status_id, record.status_name) == ("510", "Blocked")


def test_what_sections_say_of_the_status_is_left_to_those_who_know_the_followed_projects() -> None:
    place = {"project": {"gid": "300"}, "section": {"gid": "400", "name": "TO VALIDATE"}}
    record = item(memberships=[place], custom_fields=[enum("500", "Status", None)])
    assert (record.status_id, record.status_name) == (None, None)
    assert record.memberships == (Membership("300", "400", "TO VALIDATE"),)


def test_the_catalogue_decides_over_the_name() -> None:
    place = {"project": {"gid": "300"}, "section": {"gid": "400", "name": "Doing"}}
    fields = (
        FieldRecord(external_id="500", name="Status", type="enum", role=None),
        FieldRecord(external_id="501", name="Wichtig", type="enum", role=FieldRole.PRIORITY),
    )
    record = item(
        fields,
        memberships=[place],
        custom_fields=[enum("500", "Status", ("510", "On track")), enum("501", "Wichtig", ("520", "High "))],
    )
    assert (record.status_id, record.priority) == (None, "High")


@pytest.mark.parametrize(("completed", "category"), [(True, Category.DONE), (False, None), (None, None)])
def test_only_completion_is_a_category(completed: bool | None, category: Category | None) -> None:
    record = item(completed=completed)
    assert (record.completed, record.status_category) == (completed, category)


def test_a_rejected_approval_is_completed_and_says_so() -> None:
    record = item(resource_subtype="approval", approval_status="rejected", completed=True)
    assert (record.kind_name, record.approval, record.status_category) == ("Approval", "rejected", Category.DONE)


def test_effort_is_minutes_in_asana_and_seconds_here() -> None:
    record = item(
        actual_time_minutes=90,
        custom_fields=[number("501", "How long", 30, asana_created_field="estimated_time")],
    )
    assert (record.estimate_s, record.spent_s, record.remaining_s) == (1800, 5400, None)
    assert item(custom_fields=[number("501", "Estimated time", 30)]).estimate_s is None
    assert item(actual_time_minutes=0).spent_s == 0
    assert item().spent_s is None


def test_dates_are_dates() -> None:
    record = item(start_on="2026-02-01", due_on="2026-03-01", due_at="2026-02-28T23:30:00.000Z")
    assert (record.start, record.due) == (date(2026, 2, 1), date(2026, 3, 1))
    only_at = item(start_at="2026-02-01T10:00:00.000Z", due_at="2026-02-28T23:30:00.000Z")
    assert (only_at.start, only_at.due) == (date(2026, 2, 1), date(2026, 2, 28))


def test_a_dependency_is_a_link_to_the_predecessor() -> None:
    assert item(dependencies=[{"gid": "999"}]).links == (
        LinkRecord(
            external_id="999->1000",
            type_name="dependency",
            phrase="is blocked by",
            outward=False,
            other_id="999",
        ),
    )


def test_people_labels_and_parent() -> None:
    record = item(
        assignee={"gid": "2"},
        created_by={"gid": "1", "name": "Ada Okafor"},
        completed_by={"gid": "1", "name": "Ada Okafor"},
        tags=[{"gid": "70", "name": "Lv3"}, {"gid": "71", "name": "Lv3"}, {"gid": "72"}],
        parent={"gid": "998"},
    )
    assert (record.assignee_id, record.reporter_id, record.parent_id) == ("2", "1", "998")
    assert [person.name for person in record.people] == ["Ada Okafor"]
    assert record.labels == ("Lv3",)
    assert (record.subtask, record.level) == (True, -1)


def test_wanted_fields_come_plain() -> None:
    values: list[dict[str, Any]] = [
        enum("1", "Size", ("11", "Big ")),
        {"gid": "2", "name": "Areas", "type": "multi_enum", "multi_enum_values": [{"gid": "21", "name": "A"}]},
        number("3", "Points", 2.5),
        {"gid": "4", "name": "Note", "type": "text", "text_value": "a\x00b"},
        {"gid": "5", "name": "Day", "type": "date", "date_value": {"date": "2026-02-01"}},
        {"gid": "6", "name": "Team", "type": "people", "people_value": [{"gid": "2", "name": "Bo"}, {}]},
        {"gid": "7", "name": "Sum", "type": "number", "representation_type": "formula", "number_value": 4},
        {"gid": "8", "name": "Unset", "type": "enum", "enum_value": None},
        {"gid": "9", "name": "Areas too", "type": "multi_enum", "multi_enum_values": []},
        {"gid": "10", "name": "New", "type": "hologram", "display_value": "seen"},
        number("99", "Unwanted", 1),
    ]
    record = item(wanted=tuple(str(gid) for gid in range(1, 12)), custom_fields=values)
    assert record.fields == {
        "1": "Big",
        "2": ["A"],
        "3": 2.5,
        "4": "ab",
        "5": "2026-02-01",
        "6": ["2"],
        "7": 4,
        "8": None,
        "9": [],
        "10": "seen",
    }


def test_a_custom_id_is_the_key() -> None:
    value = {"gid": "5", "name": "ID", "type": "text", "representation_type": "custom_id", "display_value": "QUAY-7"}
    assert item(custom_fields=[value]).key == "QUAY-7"


def test_milestones_and_separators() -> None:
    assert item(resource_subtype="milestone").milestone
    assert item(is_rendered_as_separator=True).kind_id == "separator"


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{", b'{"gid": 12, "name": "x"}', b'{"gid": "1", "name": "\xff"}', b"<html>"]
)
def test_what_is_no_task_is_unreadable(payload: bytes) -> None:
    with pytest.raises(UnreadableError):
        AsanaReader("https://app.asana.com", (), ()).read(RawRecord(Stream.ITEMS, "1", payload))
