"""Catalogues, people, projects and worklogs of Jira as Nango has them, against records read here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.protocol import Stream
from sync.mapping.defaults import known_kind, known_status
from tests.expected.comparison import Column, Comparison, check
from tests.expected.devlake import CATEGORIES
from tests.expected.nango import Nango, by


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


FIELD = (
    Column("name", lambda field: field["name"], lambda field: field.name),
    Column("custom", lambda field: field["custom"], lambda field: field.custom),
    Column("type", lambda field: field.get("schema", {}).get("type", ""), lambda field: field.type),
)


def test_fields(nango_jira: Nango) -> None:
    [listed] = nango_jira.answers("fields", "/field")
    ours = nango_jira.read(Stream.FIELDS, listed)
    found = Comparison("Nango Jira fields, sync", {})
    check(found.add(by("id", nango_jira.mapped("fields", "Field")), ours, FIELD), 52, {})

    [listed] = nango_jira.answers("list-fields", "/field")
    ours = nango_jira.read(Stream.FIELDS, listed)
    found = Comparison("Nango Jira fields, list", {})
    check(found.add(by("id", nango_jira.output("list-fields", under="fields")), ours, FIELD), 52, {})

    [listed] = nango_jira.answers("get-field", "/field")
    theirs = by("id", nango_jira.output("get-field"))
    ours = nango_jira.read(Stream.FIELDS, [field for field in listed if field["id"] in theirs])
    check(Comparison("Nango Jira field", {}).add(theirs, ours, FIELD), 1, {})


@pytest.mark.parametrize(
    ("fixture", "under", "ending", "name", "rows"),
    [
        ("get-issue-type", None, "/issuetype/10003", "Nango Jira issue type", 1),
        ("list-issue-types", "issueTypes", "/issuetype", "Nango Jira issue types", 5),
    ],
)
def test_issue_types(nango_jira: Nango, fixture: str, under: str | None, ending: str, name: str, rows: int) -> None:
    columns = (
        Column("name", lambda kind: kind["name"], lambda kind: kind.name),
        Column("subtask", lambda kind: kind["subtask"], lambda kind: kind.subtask),
        Column("level", lambda kind: kind["hierarchyLevel"], lambda kind: kind.level),
        Column("kind", lambda kind: kind["name"].lower(), known_kind),
    )
    [answer] = nango_jira.answers(fixture, ending)
    ours = nango_jira.read(Stream.KINDS, answer if isinstance(answer, list) else [answer])
    check(Comparison(name, {}).add(by("id", nango_jira.output(fixture, under=under)), ours, columns), rows, {})


def test_status(nango_jira: Nango) -> None:
    def category(status: Any) -> str | None:
        rule = known_status(status)
        return rule.category if rule else None

    columns = (
        Column("name", lambda status: status["name"], lambda status: status.name),
        Column("category", lambda status: CATEGORIES[status["statusCategory"]["key"]], category),
    )
    ours = nango_jira.read(Stream.STATUSES, nango_jira.answers("get-status", "/status/10000"))
    check(Comparison("Nango Jira status", {}).add(by("id", nango_jira.output("get-status")), ours, columns), 1, {})


def test_projects(nango_jira: Nango) -> None:
    columns: tuple[Column, ...] = (
        Column("key", lambda project: project["key"], lambda project: project.key),
        Column("name", lambda project: project["name"], lambda project: project.name),
    )
    [page] = nango_jira.answers("list-projects", "/project/search")
    ours = nango_jira.read(Stream.PROJECTS, page["values"])
    theirs = by("id", nango_jira.output("list-projects", under="projects"))
    check(Comparison("Nango Jira projects", {}).add(theirs, ours, columns), 1, {})

    ours = nango_jira.read(Stream.PROJECTS, nango_jira.answers("get-project", "/project/10000"))
    columns = (
        *columns,
        Column("url", lambda project: project["browseUrl"], lambda project: project.url),
        Column("lead", lambda project: project["lead"]["accountId"], lambda project: project.lead_id),
        Column("lead name", lambda project: project["lead"]["displayName"], lambda project: project.lead_name),
    )
    theirs = by("id", nango_jira.output("get-project"))
    check(Comparison("Nango Jira project", {}).add(theirs, ours, columns), 1, {})


PERSON = (
    Column("name", lambda user: user["displayName"], lambda person: person.name),
    Column("email", lambda user: user["emailAddress"], lambda person: person.email),
    Column("human", lambda user: user["accountType"] == "atlassian", lambda person: person.human),
    Column("active", lambda user: user["active"], lambda person: person.active),
)
ZONE = Column("time zone", lambda user: user["timeZone"], lambda person: person.time_zone)


def test_people(nango_jira: Nango) -> None:
    ours = nango_jira.read(Stream.PEOPLE, nango_jira.answers("get-user", "/user"), "accountId")
    theirs = by("accountId", nango_jira.output("get-user"))
    check(Comparison("Nango Jira user", {}).add(theirs, ours, (*PERSON, ZONE)), 1, {})

    ours = nango_jira.read(Stream.PEOPLE, nango_jira.answers("get-myself", "/myself"), "accountId")
    theirs = by("account_id", nango_jira.output("get-myself"))
    columns = (
        Column("name", lambda user: user["display_name"], lambda person: person.name),
        Column("email", lambda user: user["email_address"], lambda person: person.email),
        Column("human", lambda user: user["account_type"] == "atlassian", lambda person: person.human),
    )
    check(Comparison("Nango Jira myself", {}).add(theirs, ours, columns), 1, {})

    [page] = nango_jira.answers("list-watchers", "/watchers")
    ours = nango_jira.read(Stream.PEOPLE, page["watchers"], "accountId")
    theirs = by("accountId", nango_jira.output("list-watchers", under="watchers"))
    check(Comparison("Nango Jira watchers", {}).add(theirs, ours, PERSON), 1, {})


def test_worklogs(nango_jira: Nango) -> None:
    columns = (
        Column("issue", lambda log: log["issueId"], lambda log: log.item_id),
        Column("author", lambda log: log["author"]["accountId"], lambda log: log.person_id),
        Column("seconds", lambda log: log["timeSpentSeconds"], lambda log: log.seconds),
        Column("day", lambda log: date.fromisoformat(log["started"][:10]), lambda log: log.work_date),
        Column("created", lambda log: moment(log["created"]), lambda log: log.created),
        Column("updated", lambda log: moment(log["updated"]), lambda log: log.updated),
    )
    [page] = nango_jira.answers("list-worklogs", "/worklog")
    ours = nango_jira.read(Stream.WORKLOGS, page["worklogs"])
    theirs = by("id", nango_jira.output("list-worklogs", under="worklogs"))
    check(Comparison("Nango Jira worklogs", {}).add(theirs, ours, columns), 6, {})
