"""What a mapping would do, at the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome, Sightline

MAPPING = """\
format = 1

[profiles.standard.rules.kinds]
Story = "bug"

[connections.Cloud]
profile = "standard"
"""


def test_a_file_and_a_draft_are_looked_at_and_nothing_is_done(
    add_cloud: Callable[..., Outcome], prepared: Sightline
) -> None:
    assert add_cloud().code == 0
    assert prepared("sync", "Cloud").code == 0
    nothing = prepared("mapping", "preview")
    assert nothing.code == 1
    assert "there is no draft" in nothing.err
    Path("m.toml").write_text(MAPPING, encoding="utf-8")
    told = prepared("mapping", "preview", "m.toml")
    assert told.code == 0
    assert "items would change" in told.err
    assert "history" in told.out
    assert "story -> bug" in told.out
    found = prepared("mapping", "preview", "m.toml", "--json").document
    moves = [(move["aspect"], move["before"], move["after"]) for move in found["moves"]]
    assert ("kind", "story", "bug") in moves
    assert found["changed"] > 0
    assert prepared("mapping", "show", "--json").document["draft"] is None
    assert prepared("mapping", "import", "m.toml").code == 0
    assert prepared("mapping", "preview", "--json").document["moves"] == found["moves"]
    assert prepared("mapping", "show", "--json").document["in_force"] is None
    Path("m.toml").write_text(MAPPING.replace('"bug"', '"beetle"'), encoding="utf-8")
    faulty = prepared("mapping", "preview", "m.toml")
    assert faulty.code == 1
    assert "beetle" in faulty.err
