"""docs/real-records.md, made anew from the recorded sets.

    python -m tests.realrecords > docs/real-records.md

The sets are read where SIGHTLINE_REALDATA says, else from `shared/realdata` beside the checkout.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

from portfolio.store.engine import open_engine
from portfolio.store.migrate import upgrade
from tests.realrecords.sets import SETS
from tests.realrecords.trace import Trace, trace

_OPENING = """# Real records

What real trackers once sent, served again over HTTP by `sightline simulate --records` and synced whole into an empty
portfolio. Made by

    .venv/bin/python -m tests.realrecords > docs/real-records.md

from recordings that are not part of this repository. Nothing may be lost on the way:
**served = landed + quarantined**, and **landed = mapped** for what becomes rows (histories are kept and read with their
item). `jira/mattermost` holds webhooks only and serves nothing.

| set | served as | stream | served | landed | mapped | quarantined |
|---|---|---|---:|---:|---:|---:|
"""


def main() -> None:
    root = Path(os.environ.get("SIGHTLINE_REALDATA") or Path(__file__).resolve().parents[3] / "shared" / "realdata")
    traces = {name: _trace(root / name) for name in SETS}
    write = sys.stdout.write
    write(_OPENING)
    for name, found in traces.items():
        for line in found.lines:
            mapped = "kept" if line.mapped is None else f"{line.mapped:,}"
            tracker = found.tracker.replace("_", " ")
            counts = f"{line.served:,} | {line.landed:,} | {mapped} | {line.quarantined:,}"
            write(f"| {name} | {tracker} | {line.stream.replace('_', ' ')} | {counts} |\n")
    _list("Quarantined, and why", {name: found.reasons for name, found in traces.items()})
    _list("In the recordings, but nothing a tracker lists", {name: found.left_out for name, found in traces.items()})


def _trace(folder: Path) -> Trace:
    with tempfile.TemporaryDirectory() as scratch:
        engine = open_engine(f"sqlite:///{scratch}/records.db")
        upgrade(engine)
        try:
            return trace(folder, engine)
        finally:
            engine.dispose()


def _list(title: str, found: dict[str, Counter[str]] | dict[str, dict[str, int]]) -> None:
    sys.stdout.write(f"\n## {title}\n\n")
    for name, reasons in found.items():
        # Ids are the recordings' own; what matters is the kind of reason and how often it came.
        kinds: Counter[str] = Counter()
        for reason, count in reasons.items():
            kinds[re.sub(r"\b\d{4,}\b", "(id)", reason)] += count
        for reason, count in kinds.most_common():
            sys.stdout.write(f"- {name}: {count:,} x {reason}\n")


if __name__ == "__main__":
    main()
