"""The full sync and the re-sync with nothing changed, beside the floor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Measure, measure, median, say, serving

FLOOR, FULL, AGAIN = "floor", "full sync", "re-sync"


def compare(items: int, latency_ms: int, rounds: int) -> None:
    """Run each of the three in turn, so that a machine that slows down slows all, and print medians and ratios."""
    runs: dict[str, list[Measure]] = {FLOOR: [], FULL: [], AGAIN: []}
    with serving(items, latency_ms) as address:
        for _ in range(rounds):
            for name, figure in _round(address):
                runs[name].append(figure)
    say(f"\n{items:,} issues, {latency_ms} ms per request, medians of {rounds}:\n")
    say(f"{'what':<12}{'items/s':>10}{'wall s':>9}{'CPU s':>8}{'peak MB':>9}")
    medians = {name: median(measures) for name, measures in runs.items()}
    for name, figure in medians.items():
        speed = f"{items / figure.wall_s:,.0f}" if name != AGAIN else ""
        say(f"{name:<12}{speed:>10}{figure.wall_s:>9.2f}{figure.cpu_s:>8.2f}{figure.peak_mb:>9.0f}")
    floor, full, again = medians[FLOOR], medians[FULL], medians[AGAIN]
    say(f"\nspeed of the full sync against the floor:   {floor.wall_s / full.wall_s:.2f} (bar 1.0)")
    say(f"CPU of the full sync against the floor:     {full.cpu_s / floor.cpu_s:.2f} (bar 1.0 or less)")
    say(f"re-sync with nothing changed, of the full:  {again.wall_s / full.wall_s:.2f} (bar 0.10)")


def _round(address: str) -> Iterator[tuple[str, Measure]]:
    with tempfile.TemporaryDirectory() as folder:
        yield FLOOR, measure("tests.bench.floor", address, str(Path(folder) / "floor.db"))
        url = f"sqlite:///{Path(folder) / 'sightline.db'}"
        measure("tests.bench.prepare", address, url)
        yield FULL, measure("tests.bench.one_run", address, url, "incremental")
        yield AGAIN, measure("tests.bench.one_run", address, url, "incremental")
