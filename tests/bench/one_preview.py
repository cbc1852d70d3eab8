"""What a draft would do to a store, or nothing but reading what is landed there.

python -m tests.bench.one_preview DATABASE_URL (read | same | all)

same: a draft that changes nothing; all: one that changes the kind of every item.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from connector.protocol import Stream
from portfolio.store.engine import open_engine, reading
from sync.landing.raw import landed_chunks
from sync.mapping.document import ConnectionRules, Mapping, ProfileRules, Rules
from sync.mapping.profile import Bindings
from sync.preview.run import Terms, run_preview
from sync.readers import open_reader, readable

ALL = Mapping(
    profiles={"bench": ProfileRules(rules=Rules(kinds={"Story": "task"}))},
    connections={"benchmark": ConnectionRules(profile="bench")},
)


def main(database_url: str, what: str) -> None:
    """Do it, and print how many items were looked at and how many would change."""
    engine = open_engine(database_url)
    if what == "read":
        with reading(engine) as store:
            reader = open_reader(store, 1, "jira", "https://benchmark.invalid", Bindings(), None)
            items = sum(len(readable(reader, chunk)) for chunk in landed_chunks(store, 1, Stream.ITEMS))
        sys.stdout.write(f"{items} 0\n")
        return
    found = run_preview(engine, ALL if what == "all" else Mapping(), Terms(lambda: datetime.now(UTC)))
    sys.stdout.write(f"{found.items} {found.changed}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
