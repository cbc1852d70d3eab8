"""What is installed is what is pinned, what is pinned is hashed, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("connector", "portfolio", "sync", "webapp", "cli", "simulator")
NOBODYS = ("tests", "conftest", "_typeshed")
"""Modules of the tests themselves, and the type checker's own."""
FILES = ("build", "run", "dev")
SATISFIED = "Requirement already satisfied: "
# A name, a version and nothing else but a marker; then a hash on each further line.
PIN = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z,]+\])?==[^\s;*]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)


def _name(requirement: str) -> str:
    """The name of a requirement, as all its spellings are one."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def unpinned(text: str) -> str:
    """What of a file of requirements is no pin with its hashes: another version, an address, an option."""
    return PIN.sub("", text).strip()


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_with_hashes_and_names_no_source(root: Path, file: str) -> None:
    text = (root / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
    assert unpinned(text) == ""
    assert len(PIN.findall(text)) >= 2


HASH = " \\\n    --hash=sha256:" + "0" * 64


@pytest.mark.parametrize(
    "text",
    [
        "flask==3.1.0\n",
        f"flask>=3.1{HASH}\n",
        f"flask==3.*{HASH}\n",
        f"flask @ https://packages.invalid/flask.whl{HASH}\n",
        f"--index-url https://packages.invalid\nflask==3.1.0{HASH}\n",
        f"-r more.txt\nflask==3.1.0{HASH}\n",
        f"flask==3.1.0{HASH.replace('sha256', 'md5')}\n",
        f"-e .\nflask==3.1.0{HASH}\n",
    ],
)
def test_what_is_no_pin_is_seen(text: str) -> None:
    assert unpinned(text) != ""
    assert unpinned(f"flask==3.1.0 ; python_full_version < '3.12'{HASH}\n") == ""


def _differing(*files: Path) -> str:
    """What pip would have to change for the files to hold here; it asks no index. "" when nothing."""
    command = [sys.executable, "-m", "pip", "--isolated", "install", "--dry-run", "--no-index", "--no-deps"]
    command += ["--require-hashes", *(part for file in files for part in ("-r", str(file)))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    kept = [line for line in done.stdout.splitlines() if not line.startswith((SATISFIED, "Ignoring "))]
    return "\n".join([*kept, done.stderr.strip() if done.returncode else ""]).strip()


def test_what_is_installed_is_what_is_pinned(root: Path, tmp_path: Path) -> None:
    assert _differing(*(root / "requirements" / f"{file}.txt" for file in FILES)) == ""
    text = (root / "requirements" / "run.txt").read_text(encoding="utf-8")
    other = tmp_path / "other.txt"
    other.write_text(re.sub(r"^flask==\S+", "flask==0.1", text, flags=re.MULTILINE), encoding="utf-8")
    assert "flask==0.1" in _differing(other)


def _imported(tracked: Iterable[Path], root: Path, folders: tuple[str, ...]) -> dict[str, set[str]]:
    """The modules others wrote that are imported below the folders, and the files that do it."""
    found: dict[str, set[str]] = {}
    for path in tracked:
        where = path.relative_to(root)
        if path.suffix != ".py" or where.parts[0] not in folders:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = [it.name for it in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [node.module]
            for name in {name.partition(".")[0] for name in named} - {*PACKAGES, *NOBODYS}:
                if name not in sys.stdlib_module_names:
                    found.setdefault(name, set()).add(str(where))
    return found


@pytest.fixture(scope="session")
def declared(root: Path) -> dict[str, set[str]]:
    """The names `pyproject.toml` declares: for the product, and for the tests besides."""
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    run = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["postgres"]]
    dev = project["dependency-groups"]["dev"]
    return {"product": {_name(it) for it in run}, "tests": {_name(it) for it in (*run, *dev)}}


@pytest.mark.parametrize(("who", "folders"), [("product", PACKAGES), ("tests", ("tests",))])
def test_what_is_imported_is_declared(
    who: str, folders: tuple[str, ...], declared: dict[str, set[str]], tracked: list[Path], root: Path
) -> None:
    owners = packages_distributions()
    imported = _imported(tracked, root, folders)
    assert len(imported) > 10
    undeclared = {
        name: files
        for name, files in imported.items()
        if not {_name(owner) for owner in owners.get(name, ())} & declared[who]
    }
    assert undeclared == {}


def test_what_is_declared_is_pinned(declared: dict[str, set[str]], root: Path) -> None:
    for who, file in (("product", "run"), ("tests", "dev")):
        lines = (root / "requirements" / f"{file}.txt").read_text(encoding="utf-8").splitlines()
        assert declared[who] - {_name(line) for line in lines if "==" in line} == set()
