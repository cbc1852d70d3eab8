"""Statuses, issue types, accounts, projects, sprints and worklogs as DevLake has them, against records read here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.records import KindRecord, WorklogRecord
from sync.mapping.defaults import known_kind, known_status
from tests.expected.comparison import ROW, Column, Comparison, Difference, Explanation, check
from tests.expected.devlake import CATEGORIES, DevLake, last, moment, utc_day, words

SHANGHAI = timedelta(hours=8)


def test_statuses(devlake: DevLake) -> None:
    def category(status: object) -> str | None:
        rule = known_status(status)  # type: ignore[arg-type]  # columns are given records of one kind
        return rule.category if rule else None

    columns = (
        Column("name", lambda row: row["name"], lambda status: status.name),
        Column("category", lambda row: CATEGORIES[row["status_category"]], category),
    )
    explained = {
        "status of one project": Explanation(
            "They leave out the statuses that belong to a single project; here they are read with their project",
            lambda d: d.column == ROW and d.record is not None and d.record.project_id is not None,
        )
    }
    theirs = devlake.expected("_tool_jira_statuses", lambda row: row["id"])
    check(
        Comparison("DevLake statuses", explained).add(theirs, devlake.statuses, columns),
        36,
        {"status of one project": 17},
    )


def test_issue_types(devlake: DevLake) -> None:
    """Their untranslated name against the kind: the site's own names are Chinese."""

    def kind(record: KindRecord) -> str | None:
        return known_kind(record)

    columns = (
        Column("name", lambda row: row["name"], lambda record: record.name),
        Column("subtask", lambda row: row["subtask"] == "1", lambda record: record.subtask),
        Column("level", lambda row: int(row["hierarchy_level"]), lambda record: record.level),
        Column("kind", lambda row: row["untranslated_name"].lower().replace("-", ""), kind),
    )
    theirs = devlake.expected("_tool_jira_issue_types", lambda row: row["id"])
    explained = {
        "type kept": Explanation(
            "They pass on a type's name; here it has a kind", lambda d: (d.theirs, d.ours) == ("test execution", "task")
        )
    }
    check(Comparison("DevLake issue types", explained).add(theirs, devlake.kinds, columns), 5, {"type kept": 1})


def test_accounts(devlake: DevLake) -> None:
    columns: tuple[Column, ...] = (
        Column("name", lambda row: row["name"], lambda person: person.name),
        Column("human", lambda row: row["account_type"] == "atlassian", lambda person: person.human),
        Column("email", lambda row: words(row["email"]), lambda person: person.email),
        Column("time zone", lambda row: words(row["timezone"]), lambda person: person.time_zone),
    )
    theirs = devlake.expected("_tool_jira_accounts", lambda row: row["account_id"])
    check(Comparison("DevLake tool accounts", {}).add(theirs, devlake.people, columns), 30, {})

    columns = (
        Column("name", lambda row: row["full_name"], lambda person: person.name),
        Column("email", lambda row: words(row["email"]), lambda person: person.email),
    )
    theirs = devlake.expected("accounts", lambda row: last(row["id"]))
    check(Comparison("DevLake domain accounts", {}).add(theirs, devlake.people, columns), 30, {})


def test_projects(devlake: DevLake) -> None:
    columns = (
        Column("key", lambda row: row["project_key"], lambda project: project.key),
        Column("name", lambda row: row["name"], lambda project: project.name),
    )
    theirs = devlake.expected("_tool_jira_projects", lambda row: row["id"])
    check(Comparison("DevLake projects", {}).add(theirs, devlake.projects, columns), 12, {})


def test_sprints(devlake: DevLake) -> None:
    columns = (
        Column("name", lambda row: row["name"], lambda sprint: sprint.name),
        Column("state", lambda row: row["state"], lambda sprint: sprint.state),
        Column("start", lambda row: moment(row["start_date"]), lambda sprint: sprint.start),
        Column("end", lambda row: moment(row["end_date"]), lambda sprint: sprint.end),
        Column("completed", lambda row: moment(row["complete_date"]), lambda sprint: sprint.completed),
        Column("board", lambda row: row["origin_board_id"], lambda sprint: sprint.board_id),
    )
    theirs = devlake.expected("_tool_jira_sprints", lambda row: row["sprint_id"])
    check(Comparison("DevLake tool sprints", {}).add(theirs, devlake.sprints, columns), 30, {})

    inputs = devlake.expected("_tool_jira_sprints_for_convertor", lambda row: row["sprint_id"])
    columns = (
        Column("name", lambda row: row["name"], lambda sprint: sprint.name),
        Column("state", lambda row: row["status"].lower(), lambda sprint: sprint.state),
        Column("start", lambda row: moment(row["started_date"]), lambda sprint: sprint.start),
        Column("end", lambda row: moment(row["ended_date"]), lambda sprint: sprint.end),
        Column("completed", lambda row: moment(row["completed_date"]), lambda sprint: sprint.completed),
        Column("board", lambda row: last(row["original_board_id"]), lambda sprint: sprint.board_id),
    )
    explained = {
        "other connection": Explanation(
            "Their test gives one sprint to another connection and converts one connection's",
            lambda d: d.column == ROW and d.record is not None and inputs[d.key]["connection_id"] != "2",
        )
    }
    theirs = devlake.expected("sprints", lambda row: last(row["id"]))
    check(
        Comparison("DevLake domain sprints", explained).add(theirs, devlake.sprints, columns),
        29,
        {"other connection": 1},
    )


@pytest.mark.parametrize(
    ("table", "name", "rows", "classes"),
    [
        ("_tool_jira_board_sprints", "tool", 30, {"board of origin": 1}),
        ("board_sprints", "domain", 29, {"board of origin": 1, "other connection": 1}),
    ],
)
def test_boards_of_sprints(devlake: DevLake, table: str, name: str, rows: int, classes: dict[str, int]) -> None:
    inputs = devlake.expected("_tool_jira_sprints_for_convertor", lambda row: row["sprint_id"])
    explained = {
        "board of origin": Explanation(
            "They name the board that lists a sprint; here it is the one that the sprint was made on",
            lambda d: d.column == "board" and d.ours == d.record.board_id != "8" == d.theirs,
        ),
        "other connection": Explanation(
            "Their test gives one sprint to another connection and converts one connection's",
            lambda d: d.column == ROW and d.row is None and inputs[d.key]["connection_id"] != "2",
        ),
    }
    columns = [Column("board", lambda row: last(row["board_id"]), lambda sprint: sprint.board_id)]
    theirs = devlake.expected(table, lambda row: last(row["sprint_id"]))
    found = Comparison(f"DevLake {name} boards of sprints", explained)
    check(found.add(theirs, devlake.sprints, columns), rows, classes)


def seconds(log: WorklogRecord) -> int:
    return log.seconds


def author(log: WorklogRecord) -> str | None:
    return log.person_id


@pytest.fixture
def by_offset() -> Explanation:
    def holds(difference: Difference) -> bool:
        if difference.column != "day":
            return False
        started = moment(difference.row.get("started") or difference.row["started_date"])
        return started is not None and (started + SHANGHAI).date() == difference.ours

    return Explanation(
        "They state the instant, on the day before in UTC; here it is the day that the person wrote down", holds
    )


def test_worklogs(devlake: DevLake, by_offset: Explanation) -> None:
    columns = (
        Column("issue", lambda row: row["issue_id"], lambda log: log.item_id),
        Column("author", lambda row: words(row["author_id"]), author),
        Column("seconds", lambda row: int(row["time_spent_seconds"]), seconds),
        Column("day", lambda row: utc_day(row["started"]), lambda log: log.work_date),
        Column("updated", lambda row: moment(row["updated"]), lambda log: log.updated),
    )
    theirs = devlake.expected("_tool_jira_worklogs", lambda row: row["worklog_id"])
    found = Comparison("DevLake tool worklogs", {"day of the offset": by_offset})
    check(found.add(theirs, devlake.worklogs, columns), 30, {"day of the offset": 3})

    inputs = devlake.expected("_tool_jira_worklogs_for_convertor", lambda row: row["worklog_id"])
    board = devlake.expected("_tool_jira_board_issues_for_worklog", lambda row: row["issue_id"])

    def elsewhere(difference: Difference) -> bool:
        if difference.column != ROW or difference.record is None:
            return False
        row = inputs[difference.key]
        return row["connection_id"] != "2" or row["issue_id"] not in board

    explained = {
        "day of the offset": by_offset,
        "outside the board": Explanation(
            "They convert the worklogs of one connection's issues on one board; here every worklog is read", elsewhere
        ),
    }
    columns = (
        Column("issue", lambda row: last(row["issue_id"]), lambda log: log.item_id),
        Column("author", lambda row: last(row["author_id"]), author),
        Column("seconds", lambda row: int(row["time_spent_minutes"]) * 60, seconds),
        Column("day", lambda row: utc_day(row["started_date"]), lambda log: log.work_date),
        Column("updated", lambda row: moment(row["logged_date"]), lambda log: log.updated),
    )
    theirs = devlake.expected("worklogs", lambda row: row["id"].rpartition(":")[2])
    found = Comparison("DevLake domain worklogs", explained)
    check(found.add(theirs, devlake.worklogs, columns), 5, {"outside the board": 25})


def test_accounts_of_changelogs(devlake: DevLake) -> None:
    columns = (
        Column("name", lambda row: row["name"], lambda person: person.name),
        Column("human", lambda row: row["account_type"] == "atlassian", lambda person: person.human),
        Column("email", lambda row: words(row["email"]), lambda person: person.email),
        Column("time zone", lambda row: words(row["timezone"]), lambda person: person.time_zone),
    )
    theirs = devlake.expected("_tool_jira_accounts_changelog", lambda row: row["account_id"])
    check(Comparison("DevLake accounts of changelogs", {}).add(theirs, devlake.authors, columns), 5, {})
