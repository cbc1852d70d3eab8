"""The recorded sets of real trackers: nothing recorded goes missing, and what is served is what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.asana.workspace import Workspace
from simulator.jira.site import Site
from simulator.records.load import NothingToServe, load_records, summarise
from simulator.serve import Simulator

JIRA_CLOUD = (
    "airbyte", "airbyte_unit_responses", "devlake", "faros", "grimoirelab", "jirametrics", "jupiterone", "mobitel",
    "nango",
)  # fmt: skip
JIRA_DATACENTER = ("go_jira", "hygieia", "jira_ruby", "jrjc", "perceval", "tidev_archive")
ASANA = ("airbyte", "faros", "jupiterone", "nango")


def rows(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob(pattern)):
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


def folder_of(realdata: Path, tracker: str, name: str) -> Path:
    folder = realdata / tracker / name
    if not folder.is_dir():
        pytest.skip(f"the recorded set {tracker}/{name} is not here")
    return folder


def served_site(realdata: Path, name: str) -> Site:
    site = load_records(folder_of(realdata, "jira", name))
    assert isinstance(site, Site)
    return site


@pytest.mark.parametrize("name", JIRA_CLOUD)
def test_cloud_sets_are_served_as_cloud(realdata: Path, name: str) -> None:
    assert served_site(realdata, name).flavour == "cloud"


@pytest.mark.parametrize("name", JIRA_DATACENTER)
def test_server_sets_are_served_as_data_center(realdata: Path, name: str) -> None:
    assert served_site(realdata, name).flavour == "datacenter"


def test_webhooks_alone_serve_nothing(realdata: Path) -> None:
    with pytest.raises(NothingToServe):
        load_records(folder_of(realdata, "jira", "mattermost"))


@pytest.mark.parametrize(
    ("name", "pattern", "at"),
    [
        ("tidev_archive", "*.jsonl", None),
        ("devlake", "api_issues*.jsonl", "data"),
        ("airbyte", "issues.jsonl", "data"),
        ("faros", "issues.jsonl", None),
    ],
)
def test_every_recorded_issue_is_served(realdata: Path, name: str, pattern: str, at: str | None) -> None:
    recorded = list(rows(folder_of(realdata, "jira", name), pattern))
    ids = {str((row[at] if at else row)["id"]) for row in recorded}
    site = served_site(realdata, name)
    assert ids
    assert ids <= set(site.issues)


def test_the_fields_of_the_archive_are_served_as_they_were_recorded(realdata: Path) -> None:
    recorded = {row["id"]: row for row in rows(folder_of(realdata, "jira", "tidev_archive"), "DAEMON.jsonl")}
    site = served_site(realdata, "tidev_archive")
    with Simulator(jira_datacenter=site) as simulator, requests.Session() as session:
        session.headers["Authorization"] = "Bearer simulated-token"
        address = f"{simulator.addresses['jira_datacenter']}/rest/api/2/search"
        found: list[dict[str, Any]] = []
        while True:
            query: dict[str, str | int] = {
                "jql": "project = DAEMON ORDER BY id",
                "startAt": len(found),
                "fields": "*all",
            }
            answer = session.get(address, params=query, timeout=30)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["issues"]
            if len(found) >= page["total"] or not page["issues"]:
                break
    assert len(found) == len(recorded)
    for issue in found:
        before = recorded[issue["id"]]["fields"]
        for name in before.keys() - {"comment", "worklog", "issuetype"}:
            assert issue["fields"][name] == before[name], (issue["key"], name)
        assert len(issue["fields"]["comment"]["comments"]) == len(before["comment"]["comments"])


@pytest.mark.parametrize("name", [*JIRA_CLOUD, *JIRA_DATACENTER])
def test_the_lists_of_every_jira_set_are_answered(realdata: Path, name: str) -> None:
    site = served_site(realdata, name)
    kind, api = ("jira_cloud", "3") if site.flavour == "cloud" else ("jira_datacenter", "2")
    with Simulator(**{kind: site}) as simulator, requests.Session() as session:  # type: ignore[arg-type]  # by name
        if kind == "jira_cloud":
            session.auth = ("ada@quillwork.example", "simulated-token")
        else:
            session.headers["Authorization"] = "Bearer simulated-token"
        rest = f"{simulator.addresses[kind]}/rest/api/{api}"

        def get(path: str) -> Any:
            answer = session.get(rest + path, timeout=30)
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
            return answer.json()

        counts = summarise(site)
        assert get("/myself")["accountId" if kind == "jira_cloud" else "name"]
        assert len(get("/field")) >= counts["fields"]
        assert len(get("/status")) == counts.get("statuses", 0)
        assert len(get("/issueLinkType")["issueLinkTypes"]) == counts.get("link_types", 0)
        for issue in list(site.issues.values())[:20]:
            assert get(f"/issue/{issue.id}?expand=changelog")["key"] == issue.key


@pytest.mark.parametrize("name", ASANA)
def test_the_lists_of_every_asana_set_are_answered(realdata: Path, name: str) -> None:
    state = load_records(folder_of(realdata, "asana", name))
    assert isinstance(state, Workspace)
    with Simulator(asana=state) as simulator, requests.Session() as session:
        session.headers["Authorization"] = "Bearer simulated-token"

        def get(path: str) -> Any:
            answer = session.get(simulator.addresses["asana"] + path, timeout=30)
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
            return answer.json()["data"]

        fields = (
            "opt_fields=name,assignee.name,memberships.project.gid,memberships.section.name,custom_fields,num_subtasks"
        )
        assert get("/users/me")["gid"] == state.me
        projects = [
            project for workspace in get("/workspaces") for project in get(f"/projects?workspace={workspace['gid']}")
        ]
        assert {project["gid"] for project in projects} == set(state.projects)
        listed = {
            task["gid"] for project in projects for task in get(f"/tasks?project={project['gid']}&limit=100&{fields}")
        }
        assert listed == {gid for gids in state.project_tasks.values() for gid in gids}
        for gid in state.tasks:
            assert get(f"/tasks/{gid}")["gid"] == gid
            assert len(get(f"/tasks/{gid}/stories")) == len(state.stories.get(gid, []))
