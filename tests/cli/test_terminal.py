"""What trackers say reaches the terminal as text, never as an order to it."""

from __future__ import annotations

import pytest

from cli.exits import report
from cli.output import note, print_json, print_table, printable
from cli.progress import TerminalProgress
from connector.errors import BadAddressError
from connector.protocol import Stream
from sync.progress import StreamCounts

HOSTILE = "\x1b]0;owned\x07 \x1b[2J\x9b31m\x7f\u202egnp.exe\u2066"
ORDERS = ("\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066")


def test_controls_become_words_and_lines_stay() -> None:
    assert printable("a\tb\nÉ漢 \x1b[31m\x00\x9b\r") == "a\tb\nÉ漢 \\x1b[31m\\x00\\x9b\\r".replace("\\r", "\\x0d")


def test_nothing_a_command_prints_carries_an_order(capsys: pytest.CaptureFixture[str]) -> None:
    note(HOSTILE)
    report(BadAddressError(HOSTILE, remedy="Correct it."))
    print_table((HOSTILE, "[bold]n[/bold]"), [(HOSTILE, 1)], empty="")
    print_table((), [], empty=HOSTILE)
    print_json({"name": HOSTILE})
    said = capsys.readouterr()
    for order in ORDERS:
        assert order not in said.out + said.err
    assert "\\x1b[2J" in said.err
    assert "[bold]n[/bold]" in said.out  # names are no markup either


def test_json_still_says_exactly_what_there_was(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    print_json({"name": HOSTILE + "É"})
    assert json.loads(capsys.readouterr().out) == {"name": HOSTILE + "É"}


def test_a_defect_shown_on_request_carries_no_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGHTLINE_TRACEBACK", "1")
    try:
        raise RuntimeError(HOSTILE)
    except RuntimeError as error:
        report(error)
    said = capsys.readouterr().err
    assert "RuntimeError: \\x1b]0;owned" in said
    assert not [order for order in ORDERS if order in said]


def test_progress_says_names_as_they_are(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with TerminalProgress(f"[red]{HOSTILE}") as progress:
        progress.started(Stream.ITEMS, 1)
        progress.page(Stream.ITEMS, StreamCounts())
    said = capsys.readouterr().err
    assert "[red]" in said
    assert "\\x1b]0;owned" in said
    assert "\x1b]0;owned" not in said
