"""A first sync that several processes share, on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from tests.bench.measure import Measure, measure, say, serving
from tests.postgres import Server, running_server

COUNTS = (1, 2, 4)


def scale(items: int, latencies: Sequence[int], rounds: int) -> None:
    """The same sync by one, two and four workers in turn. Helpers are there before it begins, as workers are."""
    for latency_ms in latencies:
        walls: dict[int, list[float]] = {count: [] for count in COUNTS}
        with running_server() as postgres, serving(items, latency_ms) as address:
            for _ in range(rounds):
                for count in COUNTS:
                    walls[count].append(_shared(postgres, address, count).wall_s)
        say(f"\n{items:,} issues into PostgreSQL, {latency_ms} ms per request, medians of {rounds}:\n")
        say(f"{'workers':<10}{'items/s':>9}{'wall s':>9}{'against one':>13}")
        one = median(walls[1])
        for count in COUNTS:
            wall = median(walls[count])
            say(f"{count:<10}{items / wall:>9,.0f}{wall:>9.2f}{one / wall:>13.2f}")


def _shared(postgres: Server, address: str, count: int) -> Measure:
    url = postgres.create()
    try:
        measure("tests.bench.prepare", address, url)
        with _helpers(count - 1, address, url):
            return measure("tests.bench.one_run", address, url, "incremental", *(["--shared"] if count > 1 else []))
    finally:
        postgres.drop(url)


@contextmanager
def _helpers(count: int, address: str, url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "tests.bench.helper", address, url]
    helpers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        for each in helpers:
            assert each.stdout is not None
            each.stdout.readline()
        yield
        for each in helpers:
            if each.wait():
                sys.exit(f"a helper ended with {each.returncode}")
    finally:
        for each in helpers:
            each.kill()
            each.wait()
