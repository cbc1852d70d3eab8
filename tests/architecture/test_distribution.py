"""The wheel holds the product, the whole product and nothing else's names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGES = {"connector", "portfolio", "sync", "webapp", "cli", "simulator"}


def test_nobody_else_owns_our_import_names() -> None:
    # An editable install names no modules; an installed wheel names its own.
    others = {name: set(packages_distributions().get(name, ())) - {"sightline-pmo"} for name in PACKAGES}
    assert others == {name: set() for name in PACKAGES}


@pytest.fixture(scope="session")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment that holds the built wheel; only third-party packages are borrowed."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def _run(bin_folder: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd)}
    command = [str(bin_folder / "sightline"), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240)


def test_the_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    script = "import connector, simulator; print(connector.__file__); print(simulator.__file__)"
    shown = subprocess.run(
        [installed / "python", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert all(line.startswith(str(installed.parent)) for line in shown.stdout.split())


def test_help(installed: Path, tmp_path: Path) -> None:
    shown = _run(installed, "--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert "doctor" in shown.stdout


def test_a_sync_against_the_simulator(installed: Path, tmp_path: Path) -> None:
    shown = _run(installed, "demo", "--once", "--scale", "0.05", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    totals = json.loads(shown.stdout.splitlines()[-1])
    assert totals["projects"] >= 35
    assert totals["items"] > 300
    assert totals["quarantined"] == 0
    assert totals["kpi_readings"] > totals["projects"]
