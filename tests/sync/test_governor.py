"""One pace for all processes: each governor here stands for a process with its own copy of the row."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import Engine, select, update

from connector.boundary.answer import Answer
from connector.boundary.call import Boundary
from connector.boundary.told import Told
from connector.errors import RateLimitedError
from connector.settings import ConnectionSettings, SignIn
from portfolio.audit.entry import COMMAND
from portfolio.model.landing import RateBudget
from portfolio.store.engine import open_engine, reading, writing
from sync.connections import add_connection
from sync.governor import SharedGovernor

SETTINGS = ConnectionSettings(tracker="jira", address="http://tracker.invalid", sign_in=SignIn.PERSONAL_TOKEN)
NOTHING = Told()
GOOD = Answer(200, {}, b"{}")


class Watch:
    """Epoch seconds that move only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def ident(engine: Engine) -> int:
    return add_connection(engine, "Jira", SETTINGS, "env:JIRA_TOKEN", datetime(2026, 3, 2, tzinfo=UTC), COMMAND)


@pytest.fixture
def statements(engine: Engine) -> list[str]:
    """The statements that the database gets, but for those that begin, end and set up."""
    from sqlalchemy import event

    said: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split()[0] in {"SELECT", "INSERT", "UPDATE"}:
            said.append(statement.split()[0])

    event.listen(engine, "before_cursor_execute", heard)
    return said


def _row(engine: Engine) -> RateBudget:
    with reading(engine) as store:
        row = store.execute(select(RateBudget)).one()
    return RateBudget(**row._mapping)


def test_processes_share_one_rate(database_url: str, ident: int, watch: Watch) -> None:
    engines = [open_engine(database_url) for _ in range(3)]
    processes = [SharedGovernor(engine, ident, 60, clock=watch) for engine in engines]
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(process.turn) for _ in range(4) for process in processes]
        turns = sorted(each.result(timeout=60) for each in asked)
    for engine in engines:
        engine.dispose()
    assert turns == [1_000.0 + second for second in range(12)]


def test_threads_of_a_process_share_its_turns(engine: Engine, ident: int, watch: Watch) -> None:
    governor, turns = SharedGovernor(engine, ident, 60, clock=watch), list[float]()
    threads = [threading.Thread(target=lambda: turns.append(governor.turn())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(turns) == [1_000.0 + second for second in range(6)]


def test_turns_that_nobody_took_are_not_made_up_for(engine: Engine, ident: int, watch: Watch) -> None:
    governor = SharedGovernor(engine, ident, 600, clock=watch)
    governor.turn()
    watch.time += 60
    assert [round(governor.turn() - watch.time, 6) for _ in range(3)] == [0.0, 0.1, 0.2]


def test_a_429_in_one_process_stops_the_other_and_its_turns_are_void(engine: Engine, ident: int, watch: Watch) -> None:
    one, other = (SharedGovernor(engine, ident, 600, clock=watch) for _ in range(2))
    turn = other.turn()
    one.throttled(40.0, 4, NOTHING)
    watch.time += 1.0
    assert other.free_at() == 1_040.0 > turn
    assert other.turn() == 1_040.0
    assert other.width() == 2
    # As do those who have not begun yet.
    assert SharedGovernor(engine, ident, 600, clock=watch).turn() >= 1_040.0


def test_a_sleeper_that_another_process_is_throttled_before_waits_on(engine: Engine, ident: int, watch: Watch) -> None:
    one, other = (SharedGovernor(engine, ident, 60, clock=watch) for _ in range(2))
    other.turn()

    def sleep(seconds: float) -> None:
        if not watch.slept:
            one.throttled(30.0, 1, NOTHING)
        watch.sleep(seconds)

    boundary = Boundary(SETTINGS, governor=other, sleep=sleep, now=watch)
    boundary.fetch(lambda: GOOD, method="GET", path="/x", shape=msgspec.Raw)
    assert watch.slept[0] == 1.0
    assert watch.time >= 1_030.0


def test_a_long_pause_of_one_process_is_a_clear_error_in_the_other(engine: Engine, ident: int, watch: Watch) -> None:
    one, other = (SharedGovernor(engine, ident, 0, clock=watch) for _ in range(2))
    refused = Answer(429, {"Retry-After": "1800"}, b"")
    with pytest.raises(RateLimitedError, match="Try again after 1970-01-01T00:47Z"):
        Boundary(SETTINGS, governor=one, sleep=watch.sleep, now=watch).fetch(
            lambda: refused, method="GET", path="/x", shape=msgspec.Raw
        )
    asked: list[Answer] = []
    with pytest.raises(RateLimitedError, match="Try again after 1970-01-01T00:47Z") as raised:
        Boundary(SETTINGS, governor=other, sleep=watch.sleep, now=watch).fetch(
            lambda: asked.append(GOOD) or GOOD, method="GET", path="/x", shape=msgspec.Raw
        )
    assert raised.value.retry_after == 1_800
    assert (asked, watch.slept) == ([], [])


def test_width_and_gap_come_back_with_the_good_answers_of_all(engine: Engine, ident: int, watch: Watch) -> None:
    one, other = (SharedGovernor(engine, ident, 0, clock=watch) for _ in range(2))
    one.throttled(1.0, 8, NOTHING)
    assert (_row(engine).width, _row(engine).gap_s) == (4, 0.1)
    for _ in range(20):
        watch.time += 2.0
        for process in (one, other):
            process.turn()
            for _ in range(15):
                process.answered(NOTHING)
    watch.time += 2.0
    assert one.turn() == watch.time
    assert _row(engine).width == one.width() == 0
    assert _row(engine).gap_s == 0.0


def test_a_budget_that_one_process_is_told_slows_the_other(engine: Engine, ident: int, watch: Watch) -> None:
    one, other = (SharedGovernor(engine, ident, 0, clock=watch) for _ in range(2))
    other.turn()
    one.answered(Told(100, 10, 100.0))
    watch.time += 1.0
    one.turn()
    first, second = other.turn(), other.turn()
    assert second - first == pytest.approx(9.9)
    row = _row(engine)
    assert (row.limit_told, row.remaining_told, row.reset_at) == (100, 10, 1_100.0)


def test_a_healthy_tracker_costs_one_look_a_second(
    engine: Engine, ident: int, watch: Watch, statements: list[str]
) -> None:
    governor = SharedGovernor(engine, ident, 0, clock=watch)
    for _ in range(1_000):
        governor.turn()
        governor.free_at()
        governor.answered(NOTHING)
        watch.time += 0.01
    assert set(statements) == {"SELECT"}
    assert len(statements) <= 11


def test_a_rate_costs_one_transaction_a_second(engine: Engine, ident: int, watch: Watch, statements: list[str]) -> None:
    governor = SharedGovernor(engine, ident, 6_000, clock=watch)
    for _ in range(1_000):
        watch.time = max(watch.time, governor.turn())
    assert statements.count("UPDATE") <= 11


def test_while_somebody_else_writes_requests_go_on_and_all_is_written_later(
    engine: Engine, ident: int, watch: Watch
) -> None:
    governor = SharedGovernor(engine, ident, 60, clock=watch)
    governor.turn()
    with writing(engine) as store:
        # The run's own writing thread may even be who asks: it waits for a moment, and not for itself.
        store.execute(update(RateBudget).values(gap_s=1.0))
        assert governor.turn() > 1_000.0
        governor.throttled(9.0, 2, NOTHING)
        assert governor.turn() >= 1_009.0
    watch.time += 20.0
    governor.turn()
    assert _row(engine).free_at == 1_009.0
    assert _row(engine).throttled_at == 1_000.0


def test_a_database_that_is_away_stops_nobody(watch: Watch) -> None:
    for url in ("sqlite:////no/such/folder/file.db", "postgresql://nobody@127.0.0.1:1/nothing"):
        watch.time = 1_000.0
        governor = SharedGovernor(open_engine(url), 1, 60, clock=watch)
        assert [governor.turn(), governor.turn()] == [1_000.0, 1_001.0]
        governor.throttled(30.0, 4, NOTHING)
        assert (governor.free_at(), governor.width()) == (1_030.0, 2)
        assert governor.turn() == 1_030.0


def test_a_connection_that_was_removed_stops_nobody(engine: Engine, watch: Watch) -> None:
    governor = SharedGovernor(engine, 4711, 60, clock=watch)
    assert [governor.turn(), governor.turn()] == [1_000.0, 1_001.0]
