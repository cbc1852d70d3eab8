"""Tasks by id, and the census of a project."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.asana.connection import AsanaConnector
from connector.errors import AbortError, ForbiddenError, SignInError
from connector.protocol import Named, Roll, Stream, Verdict
from simulator.asana import edits
from simulator.asana.workspace import Workspace
from simulator.faults import Fault, Faults
from tests.connector.asana.conftest import Opener
from tests.connector.asana.organisation import HARBOUR, LANTERN

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BY = {"at": NOW, "by": "1"}


def items(named: Named) -> list[str]:
    return [raw.external_id for raw in named.records if raw.stream is Stream.ITEMS]


def verdicts(named: Named) -> dict[str, Verdict]:
    assert all(absent.why.endswith(".") for absent in named.absent)
    return {absent.external_id: absent.verdict for absent in named.absent}


def rolls(connector: AsanaConnector, slice: str) -> tuple[dict[str, datetime | None], int | None]:
    """The entries of a census, each once, and what Asana says of their number."""
    found: list[Roll] = list(connector.census(slice))
    entries = [entry for roll in found for entry in roll.entries]
    assert len(dict(entries)) == len(entries)
    assert all(roll.told is None for roll in found[:-1])
    return dict(entries), found[-1].told


def test_items_by_name_come_as_the_lists_give_them(connect: Opener) -> None:
    connector = connect()
    whole = [
        raw for slice in (HARBOUR, LANTERN) for page in connector.pages(Stream.ITEMS, slice) for raw in page.records
    ]
    named = connector.named([raw.external_id for raw in whole if raw.stream is Stream.ITEMS])
    assert named.absent == ()
    assert sorted(named.records, key=repr) == sorted(whole, key=repr)
    ids = items(named)
    assert ids.index("1000") < ids.index("1001") < ids.index("1002")


def test_a_task_is_asked_for_once_and_what_is_above_it_as_far_as_needed(connect: Opener, faults: Faults) -> None:
    connector = connect()
    connector.slices(Stream.ITEMS)
    faults.forget()
    assert items(connector.named(["1002", "1002", "1006"])) == ["1006", "1002"]
    paths = sorted(seen.path.removeprefix("/api/1.0") for seen in faults.log)
    assert paths == [
        "/tasks/1000", "/tasks/1001", "/tasks/1002", "/tasks/1002/stories", "/tasks/1006", "/tasks/1006/stories",
    ]  # fmt: skip


def test_what_is_not_there_any_more_is_told_apart(connect: Opener, quayside: Workspace) -> None:
    connector = connect(scope=(HARBOUR,))
    edits.delete_task(quayside, "1002", **BY)
    edits.hide(quayside, "1006")
    edits.remove_from_project(quayside, "1003", HARBOUR, **BY)
    alone = edits.create_task(quayside, "Nowhere", **BY)
    named = connector.named(["1000", "1002", "1003", "1005", "1006", alone, "404", "no gid"])
    assert items(named) == ["1000", "1005"], "a subtask whose own project is not followed counts where its parent does"
    assert verdicts(named) == {
        "1002": Verdict.DELETED,
        "1003": Verdict.MOVED,
        "1006": Verdict.ACCESS_LOST,
        alone: Verdict.MOVED,
        "404": Verdict.DELETED,
        "no gid": Verdict.UNKNOWN,
    }


def test_a_subtask_shares_the_fate_of_the_task_above_it(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    orphan = quayside.tasks["1002"]
    edits.delete_task(quayside, "1001", **BY)
    quayside.tasks["1002"] = orphan
    edits.remove_from_project(quayside, "1006", HARBOUR, **BY)
    below = edits.create_task(quayside, "Below", parent="1006", **BY)
    hidden = edits.create_task(quayside, "Above", project=HARBOUR, **BY)
    shy = edits.create_task(quayside, "Shy", parent=hidden, **BY)
    quayside.inaccessible.add(hidden)
    assert verdicts(connector.named(["1002", below, shy])) == {
        "1002": Verdict.DELETED,
        below: Verdict.MOVED,
        shy: Verdict.ACCESS_LOST,
    }


def test_tasks_above_each_other_count_nowhere(connect: Opener, faults: Faults) -> None:
    for gid, above in (("71", "72"), ("72", "71")):
        body = f'{{"data":{{"gid":"{gid}","name":"Hen","parent":{{"gid":"{above}"}}}}}}'
        faults.add(Fault(path=f"/tasks/{gid}\\?", status=200, body=body))
    assert verdicts(connect().named(["71"])) == {"71": Verdict.MOVED}


@pytest.mark.parametrize("path", ["/tasks/1006\\?", "/tasks/1006/stories"])
def test_what_cannot_be_told_now_is_unknown_and_costs_no_other(connect: Opener, faults: Faults, path: str) -> None:
    faults.add(Fault(path=path, status=503))
    named = connect().named(["1006", "1000"])
    assert items(named) == ["1000"]
    assert verdicts(named) == {"1006": Verdict.UNKNOWN}


def test_a_task_deleted_before_its_history_was_asked_for_is_deleted(connect: Opener, faults: Faults) -> None:
    faults.add(Fault(path="/tasks/1006/stories", status=404))
    assert verdicts(connect().named(["1006"])) == {"1006": Verdict.DELETED}


def test_a_task_that_cannot_be_read_is_left_to_the_reader(connect: Opener, quayside: Workspace) -> None:
    quayside.tasks["1006"]["num_subtasks"] = "many"
    named = connect().named(["1006"])
    assert (items(named), named.absent) == (["1006"], ())


def test_a_revoked_token_ends_it_all(connect: Opener, faults: Faults) -> None:
    connector = connect()
    connector.slices(Stream.ITEMS)
    faults.add(Fault(path="/tasks/1000", status=401))
    with pytest.raises(SignInError) as caught:
        connector.named(["1006", "1000"])
    assert isinstance(caught.value, AbortError)


def test_the_census_lists_what_the_slice_holds(connect: Opener) -> None:
    for settings in ({}, {"page_size": 1}, {"scope": (HARBOUR,)}):
        connector = connect(**settings)
        for slice in connector.slices(Stream.ITEMS):
            listed = {
                raw.external_id
                for page in connector.pages(Stream.ITEMS, slice)
                for raw in page.records
                if raw.stream is Stream.ITEMS
            }
            entries, told = rolls(connector, slice)
            assert set(entries) == listed
            assert told == len(entries)


def test_the_census_tells_when_each_changed_and_asks_for_no_more(
    connect: Opener, quayside: Workspace, faults: Faults
) -> None:
    edits.complete(quayside, "1002", **BY)
    connector = connect()
    entries, _ = rolls(connector, HARBOUR)
    assert entries["1002"] == NOW
    assert entries["1000"] == datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
    assert faults.seen("/stories|custom_fields|created_by") == []


def test_the_census_of_a_list_that_is_short_of_a_task_shows_in_the_count(connect: Opener, quayside: Workspace) -> None:
    quayside.inaccessible.add("1006")
    entries, told = rolls(connect(), HARBOUR)
    assert told == len(entries) + 1


@pytest.mark.parametrize("status", [402, 403, 404, 429, 503])
def test_a_census_is_whole_without_asanas_own_count(connect: Opener, faults: Faults, status: int) -> None:
    faults.add(Fault(path="/task_counts", status=status))
    entries, told = rolls(connect(), HARBOUR)
    assert (len(entries), told) == (4, None)


def test_a_census_of_a_hidden_project_is_out_of_reach(connect: Opener, quayside: Workspace) -> None:
    connector = connect()
    connector.slices(Stream.ITEMS)
    edits.hide(quayside, HARBOUR)
    with pytest.raises(ForbiddenError):
        list(connector.census(HARBOUR))
