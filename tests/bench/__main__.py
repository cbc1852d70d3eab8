"""make bench: what a sync costs, beside a bare script (the floor) in the same run on the same machine, as ratios.

Each run is a process of its own: wall seconds, CPU seconds and peak memory are the operating system's figures for it.
The static server is another process, and its work is the same for all.
"""

from __future__ import annotations

import argparse

from tests.bench.against_floor import compare
from tests.bench.facts import gather
from tests.bench.growth import grow
from tests.bench.measure import measure, say
from tests.bench.previews import look
from tests.bench.workers import scale

PARTS = ("floor", "growth", "workers", "preview", "facts", "page", "load")


def main() -> None:
    options = _options()
    if "floor" in options.only:
        for latency_ms in options.latency:
            compare(options.items, latency_ms, options.rounds)
    if "growth" in options.only:
        grow((options.items, options.many))
    if "workers" in options.only:
        scale(options.items, options.latency, options.rounds)
    if "preview" in options.only:
        look(options.items, options.rounds)
    if "facts" in options.only:
        gather(options.portfolio, max(1, options.portfolio // 500), options.rounds)
    if "page" in options.only:
        # A process starts with the peak of memory of the one that makes it: this one stays small.
        say(measure("tests.bench.pages", str(max(1, options.portfolio // 500))).told)
    if "load" in options.only:
        say(measure("tests.bench.load", str(options.portfolio), str(max(1, options.portfolio // 50))).told)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="what to measure (default everything)")
    parser.add_argument("--items", type=int, default=20_000, help="issues to sync (default %(default)s)")
    parser.add_argument("--many", type=int, default=200_000, help="issues of the large store (default %(default)s)")
    parser.add_argument("--portfolio", type=int, default=1_000_000, help="items of the portfolio (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each, in turn (default %(default)s)")
    parser.add_argument("--latency", type=int, nargs="*", default=[0, 50], help="ms per request (default 0 50)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
