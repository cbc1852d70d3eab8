"""Issues as DevLake's tool and domain layers have them, against items as they are read and mapped here."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sync.mapping.items import ItemValues
from sync.mapping.profile import fold
from tests.expected.comparison import ROW, Column, Comparison, Difference, Explanation, check
from tests.expected.devlake import (
    CATEGORIES,
    END_DATE,
    OTHER_BOARD,
    OTHER_DUE,
    DevLake,
    Row,
    last,
    minutes,
    moment,
    utc_day,
    whole,
    words,
)

OWN_TYPES = {"故事": "story", "缺陷": "bug", "test execution": "task"}
SHIFT = timedelta(days=1)


def issue_id(row: Row) -> str:
    return row["issue_id"]


def domain_id(row: Row) -> str | None:
    return last(row["id"])


def kind(text: str) -> str:
    """Their standard types ("SUB-TASK") in the spelling of kinds."""
    return text.lower().replace("-", "")


def number(text: str) -> float | None:
    return float(text) if text else None


def finish(item: ItemValues) -> date | None:
    return item.history.finished_on


def lead(item: ItemValues) -> int | None:
    """Whole minutes from creation to finish."""
    return minutes(item.history.versions[-1].lead_s)


def cancelled(item: ItemValues) -> bool:
    """Whether the resolution is Jira's "Won't Do", the only one of this kind in the set."""
    return fold(item.record.resolution or "") == "won't do"


TOOL = (
    Column("project", lambda row: row["project_id"], lambda item: item.memberships[0].project_id),
    Column("key", lambda row: row["issue_key"], lambda item: item.record.key),
    Column("title", lambda row: row["summary"], lambda item: item.record.title),
    Column("type", lambda row: row["type"], lambda item: item.record.kind_name),
    Column("kind", lambda row: kind(row["std_type"]), lambda item: item.kind),
    Column("status", lambda row: row["status_name"], lambda item: item.status),
    Column("category", lambda row: CATEGORIES[row["status_key"]], lambda item: item.category),
    Column("points", lambda row: number(row["story_point"]), lambda item: item.points),
    Column("estimate", lambda row: whole(row["original_estimate_minutes"]), lambda item: minutes(item.estimate_s)),
    Column("remaining", lambda row: whole(row["remaining_estimate_minutes"]), lambda item: minutes(item.remaining_s)),
    Column("spent", lambda row: whole(row["spent_minutes"]), lambda item: minutes(item.record.spent_s)),
    Column("assignee", lambda row: words(row["assignee_account_id"]), lambda item: item.record.assignee_id),
    Column("priority", lambda row: words(row["priority_name"]), lambda item: item.priority),
    Column("parent id", lambda row: words(row["parent_id"]), lambda item: item.record.parent_id),
    Column("parent key", lambda row: words(row["parent_key"]), lambda item: item.record.parent_key),
    Column("epic", lambda row: words(row["epic_key"]), lambda item: item.record.parent_key),
    Column("sprint", lambda row: words(row["sprint_id"]), lambda item: next(iter(item.record.sprint_ids[-1:]), None)),
    Column("resolved", lambda row: moment(row["resolution_date"]), lambda item: item.record.resolved_at),
    Column("finished", lambda row: utc_day(row["resolution_date"]), finish),
    Column("lead time", lambda row: whole(row["lead_time_minutes"]), lead),
    Column("created", lambda row: moment(row["created"]), lambda item: item.record.created),
    Column("updated", lambda row: moment(row["updated"]), lambda item: item.record.updated),
)
SUBTASK = Column("subtask", lambda row: row["subtask"] == "1", lambda item: item.record.subtask)
DUE = Column("due", lambda row: utc_day(row["due_date"]), lambda item: item.due)


def domain(devlake: DevLake, names: dict[str, str]) -> tuple[Column, ...]:
    """Columns of the domain layer. `names` are the versions' by id, as the payloads have them."""
    return (
        Column("url", lambda row: row["url"], lambda item: item.record.url),
        Column("key", lambda row: row["issue_key"], lambda item: item.record.key),
        Column("title", lambda row: row["title"], lambda item: item.record.title),
        Column("type", lambda row: row["original_type"], lambda item: item.record.kind_name),
        Column("kind", lambda row: kind(row["type"]), lambda item: item.kind),
        Column("status", lambda row: row["original_status"], lambda item: item.status),
        Column("category", lambda row: row["status"].lower(), lambda item: item.category),
        Column("points", lambda row: number(row["story_point"]), lambda item: item.points),
        Column("resolved", lambda row: moment(row["resolution_date"]), lambda item: item.record.resolved_at),
        Column("finished", lambda row: utc_day(row["resolution_date"]), finish),
        Column("lead time", lambda row: whole(row["lead_time_minutes"]), lead),
        Column("created", lambda row: moment(row["created_date"]), lambda item: item.record.created),
        Column("updated", lambda row: moment(row["updated_date"]), lambda item: item.record.updated),
        Column("parent id", lambda row: last(row["parent_issue_id"]), lambda item: item.record.parent_id),
        Column("epic", lambda row: words(row["epic_key"]), lambda item: item.record.parent_key),
        Column("priority", lambda row: words(row["priority"]), lambda item: item.priority),
        Column("estimate", lambda row: whole(row["original_estimate_minutes"]), lambda item: minutes(item.estimate_s)),
        Column("spent", lambda row: whole(row["time_spent_minutes"]), lambda item: minutes(item.record.spent_s)),
        Column("remaining", lambda row: whole(row["time_remaining_minutes"]), lambda item: minutes(item.remaining_s)),
        Column("assignee", lambda row: last(row["assignee_id"]), lambda item: item.record.assignee_id),
        Column("components", lambda row: row["component"], lambda item: ",".join(item.record.component_names)),
        Column(
            "versions",
            lambda row: row["fix_versions"],
            lambda item: ",".join(names[ident] for ident in item.record.milestone_ids),
        ),
        Column(
            "project",
            lambda row: row["original_project"],
            lambda item: devlake.projects[item.memberships[0].project_id].name,
        ),
    )


def absent(difference: Difference) -> bool:
    """A nought on their side for what the payload leaves open."""
    noughts = {"points": 0.0, "remaining": 0, "parent id": "0", "sprint": "0"}
    return difference.column in noughts and (noughts[difference.column], None) == (difference.theirs, difference.ours)


def at_midnight(difference: Difference) -> bool:
    """Midnight in Shanghai of the same day is the day before in UTC."""
    return difference.column == "due" and difference.theirs is not None and difference.theirs + SHIFT == difference.ours


def by_end_date(difference: Difference) -> bool:
    if difference.column != "due" or difference.theirs is not None:
        return False
    record = difference.record.record
    return record.due is None and bool(record.fields[END_DATE] == difference.ours.isoformat())


def of_another_field(difference: Difference) -> bool:
    if difference.column != "due" or difference.theirs is None or at_midnight(difference):
        return False
    value = difference.record.record.fields[OTHER_DUE]
    return bool(value == (difference.theirs + SHIFT).isoformat())


def from_catalogue(devlake: DevLake, difference: Difference) -> bool:
    """The copy of the status inside the issue says something else than the site's list of statuses."""
    item = difference.record
    if difference.column != "category" or difference.ours != "done":
        return False
    in_issue, listed = item.record.status_category, devlake.statuses[item.record.status_id].category
    return (difference.theirs, difference.ours) == (in_issue, listed) and in_issue != listed


def by_resolution(difference: Difference) -> bool:
    """Where their test replaced the status by a word of its own, no category is left to differ from."""
    if difference.column not in ("category", "finished", "lead time") or not cancelled(difference.record):
        return False
    if difference.column == "category":
        return difference.theirs in CATEGORIES.values() and bool(difference.ours == "cancelled")
    return difference.ours is None


def to_the_second(difference: Difference) -> bool:
    if difference.column != "lead time" or difference.ours is None:
        return False
    exact = (difference.record.record.resolved_at - difference.record.record.created).total_seconds()
    return (difference.theirs, difference.ours) == (int(exact) // 60, round(exact) // 60)


def own_word(difference: Difference) -> bool:
    return difference.column == "category" and difference.theirs not in CATEGORIES.values()


@pytest.fixture
def explained(devlake: DevLake) -> dict[str, Explanation]:
    def closed(difference: Difference) -> bool:
        shown = difference.column == "sprint" and difference.theirs == "0" and difference.ours is not None
        return shown and devlake.sprints[difference.ours].state == "closed"

    def no_epic(difference: Difference) -> bool:
        if difference.column != "epic" or difference.theirs is not None:
            return False
        parent = devlake.items()[difference.record.record.parent_id]
        return parent.record.key == difference.ours and parent.kind != "epic"

    return {
        "nought for nothing": Explanation(
            "They write 0 where the payload leaves the value open; here it stays open", absent
        ),
        "type kept": Explanation(
            "They pass on the site's type where their test maps none; here it has a kind",
            lambda d: d.column == "kind" and OWN_TYPES.get(d.theirs) == d.ours,
        ),
        "stale category": Explanation(
            "The issue's copy of its status names another category than the site's list; they take the copy, "
            "here the list counts",
            lambda d: from_catalogue(devlake, d),
        ),
        "cancelled": Explanation(
            "Resolved as Won't Do: done for them; here cancelled, and so never finished", by_resolution
        ),
        "to the second": Explanation(
            "They cut off what is no whole minute of the instants; here the time is kept in seconds, rounded",
            to_the_second,
        ),
        "status of their test": Explanation(
            "Their test maps statuses to made-up words; here a category is one of four", own_word
        ),
        "parent is no epic": Explanation(
            "A parent that is not an epic: they leave the epic empty; here there is one parent, of any kind",
            no_epic,
        ),
        "past sprint": Explanation("They keep the running sprint only; here the past ones stay too", closed),
        "due at midnight": Explanation(
            "They turn the date into midnight of their zone, the day before in UTC; here it stays the date", at_midnight
        ),
        "another due field": Explanation(
            "Their test configures a custom field as due date; the default profile takes Jira's own", of_another_field
        ),
        "end date": Explanation(
            "No due date for them; here a field called End date stands in for the one that is missing", by_end_date
        ),
        "padding": Explanation(
            "They keep blanks around a title; here they are cut off",
            lambda d: d.column == "title" and d.theirs.strip() == d.ours,
        ),
    }


@pytest.fixture
def versions(devlake: DevLake) -> dict[str, str]:
    listed = [version for line in devlake.raw("api_issues") for version in line["data"]["fields"]["fixVersions"]]
    return {version["id"]: version["name"] for version in listed}


def test_tool_issues(devlake: DevLake, explained: dict[str, Explanation]) -> None:
    theirs = devlake.expected("_tool_jira_issues", issue_id)
    found = Comparison("DevLake tool issues", explained).add(theirs, devlake.items(), (*TOOL, SUBTASK, DUE))
    classes = {
        "nought for nothing": 61,
        "past sprint": 28,
        "end date": 22,
        "parent is no epic": 13,
        "type kept": 10,
        "cancelled": 15,
        "stale category": 4,
        "due at midnight": 1,
        "padding": 1,
        "to the second": 1,
    }
    check(found, 30, classes)


def test_tool_issues_with_another_due_field(devlake: DevLake, explained: dict[str, Explanation]) -> None:
    theirs = devlake.expected("_tool_jira_issues_for_due_date", issue_id)
    found = Comparison("DevLake tool issues, due date", explained)
    found.add(theirs, devlake.items("api_issues_for_due_date"), (*TOOL, DUE))
    classes = {
        "nought for nothing": 2,
        "past sprint": 1,
        "type kept": 1,
        "stale category": 1,
        "another due field": 1,
    }
    check(found, 1, classes)


def test_tool_issues_below_epics(devlake: DevLake, explained: dict[str, Explanation]) -> None:
    theirs = devlake.expected("_tool_jira_issues_for_external_epics", issue_id)
    found = Comparison("DevLake tool issues, epics", explained)
    found.add(theirs, devlake.items("external_epics", OTHER_BOARD), (*TOOL, SUBTASK))
    check(found, 3, {"nought for nothing": 8})


@pytest.mark.parametrize(
    ("table", "name", "rows", "classes"),
    [
        (
            "issues",
            "DevLake domain issues",
            30,
            {
                "nought for nothing": 42,
                "end date": 22,
                "status of their test": 20,
                "parent is no epic": 13,
                "type kept": 10,
                "cancelled": 12,
                "stale category": 2,
                "due at midnight": 1,
                "padding": 1,
                "to the second": 1,
            },
        ),
        (
            "issues_with_no_mapping_subtask",
            "DevLake domain issues, no mapping",
            30,
            {
                "nought for nothing": 42,
                "parent is no epic": 13,
                "type kept": 10,
                "cancelled": 15,
                "status of their test": 8,
                "stale category": 3,
                "padding": 1,
                "to the second": 1,
            },
        ),
        (
            "issues_for_due_date",
            "DevLake domain issues, due date",
            1,
            {"nought for nothing": 1, "type kept": 1, "stale category": 1, "another due field": 1},
        ),
    ],
)
def test_domain_issues(
    devlake: DevLake,
    explained: dict[str, Explanation],
    versions: dict[str, str],
    table: str,
    name: str,
    rows: int,
    classes: dict[str, int],
) -> None:
    theirs = devlake.expected(table, domain_id)
    ours = devlake.items("api_issues_for_due_date" if table == "issues_for_due_date" else "api_issues")
    columns = domain(devlake, versions)
    has_due = all("due_date" in row for row in theirs.values())
    found = Comparison(name, explained).add(theirs, ours, (*columns, DUE) if has_due else columns)
    check(found, rows, classes)


@pytest.mark.parametrize(
    ("profile", "table", "removed"),
    [
        ("devlake", "_tool_jira_issues", {"cancelled": 15, "end date": 22}),
        ("devlake", "issues", {"cancelled": 12, "end date": 22}),
        ("devlake", "issues_with_no_mapping_subtask", {"cancelled": 15}),
        ("devlake_due_date", "_tool_jira_issues_for_due_date", {"another due field": 1}),
        ("devlake_due_date", "issues_for_due_date", {"another due field": 1}),
    ],
)
def test_a_profile_removes_what_it_can(
    devlake: DevLake,
    explained: dict[str, Explanation],
    versions: dict[str, str],
    profile: str,
    table: str,
    removed: dict[str, int],
) -> None:
    """What differs because the defaults take the payload otherwise is met by saying so in a profile."""
    tool, of_due = table.startswith("_tool"), table.endswith("due_date")
    theirs = devlake.expected(table, issue_id if tool else domain_id)
    name = "api_issues_for_due_date" if of_due else "api_issues"
    columns = TOOL if tool else domain(devlake, versions)
    if all("due_date" in row for row in theirs.values()):
        columns = (*columns, DUE)
    before = Comparison(table, explained).add(theirs, devlake.items(name), columns).classes()
    after = Comparison(table, explained).add(theirs, devlake.items_under(profile, name), columns).classes()
    gone = {kind: count - after.get(kind, 0) for kind, count in before.items() if count > after.get(kind, 0)}
    assert gone == removed
    # The day they take is still another: their midnight is the day before in UTC.
    assert {kind for kind in after if kind not in before} == ({"due at midnight"} if of_due else set())


PEOPLE = Column("name", lambda name: name, lambda person: person.name)


@pytest.mark.parametrize(
    ("table", "name", "rows"),
    [("_tool_jira_issues", "DevLake tool issues, people", 60), ("issues", "DevLake domain issues, people", 60)],
)
def test_people_of_issues(devlake: DevLake, table: str, name: str, rows: int) -> None:
    """Whom an issue names as creator and assignee, by account id, with their names."""
    issues = devlake.expected(table, issue_id if table.startswith("_tool") else domain_id)
    suffix, shown = ("account_id", "display_name") if table.startswith("_tool") else ("id", "name")
    theirs = {
        (ident, account): row[f"{role}_{shown}"]
        for ident, row in issues.items()
        for role in ("creator", "assignee")
        if (account := last(row[f"{role}_{suffix}"]))
    }
    ours: dict[Any, Any] = {
        (ident, person.external_id): person for ident, item in devlake.items().items() for person in item.record.people
    }
    check(Comparison(name, {}).add(theirs, ours, [PEOPLE]), rows, {})


def test_labels(devlake: DevLake) -> None:
    ours = {(ident, label): label for ident, item in devlake.items().items() for label in item.record.labels}
    theirs = devlake.expected("_tool_jira_issue_labels", lambda row: (row["issue_id"], row["label_name"]))
    name = Column("label", lambda row: row["label_name"], lambda label: label)
    check(Comparison("DevLake tool labels", {}).add(theirs, ours, [name]), 18, {})

    inputs = devlake.expected("_tool_jira_issue_labels_for_convertor", lambda row: (row["issue_id"], row["label_name"]))
    explained = {
        "other connection": Explanation(
            "Their test gives some labels to other connections and converts one connection's",
            lambda d: d.column == ROW and d.record is not None and inputs[d.key]["connection_id"] != "2",
        )
    }
    theirs = devlake.expected("issue_labels", lambda row: (last(row["issue_id"]), row["label_name"]))
    check(Comparison("DevLake domain labels", explained).add(theirs, ours, [name]), 14, {"other connection": 4})


def test_assignees(devlake: DevLake) -> None:
    theirs = devlake.expected("issue_assignees", lambda row: last(row["issue_id"]))
    columns = (
        Column("account", lambda row: last(row["assignee_id"]), lambda item: item.record.assignee_id),
        Column(
            "name",
            lambda row: words(row["assignee_name"]),
            lambda item: {p.external_id: p.name for p in item.record.people}.get(item.record.assignee_id),
        ),
    )
    check(Comparison("DevLake assignees", {}).add(theirs, devlake.items(), columns), 30, {})


@pytest.mark.parametrize("table", ["_tool_jira_sprint_issues", "sprint_issues"])
def test_sprints_of_issues(devlake: DevLake, table: str) -> None:
    theirs = devlake.expected(table, lambda row: (last(row["issue_id"]), last(row["sprint_id"])))
    ours = {(ident, sprint): item for ident, item in devlake.items().items() for sprint in item.record.sprint_ids}
    columns = (
        Column("resolved", lambda row: moment(row["resolution_date"]), lambda item: item.record.resolved_at),
        Column("created", lambda row: moment(row["issue_created_date"]), lambda item: item.record.created),
    )
    tool = table.startswith("_tool")
    name = f"DevLake {'tool' if tool else 'domain'} sprints of issues"
    check(Comparison(name, {}).add(theirs, ours, columns if tool else ()), 28, {})
