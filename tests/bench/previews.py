"""What a preview costs, beside reading the same landed records and doing nothing with them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench.measure import Measure, measure, median, say, serving

KINDS = {"reading alone": "read", "nothing changes": "same", "every item changes": "all"}


def look(items: int, rounds: int) -> None:
    """Sync once, then run each in turn, and print medians and ratios."""
    runs: dict[str, list[Measure]] = {name: [] for name in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sightline.db'}"
        with serving(items, 0) as address:
            measure("tests.bench.prepare", address, url)
            measure("tests.bench.one_run", address, url, "incremental")
        for _ in range(rounds):
            for name, word in KINDS.items():
                runs[name].append(measure("tests.bench.one_preview", url, word))
    medians = {name: median(measures) for name, measures in runs.items()}
    floor = medians["reading alone"]
    say(f"\nPreview of {items:,} items, medians of {rounds}:\n")
    say(f"{'what':<20}{'items/s':>9}{'wall s':>9}{'CPU s':>8}{'peak MB':>9}{'of reading':>12}")
    for name, figure in medians.items():
        ratio = figure.wall_s / floor.wall_s
        cost = f"{items / figure.wall_s:>9,.0f}{figure.wall_s:>9.2f}{figure.cpu_s:>8.2f}{figure.peak_mb:>9.0f}"
        say(f"{name:<20}{cost}{ratio:>12.2f}")
