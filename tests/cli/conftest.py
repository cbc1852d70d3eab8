"""The command line as a person uses it, against simulated trackers over real HTTP."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from portfolio.figures import days
from simulator.company.build import build_company
from simulator.serve import Simulator
from tests.cli.databases import VARIABLE
from tests.loopback import NETWORK

TOKEN = "simulated-token"
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def short_past(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of some weeks back in place of 18 months: those take most of a first sync, and are the same each time.
    What they come to is tested where they are made (`tests/portfolio`), all of it with the distribution."""
    monkeypatch.setattr(days, "WEEKS_BACK", 4)


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Sightline = Callable[..., Outcome]


@pytest.fixture
def sightline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sightline:
    """Run `sightline ARGS` in an empty folder; `stdin` is piped in. Trackers on this machine are allowed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SIGHTLINE_OUTBOUND__ALLOW_PRIVATE", NETWORK)

    def run(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["sightline", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def initial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `sightline init`, which takes seconds; tests copy it."""
    folder = tmp_path_factory.mktemp("initial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv(VARIABLE, raising=False)
        patch.setenv("SIGHTLINE_ADMIN_PASSWORD", "a long pass phrase")
        patch.setattr(sys, "argv", ["sightline", "init"])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code
    return folder


@pytest.fixture
def prepared(sightline: Sightline, initial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sightline:
    """The same, after `sightline init`."""
    if VARIABLE in os.environ:
        monkeypatch.setenv("SIGHTLINE_ADMIN_PASSWORD", "a long pass phrase")
        assert sightline("init").code == 0
    else:
        shutil.copytree(initial, tmp_path, dirs_exist_ok=True)
    return sightline


@pytest.fixture(scope="session")
def trackers() -> Iterator[Simulator]:
    company = build_company(seed=3, today=TODAY, scale=0.03)
    with Simulator(company.cloud, company.datacenter, company.workspace) as simulator:
        yield simulator


@pytest.fixture
def simulator(trackers: Simulator) -> Iterator[Simulator]:
    """The trackers, in good health before and after."""
    yield trackers
    for faults in trackers.faults.values():
        faults.clear()


@pytest.fixture
def add_cloud(prepared: Sightline, simulator: Simulator) -> Callable[..., Outcome]:
    """Add the simulated Jira Cloud as "Cloud"."""

    def add(*more: str, address: str = "", token: str = TOKEN) -> Outcome:
        return prepared(
            "connection", "add", "Cloud", "--tracker", "jira", "--account", "pmo@example.invalid",
            "--address", address or simulator.addresses["jira_cloud"], *more, stdin=token + "\n",
        )  # fmt: skip

    return add
