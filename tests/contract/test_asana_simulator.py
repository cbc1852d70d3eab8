"""The simulated Asana answers in the shapes of its published OpenAPI description (skipped where that is not here)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import requests
import yaml

from simulator.asana import edits
from simulator.asana.app import make_app
from simulator.asana.workspace import Workspace
from simulator.wire import WireServer
from tests.simulator.asana.organisation import (
    ALPHA,
    ANA,
    BEN,
    BETA,
    DOING,
    GOAL,
    HIGH,
    ORGANISATION,
    POINTS,
    PORTFOLIO,
    PRIORITY,
    TEAM,
    Client,
    day,
    later,
    organisation,
    with_tasks,
)  # fmt: skip

Schema = dict[str, Any]


@lru_cache(maxsize=1)
def description(path: Path) -> Schema:
    with path.open(encoding="utf-8") as stream:
        loaded: Schema = yaml.load(stream, Loader=yaml.CSafeLoader)  # safe, and ten times the speed
    return loaded


@pytest.fixture(scope="module")
def spec(realdata: Path) -> Schema:
    path = realdata / "specs" / "asana_oas.yaml"
    if not path.is_file():
        pytest.skip(f"Asana's OpenAPI description is not here: {path}")
    return description(path)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Client, Workspace, str]]:
    """A client, the state, and the gid of a task to which everything has happened."""
    state = organisation()
    first, second = with_tasks(state, 2)
    edits.edit(state, first, due_on="2026-02-01", at=later(1), by=ANA)
    edits.edit(state, first, name="Another name", at=later(1), by=ANA)
    edits.assign(state, first, BEN, at=later(2), by=ANA)
    edits.set_custom_value(state, first, PRIORITY, HIGH, at=later(3), by=ANA)
    edits.set_custom_value(state, first, POINTS, 3, at=later(3), by=ANA)
    edits.set_custom_value(state, first, POINTS, 5, at=later(3), by=ANA)
    edits.move_to_section(state, first, ALPHA, DOING, at=later(4), by=ANA)
    edits.add_to_project(state, first, BETA, at=later(4), by=ANA)
    edits.create_task(state, "Part", parent=first, at=later(5), by=BEN)
    edits.add_dependency(state, first, second, at=later(5), by=ANA)
    edits.comment(state, first, "Done soon.", at=later(6), by=BEN)
    edits.complete(state, first, at=later(7), by=BEN)
    edits.book_time(state, first, 45, day(1), project=ALPHA, at=later(7), by=BEN)
    edits.post_status(state, ALPHA, "on_track", "Week 1", "Fine.", at=later(8), by=ANA)
    server = WireServer(make_app(state))
    server.start()
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer simulated-token"
        yield Client(server.address + "/api/1.0", session), state, first
    server.stop()


TASK_FIELDS = (
    "name,resource_subtype,resource_type,assignee.name,completed,completed_at,completed_by.name,created_at,created_by.name,"
    "custom_fields,dependencies,dependents,due_at,due_on,memberships.project.name,memberships.section.name,modified_at,"
    "num_subtasks,parent.name,permalink_url,projects.name,start_at,start_on,tags,workspace,actual_time_minutes"
)
STORY_FIELDS = (
    "created_at,created_by.name,resource_subtype,type,text,old_dates,new_dates,old_name,new_name,assignee,old_section,"
    "new_section,project,custom_field,old_enum_value,new_enum_value,old_number_value,new_number_value,dependency,"
    "is_pinned,is_edited,is_editable,source,target,resource_type"
)
# The path as the description has it, its gids, and the query.
CALLS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("/users/{user_gid}", {"user_gid": "me"}, {}),
    ("/users", {}, {"workspace": ORGANISATION, "opt_fields": "name,email,photo,workspaces.name,resource_type"}),
    ("/workspaces", {}, {"limit": "100"}),
    ("/workspaces/{workspace_gid}", {"workspace_gid": ORGANISATION}, {}),
    ("/workspaces/{workspace_gid}/teams", {"workspace_gid": ORGANISATION}, {}),
    ("/teams/{team_gid}/users", {"team_gid": TEAM}, {}),
    ("/projects", {}, {"workspace": ORGANISATION, "limit": "1"}),
    ("/projects/{project_gid}", {"project_gid": ALPHA}, {}),
    ("/projects/{project_gid}/sections", {"project_gid": ALPHA}, {}),
    ("/projects/{project_gid}/task_counts", {"project_gid": ALPHA}, {"opt_fields": "num_tasks,num_milestones"}),
    ("/projects/{project_gid}/custom_field_settings", {"project_gid": ALPHA}, {}),
    ("/workspaces/{workspace_gid}/custom_fields", {"workspace_gid": ORGANISATION}, {}),
    ("/tasks", {}, {"project": ALPHA, "limit": "1"}),
    ("/tasks", {}, {"project": ALPHA, "opt_fields": TASK_FIELDS}),
    ("/tasks/{task_gid}", {"task_gid": "TASK"}, {}),
    ("/tasks/{task_gid}", {"task_gid": "TASK"}, {"opt_fields": TASK_FIELDS}),
    ("/tasks/{task_gid}/subtasks", {"task_gid": "TASK"}, {}),
    ("/tasks/{task_gid}/stories", {"task_gid": "TASK"}, {}),
    ("/tasks/{task_gid}/stories", {"task_gid": "TASK"}, {"opt_fields": STORY_FIELDS}),
    ("/tasks/{task_gid}/dependencies", {"task_gid": "TASK"}, {}),
    ("/tasks/{task_gid}/time_tracking_entries", {"task_gid": "TASK"}, {}),
    ("/time_tracking_entries", {}, {"attributable_to": ALPHA, "opt_fields": "duration_minutes,entered_on,task.name"}),
    ("/status_updates", {}, {"parent": ALPHA, "opt_fields": "title,text,status_type,created_at,author.name,parent"}),
    ("/portfolios", {}, {"workspace": ORGANISATION, "owner": "me"}),
    ("/portfolios/{portfolio_gid}", {"portfolio_gid": PORTFOLIO}, {}),
    ("/portfolios/{portfolio_gid}/items", {"portfolio_gid": PORTFOLIO}, {}),
    ("/goals", {}, {"workspace": ORGANISATION}),
    ("/goals/{goal_gid}", {"goal_gid": GOAL}, {}),
    ("/goal_relationships", {}, {"supported_goal": GOAL}),
    ("/allocations", {}, {"workspace": ORGANISATION}),
    ("/ooo_entries", {}, {"workspace": ORGANISATION, "user": BEN}),
    ("/memberships", {}, {"parent": ALPHA}),
]


@pytest.mark.parametrize(("path", "gids", "query"), CALLS, ids=[f"{n}-{call[0]}" for n, call in enumerate(CALLS)])
def test_an_answer_has_the_described_shape(
    spec: Schema, served: tuple[Client, Workspace, str], path: str, gids: dict[str, str], query: dict[str, str]
) -> None:
    client, _, task = served
    operation = spec["paths"][path]
    known = {parameter["name"] for parameter in parameters(spec, operation)}
    assert set(query) <= known
    response = client.ask(path.format(**{name: task if gid == "TASK" else gid for name, gid in gids.items()}), **query)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["data"], "an empty answer would prove nothing"
    schema = answer_of(spec, path)
    if "opt_fields" in query and path in NAMED_FIELDS_OF:
        schema = {"properties": {"data": {"items": {"$ref": f"#/components/schemas/{NAMED_FIELDS_OF[path]}"}}}}
    jsonschema.Draft202012Validator(plain(spec, schema)).validate(body)
    assert undocumented(spec, schema, body) == set()


@pytest.mark.parametrize(("path", "status"), [("/tasks/999", 404), ("/tasks", 400)])
def test_an_error_has_the_described_shape(
    spec: Schema, served: tuple[Client, Workspace, str], path: str, status: int
) -> None:
    response = served[0].ask(path)
    assert response.status_code == status
    schema = {"$ref": "#/components/schemas/ErrorResponse"}
    jsonschema.Draft202012Validator(plain(spec, schema)).validate(response.json())
    assert undocumented(spec, schema, response.json()) == set()


def test_events_have_the_described_shape(spec: Schema, served: tuple[Client, Workspace, str]) -> None:
    client, state, task = served
    sync = client.ask("/events", resource=ALPHA).json()["sync"]
    edits.assign(state, task, ANA, at=later(10), by=BEN)
    body = client.ask("/events", resource=ALPHA, sync=sync).json()
    assert {event["type"] for event in body["data"]} == {"task", "story"}
    schema = answer_of(spec, "/events")
    for event in body["data"]:
        event.pop("parent") if event["parent"] is None else None  # described as an object, said to be null
    jsonschema.Draft202012Validator(plain(spec, schema)).validate(body)


def test_the_check_itself_notices_a_wrong_type_and_an_unknown_name(spec: Schema) -> None:
    schema = answer_of(spec, "/tasks/{task_gid}")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(plain(spec, schema)).validate({"data": {"gid": 7}})
    assert undocumented(spec, schema, {"data": {"gid": "7", "colour": "red"}}) == {"data.colour"}


# Lists are described in their compact form; with `opt_fields` any field of the full one may come.
NAMED_FIELDS_OF = {
    "/users": "UserResponse",
    "/tasks": "TaskResponse",
    "/tasks/{task_gid}/stories": "StoryResponse",
    "/time_tracking_entries": "TimeTrackingEntryBase",
    "/status_updates": "StatusUpdateResponse",
}
# Null in recorded answers, though the description does not say so.
NULL_IN_FACT = {"due_on", "start_on", "due_at", "approval_status", "old_enum_value", "attributable_to", "section"}
# Beyond the description: a creator's name comes when named, and recorded custom fields carry their subtype.
SERVED_IN_FACT = {"data.created_by.name", "data.custom_field.resource_subtype"}


def answer_of(spec: Schema, path: str) -> Schema:
    answers = {str(status): answer for status, answer in spec["paths"][path]["get"]["responses"].items()}
    found: Schema = answers["200"]["content"]["application/json"]["schema"]
    return found


def resolve(spec: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        target: Schema = spec
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def parameters(spec: Schema, operation: Schema) -> list[Schema]:
    listed = [*operation.get("parameters", []), *operation["get"].get("parameters", [])]
    return [resolve(spec, parameter) for parameter in listed]


def plain(spec: Schema, schema: Schema, depth: int = 0, name: str = "") -> Schema:
    """The OpenAPI 3.0 schema as JSON Schema: references followed, `nullable` spelt out."""
    schema = resolve(spec, schema)
    if depth > 12:
        return {}
    nullable = schema.get("nullable", False) or name in NULL_IN_FACT
    parts: list[Schema] = []
    for part in schema.get("allOf", []):
        nullable = nullable or resolve(spec, part).get("nullable", False)
        parts.append(plain(spec, part, depth + 1))
    kept: Schema = {key: schema[key] for key in ("type", "enum", "required") if key in schema}
    if "properties" in schema:
        kept["properties"] = {key: plain(spec, sub, depth + 1, key) for key, sub in schema["properties"].items()}
    if "items" in schema:
        kept["items"] = plain(spec, schema["items"], depth + 1)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            kept["anyOf"] = [plain(spec, part, depth + 1) for part in schema[key]]
    if parts:
        kept["allOf"] = parts
    return {"anyOf": [kept, {"type": "null"}]} if nullable else kept


def names(spec: Schema, schema: Schema) -> dict[str, Schema]:
    """Every property a schema or its parts know."""
    schema = resolve(spec, schema)
    found: dict[str, Schema] = dict(schema.get("properties", {}))
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, []):
            found |= names(spec, part)
    return found


def undocumented(spec: Schema, schema: Schema, value: Any, path: str = "") -> set[str]:
    """Paths of names in an answer that the description does not have."""
    schema = resolve(spec, schema)
    if isinstance(value, list):
        items = schema.get("items", {})
        return {found for entry in value for found in undocumented(spec, items, entry, path)}
    if not isinstance(value, dict):
        return set()
    known = names(spec, schema)
    if not known:
        return set()
    found: set[str] = set()
    for key, sub in value.items():
        here = f"{path}.{key}".lstrip(".")
        if key not in known:
            found |= {here} - SERVED_IN_FACT
        else:
            found |= undocumented(spec, known[key], sub, here)
    return found
