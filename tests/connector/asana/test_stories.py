"""Stories read as the history of an item, from small invented payloads."""

from __future__ import annotations

from typing import Any

import msgspec

from connector.asana.reader import AsanaReader
from connector.protocol import RawRecord, Stream
from connector.records import ChangedField, ChangesRecord, FieldRecord, FieldRole


def history(*stories: dict[str, Any], fields: tuple[FieldRecord, ...] = ()) -> ChangesRecord:
    """The history of stories a day apart, in the order given, unless they say when."""
    whole = [
        {"gid": str(n), "created_at": f"2026-01-{n:02d}T08:00:00.000Z", "created_by": {"gid": "1"}, **story}
        for n, story in enumerate(stories, 1)
    ]
    raw = RawRecord(Stream.CHANGES, "1000", msgspec.json.encode(whole))
    record = AsanaReader("https://app.asana.com", fields, ()).read(raw)
    assert isinstance(record, ChangesRecord)
    assert record.item_id == "1000"
    return record


def told(record: ChangesRecord) -> list[tuple[ChangedField, str | None, str | None]]:
    return [(change.field, change.old, change.new) for change in record.changes]


def test_no_stories_is_a_complete_history() -> None:
    assert history() == ChangesRecord(item_id="1000", changes=(), complete=True)


def test_dates() -> None:
    record = history(
        {
            "resource_subtype": "due_date_changed",
            "old_dates": {"due_on": "2026-02-01"},
            "new_dates": {"due_on": "2026-02-15", "start_on": "2026-02-01"},
        },
        {"resource_subtype": "due_date_changed", "old_dates": {"due_on": "2026-02-15"}, "new_dates": None},
        {"resource_subtype": "due_date_changed", "new_dates": {"due_at": "2026-03-01T10:00:00.000Z"}},
    )
    assert told(record) == [
        (ChangedField.START, None, "2026-02-01"),
        (ChangedField.DUE, "2026-02-01", "2026-02-15"),
        (ChangedField.DUE, "2026-02-15", None),
        (ChangedField.DUE, None, "2026-03-01"),
    ]


def test_sections_are_statuses() -> None:
    [change] = history(
        {
            "resource_subtype": "section_changed",
            "project": {"gid": "300", "name": "Harbour"},
            "old_section": {"gid": "400", "name": "Doing "},
            "new_section": {"gid": "401", "name": "Done"},
        }
    ).changes
    assert (change.field, change.field_id, change.project_id) == (ChangedField.STATUS, "section", "300")
    assert (change.old, change.new, change.old_text, change.new_text) == ("400", "401", "Doing", "Done")
    assert change.by_id == "1"


def test_a_status_field_takes_the_place_of_sections() -> None:
    record = history(
        {"resource_subtype": "section_changed", "old_section": {"gid": "400"}, "new_section": {"gid": "401"}},
        {
            "resource_subtype": "enum_custom_field_changed",
            "custom_field": {"gid": "500", "name": "Status"},
            "old_enum_value": None,
            "new_enum_value": {"gid": "510", "name": "Doing"},
        },
        {
            "resource_subtype": "enum_custom_field_changed",
            "custom_field": {"gid": "502", "name": "Priority"},
            "new_enum_value": {"gid": "520", "name": "High"},
        },
    )
    assert told(record) == [(ChangedField.STATUS, None, "510")]
    assert record.changes[0].field_id == "500"


def test_completion_and_approval() -> None:
    record = history(
        {"resource_subtype": "marked_complete", "created_by": None},
        {"resource_subtype": "marked_incomplete"},
        {
            "resource_subtype": "approval_status_changed",
            "old_approval_status": "pending",
            "new_approval_status": "rejected",
        },
        {
            "resource_subtype": "approval_status_changed",
            "old_approval_status": "rejected",
            "new_approval_status": "approved",
        },
    )
    done = (ChangedField.COMPLETED, "false", "true")
    assert told(record) == [done, (ChangedField.COMPLETED, "true", "false"), done]
    assert record.changes[0].by_id is None


def test_an_assignee_follows_the_one_before() -> None:
    record = history(
        {"resource_subtype": "assigned", "assignee": {"gid": "2", "name": "Bo"}},
        {"resource_subtype": "assigned", "assignee": {"gid": "3", "name": "Chi"}},
        {"resource_subtype": "unassigned"},
    )
    assert told(record) == [
        (ChangedField.ASSIGNEE, None, "2"),
        (ChangedField.ASSIGNEE, "2", "3"),
        (ChangedField.ASSIGNEE, "3", None),
    ]
    assert record.changes[2].old_text == "Chi"


def test_numbers_by_role() -> None:
    fields = (
        FieldRecord(external_id="501", name="How long", type="number", role=FieldRole.ESTIMATE),
        FieldRecord(external_id="503", name="Weight", type="number", role=None),
    )
    record = history(
        {
            "resource_subtype": "number_custom_field_changed",
            "custom_field": {"gid": "501", "name": "How long"},
            "old_number_value": 30,
            "new_number_value": 45,
        },
        {
            "resource_subtype": "number_custom_field_changed",
            "custom_field": {"gid": "504", "name": "Story Points"},
            "new_number_value": 2.5,
        },
        {"resource_subtype": "number_custom_field_changed", "custom_field": {"gid": "503"}, "new_number_value": 1},
        fields=fields,
    )
    assert told(record) == [(ChangedField.ESTIMATE, "1800", "2700"), (ChangedField.POINTS, None, "2.5")]


def test_projects_and_kinds() -> None:
    record = history(
        {"resource_subtype": "added_to_project", "project": {"gid": "300", "name": "Harbour"}},
        {"resource_subtype": "removed_from_project", "project": {"gid": "300"}},
        {"resource_subtype": "added_to_project"},
        {
            "resource_subtype": "subtype_changed",
            "old_resource_subtype": "default_task",
            "new_resource_subtype": "milestone",
        },
    )
    assert told(record) == [
        (ChangedField.PROJECT, None, "300"),
        (ChangedField.PROJECT, "300", None),
        (ChangedField.KIND, "default_task", "milestone"),
    ]


def project(gid: str) -> dict[str, Any]:
    return {"gid": gid, "name": f"project {gid}"}


def test_a_second_project_is_no_change_until_it_is_the_first() -> None:
    record = history(
        {"resource_subtype": "added_to_project", "project": project("300")},
        {"resource_subtype": "added_to_project", "project": project("301")},
        {"resource_subtype": "removed_from_project", "project": project("301")},
        {"resource_subtype": "added_to_project", "project": project("302")},
        {"resource_subtype": "removed_from_project", "project": project("300")},
    )
    assert told(record) == [(ChangedField.PROJECT, None, "300"), (ChangedField.PROJECT, "300", "302")]
    assert (record.changes[1].old_text, record.changes[1].new_text) == ("project 300", "project 302")


def test_a_project_left_without_being_joined_was_there_from_the_start() -> None:
    record = history(
        {"resource_subtype": "added_to_project", "project": project("301")},
        {"resource_subtype": "removed_from_project", "project": project("300")},
    )
    assert told(record) == [(ChangedField.PROJECT, "300", "301")]


def test_the_order_is_that_of_time_and_the_undated_are_missed() -> None:
    record = history(
        {"resource_subtype": "marked_complete", "created_at": "2026-03-01T00:00:00.000Z"},
        {"resource_subtype": "marked_incomplete", "created_at": "2026-02-01T00:00:00.000Z"},
        {"resource_subtype": "marked_complete", "created_at": None},
        {"resource_subtype": "comment_added", "text": "marked complete"},
    )
    assert [change.at.month for change in record.changes] == [2, 3]
    assert not record.complete


def test_large_estimates_are_written_out() -> None:
    fields = (FieldRecord(external_id="501", name="How long", type="number", role=FieldRole.ESTIMATE),)
    story = {
        "resource_subtype": "number_custom_field_changed",
        "custom_field": {"gid": "501"},
        "new_number_value": 600_000,
    }
    assert told(history(story, fields=fields)) == [(ChangedField.ESTIMATE, None, "36000000")]
