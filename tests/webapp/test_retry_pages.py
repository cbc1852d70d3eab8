"""Trying quarantined records again from a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import zstandard
from sqlalchemy import Engine, func, select

from portfolio.model.landing import Lease, Quarantine
from portfolio.model.work import Worklog
from portfolio.store.engine import reading
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.conftest import Visitor

Open = Callable[[], AbstractContextManager[Rows]]
# A time entry as Asana sends it.
ENTRY = '{"gid": "%s", "task": {"gid": "1"}, "duration_minutes": 30, "entered_on": "2026-03-01"}'


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def held(rows: Open, clock: Clock) -> None:
    """Of Asana: two time entries that can be read by now, one that is nonsense, one without an id."""
    with rows() as add:
        asana = add.connection("Asana", "asana")
        pack = zstandard.ZstdCompressor().compress
        for ident, body in (
            ("71", ENTRY % 71),
            ("72", ENTRY % 72),
            ("73", '{"gid": "73", "task": 5}'),
            ("hash:0a", "{}"),
        ):
            reason = "no id" if ident.startswith("hash") else "the <b>minutes</b> are no number"
            add.held(
                asana, reason, pack(body.encode()), clock() - timedelta(days=1), external_id=ident, stream="worklogs"
            )


def left(engine: Engine) -> list[str]:
    with reading(engine) as store:
        return list(store.scalars(select(Quarantine.external_id).order_by(Quarantine.external_id)))


def test_all_of_one_reason_are_tried_again_and_what_came_of_it_is_said(
    ada: Visitor, held: None, engine: Engine
) -> None:
    page = ada.text("/quarantine")
    assert "the &lt;b&gt;minutes&lt;/b&gt; are no number Asana 3 Try all 3 again" in words(page)
    answer = ada.post("/connections/1/quarantine", reason="the <b>minutes</b> are no number")
    assert answer.location == "/quarantine?connection=1"
    after = words(ada.text(answer.location))
    assert "2 records of 3 could be used now; the reasons of the others are up to date." in after
    assert left(engine) == ["73", "hash:0a"]
    with reading(engine) as store:
        assert store.scalar(select(func.count()).select_from(Worklog)) == 2


def test_one_record_is_tried_again(ada: Visitor, held: None, engine: Engine) -> None:
    assert "Try again" in ada.text("/quarantine/1")
    ada.post("/connections/1/quarantine", held="1")
    assert "71" not in left(engine)
    still = ada.post("/connections/1/quarantine", held="3")
    assert still.location == "/quarantine/3"
    page = words(ada.text(still.location))
    assert "0 records of 1 could be used now" in page
    assert "2026-03-01 09:00 UTC Last seen 2026-03-01 09:00 UTC" in page


def test_what_only_the_tracker_can_send_anew_is_not_tried(ada: Visitor, held: None, engine: Engine) -> None:
    page = ada.text("/quarantine?q=no id")
    assert "without an id" in page
    assert "hash:0a" not in page
    assert "Try again</button>" not in page
    answer = ada.post("/connections/1/quarantine", held="4")
    assert "1 record could not be tried: only the tracker can send it anew." in words(ada.text(answer.location))


def test_a_run_under_way_goes_first(ada: Visitor, held: None, engine: Engine, rows: Open, clock: Clock) -> None:
    with rows() as add:
        until = clock() + timedelta(minutes=1)
        add.row(Lease, connection_id=1, owner="elsewhere", run_id=9, expires_at=until)
    answer = ada.post("/connections/1/quarantine", held="1")
    assert "Not tried: the connection is being synced now." in words(ada.text(answer.location))
    assert len(left(engine)) == 4
    assert ada.post("/connections/77/quarantine", held="1").status_code == 404


def test_records_are_filtered_by_stream_and_reason(ada: Visitor, held: None) -> None:
    assert "4 records that fit the filter" in words(ada.text("/quarantine?stream=worklogs"))
    assert "1 record that fit the filter" in words(ada.text("/quarantine?reason=no+id"))


def test_a_payload_is_laid_out_line_by_line(ada: Visitor, held: None) -> None:
    page = ada.text("/quarantine/1")
    assert "&#34;duration_minutes&#34;: 30,\n" in page
