"""Nothing of the recorded sets is lost between the server and the portfolio."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.realrecords.sets import SETS
from tests.realrecords.trace import trace


@pytest.mark.parametrize("name", SETS)
def test_served_is_landed_is_mapped(realdata: Path, engine: Engine, name: str) -> None:
    found = trace(realdata / name, engine)
    assert found.summary.state == "done", found.summary.error
    assert found.lines
    for line in found.lines:
        assert line.served == line.landed + line.quarantined, line
        assert line.mapped in (None, line.landed), line
    for stream, counts in found.summary.streams.items():
        told = counts.unchanged + counts.created + counts.updated + counts.quarantined
        assert counts.fetched == told, stream
    # A reason is a sentence about the record, not an exception's name.
    assert all(" " in reason and "Error" not in reason for reason in found.reasons)


def test_the_archive_is_whole(realdata: Path, engine: Engine) -> None:
    lines = {line.stream: line for line in trace(realdata / "jira/tidev_archive", engine).lines}
    assert lines["items"].mapped == 2699
    assert sum(line.quarantined for line in lines.values()) == 0
