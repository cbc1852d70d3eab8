"""Each layout of recordings, on small invented files: what is served, what is derived, what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.jira.site import Site
from simulator.records.files import UnreadableRecord
from simulator.records.load import NothingToServe, load_records, summarise
from simulator.records.recorded import RecordedSite, RecordedWorkspace

Row = dict[str, Any]
ADA = {"accountId": "acc-ada", "displayName": "Ada Quill", "active": True, "timeZone": "Europe/Lisbon"}
BOB = {"key": "bob", "name": "bobby", "displayName": "Bob Quill", "active": False}
SITE = "https://quillwork.example/rest/api/3"


def issue(ident: str, key: str, **fields: Any) -> Row:
    project = {"id": "70", "key": key.rpartition("-")[0], "name": "Quill project"}
    return {"id": ident, "key": key, "fields": {"project": project, "summary": f"About {key}", **fields}}


def lines(path: Path, *rows: Row) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def jira(folder: Path) -> RecordedSite:
    site = load_records(folder)
    assert isinstance(site, RecordedSite)
    return site


def asana(folder: Path) -> RecordedWorkspace:
    state = load_records(folder)
    assert isinstance(state, RecordedWorkspace)
    return state


def test_an_export_of_issues(tmp_path: Path) -> None:
    status = {"id": "3", "name": "Doing", "statusCategory": {"key": "indeterminate", "colorName": "yellow"}}
    comment = {"id": "900", "author": BOB, "body": "Why?", "created": "2020-01-02T10:00:00.000+0100"}
    sprint = {"id": 5, "state": "closed", "name": "Sprint, the [fifth]", "originBoardId": 4}
    first = issue(
        "1", "Q-1", status=status, assignee=BOB, comment={"comments": [comment], "total": 1},
        closedSprints=[sprint], fixVersions=[{"id": "30", "name": "1.0"}], customfield_10001=3.5,
        updated="2020-01-02T10:00:00.000+0100",
    )  # fmt: skip
    lines(tmp_path / "Q.jsonl", first, issue("2", "Q-2", status=status, assignee=None))
    site = jira(tmp_path)
    assert site.flavour == "datacenter"
    assert site.issues["1"].fields == {k: v for k, v in first["fields"].items() if k != "comment"}
    assert site.issues["1"].comments == [comment]
    assert summarise(site) == {
        "issues": 2, "comments": 1, "users": 1, "projects": 1, "statuses": 1, "boards": 1, "sprints": 1,
        "versions": 1, "fields": 8,
    }  # fmt: skip
    assert site.users == {"bob": BOB}
    assert site.versions == {"70": [{"projectId": 70, "id": "30", "name": "1.0"}]}
    assert site.derived["users"] == site.derived["statuses"] == site.derived["projects"] == 1
    declared = {field["id"]: field["schema"] for field in site.fields}
    assert declared["customfield_10001"] == {"type": "unknown", "customId": 10001}


def test_raw_tables_hang_histories_and_worklogs_on_the_issue_of_their_request(tmp_path: Path) -> None:
    def row(number: int, url: str, data: Row) -> Row:
        return {"raw_id": str(number), "url": f"{SITE}{url}", "params": "{}", "input": "null", "data": data}

    early = {"id": "10", "author": ADA, "created": "2021-03-01T09:00:00.000+0000", "items": [{"field": "status"}]}
    late = {"id": "9", "author": ADA, "created": "2021-03-01T11:00:00.000+0100", "items": [{"field": "duedate"}]}
    worklog = {"id": "50", "self": f"{SITE}/issue/1/worklog/50", "author": ADA, "timeSpentSeconds": 60, "issueId": "1"}
    lines(tmp_path / "api_issues.jsonl", row(1, "/board/8/issue", issue("1", "Q-1")))
    lines(
        tmp_path / "api_issue_changelogs.jsonl",
        row(1, "/issue/1/changelog?startAt=0", late),
        row(2, "/issue/1/changelog?startAt=0", early),
        row(3, "/issue/404/changelog?startAt=0", early),
    )
    lines(tmp_path / "api_worklogs.jsonl", row(1, "/issue/1/worklog", worklog))
    sprint = {"id": 7, "self": f"{SITE}/sprint/7", "name": "Seven", "state": "active"}
    lines(tmp_path / "api_sprints.jsonl", row(1, "/board/8/sprint?maxResults=50", sprint))
    site = jira(tmp_path)
    assert site.flavour == "cloud"
    assert [history["id"] for history in site.issues["1"].histories] == ["10", "9"]
    assert site.issues["1"].worklogs == [worklog]
    assert site.sprints_by_board == {"8": [sprint]}
    assert site.left_out == {"histories of issues that were not recorded": 1}


def test_of_several_versions_of_a_record_the_newest_is_served(tmp_path: Path) -> None:
    def row(when: str, document: Row) -> Row:
        return {"stream": "issues", "recorded_before": when, "data": document}

    lines(
        tmp_path / "issues.jsonl",
        row("2023-01-01T00:00:00Z", issue("1", "Q-1", updated="2022-12-01T10:00:00.000+0000", labels=["second"])),
        row("2023-02-01T00:00:00Z", issue("1", "Q-1", updated="2022-12-01T10:30:00.000+0100", labels=["first"])),
        row("2023-03-01T00:00:00Z", issue("2", "Q-2", labels=["old"])),
        row("2023-04-01T00:00:00Z", issue("2", "Q-2", labels=["new"])),
    )
    site = jira(tmp_path)
    assert [found.fields["labels"] for found in site.issues.values()] == [["second"], ["new"]]
    assert site.left_out == {"further recordings of an issue": 2}


def test_a_moved_issue_is_one_and_a_foreign_one_of_the_same_id_is_not_mixed_in(tmp_path: Path) -> None:
    born = "2022-01-01T10:00:00.000+0000"
    history = {"id": "1", "created": born, "items": []}
    foreign = {**issue("1", "X-1", created="2019-05-05T10:00:00.000+0000"), "changelog": {"histories": [history]}}
    lines(
        tmp_path / "mixed.jsonl",
        issue("1", "Q-1", created=born, updated="2022-02-01T10:00:00.000+0000"),
        issue("1", "R-9", created=born, updated="2022-03-01T10:00:00.000+0000"),
        foreign,
    )
    site = jira(tmp_path)
    assert [found.key for found in site.issues.values()] == ["R-9"]
    assert site.issues["1"].histories == []
    assert site.left_out["issues of another site, with an id already taken"] == 1


def test_stream_files_without_an_envelope_and_archived_items(tmp_path: Path) -> None:
    lines(tmp_path / "issues.jsonl", {**issue("1", "Q-1"), "changelog": {"histories": [], "total": 2}})
    lines(tmp_path / "users.jsonl", {**ADA, "self": f"{SITE}/user?accountId=acc-ada"})
    lines(tmp_path / "board_issues.jsonl", {"id": "1", "key": "Q-1", "fields": {"updated": "2020"}, "boardId": 4})
    archived = {"backend_name": "Jira", "category": "issue", "timestamp": 1.0, "data": issue("2", "Q-2")}
    lines(tmp_path / "archive.jsonl", archived)
    site = jira(tmp_path)
    assert set(site.issues) == {"1", "2"}
    assert site.me == "acc-ada"
    assert site.time_zone == "UTC"  # so that instants go out as they were recorded
    assert site.left_out == {"parts of issues, without fields or project": 1}


def test_http_exchanges_count_only_where_something_was_read(tmp_path: Path) -> None:
    def exchange(method: str, path: str, status: int, response: object) -> Row:
        return {"method": method, "url": f"{SITE}{path}", "status": status, "response": response}

    lines(
        tmp_path / "http.jsonl",
        exchange("POST", "/search", 200, {"issues": [issue("1", "Q-1")], "total": 1}),
        exchange("POST", "/search", 400, {"errorMessages": ["no"]}),
        exchange("POST", "/issue", 201, issue("2", "Q-2")),
        exchange("GET", "/myself", 401, "Basic authentication with passwords is deprecated."),
        exchange("GET", "/users?startAt=0", 200, [{**BOB, "accountId": "acc-bob"}, ADA]),
        exchange("GET", "/myself", 200, ADA),
        exchange("GET", "/project/70/versions", 200, [{"self": f"{SITE}/version/31", "id": "31", "name": "2.0"}]),
        exchange("GET", "/issue/1/comment", 200, {"comments": [{"self": f"{SITE}/issue/1/comment/5", "id": "5"}]}),
    )
    site = jira(tmp_path)
    assert list(site.issues) == ["1"]
    assert site.issues["1"].comments[0]["id"] == "5"
    assert site.me == "acc-ada"
    assert site.versions == {"70": [{"self": f"{SITE}/version/31", "id": "31", "name": "2.0"}]}


def test_fixture_files_and_single_answers(tmp_path: Path) -> None:
    page = {"startAt": 0, "total": 2, "issues": [issue("1", "Q-1"), issue("2", "Q-2")]}
    (tmp_path / "search.json").write_text(json.dumps(page), encoding="utf-8")
    (tmp_path / "issue_3.put.json").write_text(json.dumps(issue("3", "Q-3")), encoding="utf-8")
    lines(
        tmp_path / "fixtures.jsonl",
        {"file": "issue/valid.json", "payload": issue("4", "Q-4")},
        {"file": "webhooks/created.json", "payload": {"webhookEvent": "jira:issue_created", "issue": issue("5", "Q")}},
        {"file": "issue/old.json", "payload": {"key": "Q-6", "fields": {"summary": {"name": "summary"}}}},
    )
    site = jira(tmp_path)
    assert sorted(site.issues) == ["1", "2", "4"]
    assert site.left_out == {"issues in the form of Jira 4, without an id": 1}


def test_asana_streams(tmp_path: Path) -> None:
    def row(stream: str, **document: Any) -> Row:
        return {"stream": stream, "data": document}

    option = {"gid": "61", "name": "Late", "resource_type": "enum_option"}
    field = {"gid": "60", "resource_type": "custom_field", "name": "State", "enum_options": [option]}
    home = {"project": {"gid": "20"}, "section": {"gid": "30", "name": "Doing"}}
    lines(
        tmp_path / "all.jsonl",
        row("projects", gid="20", name="Quill", workspace={"gid": "1"}),
        row("tasks", gid="40", name="Write", memberships=[home], assignee={"gid": "10"}, parent=None,
            custom_fields=[{**field, "enum_value": option}]),
        row("tasks", gid="41", name="Part", memberships=[], parent={"gid": "40"}),
        row("tasks", gid="42", name="Nowhere", memberships=[{}]),
        row("stories", gid="50", resource_type="story", text="moved", target={"gid": "40"}),
        row("stories", gid="51", resource_type="story", text="lost"),
        row("users", gid="11", name="Ada Quill"),
    )  # fmt: skip
    state = asana(tmp_path)
    assert state.gid == "1"
    assert state.project_tasks == {"20": ["40"]}
    assert state.subtasks == {"40": ["41"]}
    assert [story["gid"] for story in state.stories["40"]] == ["50"]
    assert state.custom_fields == {"60": field}
    assert state.sections["20"] == [{"gid": "30", "name": "Doing", "resource_type": "section"}]
    assert state.derived == {"users": 1, "sections": 1, "custom_fields": 1}
    assert state.left_out == {"stories of no known task": 1, "tasks in no known project (served by gid only)": 1}
    assert state.features == {"custom_fields"}


def test_asana_exchanges_join_the_parts_of_a_resource_and_place_it_by_the_request(tmp_path: Path) -> None:
    def exchange(path: str, data: object, **params: str) -> Row:
        url = f"https://app.example/api/1.0{path}"
        return {"method": "GET", "url": url, "request": {"params": params}, "status": 200, "response": {"data": data}}

    lines(
        tmp_path / "http.jsonl",
        exchange("/users/me", {"gid": "11", "resource_type": "user", "name": "Ada Quill"}),
        exchange("/projects/20", {"gid": "20", "resource_type": "project", "name": "Quill", "archived": False}),
        exchange("/workspaces/1/projects", [{"gid": "20", "name": "Quill"}], opt_fields="gid,name"),
        exchange("/tasks", [{"gid": "40", "resource_type": "task", "name": "Write"}], project="20"),
        exchange("/tasks/40", {"gid": "40", "resource_type": "task", "notes": "At length"}),
        exchange("/tasks/40/stories", [{"gid": "50", "resource_type": "story", "text": "began"}]),
    )
    state = asana(tmp_path)
    assert state.me == "11"
    assert state.tasks["40"] == {"gid": "40", "resource_type": "task", "name": "Write", "notes": "At length"}
    assert state.project_tasks == {"20": ["40"]}
    assert state.projects["20"]["archived"] is False
    assert [story["gid"] for story in state.stories["40"]] == ["50"]


def test_a_folder_of_other_things_serves_nothing(tmp_path: Path) -> None:
    (tmp_path / "hook.json").write_text('{"channel": "town-square"}', encoding="utf-8")
    with pytest.raises(NothingToServe, match="no recorded Jira or Asana payload"):
        load_records(tmp_path)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "issues.jsonl").write_text(json.dumps(issue("1", "Q-1")) + '\n{"id": "2", "ke\n', encoding="utf-8")
    with pytest.raises(UnreadableRecord, match=r"issues\.jsonl, line 2"):
        load_records(tmp_path)


def test_a_malformed_record_is_served_as_it_is(tmp_path: Path) -> None:
    odd = issue("1", "Q-1", status="gone", assignee=[], duedate="31/12/2020", comment={"comments": "none"})
    lines(tmp_path / "Q.jsonl", odd)
    site: Site = jira(tmp_path)
    assert site.issues["1"].fields["status"] == "gone"
    assert site.issues["1"].fields["duedate"] == "31/12/2020"
