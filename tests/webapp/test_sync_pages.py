"""Connections, runs and the quarantine: states, remedies, and nothing secret."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import zstandard

from portfolio.kpis.catalogue import KPIS
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor
from webapp.queries.quarantine import LONGEST_PAYLOAD, payload_text

Open = Callable[[], AbstractContextManager[Rows]]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def synced(rows: Open, clock: Clock) -> None:
    with rows() as add:
        jira = add.connection("Jira EU", address="https://ada:token@jira.invalid/base?x=1")
        first = add.run(jira, clock() - timedelta(days=1))
        add.stream(first, "items", created=40)
        last = add.run(jira, clock() - timedelta(minutes=20), seconds=150)
        add.stream(last, "items", unchanged=30, updated=1200, created=2, quarantined=1)
        add.stream(last, "boards", note="2 boards cannot be seen. Ask for <b>browse</b> rights.")
        packed = zstandard.ZstdCompressor().compress(b'{"summary": "</code><script>alert(1)</script>"}')
        add.held(jira, "created is no date: 31.02.", packed, clock(), external_id="10471", run_id=last)
        asana = add.connection("Asana", "asana")
        add.run(asana, clock() - timedelta(hours=2), "failed", error="The token is refused. Make a new one.")
        add.connection("New")
        cut = add.connection("Cut")
        add.run(cut, clock() - timedelta(hours=3), "interrupted")
        busy = add.connection("Busy")
        add.run(busy, clock() - timedelta(minutes=4), "running")
        off = add.connection("Off", enabled=False)
        add.run(off, clock() - timedelta(days=30))


def test_each_connection_says_its_state_and_what_to_do(ada: Visitor, synced: None) -> None:
    page = words(ada.text("/connections"))
    assert "2 of 6 connections need attention: their last run did not end well. 1 record in quarantine." in page
    assert "Jira EU Jira, jira.invalid/base Done 2026-03-02 08:42 17 min ago Run 2 08:40 not counted yet" in page
    assert "No notices: the schedule alone 1 Look at the 1 record that could not be read." in page
    assert "The token is refused. Make a new one." in page
    assert "Never run not yet not counted yet" in page
    assert "Start its first sync: sightline sync New" in page
    assert "Interrupted" in page
    assert "Running not yet" in page
    assert "it started 4 min ago" in page
    assert "Switched off" in page


@pytest.fixture
def gaps(rows: Open, clock: Clock) -> None:
    """One connection, whose last run could not read everything; the one before could."""
    with rows() as add:
        jira = add.connection("Jira EU")
        project = add.project("Alpha", jira)
        add.item(project, jira, created=clock().date())
        add.run(jira, clock() - timedelta(days=1))
        last = add.run(jira, clock() - timedelta(minutes=20), "partial", seconds=150)
        parts = [f"P{number}: The project is closed to us. Ask for <b>access</b>." for number in range(1, 6)]
        add.stream(last, "items", created=40, note=" | ".join(parts))
        add.stream(last, "boards", note="2 boards cannot be seen.")
        add.stream(last, "people", created=3)


def test_a_run_with_gaps_says_what_is_missing_and_what_to_do(ada: Visitor, gaps: None) -> None:
    page = ada.text("/connections")
    assert "1 of 1 connection could be read only in part." in words(page)
    assert "are current" not in page
    row = page.split("<tbody>")[1]
    assert 'class="rag rag-amber"' in row
    assert "Done, with gaps 2026-03-02 08:42 17 min ago Run 2 08:40" in words(row)
    assert "Items: P1: The project is closed to us. Ask for &lt;b&gt;access&lt;/b&gt;." in words(row)
    assert "3 more in Run 2" in words(row)
    assert 'class="rag rag-amber"' in ada.text("/runs")
    run = ada.text("/runs/2")
    assert "Done, with gaps in 2 min: 43 records read, 43 new, 0 changed." in words(run)
    assert "6 parts could not be read. What was in reach is up to date; older figures stay for the rest." in words(run)
    assert run.count("Ask for &lt;b&gt;access&lt;/b&gt;.") == 5
    assert "<b>access" not in run


def test_a_run_with_gaps_counts_as_fresh_with_a_mark(ada: Visitor, gaps: None) -> None:
    for path in ("/", "/projects/1"):
        fresh = ada.text(path).split('class="fresh"')[1].split("</ul>")[0]
        assert "Jira EU 17 min ago with gaps" in words(fresh)
        assert 'href="/runs?connection=1"' in fresh
        assert "rag-amber" in fresh


def test_what_to_type_names_the_connection_as_a_shell_reads_it(ada: Visitor, rows: Open) -> None:
    with rows() as add:
        add.connection("Jira Labs & Co")
    assert "<code>sightline sync <bdi>&#39;Jira Labs &amp; Co&#39;</bdi></code>" in ada.text("/connections")


def test_gaps_are_told_beside_failures(ada: Visitor, gaps: None, rows: Open, clock: Clock) -> None:
    with rows() as add:
        add.run(add.connection("Asana", "asana"), clock(), "failed", error="The token is refused.")
    said = words(ada.text("/connections").split('class="lead">')[1].split("</p>")[0])
    assert "1 of 2 connections needs attention: its last run did not end well." in said
    assert "1 of 2 connections could be read only in part." in said


def test_no_setting_and_no_secret_is_shown(ada: Visitor, synced: None) -> None:
    for path in ("/connections", "/runs", "/runs/2", "/quarantine", "/quarantine/1", "/"):
        page = ada.text(path)
        for secret in ("SECRET_NAME", "secret-account", "ada:token", "?x=1"):
            assert secret not in page, path


def test_runs_are_listed_newest_first_and_by_connection(ada: Visitor, synced: None) -> None:
    page = ada.text("/runs").split("All runs")[1]
    assert re.findall(r">(Run \d)</a>", page) == ["Run 5", "Run 2", "Run 3", "Run 4", "Run 1", "Run 6"]
    assert "2 min 1 233 30 2 1 200 0 1" in words(page)
    mine = ada.text("/runs?connection=1").split("All runs")[1]
    assert re.findall(r">(Run \d)</a>", mine) == ["Run 2", "Run 1"]
    assert "None fits the filter." in ada.text("/runs?connection=1&mode=census")


def test_a_run_shows_its_streams_notes_and_sums(ada: Visitor, synced: None) -> None:
    page = ada.text("/runs/2")
    assert "Done in 2 min: 1 233 records read, 2 new, 1 200 changed, 1 in quarantine." in words(page)
    assert "Ask for &lt;b&gt;browse&lt;/b&gt; rights." in page
    assert "All streams 1 233 30 2 1 200 0 1" in words(page)


def test_a_failed_run_says_why_and_what_to_do(ada: Visitor, synced: None) -> None:
    assert "Why, and what to do: The token is refused. Make a new one." in words(ada.text("/runs/3"))
    assert "There is no such page" in ada.text("/runs/77", status=404)


def test_the_quarantine_gives_the_reason_and_the_payload_as_text(ada: Visitor, synced: None) -> None:
    assert "1 record could not be read or mapped." in words(ada.text("/quarantine"))
    assert "created is no date: 31.02." in ada.text("/quarantine?q=NO DATE&connection=1")
    assert "No record in quarantine fits the filter." in ada.text("/quarantine?q=zebra")
    page = ada.text("/quarantine/1")
    assert "&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "There is no such page" in ada.text("/quarantine/99", status=404)


def test_empty_pages_say_what_comes_next(ada: Visitor) -> None:
    assert "No tracker is connected yet" in ada.text("/connections")
    assert "No tracker is connected yet" in ada.text("/runs")
    assert "Every record the trackers sent could be read." in ada.text("/quarantine")


def test_payloads_are_cut_and_never_fill_the_memory() -> None:
    bomb = zstandard.ZstdCompressor().compress(b"a" * 200_000_000)
    cut = payload_text(bomb)
    assert len(cut.text) == LONGEST_PAYLOAD
    assert not cut.whole
    assert payload_text(b"{}").text == "{}"
    assert payload_text(b"\xff\xfe").text == "\ufffd\ufffd"
    assert not payload_text(b"\x28\xb5\x2f\xfdbroken").readable


def test_the_dictionary_holds_every_kpi(ada: Visitor) -> None:
    page = ada.text("/dictionary")
    for kpi in KPIS.values():
        assert f'id="{kpi.id}"' in page
    assert "Earned value / planned value, both in what the plan is counted in." in page
