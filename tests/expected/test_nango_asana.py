"""Tasks, stories, projects, teams and users of Asana as Nango has them, against records read and mapped here."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from connector.protocol import RawRecord, Stream
from connector.records import ItemRecord
from connector.registry import open_reader
from sync.mapping.defaults import References, default_profile
from sync.mapping.items import ItemValues, map_item
from sync.mapping.rules import Rules
from tests.expected.comparison import ROW, Column, Comparison, Explanation, check
from tests.expected.nango import Document, Nango, by

KINDS = {"default_task": "task"}


def items(nango: Nango, documents: list[Document]) -> dict[str, ItemValues]:
    rules = Rules(default_profile(References()))
    found = {}
    for ident, record in nango.read(Stream.ITEMS, documents, "gid").items():
        assert isinstance(record, ItemRecord)
        found[ident] = map_item(record, None, rules)
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def assignee_name(item: ItemValues) -> str | None:
    return {person.external_id: person.name for person in item.people}.get(item.record.assignee_id or "")


CORE = (
    Column("title", lambda task: task["name"], lambda item: item.record.title),
    Column("done", lambda task: task["completed"], lambda item: item.category == "done"),
    Column("created", lambda task: moment(task["created_at"]), lambda item: item.record.created),
    Column("updated", lambda task: moment(task["modified_at"]), lambda item: item.record.updated),
)
KIND = Column("kind", lambda task: KINDS[task["resource_subtype"]], lambda item: item.kind)
DUE = Column("due", lambda task: day(task.get("due_on")), lambda item: item.due)
URL = Column("url", lambda task: task["permalink_url"], lambda item: item.record.url)
ASSIGNEE = (
    Column("assignee", lambda task: (task["assignee"] or {}).get("gid"), lambda item: item.record.assignee_id),
    Column("assignee name", lambda task: (task["assignee"] or {}).get("name"), assignee_name),
)
PROJECTS = Column(
    "projects",
    lambda task: [project["gid"] for project in task["projects"]],
    lambda item: [member.project_id for member in item.memberships],
)
LABELS = Column("labels", lambda task: [tag["name"] for tag in task["tags"]], lambda item: list(item.record.labels))


def test_tasks(nango_asana: Nango) -> None:
    """Their sync asks for the tasks of each project: a task in two of them arrives twice."""
    columns = (
        *CORE,
        KIND,
        DUE,
        Column("assignee", lambda task: task.get("assignee_gid"), lambda item: item.record.assignee_id),
        Column("assignee name", lambda task: task.get("assignee_name"), assignee_name),
    )
    listed = [task for page in nango_asana.answers("tasks", "/tasks") for task in page["data"]]
    ours = items(nango_asana, listed)
    theirs = by("id", nango_asana.mapped("tasks", "Task"))
    check(Comparison("Nango Asana tasks, sync", {}).add(theirs, ours, columns), 17, {})


def test_tasks_of_a_project(nango_asana: Nango) -> None:
    [page] = nango_asana.answers("list-tasks-for-project", "/tasks")
    theirs = by("gid", nango_asana.output("list-tasks-for-project", under="tasks"))
    found = Comparison("Nango Asana tasks of a project", {})
    check(found.add(theirs, items(nango_asana, page["data"]), (*CORE, DUE, URL, *ASSIGNEE)), 3, {})


def test_one_task(nango_asana: Nango) -> None:
    [answer] = nango_asana.answers("get-task", "/tasks/1211440849237760")
    columns = (
        *CORE,
        KIND,
        DUE,
        URL,
        *ASSIGNEE,
        PROJECTS,
        LABELS,
        Column("start", lambda task: day(task["start_on"]), lambda item: item.start),
        Column("parent", lambda task: task["parent"], lambda item: item.record.parent_id),
    )
    theirs = by("gid", nango_asana.output("get-task"))
    found = Comparison("Nango Asana task", {})
    check(found.add(theirs, items(nango_asana, [answer["data"]]), columns), 1, {})

    [answer] = nango_asana.answers("update-task", "/tasks/1214302986766337")
    theirs = by("gid", nango_asana.output("update-task"))
    found = Comparison("Nango Asana task, changed", {})
    check(found.add(theirs, items(nango_asana, [answer["data"]]), (*CORE, KIND, URL, PROJECTS, LABELS)), 1, {})


def test_stories(nango_asana: Nango) -> None:
    """The recorded stories are compact: they carry no values, and prose is not parsed."""
    [page] = nango_asana.answers("list-stories-for-task", "/stories")
    payload = json.dumps(page["data"]).encode()
    record: Any = open_reader("asana", "https://app.asana.com/api/1.0", (), ()).read(
        RawRecord(Stream.CHANGES, "1211440849237760", payload)
    )
    valueless = {"added_to_project", "due_date_changed", "due_today", "comment_added"}
    explained = {
        "prose": Explanation(
            "They keep the sentence; recorded without values, it tells no change here",
            lambda d: d.column == ROW and d.record is None and d.row["resource_subtype"] in valueless,
        )
    }
    theirs = by("gid", nango_asana.output("list-stories-for-task", under="stories"))
    ours = {change.at: change for change in record.changes}
    check(Comparison("Nango Asana stories", explained).add(theirs, ours, []), 0, {"prose": 4})


def test_projects(nango_asana: Nango) -> None:
    core: tuple[Column, ...] = (
        Column("name", lambda project: project["name"], lambda project: project.name),
        Column("archived", lambda project: project["archived"], lambda project: project.archived),
        Column("due", lambda project: day(project["due_on"]), lambda project: project.due),
        Column("start", lambda project: day(project["start_on"]), lambda project: project.start),
    )
    [answer] = nango_asana.answers("get-project", "/projects/1211440849237745")
    columns: tuple[Column, ...] = (
        *core,
        Column("owner", lambda project: project["owner"]["gid"], lambda project: project.lead_id),
        Column("owner name", lambda project: project["owner"]["name"], lambda project: project.lead_name),
        Column("completed", lambda project: project["completed"], lambda project: project.completed),
        Column("created", lambda project: moment(project["created_at"]), lambda project: project.created),
        Column("reported", lambda project: project["current_status_update"], lambda project: project.reported),
        Column("team", lambda project: project["team"]["name"], lambda project: project.grouping),
        Column("url", lambda project: project["permalink_url"], lambda project: project.url),
    )
    theirs = by("gid", nango_asana.output("get-project"))
    ours = nango_asana.read(Stream.PROJECTS, [answer["data"]], "gid")
    check(Comparison("Nango Asana project", {}).add(theirs, ours, columns), 1, {})

    [answer] = nango_asana.answers("update-project", "/projects/1214321120755350")
    columns = (*core, Column("owner", lambda project: project["owner_gid"], lambda project: project.lead_id))
    theirs = by("gid", nango_asana.output("update-project"))
    ours = nango_asana.read(Stream.PROJECTS, [answer["data"]], "gid")
    check(Comparison("Nango Asana project, changed", {}).add(theirs, ours, columns), 1, {})

    [page] = nango_asana.answers("list-projects-for-team", "/projects")
    theirs = by("gid", nango_asana.output("list-projects-for-team", under="items"))
    ours = nango_asana.read(Stream.PROJECTS, page["data"], "gid")
    check(Comparison("Nango Asana projects of a team", {}).add(theirs, ours, core[:1]), 3, {})


NAME = Column("name", lambda row: row["name"], lambda record: record.name)
EMAIL = Column("email", lambda row: row["email"], lambda record: record.email)


@pytest.mark.parametrize(
    ("fixture", "name", "rows"),
    [
        ("list-teams-for-user", "Nango Asana teams of a user", 4),
        ("list-teams-for-workspace", "Nango Asana teams", 8),
    ],
)
def test_teams(nango_asana: Nango, fixture: str, name: str, rows: int) -> None:
    [page] = nango_asana.answers(fixture, "/teams")
    ours = nango_asana.read(Stream.TEAMS, page["data"], "gid")
    check(Comparison(name, {}).add(by("gid", nango_asana.output(fixture, under="items")), ours, [NAME]), rows, {})


def test_users(nango_asana: Nango) -> None:
    [page] = nango_asana.answers("users", "/users")
    ours = nango_asana.read(Stream.PEOPLE, page["data"], "gid")
    theirs = by("id", nango_asana.mapped("users", "User"))
    check(Comparison("Nango Asana users, sync", {}).add(theirs, ours, [NAME, EMAIL]), 6, {})

    [page] = nango_asana.answers("list-users-for-team", "/users")
    ours = nango_asana.read(Stream.PEOPLE, page["data"], "gid")
    theirs = by("gid", nango_asana.output("list-users-for-team", under="items"))
    check(Comparison("Nango Asana users of a team", {}).add(theirs, ours, [NAME, EMAIL]), 1, {})
