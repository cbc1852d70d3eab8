"""Pages: a list read page by page is the list, whatever its length and the page's; offsets go stale."""

from __future__ import annotations

import pytest

from simulator.asana import edits
from simulator.asana.workspace import Workspace
from tests.simulator.asana.organisation import ALPHA, ANA, BETA, Client, later, with_tasks


@pytest.mark.parametrize(("count", "limit"), [(0, 10), (9, 3), (10, 3), (3, 100)])
def test_pages_together_are_the_list(client: Client, state: Workspace, count: int, limit: int) -> None:
    gids = with_tasks(state, count)
    assert [task["gid"] for task in client.every("/tasks", project=ALPHA, limit=limit)] == gids


def test_next_page_names_the_next_request_and_only_stands_where_a_limit_was_given(
    client: Client, state: Workspace
) -> None:
    gids = with_tasks(state, 3)
    body = client.ask("/tasks", project=ALPHA, limit=2).json()
    follow = client.session.get(body["next_page"]["uri"], timeout=10).json()
    assert [task["gid"] for task in follow["data"]] == gids[2:]
    assert follow["next_page"] is None
    assert client.ask(body["next_page"]["path"]).json() == follow
    assert "next_page" not in client.ask("/tasks", project=ALPHA).json()


def test_without_a_limit_a_long_list_is_cut_in_silence(client: Client, state: Workspace) -> None:
    with_tasks(state, 1005)
    assert len(client.data("/tasks", project=ALPHA)) == 1000
    assert len(client.every("/tasks", project=ALPHA)) == 1005


def test_a_stale_or_foreign_offset_is_400(client: Client, state: Workspace) -> None:
    with_tasks(state, 3)
    offset = client.ask("/tasks", project=ALPHA, limit=1).json()["next_page"]["offset"]
    assert "invalid" in client.error("/tasks", project=ALPHA, limit=1, offset="gibberish")[1]
    assert client.error(f"/projects/{ALPHA}/tasks", limit=1, offset=offset)[0] == 400
    assert client.ask("/tasks", project=ALPHA, limit=1, offset=offset).status_code == 200
    edits.expire_offsets(state)
    status, message = client.error("/tasks", project=ALPHA, limit=1, offset=offset)
    assert status == 400
    assert "expired" in message


def test_a_page_goes_on_behind_the_last_one_shown_when_the_list_shrank(client: Client, state: Workspace) -> None:
    gids = with_tasks(state, 6)
    first = client.ask("/tasks", project=ALPHA, limit=3).json()
    edits.delete_task(state, gids[0], at=later(1), by=ANA)
    second = client.ask("/tasks", project=ALPHA, limit=3, offset=first["next_page"]["offset"]).json()
    assert [task["gid"] for task in second["data"]] == gids[3:]


def test_tasks_are_chosen_by_modification_and_completion(client: Client, state: Workspace) -> None:
    early, late, done = with_tasks(state, 3)
    edits.edit(state, late, name="Later", at=later(30), by=ANA)
    edits.complete(state, done, at=later(20), by=ANA)

    def gids(**parameters: str) -> list[str]:
        return [task["gid"] for task in client.data("/tasks", project=ALPHA, **parameters)]

    assert gids(modified_since=later(20).isoformat()) == [late, done]
    assert gids(modified_since="2026-01-06T14:00:00+00:00") == [late]
    assert gids(completed_since="now") == [early, late]
    assert gids(completed_since=later(19).isoformat()) == [early, late, done]
    assert gids(completed_since=later(21).isoformat()) == [early, late]


def test_subtasks_stay_out_of_the_project_unless_added_and_homes_are_many(client: Client, state: Workspace) -> None:
    (parent,) = with_tasks(state, 1)
    child = edits.create_task(state, "Part", parent=parent, at=later(1), by=ANA)
    edits.add_to_project(state, parent, BETA, at=later(2), by=ANA)

    def gids(path: str, **parameters: str) -> list[str]:
        return [task["gid"] for task in client.data(path, **parameters)]

    assert gids("/tasks", project=ALPHA) == gids("/tasks", project=BETA) == [parent]
    assert gids("/tasks", section="302") == [parent]
    assert gids(f"/tasks/{parent}/subtasks") == [child]
    edits.add_to_project(state, child, ALPHA, at=later(3), by=ANA)
    assert gids("/tasks", project=ALPHA) == [parent, child]


def test_a_batch_answers_each_action_for_itself(client: Client, state: Workspace) -> None:
    (gid,) = with_tasks(state, 1)
    actions = [
        {"relative_path": f"/tasks/{gid}", "method": "get", "options": {"fields": ["name"]}},
        {"relative_path": f"/projects/{ALPHA}/tasks", "method": "get", "options": {"limit": 1}},
        {"relative_path": "/tasks/999", "method": "get"},
    ]

    def send(body: object) -> tuple[int, dict[str, list[dict[str, object]]]]:
        response = client.session.post(f"{client.address}/batch", json=body, timeout=10)
        return response.status_code, response.json()

    status, body = send({"data": {"actions": actions}})
    assert status == 200
    assert [entry["status_code"] for entry in body["data"]] == [200, 200, 404]
    assert body["data"][0]["body"] == {"data": {"gid": gid, "name": "Task 0"}}
    assert send({"data": {"actions": actions * 4}})[0] == 400
    assert send({"data": {}})[0] == 400
