"""What a process costs, and the static server it is measured against."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One process's cost, as the operating system tells it, and the words it printed."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    told: str = ""


def measure(module: str, *arguments: str) -> Measure:
    """Run a module as a process of its own, start-up included; ends this one when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{module} ended with {process.returncode}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, told)


def median(measures: Sequence[Measure]) -> Measure:
    """The medians, and the highest peak."""
    return Measure(
        statistics.median(each.wall_s for each in measures),
        statistics.median(each.cpu_s for each in measures),
        max(each.peak_mb for each in measures),
    )


@contextmanager
def serving(items: int, latency_ms: int) -> Iterator[str]:
    """The static server in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.bench.server", str(items), str(latency_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def command(address: str, words: str) -> str:
    """Tell the static server something (see there)."""
    request = urllib.request.Request(f"{address}/bench/{words}", data=b"", method="POST")
    with urllib.request.urlopen(request) as answer:
        return str(answer.read().decode())


def say(line: str = "") -> None:
    """A line of the report, at once: a run takes minutes."""
    print(line, flush=True)
