"""The check for published advisories: pip-audit itself, real files, and a service that answers as OSV does."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.advisories import ANOTHER_SERVICE, SERVICE, Verdict, judge, main
from tests.connector.boundary.scripted import Say, ScriptedServer

NOTHING = Say(body=b"{}")
HASH = " \\\n    --hash=sha256:" + "0" * 64


def _advisory(name: str) -> Say:
    affected = {
        "package": {"name": name, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9.9.9"}]}],
    }
    told = {"id": "GHSA-made-up", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z"}
    return Say(body=json.dumps({"vulns": [told | {"details": "made up", "affected": [affected]}]}).encode())


@pytest.fixture
def pinned(tmp_path: Path) -> str:
    file = tmp_path / "requirements.txt"
    file.write_text(f"alpha==1.0{HASH}\nbeta==2.0{HASH}\n", encoding="utf-8")
    return str(file)


def test_nothing_known_passes(pinned: str, capfd: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer(NOTHING) as osv:
        assert main([pinned], {ANOTHER_SERVICE: osv.address, "STRICT": "1"}) == Verdict.CLEAN
        assert len(osv.asked) == 2
    assert capfd.readouterr().out == "advisories: none for 2 requirements\n"


def test_one_advisory_fails_and_is_named_with_its_remedy(pinned: str, capfd: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer(NOTHING, _advisory("beta")) as osv:
        assert main([pinned], {ANOTHER_SERVICE: osv.address}) == Verdict.FOUND
    said = capfd.readouterr().out
    assert said.startswith("advisories: 1 for 2 requirements\n")
    assert "GHSA-made-up, mended in 9.9.9" in said


@pytest.mark.parametrize(("strict", "code"), [({}, 0), ({"STRICT": "1"}, 3)])
def test_nobody_to_ask_is_said_in_one_line_and_fails_where_it_must(
    pinned: str, strict: dict[str, str], code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        assert main([pinned], {ANOTHER_SERVICE: nobody} | strict) == code
    said = capfd.readouterr().out
    assert said.startswith("advisories: NOT ASKED FOR, ")
    assert said.count("\n") == 1


def test_a_service_that_fails_was_not_asked(pinned: str) -> None:
    with ScriptedServer(Say(status=503)) as osv:
        assert main([pinned], {ANOTHER_SERVICE: osv.address, "STRICT": "1"}) == Verdict.NOT_ASKED


@pytest.mark.parametrize(
    "text", ["alpha==1.0\n", "alpha>=1.0\n", "-e .\n", "", "alpha @ https://packages.invalid/a.whl"]
)
def test_a_file_that_cannot_be_asked_about_never_passes(tmp_path: Path, text: str) -> None:
    file = tmp_path / "loose.txt"
    file.write_text(text, encoding="utf-8")
    with ScriptedServer(NOTHING) as osv:
        assert main([str(file)], {ANOTHER_SERVICE: osv.address}) == Verdict.FOUND


def test_a_file_that_is_not_there_never_passes(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none.txt")], {ANOTHER_SERVICE: SERVICE}) == Verdict.FOUND


def test_what_was_skipped_was_not_asked() -> None:
    told = {"dependencies": [{"name": "alpha", "version": "1.0", "vulns": []}, {"name": "beta", "skip_reason": "lost"}]}
    verdict, lines = judge(subprocess.CompletedProcess([], 0, stdout=json.dumps(told), stderr=""))
    assert (verdict, lines) == (Verdict.NOT_ASKED, ["advisories: NOT ASKED FOR 1 of 2 requirements (beta)"])
