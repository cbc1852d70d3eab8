"""What follows the number of items, and what only the number of changes: the same runs on a small and a large store."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import Measure, command, measure, say, serving

CHANGES = 100
FULL, AGAIN, CHANGED, CENSUS = "full sync", "nothing changed", f"{CHANGES} changes", "census"


def grow(sizes: Sequence[int]) -> None:
    """Runs of each kind at each size, one after the other, with the requests each made."""
    figures = {size: _runs(size) for size in sizes}
    say(f"\n{'items':>10}  {'run':<18}{'wall s':>9}{'CPU s':>8}{'peak MB':>9}{'requests':>10}  fetched, written")
    for size, runs in figures.items():
        for name, (figure, requests) in runs.items():
            cost = f"{figure.wall_s:>9.2f}{figure.cpu_s:>8.2f}{figure.peak_mb:>9.0f}{requests:>10,}"
            say(f"{size:>10,}  {name:<18}{cost}  {figure.told.replace(' ', ', ')}")
    small, large = figures[min(sizes)], figures[max(sizes)]
    say(f"\npeak memory of the full sync at {max(sizes):,}:  {large[FULL][0].peak_mb:.0f} MB (bar 120)")
    say(f"peak memory, large against small:          {large[FULL][0].peak_mb / small[FULL][0].peak_mb:.2f}")
    say(f"{CHANGES} changes, wall, large against small:    {_wall(large, CHANGED) / _wall(small, CHANGED):.2f}")
    say(f"{CHANGES} changes, requests, large and small:    {large[CHANGED][1]} and {small[CHANGED][1]}")
    say(f"nothing changed, of the full sync's time:  {_wall(large, AGAIN) / _wall(large, FULL):.3f} (bar 0.10)")


_Runs = dict[str, tuple[Measure, int]]


def _wall(runs: _Runs, name: str) -> float:
    return runs[name][0].wall_s


def _runs(size: int) -> _Runs:
    runs: _Runs = {}
    with serving(size, 0) as address, tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sightline.db'}"
        measure("tests.bench.prepare", address, url)
        for name, mode in ((FULL, "incremental"), (AGAIN, "incremental"), (CHANGED, "incremental"), (CENSUS, "census")):
            if name == CHANGED:
                command(address, f"edit?count={CHANGES}")
            command(address, "counted")
            figure = measure("tests.bench.one_run", address, url, mode)
            runs[name] = figure, int(command(address, "counted"))
    return runs
