"""What is found wrong with a connection, and what is said to be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.base import Base
from portfolio.model.landing import (
    Absence,
    Cursor,
    Hold,
    Lease,
    Quarantine,
    RateBudget,
    RunRequest,
    Schedule,
    SliceCount,
    Webhook,
)
from portfolio.model.oversight import SyncRun
from portfolio.store.engine import writing
from sync.connections import add_connection, enable_connection
from sync.mapping.profile import Profile
from sync.observe.condition import condition
from sync.observe.judge import judge, judge_clock, judge_waiting
from sync.profiles import save
from sync.run.lease import this_process
from tests.conftest import Clock

SETTINGS = ConnectionSettings(tracker="jira", address="https://jira.invalid", sign_in=SignIn.PERSONAL_TOKEN)
Write = Callable[..., None]


@pytest.fixture
def ident(engine: Engine, clock: Clock) -> int:
    return add_connection(engine, "Jira EU", SETTINGS, "env:JIRA_TOKEN", clock(), COMMAND)


@pytest.fixture
def write(engine: Engine, ident: int) -> Write:
    """Add a row of the connection's."""

    def add(model: type[Base], **values: Any) -> None:
        with writing(engine) as store:
            store.execute(insert(model).values(connection_id=ident, **values))

    return add


@pytest.fixture
def run(write: Write, clock: Clock) -> Callable[..., None]:
    """Add a run of a minute that began so long ago."""

    def add(state: str = "done", error: str | None = None, **ago: float) -> None:
        began = clock() - timedelta(**ago)
        ended = None if state == "running" else began + timedelta(minutes=1)
        write(SyncRun, mode="incremental", state=state, started_at=began, finished_at=ended, error=error)

    return add


@pytest.fixture
def healthy(write: Write, run: Callable[..., None], clock: Clock) -> None:
    """A connection that is synced every ten minutes, with nothing amiss."""
    write(Schedule, mode="incremental", cron="*/10 * * * *", time_zone="UTC", fired_at=clock())
    run(minutes=1)


def _said(engine: Engine, ident: int, now: datetime) -> dict[str, tuple[str, str]]:
    """By subject, without the connection's name, what is not in order."""
    found = judge(condition(engine, ident, now), now)
    return {each.subject.removeprefix("Jira EU: "): (each.state, each.detail) for each in found if each.state != "ok"}


@pytest.mark.usefixtures("healthy")
def test_nothing_is_said_of_what_is_in_order(engine: Engine, ident: int, clock: Clock) -> None:
    found = condition(engine, ident, clock())
    assert [(each.subject, each.state) for each in judge(found, clock())] == [
        ("Jira EU: last run", "ok"),
        ("Jira EU: quarantine", "ok"),
    ]
    assert judge_waiting([found], clock()) is None


def test_a_connection_that_was_never_read_has_its_command(engine: Engine, ident: int, clock: Clock) -> None:
    said = _said(engine, ident, clock())
    assert said["last run"] == ("warning", "never run; run `sightline sync 'Jira EU'`")
    assert "sightline connection schedule 'Jira EU'" in said["schedule"][1]


@pytest.mark.usefixtures("healthy")
def test_a_disabled_one_is_left_alone(engine: Engine, ident: int, clock: Clock) -> None:
    enable_connection(engine, ident, False, clock(), COMMAND)
    clock.advance(days=3)
    found = condition(engine, ident, clock())
    assert [each.state for each in judge(found, clock())] == ["warning"]
    assert judge_waiting([found], clock()) is None


@pytest.mark.usefixtures("healthy")
def test_what_is_older_than_three_times_its_schedule_is_stale(engine: Engine, ident: int, clock: Clock) -> None:
    clock.advance(minutes=25)
    assert "freshness" not in _said(engine, ident, clock())
    clock.advance(minutes=10)
    state, detail = _said(engine, ident, clock())["freshness"]
    assert (state, detail[:24]) == ("failed", "what is shown is 35 min ")


@pytest.mark.usefixtures("healthy")
def test_runs_that_nobody_begins_are_told_of(
    engine: Engine, ident: int, clock: Clock, run: Callable[..., None]
) -> None:
    clock.advance(minutes=25)
    waiting = judge_waiting([condition(engine, ident, clock())], clock())
    assert waiting is not None
    assert waiting.state == "failed"
    assert waiting.detail.startswith("runs have been due for 25 min and nobody begins them; start `sightline serve`")
    run(minutes=2)
    assert judge_waiting([condition(engine, ident, clock())], clock()) is None


@pytest.mark.usefixtures("healthy")
def test_a_run_that_was_asked_for_and_waits_is_told_of(engine: Engine, ident: int, clock: Clock, write: Write) -> None:
    write(RunRequest, mode="full", asked_by="ada", asked_at=clock() - timedelta(minutes=11))
    assert judge_waiting([condition(engine, ident, clock())], clock()) is not None


def test_failures_in_a_row_are_counted_up_to_the_last_good_run(
    engine: Engine, ident: int, clock: Clock, run: Callable[..., None]
) -> None:
    run("failed", "old trouble", hours=9)
    run(hours=8)
    for hours in (3, 2, 1):
        run("failed", "The tracker did not accept the credentials. Check the token.", hours=hours)
    state, detail = _said(engine, ident, clock())["last run"]
    assert state == "failed"
    assert detail.startswith("3 runs in a row came to nothing; the last: The tracker did not accept the credentials.")


def test_a_run_whose_process_is_gone_is_told_of(
    engine: Engine, ident: int, clock: Clock, run: Callable[..., None], write: Write
) -> None:
    run("running", minutes=5)
    assert "a process that is not known" in _said(engine, ident, clock())["run under way"][1]
    write(Lease, owner=this_process(), run_id=1, expires_at=clock() + timedelta(seconds=30))
    assert "run under way" not in _said(engine, ident, clock())
    clock.advance(minutes=5)
    assert this_process() in _said(engine, ident, clock())["run under way"][1]


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"enabled": False}, "warning", "--enable"),
        ({"cron": "every day"}, "failed", "cannot be read"),
        ({"time_zone": "Europe/Lisboa"}, "failed", "time zone is not known"),
    ],
)
def test_a_schedule_that_does_nothing_is_told_of(
    engine: Engine, ident: int, clock: Clock, write: Write, row: dict[str, Any], state: str, words: str
) -> None:
    write(Schedule, **({"mode": "incremental", "cron": "*/10 * * * *", "time_zone": "UTC"} | row))
    said = _said(engine, ident, clock())["schedule"]
    assert said[0] == state
    assert words in said[1]


@pytest.mark.usefixtures("healthy")
def test_what_waits_for_a_person_is_told_of(engine: Engine, ident: int, clock: Clock, write: Write) -> None:
    write(Hold, run_id=1, missing=412, total=900, made_at=clock())
    for number, days in enumerate((1, 4, 5)):
        seen = clock() - timedelta(days=days)
        write(Absence, stream="items", external_id=str(number), observed_at=seen, verdict="unknown")
        write(Quarantine, stream="items", external_id=str(number), reason="no id", payload=b"",
              first_seen_at=seen + timedelta(hours=1), last_seen_at=seen)  # fmt: skip
    write(Cursor, stream="items", slice="10001", position="100")
    write(SliceCount, slice="10002", told=50, listed=50, kept=48, checked_at=clock())
    write(SliceCount, slice="10003", told=None, listed=50, kept=48, checked_at=clock())
    said = _said(engine, ident, clock())
    assert "412 of 900 records are missing at once" in said["hold"][1]
    assert "connection missing 'Jira EU'" in said["hold"][1]
    assert said["missing records"][1].startswith("2 have been missing for days")
    assert said["quarantine"][1].startswith("3 records could not be read, 1 of them since yesterday")
    assert "48 of 50 in 10002" in said["completeness"][1]
    assert "10003" not in said["completeness"][1]
    found = list(judge(condition(engine, ident, clock()), clock()))
    assert any(each.detail.startswith("1 parts were begun") for each in found)


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"state": "failing", "why": "It answered 500."}, "failing: It answered 500."),
        ({"state": "gone"}, "registers it anew"),
        ({"state": "pending"}, "registered only half"),
        ({"state": "active", "last_delivery_at": -4}, "nothing was heard for 4 days"),
        ({"state": "active", "last_delivery_at": -1}, ""),
    ],
)
def test_a_webhook_that_tells_nothing_is_told_of(
    engine: Engine, ident: int, clock: Clock, write: Write, row: dict[str, Any], words: str
) -> None:
    if "last_delivery_at" in row:
        row = row | {"last_delivery_at": clock() + timedelta(days=row["last_delivery_at"])}
    write(Webhook, **({"resource": "P1", "door": "d", "created_at": clock()} | row))
    said = _said(engine, ident, clock()).get("webhook P1", ("", ""))
    assert words in said[1]
    assert bool(said[1]) is bool(words)


@pytest.mark.usefixtures("healthy")
@pytest.mark.parametrize(
    ("free_in", "throttled_ago", "words"),
    [(600, 10, "patience until 2026-03-02T09:10"), (-10, 600, "throttled us 10 min ago"), (-9_000, 9_000, "")],
)
def test_a_tracker_that_slows_us_down_is_told_of(
    engine: Engine, ident: int, clock: Clock, write: Write, free_in: float, throttled_ago: float, words: str
) -> None:
    at = clock().timestamp()
    write(RateBudget, free_at=at + free_in, next_at=0.0, gap_s=0.2, width=2, throttled_at=at - throttled_ago)
    said = _said(engine, ident, clock()).get("rate", ("", ""))
    assert words in said[1]
    assert bool(said[1]) is bool(words)


def test_clocks_that_disagree_are_told_of() -> None:
    assert judge_clock("Jira", None) is None
    assert judge_clock("Jira", -59.0) is None
    ahead, behind = judge_clock("Jira", 600.0), judge_clock("Jira", -7_200.0)
    assert ahead is not None
    assert behind is not None
    assert ahead.detail.startswith("the tracker's clock is 10 min ahead of ours")
    assert behind.detail.startswith("the tracker's clock is 2 h behind ours")


def test_what_the_mapping_says_and_the_connection_cannot_follow(
    engine: Engine, ident: int, healthy: None, clock: Clock
) -> None:
    for unclear in (("there is no field “Price” to carry cost",), ()):
        with writing(engine) as store:
            save(store, ident, Profile(unclear=unclear), clock())
        line = f"{unclear[0]}; say it otherwise in the mapping" if unclear else None
        assert _said(engine, ident, clock()) == ({"mapping": ("warning", line)} if line else {})
