"""What an edit leaves: values, modified_at, stories with old and new values, events that bubble up."""

from __future__ import annotations

from typing import Any

import requests

from simulator.asana import edits
from simulator.asana.app import make_app
from simulator.asana.workspace import Document, Workspace, asana_time
from simulator.wire import WireServer
from tests.simulator.asana.organisation import (
    ALPHA,
    ANA,
    BEN,
    BETA,
    DOING,
    HIGH,
    LOW,
    ORGANISATION,
    POINTS,
    PRIORITY,
    TODO,
    Client,
    day,
    later,
    with_tasks,
)  # fmt: skip


def last_story(client: Client, gid: str, fields: str) -> Document:
    story: Document = client.every(f"/tasks/{gid}/stories", opt_fields=f"resource_subtype,created_at,{fields}")[-1]
    return story


def test_each_change_of_a_task_leaves_its_story(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.edit(state, gid, due_on="2026-02-01", at=later(1), by=ANA)
    edits.edit(state, gid, due_on="2026-02-08", at=later(2), by=ANA)
    story = last_story(client, gid, "old_dates.due_on,new_dates.due_on")
    assert (story["resource_subtype"], story["created_at"]) == ("due_date_changed", asana_time(later(2)))
    assert (story["old_dates"], story["new_dates"]) == ({"due_on": "2026-02-01"}, {"due_on": "2026-02-08"})

    edits.move_to_section(state, gid, ALPHA, DOING, at=later(3), by=ANA)
    story = last_story(client, gid, "old_section.name,new_section.name")
    assert story["resource_subtype"] == "section_changed"
    assert (story["old_section"]["gid"], story["new_section"]["gid"]) == (TODO, DOING)

    edits.assign(state, gid, BEN, at=later(4), by=ANA)
    story = last_story(client, gid, "assignee.name,text")
    assert (story["resource_subtype"], story["assignee"]["gid"]) == ("assigned", BEN)
    assert story["text"] == "Ana Quill assigned to Ben Quill"

    edits.set_custom_value(state, gid, PRIORITY, HIGH, at=later(5), by=ANA)
    edits.set_custom_value(state, gid, PRIORITY, LOW, at=later(6), by=ANA)
    story = last_story(client, gid, "old_enum_value.name,new_enum_value.name,custom_field.name")
    assert story["resource_subtype"] == "enum_custom_field_changed"
    assert (story["old_enum_value"]["name"], story["new_enum_value"]["name"]) == ("High", "Low")
    assert story["custom_field"] == {"gid": PRIORITY, "name": "Priority"}

    edits.set_custom_value(state, gid, POINTS, 5, at=later(7), by=ANA)
    story = last_story(client, gid, "old_number_value,new_number_value")
    assert (story["old_number_value"], story["new_number_value"]) == (None, 5)

    edits.comment(state, gid, "Looks fine.", at=later(8), by=BEN)
    story = last_story(client, gid, "type,text,created_by.gid")
    assert (story["type"], story["text"], story["created_by"]) == ("comment", "Looks fine.", {"gid": BEN})

    edits.complete(state, gid, at=later(9), by=BEN)
    assert last_story(client, gid, "type")["resource_subtype"] == "marked_complete"
    assert client.data(f"/tasks/{gid}")["completed_at"] == asana_time(later(9))
    edits.reopen(state, gid, at=later(10), by=ANA)
    assert last_story(client, gid, "type")["resource_subtype"] == "marked_incomplete"
    task = client.data(f"/tasks/{gid}")
    assert (task["completed"], task["completed_at"]) == (False, None)
    assert task["modified_at"] == asana_time(later(10))


def test_a_subtasks_edit_does_not_touch_its_parent(client: Client, state: Workspace) -> None:
    (parent,) = with_tasks(state, 1)
    child = edits.create_task(state, "Part", parent=parent, at=later(1), by=ANA)
    before = client.data(f"/tasks/{parent}")["modified_at"]
    edits.edit(state, child, name="Renamed part", at=later(2), by=ANA)
    edits.complete(state, child, at=later(3), by=ANA)
    assert client.data(f"/tasks/{parent}")["modified_at"] == before
    assert client.data(f"/tasks/{parent}", opt_fields="num_subtasks")["num_subtasks"] == 1
    assert client.data(f"/tasks/{child}", opt_fields="parent.name")["parent"]["name"] == "Task 0"


def test_leaving_a_project_is_not_a_deletion(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.add_to_project(state, gid, BETA, at=later(1), by=ANA)
    edits.remove_from_project(state, gid, ALPHA, at=later(2), by=ANA)
    assert client.data("/tasks", project=ALPHA) == []
    assert client.data(f"/tasks/{gid}")["projects"] == [{"gid": BETA, "name": "Beta", "resource_type": "project"}]


def test_a_deleted_task_is_gone_with_its_subtasks_and_comes_back_where_it_was(client: Client, state: Workspace) -> None:
    gids = with_tasks(state, 3)
    child = edits.create_task(state, "Part", parent=gids[1], at=later(1), by=ANA)
    stories = client.data(f"/tasks/{gids[1]}/stories")
    trash = edits.delete_task(state, gids[1], at=later(2), by=ANA)
    assert client.error(f"/tasks/{gids[1]}")[0] == 404
    assert client.error(f"/tasks/{child}")[0] == 404
    assert [task["gid"] for task in client.data("/tasks", project=ALPHA)] == [gids[0], gids[2]]
    edits.undelete_task(state, trash, at=later(3), by=ANA)
    assert [task["gid"] for task in client.data("/tasks", project=ALPHA)] == gids
    assert [task["gid"] for task in client.data(f"/tasks/{gids[1]}/subtasks")] == [child]
    assert client.data(f"/tasks/{gids[1]}/stories") == stories


def test_dependencies_stand_on_both_ends(client: Client, state: Workspace) -> None:
    first, second = with_tasks(state, 2)
    edits.add_dependency(state, second, first, at=later(1), by=ANA)
    assert [task["gid"] for task in client.data(f"/tasks/{second}/dependencies")] == [first]
    assert [task["gid"] for task in client.data(f"/tasks/{first}/dependents")] == [second]


def test_time_is_booked_on_a_day_and_corrected_in_silence(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    entry = edits.book_time(state, gid, 90, day(-20), project=ALPHA, at=later(1), by=BEN)
    assert client.data(f"/tasks/{gid}")["actual_time_minutes"] == 90

    def minutes(**parameters: str) -> list[int]:
        return [booked["duration_minutes"] for booked in client.data("/time_tracking_entries", **parameters)]

    before = client.data(f"/tasks/{gid}")["modified_at"]
    edits.correct_time(state, entry, 60)
    assert client.data(f"/tasks/{gid}")["modified_at"] == before
    assert minutes(task=gid) == minutes(user=BEN) == minutes(attributable_to=ALPHA) == minutes(portfolio="500") == [60]
    assert minutes(workspace=ORGANISATION, entered_on_start_date=str(day(-20))) == [60]
    assert minutes(workspace=ORGANISATION, entered_on_start_date=str(day(-19))) == []


def test_a_status_update_becomes_the_current_one(client: Client, state: Workspace) -> None:
    edits.post_status(state, ALPHA, "on_track", "Week 1", "Fine.", at=later(1), by=ANA)
    gid = edits.post_status(state, ALPHA, "at_risk", "Week 2", "Less so.", at=later(100), by=ANA)
    assert client.data(f"/projects/{ALPHA}", opt_fields="current_status_update.status_type") == {
        "gid": ALPHA,
        "current_status_update": {"gid": gid, "status_type": "at_risk"},
    }
    updates = client.data("/status_updates", parent=ALPHA, opt_fields="title,status_type,author.name")
    assert [update["title"] for update in updates] == ["Week 2", "Week 1"]
    assert len(client.data("/status_updates", parent=ALPHA, created_since=later(50).isoformat())) == 1


def test_a_project_is_archived_and_renamed_without_touching_its_tasks(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    before = client.data(f"/tasks/{gid}")["modified_at"]
    edits.archive_project(state, BETA, at=later(1), by=ANA)
    edits.rename_project(state, ALPHA, "Alpha Two", at=later(2), by=ANA)
    live = client.data("/projects", workspace=ORGANISATION, archived="false")
    assert [project["name"] for project in live] == ["Alpha Two"]
    assert len(client.data("/projects", workspace=ORGANISATION)) == 2
    task = client.data(f"/tasks/{gid}", opt_fields="modified_at,projects.name")
    assert task == {"gid": gid, "modified_at": before, "projects": [{"gid": ALPHA, "name": "Alpha Two"}]}


def start_token(client: Client, resource: str) -> str:
    response = client.ask("/events", resource=resource)
    assert response.status_code == 412
    token: str = response.json()["sync"]
    return token


def events(client: Client, resource: str, sync: str) -> dict[str, Any]:
    response = client.ask("/events", resource=resource, sync=sync)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def test_events_bubble_up_to_the_project_and_stop_where_they_were_read(client: Client, state: Workspace) -> None:
    (parent,) = with_tasks(state, 1)
    child = edits.create_task(state, "Part", parent=parent, at=later(1), by=ANA)
    sync, other = start_token(client, ALPHA), start_token(client, BETA)
    edits.assign(state, child, BEN, at=later(2), by=ANA)
    body = events(client, ALPHA, sync)
    assert body["has_more"] is False
    changed = [event for event in body["data"] if event["action"] == "changed"]
    assert changed[0]["resource"]["gid"] == child
    assert changed[0]["change"] == {
        "field": "assignee",
        "action": "changed",
        "new_value": {"gid": BEN, "name": "Ben Quill", "resource_type": "user"},
    }
    assert [event["resource"]["resource_subtype"] for event in body["data"] if event["type"] == "story"] == ["assigned"]
    assert events(client, ALPHA, body["sync"])["data"] == []
    assert events(client, BETA, other)["data"] == []


def test_deletion_and_return_are_events(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    sync = start_token(client, ALPHA)
    trash = edits.delete_task(state, gid, at=later(1), by=ANA)
    edits.undelete_task(state, trash, at=later(2), by=ANA)
    actions = [(event["action"], event["resource"]["gid"]) for event in events(client, ALPHA, sync)["data"]]
    assert actions == [("deleted", gid), ("undeleted", gid)]


def test_a_hundred_events_a_call_and_has_more(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    sync = start_token(client, ALPHA)
    for n in range(130):
        edits.comment(state, gid, f"Note {n}", at=later(1), by=ANA)
    first = events(client, ALPHA, sync)
    second = events(client, ALPHA, first["sync"])
    assert (len(first["data"]), first["has_more"]) == (100, True)
    assert (len(second["data"]), second["has_more"]) == (30, False)


def test_an_expired_or_foreign_token_is_412_with_a_fresh_one(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    sync = start_token(client, ALPHA)
    edits.expire_sync_tokens(state)
    response = client.ask("/events", resource=ALPHA, sync=sync)
    assert response.status_code == 412
    assert "too old" in response.json()["errors"][0]["message"]
    assert client.ask("/events", resource=BETA, sync=response.json()["sync"]).status_code == 412
    edits.comment(state, gid, "After", at=later(1), by=ANA)
    assert len(events(client, ALPHA, response.json()["sync"])["data"]) == 1


def test_a_token_is_good_for_a_day_and_answers_bear_the_server_s_time(state: Workspace) -> None:
    hours = [0.0]
    server = WireServer(make_app(state, clock=lambda: later(hours[0])))
    server.start()
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer simulated-token"
        client = Client(server.address + "/api/1.0", session)
        sync = start_token(client, ALPHA)
        hours[0] = 24
        response = client.ask("/events", resource=ALPHA, sync=sync)
        assert response.status_code == 200
        assert response.headers["Date"] == "Tue, 06 Jan 2026 09:00:00 GMT"
        hours[0] = 25
        assert client.ask("/events", resource=ALPHA, sync=sync).status_code == 412
        assert client.ask("/events", resource=ALPHA, sync=response.json()["sync"]).status_code == 200
    server.stop()


def test_an_account_without_events_is_refused_them(client: Client, state: Workspace) -> None:
    state.events_allowed = False
    assert client.error("/events", resource=ALPHA)[0] == 403


def test_a_task_is_put_below_another_and_both_parents_streams_tell_of_it(client: Client, state: Workspace) -> None:
    old, new = with_tasks(state, 1)[0], with_tasks(state, 1, BETA)[0]
    child = edits.create_task(state, "Part", parent=old, at=later(1), by=ANA)
    tokens = {project: start_token(client, project) for project in (ALPHA, BETA)}
    edits.reparent(state, child, new, at=later(2), by=ANA)
    assert client.data(f"/tasks/{old}/subtasks") == []
    assert [task["gid"] for task in client.data(f"/tasks/{new}/subtasks")] == [child]
    assert client.data(f"/tasks/{child}", opt_fields="parent.name")["parent"]["gid"] == new
    for project, token in tokens.items():
        told = {(event["action"], event["resource"]["gid"]) for event in events(client, project, token)["data"]}
        assert told == {("added", child), ("changed", child)}
    edits.reparent(state, child, None, at=later(3), by=ANA)
    assert client.data(f"/tasks/{child}", opt_fields="parent")["parent"] is None
    assert client.data(f"/tasks/{new}", opt_fields="num_subtasks")["num_subtasks"] == 0


def test_a_task_moves_to_another_project(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.move_to_project(state, gid, ALPHA, BETA, at=later(1), by=ANA)
    assert client.data("/tasks", project=ALPHA) == []
    assert [task["gid"] for task in client.data("/tasks", project=BETA)] == [gid]


def test_a_subtask_comes_back_from_the_trash_after_its_parent_went_for_good(client: Client, state: Workspace) -> None:
    (parent,) = with_tasks(state, 1)
    child = edits.create_task(state, "Part", parent=parent, at=later(1), by=ANA)
    trash = edits.delete_task(state, child, at=later(2), by=ANA)
    edits.delete_task(state, parent, at=later(3), by=ANA)
    edits.undelete_task(state, trash, at=later(4), by=ANA)
    assert client.data(f"/tasks/{child}")["parent"]["gid"] == parent
    assert client.error(f"/tasks/{parent}")[0] == 404


def test_a_person_is_renamed_wherever_they_are_named(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    edits.assign(state, gid, BEN, at=later(1), by=BEN)
    before = client.data(f"/tasks/{gid}")["modified_at"]
    edits.rename_user(state, BEN, "Benedict Quill")
    task = client.data(f"/tasks/{gid}")
    assert (task["assignee"]["name"], task["modified_at"]) == ("Benedict Quill", before)
    assert client.data(f"/users/{BEN}")["name"] == "Benedict Quill"
    names = {story["created_by"]["name"] for story in client.data(f"/tasks/{gid}/stories") if story["created_by"]}
    assert "Ben Quill" not in names


def test_booked_time_is_taken_back(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    entry = edits.book_time(state, gid, 90, day(0), project=ALPHA, at=later(1), by=BEN)
    edits.delete_time(state, entry)
    assert client.data("/time_tracking_entries", task=gid) == []
    assert client.data(f"/tasks/{gid}")["actual_time_minutes"] == 0
