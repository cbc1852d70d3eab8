"""The simulated Jira Cloud answers in the shapes of the vendor's own OpenAPI files (skipped where those are not here).

Sprints are left out: the agile file says nothing of what they look like.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from openapi_schema_validator import OAS30Validator

from simulator.jira import edits
from simulator.serve import Simulator
from tests.simulator.jira.conftest import NOW, build

PLATFORM = "jira_cloud_platform_v3_2025-12.json"
AGILE = "jira_software_agile_swagger.v3.json"
ALL = {"jql": "project = ONE", "fields": ["*all"], "expand": "changelog", "maxResults": 3}
BULK = {"issueIdsOrKeys": ["101", "102"], "fields": ["*all"], "expand": ["changelog"]}

CASES = [
    (PLATFORM, "GET", "/rest/api/3/serverInfo", {}, None),
    (PLATFORM, "GET", "/rest/api/3/myself", {}, None),
    (PLATFORM, "GET", "/rest/api/3/mypermissions?permissions=BROWSE_PROJECTS", {}, None),
    (PLATFORM, "GET", "/rest/api/3/project/search?expand=lead", {}, None),
    (PLATFORM, "GET", "/rest/api/3/project", {}, None),
    (PLATFORM, "GET", "/rest/api/3/project/{projectIdOrKey}", {"projectIdOrKey": "ONE"}, None),
    (PLATFORM, "GET", "/rest/api/3/project/{projectIdOrKey}/versions", {"projectIdOrKey": "1"}, None),
    (PLATFORM, "GET", "/rest/api/3/project/{projectIdOrKey}/version", {"projectIdOrKey": "1"}, None),
    (PLATFORM, "GET", "/rest/api/3/project/{projectIdOrKey}/components", {"projectIdOrKey": "1"}, None),
    (PLATFORM, "GET", "/rest/api/3/component/{id}", {"id": "40"}, None),
    (PLATFORM, "GET", "/rest/api/3/projectCategory", {}, None),
    (PLATFORM, "GET", "/rest/api/3/project/{projectIdOrKey}/statuses", {"projectIdOrKey": "1"}, None),
    (PLATFORM, "GET", "/rest/api/3/field", {}, None),
    (PLATFORM, "GET", "/rest/api/3/status", {}, None),
    (PLATFORM, "GET", "/rest/api/3/issuetype", {}, None),
    (PLATFORM, "GET", "/rest/api/3/priority", {}, None),
    (PLATFORM, "GET", "/rest/api/3/resolution", {}, None),
    (PLATFORM, "GET", "/rest/api/3/issueLinkType", {}, None),
    (PLATFORM, "GET", "/rest/api/3/users/search", {}, None),
    (PLATFORM, "GET", "/rest/api/3/user?accountId=acc-tolo", {}, None),
    (PLATFORM, "GET", "/rest/api/3/user/bulk?accountId=acc-tolo", {}, None),
    (PLATFORM, "GET", "/rest/api/3/group/bulk", {}, None),
    (PLATFORM, "GET", "/rest/api/3/group/member?groupname=builders", {}, None),
    (PLATFORM, "GET", "/rest/api/3/search/jql?jql=project=ONE", {}, None),
    (PLATFORM, "POST", "/rest/api/3/search/jql", {}, ALL),
    (PLATFORM, "POST", "/rest/api/3/search/approximate-count", {}, {"jql": "project = ONE"}),
    (PLATFORM, "POST", "/rest/api/3/issue/bulkfetch", {}, BULK),
    (PLATFORM, "GET", "/rest/api/3/issue/{issueIdOrKey}?expand=changelog", {"issueIdOrKey": "ONE-1"}, None),
    (PLATFORM, "GET", "/rest/api/3/issue/{issueIdOrKey}/changelog", {"issueIdOrKey": "101"}, None),
    (PLATFORM, "GET", "/rest/api/3/issue/{issueIdOrKey}/comment", {"issueIdOrKey": "101"}, None),
    (PLATFORM, "GET", "/rest/api/3/issue/{issueIdOrKey}/worklog", {"issueIdOrKey": "101"}, None),
    (PLATFORM, "POST", "/rest/api/3/changelog/bulkfetch", {}, {"issueIdsOrKeys": ["101"], "maxResults": 1}),
    (PLATFORM, "GET", "/rest/api/3/worklog/updated?since=0", {}, None),
    (PLATFORM, "GET", "/rest/api/3/worklog/deleted?since=0", {}, None),
    (PLATFORM, "POST", "/rest/api/3/worklog/list", {}, {"ids": [90000001, 90000002, 90000003]}),
    (AGILE, "GET", "/rest/agile/1.0/board", {}, None),
    (AGILE, "GET", "/rest/agile/1.0/board/{boardId}", {"boardId": "1"}, None),
    (AGILE, "GET", "/rest/agile/1.0/board/{boardId}/configuration", {"boardId": "1"}, None),
]


def told(value: Any) -> Any:
    """A value without the nulls in it: the files call nothing nullable, the real service sends null all the time."""
    if isinstance(value, list):
        return [told(part) for part in value]
    if isinstance(value, dict):
        return {name: told(part) for name, part in value.items() if part is not None}
    return value


@cache
def specification(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(path.read_bytes())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A site on which a bit of everything has happened."""
    site = build("cloud")
    site.groups["builders"] = ["acc-mira", "acc-tolo"]
    by = {"at": NOW.replace(hour=9), "by": "acc-mira"}
    for _ in range(2):
        edits.add_worklog(site, "101", seconds=1800, started=NOW.replace(hour=8), comment="Done", **by)
    edits.delete_worklog(site, site.issues["101"].worklogs[0]["id"], **by)
    edits.add_comment(site, "101", body="A word\n* and a point", **by)
    edits.transition(site, "101", "5", **by)
    edits.link(site, "20", "101", "102", **by)
    edits.move(site, "103", "2", **by)
    with Simulator(jira_cloud=site, clock=lambda: NOW) as simulator:
        yield simulator.addresses["jira_cloud"]


@pytest.mark.parametrize(("file", "method", "path", "values", "body"), CASES, ids=lambda value: str(value)[:60])
def test_the_answer_has_the_vendors_shape(realdata, address, file, method, path, values, body):
    spec = specification(realdata / "specs" / file)
    operation = spec["paths"][path.partition("?")[0]][method.lower()]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    session = requests.Session()
    session.auth = ("mira@sim.example", "simulated-token")
    answer = session.request(method, address + path.format(**values), json=body, timeout=10)
    assert answer.status_code == 200, answer.text
    shown = told(answer.json())
    assert shown, "an empty answer proves nothing"
    validator = OAS30Validator({**schema, "components": spec["components"]})
    errors = [f"{error.json_path}: {error.message}"[:200] for error in validator.iter_errors(shown)]
    assert errors == []
