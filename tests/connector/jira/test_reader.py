"""Reading payloads, in the shapes that Jira sites of all ages have been seen to send."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.jira.reader import JiraReader
from connector.protocol import RawRecord, Stream
from connector.records import (
    BoardRecord,
    Category,
    Change,
    ChangedField,
    ChangesRecord,
    ComponentRecord,
    FieldRecord,
    FieldRole,
    FieldValue,
    ItemRecord,
    KindRecord,
    LinkRecord,
    MilestoneRecord,
    PersonRecord,
    ProjectRecord,
    Record,
    SprintRecord,
    StatusRecord,
    UnreadableError,
    WorklogRecord,
)

CATALOGUE = [
    FieldRecord(external_id=ident, name=name, type="any", role=role)
    for ident, name, role in (
        ("customfield_1", "Sprint", FieldRole.SPRINT),
        ("customfield_2", "Epos", FieldRole.EPIC_LINK),
        ("customfield_3", "Parent Link", FieldRole.PARENT_LINK),
        ("customfield_4", "Target start", FieldRole.START),
        ("customfield_5", "Start date", FieldRole.START),
        ("customfield_6", "Flagged", FieldRole.FLAGGED),
        ("customfield_7", "Punkte", FieldRole.POINTS),
        ("customfield_8", "Status", None),
        ("customfield_9", "Story Points", None),
    )
]
ADDRESS = "https://kiln.invalid/jira/"


def read(stream: Stream, payload: Any, ident: str = "1", wanted: tuple[str, ...] = ()) -> Record:
    raw = RawRecord(stream, ident, json.dumps(payload).encode())
    return JiraReader(ADDRESS, CATALOGUE, wanted).read(raw)


def item(wanted: tuple[str, ...] = (), /, **fields: Any) -> ItemRecord:
    known = {"project": {"id": "10000"}, "created": "2026-01-11T10:02:14.430+1300", "summary": "Fire the kiln"}
    found = read(Stream.ITEMS, {"id": "7", "key": "KILN-7", "fields": known | fields}, "7", wanted)
    assert isinstance(found, ItemRecord)
    return found


def changes(*histories: dict[str, Any]) -> tuple[Change, ...]:
    found = read(Stream.CHANGES, list(histories))
    assert isinstance(found, ChangesRecord)
    return found.changes


def change(**parts: Any) -> Change | None:
    found = changes({"id": "1", "created": "2026-01-05T10:00:00.000+0000", "items": [parts]})
    return found[0] if found else None


def test_the_least_an_issue_may_say() -> None:
    found = item()
    assert (found.external_id, found.key, found.title) == ("7", "KILN-7", "Fire the kiln")
    assert found.url == "https://kiln.invalid/jira/browse/KILN-7"
    assert found.created == found.updated == datetime(2026, 1, 10, 21, 2, 14, 430000, UTC)
    assert [place.project_id for place in found.memberships] == ["10000"]
    assert (found.changes, found.people, found.links, found.fields) == (None, (), (), {})


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b'{"id": "7"', "no valid JSON"),
        (b'{"id": "7", "key": "KILN-7"}', "fields"),
        (b'{"key": "KILN-7", "fields": {}}', "no id"),
        (b'{"id": "7", "fields": {}}', "issue 7 has no key"),
        (b'{"id": "7", "key": "KILN-7", "fields": {}}', "KILN-7 has no fields.project.id"),
        (b'{"id": "7", "key": "KILN-7", "fields": {"project": {"id": 1}}}', "KILN-7 has no fields.created"),
        (
            b'{"id": "7", "key": "KILN-7", "fields": {"project": {"id": 1}, "created": "then"}}',
            "fields.created.*'then'",
        ),
        (b'{"id": "7", "key": "KILN-7", "fields": {"summary": {}}}', r"\$.fields.summary"),
        (b'["7"]', "unexpected value"),
    ],
)
def test_a_payload_that_is_no_issue_is_refused_with_words(payload: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        JiraReader(ADDRESS, (), ()).read(RawRecord(Stream.ITEMS, "", payload))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-11T10:02:14.430+1300", datetime(2026, 1, 10, 21, 2, 14, 430000, UTC)),
        ("2026-06-12T00:38:51.882Z", datetime(2026, 6, 12, 0, 38, 51, 882000, UTC)),
        ("2026-05-03T01:45:17.624-04:00", datetime(2026, 5, 3, 5, 45, 17, 624000, UTC)),
        ("2026-04-11T14:26+0200", datetime(2026, 4, 11, 12, 26, tzinfo=UTC)),
        ("2026-07-13 23:28:19.131", datetime(2026, 7, 13, 23, 28, 19, 131000, UTC)),
        (1768122134430, datetime(2026, 1, 11, 9, 2, 14, 430000, UTC)),
        ("1768122134430", datetime(2026, 1, 11, 9, 2, 14, 430000, UTC)),
        ("1969-12-31T16:00:00.000-0800", None),
        (None, None),
    ],
)
def test_instants_in_every_spelling(text: str | int | None, moment: datetime | None) -> None:
    if isinstance(text, int):
        found: datetime | None = item(updated=text).updated
    else:
        found = item(resolutiondate=text).resolved_at
    assert found == moment


def test_status_kind_and_category() -> None:
    found = item(
        status={"id": 3, "name": "已完成 ", "statusCategory": {"id": 4, "key": "indeterminate", "name": "Done"}},
        issuetype={"id": "9", "name": "子任务", "subtask": True},
        priority={"id": "1", "name": "None"},
        resolution={"id": "1", "name": "Fixed"},
    )
    assert (found.status_id, found.status_name, found.status_category) == ("3", "已完成", Category.IN_PROGRESS)
    assert (found.kind_id, found.kind_name, found.subtask, found.level) == ("9", "子任务", True, -1)
    assert (found.priority, found.resolution) == ("None", "Fixed")
    old = item(status={"id": "3", "name": "Open"}, issuetype={"id": "1", "name": "Epic", "hierarchyLevel": 1})
    assert (old.status_category, old.level) == (None, 1)
    assert item(status={"id": "3", "name": "?", "statusCategory": {"key": "undefined"}}).status_category is None


def test_people_of_all_ages() -> None:
    found = item(
        assignee={
            "accountId": "712020:9c",
            "accountType": "app",
            "displayName": " Robot Broom ",
            "key": "",
            "name": "",
        },
        reporter={"key": "JIRAUSER1", "name": "p1", "displayName": "Osgood Tile", "active": False},
        creator={"name": "old", "emailAddress": ""},
    )
    assert (found.assignee_id, found.reporter_id) == ("712020:9c", "JIRAUSER1")
    assert found.people == (
        PersonRecord(external_id="712020:9c", name="Robot Broom", human=False),
        PersonRecord(external_id="JIRAUSER1", name="Osgood Tile", active=False, handle="p1"),
        PersonRecord(external_id="old", name="old", handle="old"),
    )
    address = item(reporter={"key": "JIRAUSER2", "name": "osgood@example.invalid", "displayName": "Osgood Tile"})
    assert [person.handle for person in address.people] == [None]
    nobody = item(assignee={"displayName": "Somebody", "active": True}, reporter=None)
    assert (nobody.assignee_id, nobody.reporter_id, nobody.people) == (None, None, ())


def test_effort_is_in_seconds_from_either_place() -> None:
    direct = item(timeoriginalestimate=28800, timeestimate="3600", timespent=0, timetracking={"timeSpentSeconds": 9})
    assert (direct.estimate_s, direct.remaining_s, direct.spent_s) == (28800, 3600, 0)
    tracked = item(timetracking={"originalEstimateSeconds": 60, "timeSpentSeconds": 20880, "timeSpent": "5h 48m"})
    assert (tracked.estimate_s, tracked.remaining_s, tracked.spent_s) == (60, None, 20880)
    assert item(timetracking={}).spent_s is None


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (
            [
                "com.atlassian.greenhopper.service.sprint.Sprint@a88a698[id=1,rapidViewId=2,name=A, id=9]b]",
                "com.atlassian.greenhopper.service.sprint.Sprint@7f[rapidViewId=3,id=12,goal=<null>]",
            ],
            ("1", "12"),
        ),
        ([{"id": 38, "name": "A"}, {"id": 40, "state": "active"}, {"id": 38}], ("38", "40")),
        ([38, "40"], ("38", "40")),
        ({"id": 5}, ("5",)),
        (None, ()),
        ([], ()),
        ("none", ()),
    ],
)
def test_sprints_of_all_ages(value: Any, ids: tuple[str, ...]) -> None:
    assert item(customfield_1=value).sprint_ids == ids


def test_sprints_of_the_agile_shape_end_with_the_present_one() -> None:
    assert item(sprint={"id": 9}, closedSprints=[{"id": 3}, {"id": 4}]).sprint_ids == ("3", "4", "9")


@pytest.mark.parametrize(
    ("fields", "parent"),
    [
        ({"parent": {"id": "5", "key": "KILN-5"}, "customfield_2": "KILN-9"}, ("5", "KILN-5")),
        ({"customfield_2": "KILN-9"}, (None, "KILN-9")),
        ({"epic": {"id": 8, "name": "Epic without a key"}}, ("8", None)),
        ({"customfield_3": "KILN-4"}, (None, "KILN-4")),
        ({"customfield_3": {"showField": True, "data": {"id": 4, "key": "KILN-4"}}}, ("4", "KILN-4")),
        (
            {"customfield_3": {"showField": False, "nonEditableReason": {"reason": "PLUGIN_LICENSE_ERROR"}}},
            (None, None),
        ),
        ({"customfield_2": None, "parent": None}, (None, None)),
    ],
)
def test_parents_in_every_form(fields: dict[str, Any], parent: tuple[str | None, str | None]) -> None:
    found = item(**fields)
    assert (found.parent_id, found.parent_key) == parent


def test_links_say_what_this_item_does_to_the_other() -> None:
    kind = {"name": "Blocks", "outward": "blocks", "inward": "is blocked by"}
    other = {"id": "20", "key": "KILN-20"}
    found = item(
        issuelinks=[
            {"id": "1", "type": kind, "outwardIssue": other},
            {"id": "2", "type": kind, "inwardIssue": other},
            {"id": "2", "type": kind, "inwardIssue": other},
            {"id": "3", "type": kind},
            {"type": kind, "outwardIssue": {"id": "3"}},
        ]
    ).links
    assert found == (
        LinkRecord(
            external_id="1", type_name="Blocks", phrase="blocks", outward=True, other_id="20", other_key="KILN-20"
        ),
        LinkRecord(
            external_id="2",
            type_name="Blocks",
            phrase="is blocked by",
            outward=False,
            other_id="20",
            other_key="KILN-20",
        ),
        LinkRecord(external_id="Blocks:3:7", type_name="Blocks", phrase="blocks", outward=True, other_id="3"),
    )


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3.0, 3.0),
        (3, 3),
        (None, None),
        (True, True),
        (" text\0 ", "text"),
        ({"self": "x", "value": "Gold", "id": "4"}, "Gold"),
        ({"self": "x", "value": "Gold"}, "Gold"),
        ({"id": "4", "value": "North", "child": {"value": "Pole"}}, "North / Pole"),
        ({"accountId": "70:1", "displayName": "Osgood Tile"}, "70:1"),
        ({"key": "JIRAUSER1", "name": "p1", "displayName": "Osgood Tile"}, "JIRAUSER1"),
        ({"id": "10000", "key": "KILN", "name": "The Kiln"}, "The Kiln"),
        ({"id": 4, "name": "First firing", "value": None}, "First firing"),
        ([{"value": "A"}, {"value": "B"}, None], ["A", "B"]),
        (["a", "b"], ["a", "b"]),
        ([], []),
        ([{"accountId": "70:1"}, {"accountId": "70:2"}], ["70:1", "70:2"]),
        ({"showField": False, "nonEditableReason": {"reason": "x"}}, None),
        (
            {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": t}]} for t in "ab"]},
            "a\nb",
        ),
    ],
)
def test_wanted_fields_are_plain(value: Any, plain: FieldValue) -> None:
    assert item(("customfield_7",), customfield_7=value).fields == {"customfield_7": plain}


def test_a_very_deep_document_is_read() -> None:
    node: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(100):
        node = {"type": "bulletList", "content": [{"type": "listItem", "content": [node]}]}
    assert item(("x",), x={"type": "doc", "content": [node]}).fields == {"x": "deep"}


def test_a_field_not_sent_is_not_said_to_be_empty() -> None:
    assert item(("Due date ", "customfield_7"), **{"Due date ": "2026-01-01"}).fields == {"Due date ": "2026-01-01"}


def test_dates_start_and_flag() -> None:
    found = item(
        duedate="2026-04-08", customfield_4="2026-01-02", customfield_5="2026-01-03", customfield_6=[{"id": "1"}]
    )
    assert (found.due, found.start, found.flagged) == (date(2026, 4, 8), date(2026, 1, 3), True)
    planned = item(customfield_4="2026-01-02T00:00:00-0800", customfield_5=None, customfield_6=None)
    assert (planned.due, planned.start, planned.flagged) == (None, date(2026, 1, 2), False)


def test_lists_on_an_item() -> None:
    found = item(
        labels=["a", "b"],
        components=[{"id": "1", "name": "Door"}],
        fixVersions=[{"id": 7, "name": "x"}, {"name": "y"}],
        attachment=[{"id": "9", "filename": "charter.pdf", "size": 12}, {"id": "10"}],
    )
    assert found.attachment_names == ("charter.pdf",)
    assert (found.labels, found.component_names, found.milestone_ids) == (("a", "b"), ("Door",), ("7",))


def test_changes_are_sorted_by_time_then_id_whatever_the_order_sent() -> None:
    def history(ident: str, created: Any, to: str) -> dict[str, Any]:
        return {"id": ident, "created": created, "items": [{"field": "status", "fieldId": "status", "to": to}]}

    found = changes(
        history("30", "2026-01-05T10:00:00.000+0000", "c"),
        history("9", "2026-01-05T11:00:00.000+0100", "b"),
        history("40", 1767600000000, "a"),
        {"id": "50", "created": "2026-01-06T10:00:00.000+0000"},
    )
    assert [entry.new for entry in found] == ["a", "b", "c"]
    assert {entry.by_id for entry in found} == {None}


@pytest.mark.parametrize(
    ("parts", "field", "old", "new"),
    [
        ({"field": "état", "fieldId": "status", "from": "1", "to": "3"}, ChangedField.STATUS, "1", "3"),
        ({"field": "status", "fieldtype": "jira", "from": 1, "to": 3}, ChangedField.STATUS, "1", "3"),
        ({"field": "duedate", "from": None, "to": "2026-04-25"}, ChangedField.DUE, None, "2026-04-25"),
        (
            {"field": "duedate", "to": None, "toString": "2026-04-25 00:00:00.0", "fromString": "16/Apr/24"},
            ChangedField.DUE,
            None,
            "2026-04-25",
        ),
        ({"field": "timeestimate", "from": "8460", "to": None}, ChangedField.REMAINING, "8460", None),
        ({"field": "timeoriginalestimate", "toString": "60"}, ChangedField.ESTIMATE, None, "60"),
        (
            {"field": "Sprint", "fieldtype": "custom", "from": "", "to": "38, 40, 41"},
            ChangedField.SPRINT,
            None,
            "38,40,41",
        ),
        ({"field": "Punkte", "fieldtype": "custom", "toString": "3"}, ChangedField.POINTS, None, "3"),
        ({"field": "?", "fieldId": "customfield_7", "toString": "3"}, ChangedField.POINTS, None, "3"),
        ({"field": "Epos", "fieldtype": "custom", "from": "5", "to": "6"}, ChangedField.PARENT, "5", "6"),
        ({"field": "IssueParentAssociation", "fieldtype": "jira", "to": "6"}, ChangedField.PARENT, None, "6"),
        ({"field": "Parent", "fieldtype": "jira", "to": "6"}, ChangedField.PARENT, None, "6"),
        ({"field": "project", "fieldId": "project", "from": "1", "to": "2"}, ChangedField.PROJECT, "1", "2"),
        (
            {"field": "Flagged", "fieldtype": "custom", "from": "", "toString": "Impediment"},
            ChangedField.FLAGGED,
            None,
            "Impediment",
        ),
        (
            {"field": "Start date", "fieldId": "customfield_5", "to": "2026-12-09T00:00:00-0800"},
            ChangedField.START,
            None,
            "2026-12-09",
        ),
        ({"field": "assignee", "from": None, "to": "70:1", "tmpToAccountId": "x"}, ChangedField.ASSIGNEE, None, "70:1"),
    ],
)
def test_changes_in_every_spelling(
    parts: dict[str, Any], field: ChangedField, old: str | None, new: str | None
) -> None:
    found = change(**parts)
    assert found is not None
    assert (found.field, found.old, found.new) == (field, old, new)


@pytest.mark.parametrize(
    "parts",
    [
        {"field": "Workflow", "fieldtype": "jira", "from": "1", "to": "2"},
        {"field": "Status", "fieldtype": "custom", "fieldId": "customfield_8", "to": "x"},
        # The catalogue knows this field and gives it no role: its name is a coincidence.
        {"field": "Story Points", "fieldtype": "custom", "fieldId": "customfield_9", "to": "5"},
        {"field": "status", "fieldtype": "custom", "to": "x"},
        {"field": None, "to": "x"},
    ],
)
def test_changes_of_other_fields_are_left_out(parts: dict[str, Any]) -> None:
    assert change(**parts) is None


def test_a_history_without_a_time_is_refused() -> None:
    with pytest.raises(UnreadableError, match="history 5 of item 1 has no created"):
        changes({"id": "5", "items": [{"field": "status"}]})


@pytest.mark.parametrize(
    ("changelog", "length"),
    [
        ({"total": 1, "histories": [{"id": "1", "created": "2026-01-05T10:00:00.000+0000"}]}, 0),
        ({"total": 0, "histories": []}, 0),
        ({"total": 8, "histories": []}, None),
        ({"histories": []}, None),
        ({"total": 0, "values": []}, 0),
        ([], 0),
        ("see elsewhere", None),
        (None, None),
    ],
)
def test_an_embedded_history_counts_only_when_it_is_whole(changelog: Any, length: int | None) -> None:
    fields = {"project": {"id": "1"}, "created": "2026-01-05T10:00:00.000+0000"}
    found = read(Stream.ITEMS, {"id": "7", "key": "K-7", "fields": fields, "changelog": changelog})
    assert isinstance(found, ItemRecord)
    assert (None if found.changes is None else len(found.changes.changes)) == length


def test_a_history_known_to_be_longer_is_marked_incomplete() -> None:
    found = read(Stream.CHANGES, {"total": 3, "histories": []})
    assert isinstance(found, ChangesRecord)
    assert not found.complete


@pytest.mark.parametrize(
    ("stream", "payload", "record"),
    [
        (
            Stream.PROJECTS,
            {
                "key": "KILN",
                "name": " The Kiln ",
                "lead": {"key": "JIRAUSER1", "displayName": "Osgood Tile"},
                "projectCategory": {"name": "Heat"},
                "archived": True,
            },
            ProjectRecord(
                external_id="1",
                key="KILN",
                name="The Kiln",
                url="https://kiln.invalid/jira/browse/KILN",
                lead_id="JIRAUSER1",
                lead_name="Osgood Tile",
                grouping="Heat",
                archived=True,
            ),
        ),
        (
            Stream.STATUSES,
            {
                "name": "Done",
                "statusCategory": {"key": "done"},
                "scope": {"type": "PROJECT", "project": {"id": "10046"}},
            },
            StatusRecord(external_id="1", name="Done", category=Category.DONE, project_id="10046"),
        ),
        (Stream.KINDS, {"name": "Epic", "hierarchyLevel": 1}, KindRecord(external_id="1", name="Epic", level=1)),
        (
            Stream.BOARDS,
            {
                "board": {"id": 1, "name": "B", "type": "scrum", "location": {"projectId": 10000}},
                "configuration": {"estimation": {"type": "field", "field": {"fieldId": "customfield_7"}}},
            },
            BoardRecord(external_id="1", name="B", type="scrum", project_id="10000", points_field_id="customfield_7"),
        ),
        (
            Stream.BOARDS,
            {
                "board": {"id": 1, "name": "B", "type": "scrum"},
                "configuration": {"estimation": {"type": "field", "field": {"fieldId": "timeoriginalestimate"}}},
            },
            BoardRecord(external_id="1", name="B", type="scrum"),
        ),
        (
            Stream.BOARDS,
            {"board": {"id": 1, "name": "B", "type": "kanban"}, "configuration": None},
            BoardRecord(external_id="1", name="B", type="kanban"),
        ),
        (
            Stream.SPRINTS,
            {
                "name": "S",
                "state": "CLOSED",
                "originBoardId": 4,
                "goal": "",
                "endDate": "2026-05-03T01:45:17.624-04:00",
            },
            SprintRecord(
                external_id="1",
                name="S",
                state="closed",
                board_id="4",
                end=datetime(2026, 5, 3, 5, 45, 17, 624000, UTC),
            ),
        ),
        (
            Stream.MILESTONES,
            {"name": "V1", "projectId": 10000, "releaseDate": "2026-05-01", "released": True},
            MilestoneRecord(
                external_id="1",
                name="V1",
                project_id="10000",
                due=date(2026, 5, 1),
                released=True,
                url="https://kiln.invalid/jira/issues/?jql=fixVersion%20%3D%201",
            ),
        ),
        (
            Stream.COMPONENTS,
            {"name": "Door", "projectId": 10000, "lead": None},
            ComponentRecord(external_id="1", name="Door", project_id="10000"),
        ),
        (
            # Half past midnight in the worker's zone is a different day in UTC: the day stays the worker's.
            Stream.WORKLOGS,
            {"issueId": "7", "started": "2026-01-15T00:30:00.000+0100", "timeSpentSeconds": 3600, "timeSpent": "1h"},
            WorklogRecord(external_id="1", item_id="7", work_date=date(2026, 1, 15), seconds=3600),
        ),
        (
            Stream.PEOPLE,
            {"accountId": "1", "displayName": "Osgood\0 Tile", "accountType": "customer", "timeZone": "Europe/Oslo"},
            PersonRecord(external_id="1", name="Osgood Tile", human=False, time_zone="Europe/Oslo"),
        ),
    ],
)
def test_other_records(stream: Stream, payload: Any, record: Record) -> None:
    assert read(stream, payload) == record


@pytest.mark.parametrize(
    ("stream", "payload", "words"),
    [
        (Stream.WORKLOGS, {"started": 10**20, "timeSpentSeconds": 1}, "started is no instant"),
        (Stream.WORKLOGS, {"started": None, "timeSpentSeconds": 1}, "worklog 1 has no started"),
        (Stream.WORKLOGS, {"started": "2026-01-01"}, "worklog 1 has no timeSpentSeconds"),
        (Stream.MILESTONES, {"name": "V1"}, "version 1 has no projectId"),
        (Stream.SPRINTS, {"startDate": "soon"}, "startDate is no instant"),
        (Stream.PROJECTS, {"name": "No key"}, "key"),
        (Stream.GOALS, {}, "Jira has no stream goals"),
    ],
)
def test_other_records_that_cannot_be_read_say_why(stream: Stream, payload: Any, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        read(stream, payload)


def test_a_record_without_an_id_is_refused() -> None:
    with pytest.raises(UnreadableError, match="the record of people has no id"):
        read(Stream.PEOPLE, {"displayName": "Somebody"}, "")


@pytest.mark.parametrize(
    ("field", "role"),
    [
        (
            {"schema": {"type": "array", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}, "name": "Колонка"},
            FieldRole.SPRINT,
        ),
        ({"schema": {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points"}}, FieldRole.POINTS),
        (
            {
                "schema": {"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"},
                "name": "Story Points",
            },
            FieldRole.POINTS,
        ),
        (
            {
                "schema": {"type": "number", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:float"},
                "name": "Story points confidence",
            },
            None,
        ),
        ({"schema": {"type": "string"}, "name": "Story Points"}, None),
        ({"schema": {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-lexo-rank"}}, FieldRole.WORKINGS),
        ({"schema": {"type": "string"}, "name": "Rank"}, None),
        ({"name": "Key"}, None),
    ],
)
def test_fields_get_their_role_from_jiras_own_marks(field: dict[str, Any], role: FieldRole | None) -> None:
    found = read(Stream.FIELDS, {"id": "customfield_1", "custom": True} | field)
    assert isinstance(found, FieldRecord)
    assert found.role is role
