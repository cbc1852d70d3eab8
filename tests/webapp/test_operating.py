"""What monitoring systems ask: is it alive, is it ready, and what are its figures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, insert, text

from portfolio.model.landing import Delivery, Hold, RateBudget
from portfolio.store.engine import open_engine, writing
from tests.conftest import Clock
from tests.webapp.builders import Rows
from tests.webapp.compiled import create_app
from tests.webapp.conftest import Visitor
from webapp.settings import WebSettings

AddRows = Callable[[], AbstractContextManager[Rows]]


@pytest.fixture
def settings(engine: Engine, clock: Clock) -> WebSettings:
    return WebSettings(engine=engine, secret_key="only for tests", clock=clock, metrics=True)


def _visitor(settings: WebSettings) -> Visitor:
    return Visitor(create_app(settings).test_client())


def _figures(text_: str) -> dict[str, float]:
    lines = [line for line in text_.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_figures_are_not_there_unless_somebody_wants_them(app: Flask) -> None:
    assert Visitor(app.test_client()).get("/metrics").status_code == 404


def test_figures_are_those_of_all_runs_and_name_nobody(settings: WebSettings, rows: AddRows, clock: Clock) -> None:
    with rows() as add:
        jira = add.connection("Secret Project GmbH")
        asana = add.connection("Asana", "asana")
        first = add.run(jira, clock() - timedelta(hours=2), seconds=60)
        add.stream(first, "items", created=40, unchanged=2)
        second = add.run(jira, clock() - timedelta(hours=1), "failed", seconds=30)
        add.stream(second, "items", updated=5)
        add.run(jira, clock(), "running")
        add.held(jira, "no id", b"{}", clock())
        hold = {"connection_id": jira, "run_id": first, "missing": 50, "total": 60, "made_at": clock()}
        add.db.execute(insert(Hold).values(**hold))
        notice = {"connection_id": jira, "delivery_id": "d1", "named": "{}", "state": "waiting", "received_at": clock()}
        add.db.execute(insert(Delivery).values(**notice))
        budget = {"connection_id": jira, "free_at": clock().timestamp() + 90, "next_at": 0.0, "gap_s": 0.4, "width": 2}
        add.db.execute(insert(RateBudget).values(**budget))
    answer = _visitor(settings).get("/metrics")
    found = _figures(answer.text)
    own, run = f'connection="{jira}",tracker="jira"', f'connection="{jira}",mode="full"'
    assert answer.content_type.startswith("text/plain")
    assert found[f'sightline_runs_total{{{run},state="done",tracker="jira"}}'] == 1
    assert found[f'sightline_runs_total{{{run},state="failed",tracker="jira"}}'] == 1
    assert found[f"sightline_runs_under_way{{{own}}}"] == 1
    assert found[f'sightline_last_run_seconds{{{run},tracker="jira"}}'] == 30
    assert found[f"sightline_last_success_age_seconds{{{own}}}"] == 7_140
    assert (
        found[f'sightline_records_total{{connection="{jira}",outcome="created",stream="items",tracker="jira"}}'] == 40
    )
    assert found[f'sightline_records_total{{connection="{jira}",outcome="updated",stream="items",tracker="jira"}}'] == 5
    assert found[f"sightline_quarantined_records{{{own}}}"] == 1
    assert found[f"sightline_waiting_deliveries{{{own}}}"] == 1
    assert found[f"sightline_holds{{{own}}}"] == 1
    assert found[f"sightline_rate_gap_seconds{{{own}}}"] == 0.4
    assert found[f"sightline_rate_width{{{own}}}"] == 2
    assert found[f"sightline_rate_held_seconds{{{own}}}"] == 90
    assert found[f'sightline_quarantined_records{{connection="{asana}",tracker="asana"}}'] == 0
    assert "Secret Project" not in answer.text


def test_ready_is_who_has_the_schema_and_the_keys(settings: WebSettings) -> None:
    assert _visitor(settings).get("/readyz").json == {"status": "ready"}
    unlocked = _visitor(replace(settings, keys_readable=lambda: False)).get("/readyz")
    assert (unlocked.status_code, unlocked.json) == (503, {"status": "not ready", "reasons": ["keys"]})
    with writing(settings.engine) as store:
        store.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = _visitor(settings).get("/readyz")
    assert (behind.status_code, behind.json) == (503, {"status": "not ready", "reasons": ["schema"]})
    assert _visitor(settings).get("/healthz").status_code == 200


def test_a_database_that_is_away_is_said_in_a_word(settings: WebSettings) -> None:
    away = _visitor(replace(settings, engine=open_engine("postgresql://someone:secret@127.0.0.1:1/none")))
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = away.get(path)
        assert answer.status_code == 503
        assert "secret" not in answer.text
    assert away.get("/readyz").json == {"status": "not ready", "reasons": ["database"]}
