"""make bench: the full sync beside a bare script (the floor), in one run on one machine, as ratios.

Each run is a process of its own: wall seconds, CPU seconds and peak memory are the operating system's figures for it.
The two are run in turn, so that a machine that slows down slows both. The server's work is the same for both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import Server, running_server


@dataclass(frozen=True)
class Measure:
    """One process's cost."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    options = _options()
    with running_server() if options.postgres else nullcontext() as postgres:
        for latency in options.latency:
            with serving(options.items, latency) as address:
                _compare(address, options.items, latency, options.rounds, postgres)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--items", type=int, default=20_000, help="issues to sync (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn (default %(default)s)")
    parser.add_argument("--latency", type=int, nargs="*", default=[0, 50], help="ms per request (default 0 50)")
    parser.add_argument("--postgres", action="store_true", help="sync into PostgreSQL as well")
    return parser.parse_args()


def _compare(address: str, items: int, latency: int, rounds: int, postgres: Server | None) -> None:
    runs: dict[str, list[Measure]] = {}
    for turn in range(rounds):
        for name, figure in _round(address, postgres):
            runs.setdefault(name, []).append(figure)
        print(f"  round {turn + 1} of {rounds} done", file=sys.stderr, flush=True)
    print(f"\n{items:,} issues, {latency} ms per request, medians of {rounds}:\n")
    print(f"{'what':<22}{'items/s':>10}{'wall s':>9}{'CPU s':>8}{'peak MB':>9}")
    medians = {name: _median(measures) for name, measures in runs.items()}
    for name, figure in medians.items():
        speed = items / figure.wall_s
        print(f"{name:<22}{speed:>10,.0f}{figure.wall_s:>9.2f}{figure.cpu_s:>8.2f}{figure.peak_mb:>9.0f}")
    floor, full, again = medians["floor"], medians["full sync"], medians["re-sync"]
    print(f"\nspeed of the full sync against the floor:   {floor.wall_s / full.wall_s:.2f} (bar 1.0, acceptable 0.6)")
    print(f"CPU of the full sync against the floor:     {full.cpu_s / floor.cpu_s:.2f} (bar 1.0 or less)")
    print(f"re-sync with nothing changed, of the full:  {again.wall_s / full.wall_s:.2f} (bar 0.10)")


def _round(address: str, postgres: Server | None) -> Iterator[tuple[str, Measure]]:
    with tempfile.TemporaryDirectory() as folder:
        yield "floor", measure("tests.bench.floor", address, str(Path(folder) / "floor.db"))
        url = f"sqlite:///{Path(folder) / 'sightline.db'}"
        measure("tests.bench.prepare", address, url)
        yield "full sync", measure("tests.bench.full_sync", address, url)
        yield "re-sync", measure("tests.bench.full_sync", address, url)
    if postgres is not None:
        url = postgres.create()
        measure("tests.bench.prepare", address, url)
        yield "full sync, PostgreSQL", measure("tests.bench.full_sync", address, url)
        yield "re-sync, PostgreSQL", measure("tests.bench.full_sync", address, url)
        postgres.drop(url)


def measure(module: str, *arguments: str) -> Measure:
    """Run a module as a process and take its cost from the operating system."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module} ended with {process.returncode}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextmanager
def serving(items: int, latency: int) -> Iterator[str]:
    """The static server in a process of its own."""
    print(f"preparing {items:,} issues ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "tests.bench.server", str(items), str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _median(measures: list[Measure]) -> Measure:
    return Measure(
        statistics.median(m.wall_s for m in measures),
        statistics.median(m.cpu_s for m in measures),
        max(m.peak_mb for m in measures),
    )


if __name__ == "__main__":
    main()
