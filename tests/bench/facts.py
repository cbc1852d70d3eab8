"""Facts of a large portfolio: of all projects on a day, of one, and of a year by weeks, on both databases."""

from __future__ import annotations

import tempfile
from pathlib import Path

from portfolio.store.engine import open_engine
from tests.bench.measure import measure, say
from tests.bench.past import make
from tests.postgres import running_server

# Seconds.
BARS = {("sqlite", "all"): 3.0, ("postgresql", "all"): 1.5, ("", "one"): 0.010, ("", "year"): 20.0}
PEAK_MB = 300
WORDS = {"all": "all facts, all projects", "one": "all facts, one project", "year": "all facts, 52 weeks"}


def gather(items: int, projects: int, rounds: int) -> None:
    """Make the portfolio in either database and read it; the best of the rounds counts."""
    say(f"\n{items:,} items in {projects:,} projects")
    with tempfile.TemporaryDirectory() as folder:
        _read(f"sqlite:///{Path(folder) / 'sightline.db'}", "sqlite", items, projects, rounds)
    with running_server() as server:
        _read(server.create(), "postgresql", items, projects, rounds)


def _read(url: str, backend: str, items: int, projects: int, rounds: int) -> None:
    engine = open_engine(url)
    say(f"{backend}: {make(engine, items, projects):,} versions")
    engine.dispose()
    for what, words in WORDS.items():
        runs = [measure("tests.bench.one_gathering", url, what) for _ in range(rounds)]
        seconds, peak = min(float(run.told) for run in runs), max(run.peak_mb for run in runs)
        bar = BARS.get((backend, what)) or BARS["", what]
        say(f"  {words:<26}{seconds:>9.3f} s (bar {bar:g} at 1,000,000){peak:>7.0f} MB (bar {PEAK_MB})")
