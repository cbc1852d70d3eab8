"""The mapping at the command line: files in and out, what changes, what is in force, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portfolio.store.engine import open_engine
from simulator.serve import Simulator
from tests.cli.conftest import Outcome, Sightline
from tests.sync.builders import NOW
from tests.webapp.studio import fill_studio

FIRST = """\
format = 1

[profiles.standard.rules.statuses."In Review"]
category = "in_progress"
flow = "wait"

[connections.Cloud]
profile = "standard"
"""
SECOND = FIRST.replace('category = "in_progress"\nflow = "wait"', 'category = "done"')


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    """Writes a text to a file and returns its name."""

    def write(text: str) -> str:
        path = tmp_path / "mapping.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def noted(sightline: Sightline) -> list[str]:
    found = sightline("audit", "list", "--action", "mapping", "--json")
    return [entry["action"] for entry in reversed(found.document)]


def test_a_file_is_applied_taken_back_and_written_again(prepared: Sightline, file: Callable[[str], str]) -> None:
    assert "the defaults" in prepared("mapping", "show").out
    shown = prepared("mapping", "apply", file(FIRST))
    assert (shown.code, shown.out.splitlines()) == (
        0,
        [
            "Profile standard: new",
            "Profile standard: status In Review: becomes in progress, waiting",
            "Connection Cloud: profile: becomes standard",
        ],
    )
    assert "Nothing is in force yet" in shown.err
    assert prepared("mapping", "show", "--json").document["in_force"] is None
    done = prepared("mapping", "approve", "--note", "as agreed", "--json")
    assert (done.code, done.document) == (0, {"number": 1})
    second = prepared("mapping", "apply", file(SECOND), "--yes", "--json").document
    changed = "Profile standard: status In Review: was in progress, waiting, becomes done"
    assert second == {"changes": [changed], "number": 2}
    assert prepared("mapping", "export").out == SECOND
    assert prepared("mapping", "export", "--number", "1").out == FIRST
    assert prepared("mapping", "diff", "--from", "1", "--to", "2").out.strip() == changed
    assert prepared("mapping", "rollback", "1", "--note", "too early").code == 0
    assert prepared("mapping", "export").out == FIRST
    told = prepared("mapping", "history", "--json").document
    assert [(each["number"], each["restores"], each["note"]) for each in told] == [
        (3, 1, "too early"),
        (2, None, ""),
        (1, None, "as agreed"),
    ]
    assert "at the command line" in prepared("mapping", "history").out
    assert noted(prepared) == [
        *("mapping.begun", "mapping.changed", "mapping.approved") * 2,
        "mapping.rolled_back",
    ]


def test_a_file_comes_in_again_unchanged(prepared: Sightline, tmp_path: Path, file: Callable[[str], str]) -> None:
    prepared("mapping", "apply", file(FIRST), "--yes")
    out = str(tmp_path / "out.toml")
    assert prepared("mapping", "export", out).code == 0
    assert prepared("mapping", "diff", out).out.strip() == "Nothing changes."
    assert prepared("mapping", "diff", "-", stdin=FIRST).out.strip() == "Nothing changes."
    odd = FIRST.replace("In Review", "In \\u0085\\u202E Review")
    prepared("mapping", "apply", file(odd), "--yes")
    printed = prepared("mapping", "export").out
    assert printed.isascii()
    assert prepared("mapping", "diff", "-", stdin=printed).out.strip() == "Nothing changes."


def test_a_connection_that_does_not_exist_is_told_and_refuses_nothing(
    add_cloud: Callable[..., Outcome], prepared: Sightline, file: Callable[[str], str]
) -> None:
    told = "There is no connection Cloud: what is said at connections.Cloud is without effect"
    assert told in prepared("mapping", "apply", file(FIRST)).err
    approved = prepared("mapping", "approve")
    assert (approved.code, told in approved.err) == (0, True)
    assert told in prepared("mapping", "rollback", "1").err
    assert add_cloud().code == 0
    assert "no connection" not in prepared("mapping", "apply", file(SECOND), "--yes").err


def test_a_draft_of_somebody_is_not_thrown_away(prepared: Sightline, file: Callable[[str], str]) -> None:
    assert prepared("mapping", "discard").code == 1
    assert prepared("mapping", "import", file(FIRST)).code == 0
    assert prepared("mapping", "import", file(FIRST)).code == 0
    refused = prepared("mapping", "import", file(SECOND))
    assert refused.code == 1
    assert "Approve or discard it, or put the file in its place with --replace" in refused.err
    assert prepared("mapping", "export", "--draft").out == FIRST
    assert prepared("mapping", "import", file(SECOND), "--replace").code == 0
    assert prepared("mapping", "diff").out.splitlines()[1] == "Profile standard: status In Review: becomes done"
    assert prepared("mapping", "discard").code == 0
    assert prepared("mapping", "show", "--json").document["draft"] is None
    assert noted(prepared) == ["mapping.begun", "mapping.changed", "mapping.changed", "mapping.discarded"]


def test_what_is_wrong_with_a_file_is_told_at_its_place(prepared: Sightline, file: Callable[[str], str]) -> None:
    newer = prepared("mapping", "apply", file(FIRST.replace("format = 1", "format = 9")), "--yes")
    assert newer.code == 1
    assert "line 1, format: the file is of format 9, which a newer Sightline wrote" in newer.err
    assert "Update Sightline" in newer.err
    faulty = file(FIRST.replace('"in_progress"', '"doing"'))
    refused = prepared("mapping", "apply", faulty, "--yes")
    assert refused.code == 1
    assert 'mapping.toml, line 3, profiles.standard.statuses."In Review"' in refused.err
    assert "has 1 fault. Nothing was changed: mend them first" in refused.err
    looked = prepared("mapping", "diff", faulty, "--json")
    assert (looked.code, len(looked.document["faults"])) == (1, 1)
    assert prepared("mapping", "import", faulty).code == 0
    approved = prepared("mapping", "approve")
    assert approved.code == 1
    assert "the mapping has faults" in approved.err
    assert prepared("mapping", "diff", "no-such-file.toml").code == 2
    Path("latin.toml").write_bytes('x = "ä"'.encode("latin-1"))
    assert "no text in UTF-8" in prepared("mapping", "diff", "latin.toml").err
    assert prepared("mapping", "rollback", "7").code == 1
    assert prepared("mapping", "export", "--draft", "--number", "1").code == 2


def test_the_next_sync_takes_it_up(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator, file: Callable[[str], str]
) -> None:
    assert add_cloud().code == 0
    assert prepared("sync", "Cloud").code in (0, 3)
    assert prepared("mapping", "apply", file(FIRST), "--yes").code == 0
    before = prepared("mapping", "show", "--json").document["connections"]
    assert before == [{"name": "Cloud", "profile": "standard", "mapping_number": None}]
    assert prepared("sync", "Cloud").code in (0, 3)
    assert prepared("mapping", "show", "--json").document["connections"][0]["mapping_number"] == 1


def test_nothing_waits_where_nothing_was_synced(prepared: Sightline) -> None:
    assert "Nothing waits" in prepared("mapping", "values").out
    assert prepared("mapping", "values", "--json").document == []


def test_values_that_wait_are_listed_with_what_they_could_mean(prepared: Sightline) -> None:
    engine = open_engine(f"sqlite:///{Path.cwd() / 'var' / 'sightline.db'}")
    fill_studio(engine, NOW)
    engine.dispose()
    told = {it["value"]: it for it in prepared("mapping", "values", "--json").document}
    assert told["Anforderungen"]["suggestion"]["meaning"] == "story"
    assert "SCH-07" in told["Anforderungen"]["kpis"]
    assert told["Pondering"]["items"] == 2
    assert "Vendor Revew" in prepared("mapping", "values").out
    assert prepared("mapping", "values", "--new", "--json").document == []
