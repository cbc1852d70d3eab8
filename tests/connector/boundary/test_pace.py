"""The pace of a connection: what changes it, what a tracker tells of its budget, and the gate before the tracker."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.boundary.answer import Answer
from connector.boundary.classify import fault
from connector.boundary.gate import Gate
from connector.boundary.governor import LocalGovernor
from connector.boundary.pace import FORGET_S, FREE_WIDTH, GOOD_RUN, Pace, eased, gap_at, informed, recovered, throttled
from connector.boundary.told import Told, told
from connector.errors import RateLimitedError
from tests.connector.boundary.senders import Watch

NOW = 1_000_000.0  # 1970-01-12 13:46:40 UTC
NOTHING = Told()


def test_turns_are_spaced_by_the_rate() -> None:
    governor = LocalGovernor(120, clock=Watch())
    assert [governor.turn() for _ in range(4)] == [1000.0, 1000.5, 1001.0, 1001.5]


def test_without_a_rate_nobody_waits() -> None:
    governor = LocalGovernor(0, clock=Watch())
    assert [governor.turn() for _ in range(10)] == [1000.0] * 10


def test_threads_share_one_pace() -> None:
    governor = LocalGovernor(60, clock=Watch())
    with ThreadPoolExecutor(8) as pool:
        turns = [turn.result() for turn in [pool.submit(governor.turn) for _ in range(8)]]
    assert sorted(turns) == [1000.0 + second for second in range(8)]


def test_throttling_holds_everybody_then_halves_the_rate_and_eases_back() -> None:
    governor = LocalGovernor(60, clock=Watch())
    governor.throttled(20.0, 4, NOTHING)
    assert governor.free_at() == 1020.0
    assert [governor.turn(), governor.turn()] == [1020.0, 1022.0]
    for _ in range(100):
        governor.answered(NOTHING)
    assert governor.pace.gap_s == 1.0


def test_a_storm_halves_the_width_once_and_the_next_one_again_down_to_one() -> None:
    pace = throttled(Pace(), 0.0, NOW, 2.0, under_way=8)
    assert pace.width == 4
    again = throttled(pace, 0.0, NOW + 0.2, 7.0, under_way=7)
    assert (again.width, again.gap_s) == (pace.width, pace.gap_s)
    assert again.free_at == NOW + 7.2
    widths = []
    for round_ in range(1, 4):
        pace = throttled(pace, 0.0, NOW + 10 * round_, 2.0, under_way=pace.width)
        widths.append(pace.width)
    assert widths == [2, 1, 1]


def test_the_width_grows_by_one_after_a_run_of_good_answers_until_it_is_free() -> None:
    pace = throttled(Pace(), 0.0, NOW, 2.0, under_way=4)
    for _ in range(GOOD_RUN - 1):
        pace = eased(pace, 0.0)
    assert pace.width == 2
    pace = eased(pace, 0.0)
    assert pace.width == 3
    assert eased(pace, 0.0, GOOD_RUN * FREE_WIDTH).width == 0


def test_a_gap_never_eases_beyond_the_set_rate() -> None:
    pace = throttled(Pace(gap_s=2.0), 2.0, NOW, 2.0, under_way=1)
    assert pace.gap_s == 4.0
    assert eased(pace, 2.0, 1_000).gap_s == 2.0


def test_what_was_learnt_long_ago_is_forgotten_but_a_hold_stands() -> None:
    pace = throttled(Pace(), 0.5, NOW, 3_000.0, under_way=4)
    assert recovered(pace, 0.5, NOW + 60).width == 2
    later = recovered(pace, 0.5, NOW + FORGET_S + 1)
    assert (later.width, later.gap_s, later.free_at) == (0, 0.5, NOW + 3_000)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Told()),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "40"}, Told(100, 40)),
        (
            {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "4", "x-ratelimit-reset": "1970-01-12T13:50Z"},
            Told(100, 4, 200.0),
        ),
        # The tracker's clock is an hour ahead of ours.
        (
            {
                "X-RateLimit-Remaining": "4",
                "X-RateLimit-Reset": "1970-01-12T14:50Z",
                "Date": "Mon, 12 Jan 1970 14:46:40 GMT",
            },
            Told(None, 4, 200.0, 3600.0),
        ),
        ({"X-RateLimit-Limit": "50", "X-RateLimit-NearLimit": "true"}, Told(50, 10)),
        # Data Center.
        (
            {
                "X-RateLimit-Limit": "10",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Interval-Seconds": "5",
                "X-RateLimit-FillRate": "2",
            },
            Told(10, 0, 5),
        ),
        ({"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "soon"}, Told()),
    ],
)
def test_what_the_headers_tell(headers: dict[str, str], expected: Told) -> None:
    assert told(Answer(200, headers, b"{}"), NOW) == expected


def test_a_budget_is_spread_only_when_it_is_nearly_used_up() -> None:
    plenty = informed(Pace(), Told(100, 21, 60.0), NOW)
    assert gap_at(plenty, NOW) == 0.0
    little = informed(Pace(), Told(100, 20, 60.0), NOW)
    assert gap_at(little, NOW) == 3.0
    assert gap_at(little, NOW + 60) == 0.0
    assert gap_at(informed(Pace(gap_s=4.0), Told(100, 20, 60.0), NOW), NOW) == 4.0


@pytest.mark.parametrize("remaining", [0, 1])
def test_a_budget_that_is_used_up_holds_until_it_is_there_again(remaining: int) -> None:
    pace = informed(Pace(), Told(100, remaining, 1_800.0), NOW)
    assert pace.free_at == NOW + 1_800
    assert gap_at(pace, NOW) == 0.0


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "30", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1970-01-12T13:50Z"}, 30.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1970-01-12T13:50Z"}, 200.0),
        ({"RateLimit-Reason": "jira-quota-tenant-based", "X-RateLimit-Reset": "1970-01-12T13:50Z"}, 200.0),
        ({"RateLimit-Reason": "jira-burst-based", "X-RateLimit-Reset": "1970-01-12T13:50Z"}, None),
        ({}, None),
    ],
)
def test_a_refusal_waits_for_retry_after_first_and_else_for_the_quota(
    headers: dict[str, str], pause: float | None
) -> None:
    error = fault(Answer(429, headers, b""), method="GET", path="/x", now=NOW)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == pause


def test_the_gate_lets_so_many_pass_and_gives_up_when_told() -> None:
    gate = Gate(lambda: 2)
    inside, leave = threading.Semaphore(0), threading.Event()

    def pass_through() -> None:
        with gate:
            inside.release()
            leave.wait(10)

    threads = [threading.Thread(target=pass_through, daemon=True) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=10)
    assert inside.acquire(timeout=10)
    assert not inside.acquire(timeout=0.1)
    assert gate.passing == 2
    gate.give_up()
    assert all(inside.acquire(timeout=10) for _ in range(3))
    leave.set()
    for thread in threads:
        thread.join(10)
    assert gate.passing == 0
