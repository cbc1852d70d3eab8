"""What is being read now, starting and stopping it, and the line on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, update

from portfolio.model.landing import Lease, RateBudget, RunRequest
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import reading, writing
from sync.schedule.requests import waiting
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

Open = Callable[[], AbstractContextManager[Rows]]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def busy(rows: Open, clock: Clock) -> None:
    """Jira is being read, Asana failed and has to wait, Labs was never read."""
    with rows() as add:
        jira = add.connection("Jira EU")
        add.run(jira, clock() - timedelta(minutes=12))
        run = add.run(jira, clock() - timedelta(minutes=3), "running", mode="census", cause="schedule")
        add.stream(run, "projects", unchanged=31, slices=1, slices_done=1)
        add.stream(run, "items", unchanged=1800, updated=30, retired=2, slices=31, slices_done=19)
        add.row(Lease, connection_id=jira, owner="here", run_id=run, expires_at=clock() + timedelta(seconds=40))
        add.schedule(jira)
        add.schedule(jira, "census", "17 * * * *")
        asana = add.connection("Asana", "asana")
        add.run(asana, clock() - timedelta(hours=5))
        add.run(asana, clock() - timedelta(hours=2), "failed", error="Asana asked for a pause.")
        free = (clock() + timedelta(minutes=13)).timestamp()
        add.row(RateBudget, connection_id=asana, free_at=free, gap_s=0.6, width=2, limit_told=150, remaining_told=0)
        add.connection("Labs")


def test_the_page_says_first_what_is_current_and_what_is_being_read(ada: Visitor, busy: None) -> None:
    page = words(ada.text("/runs"))
    assert "1 of 3 connections is current; Jira EU is being read now, items 61 %." in page
    assert "Asana : throttled, next try 09:13." in page
    assert "Run 2 : census, by schedule, for 3 min. 1 861 records so far." in page
    assert "61 % 19 of 31 1 830 1 800 0 30 2 0" in page
    assert "Jira EU Running Census 3 min ago Full 12 min ago 09:10 changes" in page
    assert "Waits until 09:13 The tracker asked for it. The tracker says: 0 of 150 requests left" in page
    assert "not scheduled" in page


def test_what_moves_can_be_had_alone_as_long_as_the_same_runs_are_under_way(ada: Visitor, busy: None) -> None:
    page = ada.text("/runs")
    seen = re.search(r'data-hx-headers="\{&#34;X-Seen&#34;: &#34;(\S+)&#34;\}"', page)
    assert seen is not None
    assert 'data-hx-trigger="every 2s"' in page
    part = ada.get("/runs", headers={"HX-Request": "true", "X-Seen": seen[1]})
    assert "<html" not in part.text
    assert "19 of 31" in part.text
    assert "data-hx-" not in part.text
    assert "HX-Retarget" not in part.headers
    other = ada.get("/runs", headers={"HX-Request": "true", "X-Seen": "1"})
    assert "<html" in other.text
    assert other.headers["HX-Retarget"] == other.headers["HX-Reselect"] == "#main"


def test_nothing_is_fetched_again_when_nothing_runs(ada: Visitor, rows: Open, clock: Clock) -> None:
    with rows() as add:
        add.run(add.connection(), clock())
    for path in ("/runs", "/runs/1"):
        page = ada.text(path)
        assert "htmx" not in page
        assert "data-hx-" not in page


def test_a_script_of_somebody_signed_out_has_its_page_loaded_anew(visitor: Visitor, admin: int) -> None:
    answer = visitor.get("/runs", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Refresh"] == "true"


def test_a_run_that_is_not_heard_of_says_so(ada: Visitor, busy: None, engine: Engine, clock: Clock) -> None:
    assert "has not been heard of" not in ada.text("/runs/2")
    with writing(engine) as store:
        store.execute(delete(Lease))
    assert "has not been heard of for a while" in ada.text("/runs/2")
    assert "has not been heard of for a while" in ada.text("/runs")


def test_a_run_is_asked_for_and_not_made_in_the_request(
    ada: Visitor, busy: None, engine: Engine, clock: Clock, rows: Open
) -> None:
    answer = ada.post("/connections/3/runs", mode="full")
    assert (answer.status_code, answer.location) == (302, "/runs")
    page = words(ada.text("/runs"))
    assert "Full of Labs is asked for. It begins as soon as a process is free" in page
    assert "Full of Labs : asked for by ada just now, about to begin." in page
    assert "No process takes up" not in page
    with reading(engine) as store:
        assert [(it.connection_id, it.mode, it.asked_by) for it in waiting(store)] == [(3, "full", "ada")]
    clock.advance(minutes=3)
    assert "No process takes up what was asked for." in words(ada.text("/runs"))


def test_what_waits_for_a_run_of_the_same_connection_is_no_trouble(
    ada: Visitor, busy: None, rows: Open, clock: Clock
) -> None:
    with rows() as add:
        early = clock() - timedelta(minutes=9)
        add.row(RunRequest, connection_id=1, mode="full", asked_by="ada", asked_at=early)
    assert "No process takes up" not in ada.text("/runs")


@pytest.mark.parametrize(("path", "mode"), [("/connections/77/runs", "full"), ("/connections/3/runs", "named")])
def test_only_what_there_is_can_be_asked_for(ada: Visitor, busy: None, engine: Engine, path: str, mode: str) -> None:
    assert ada.post(path, mode=mode).status_code == 404
    with reading(engine) as store:
        assert waiting(store) == ()


def test_a_run_can_be_asked_to_stop(ada: Visitor, busy: None, engine: Engine, clock: Clock) -> None:
    assert 'id="stop-2"' in ada.text("/runs/2")
    assert ada.post("/runs/2/stop").location == "/runs/2"
    page = ada.text("/runs/2")
    assert "ada asked it to stop; it ends after the batch under way." in words(page)
    assert 'id="stop-2"' not in page
    with writing(engine) as store:
        store.execute(update(SyncRun).where(SyncRun.id == 2).values(state="cancelled", finished_at=clock()))
    stopped = words(ada.text("/runs/2"))
    assert "Stopped after 1 861 records. What had been read is kept" in stopped
    assert "It was stopped by ada ." in stopped
    ada.post("/runs/2/stop")
    assert "Nothing to stop: the run has ended." in words(ada.text("/runs/2"))


def test_every_page_says_how_fresh_each_connection_is(ada: Visitor, busy: None) -> None:
    for path in ("/", "/dictionary", "/password", "/runs", "/no/such/page"):
        fresh = ada.get(path).text.split('class="fresh"')[1].split("</ul>")[0]
        assert "Jira EU 10 min ago being read now" in words(fresh), path
        assert "Asana 4 h ago throttled, next try 09:13" in words(fresh), path
        assert "Labs never synced" in words(fresh), path
        assert 'rag rag-red"><svg' in fresh


def test_the_line_is_looked_up_every_few_seconds_only(
    ada: Visitor, busy: None, rows: Open, clock: Clock, engine: Engine
) -> None:
    assert "Labs" in ada.text("/dictionary")
    with rows() as add:
        add.run(3, clock() - timedelta(minutes=4))
    assert "never synced" in ada.text("/dictionary")
    clock.advance(seconds=6)
    assert "never synced" not in ada.text("/dictionary")


def test_what_was_due_three_times_in_vain_is_out_of_date(ada: Visitor, rows: Open, clock: Clock) -> None:
    with rows() as add:
        for name, hours in (("Often", "*/10"), ("Seldom", "0")):
            connection = add.connection(name)
            add.run(connection, clock() - timedelta(minutes=55))
            add.schedule(connection, cron=f"{hours} * * * *")
        # That its named items came by a notice does not make the rest current.
        add.run(1, clock() - timedelta(minutes=1), mode="named", cause="webhook")
    page = words(ada.text("/connections"))
    assert "Often 53 min ago out of date Seldom 53 min ago" in page
    assert "1 of 2 connections is out of date: due several times, and not read." in page
    assert "Look whether a process syncs: sightline serve or sightline worker ." in page


def test_many_connections_are_summed_up_in_the_line(ada: Visitor, rows: Open, clock: Clock) -> None:
    with rows() as add:
        for number in range(9):
            add.run(
                add.connection(f"Jira {number}"), clock() - timedelta(minutes=5), "failed" if number == 3 else "done"
            )
    fresh = words(ada.text("/dictionary").split('class="fresh"')[1].split("</ul>")[0])
    assert "Jira 3 last run failed 8 others are current" in fresh
    assert "Jira 4" not in fresh
