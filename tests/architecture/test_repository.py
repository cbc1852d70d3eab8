"""What must never stand in the repository."""

from __future__ import annotations

import re
from pathlib import Path

PACKAGES = ("connector", "portfolio", "sync", "webapp", "cli", "simulator")
# Written in pieces, so that this file does not trip over itself.
REGISTRY_HOSTS = re.compile(
    "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", r"registry\.npm" + "js", "deb\\.deb" + "ian"))
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.<])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Use" + "rs")) + r")/\w"
)
VAGUE_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="ignore")


def test_no_registry_host_and_no_machine_path(tracked: list[Path], root: Path) -> None:
    found = [
        f"{path.relative_to(root)}: {match.group()}"
        for path in tracked
        for pattern in (REGISTRY_HOSTS, MACHINE_PATHS)
        for match in pattern.finditer(_text(path))
    ]
    assert found == []


def test_no_module_is_named_for_nothing(tracked: list[Path]) -> None:
    assert [path for path in tracked if path.name in VAGUE_NAMES] == []


def test_every_package_module_says_what_it_is(tracked: list[Path], root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in tracked
        if path.suffix == ".py" and path.relative_to(root).parts[0] in PACKAGES and not _says(path)
    ]
    assert silent == []


def _says(path: Path) -> bool:
    """A module opens with a docstring; an empty `__init__` has nothing to say."""
    text = _text(path).strip()
    return text.startswith(('"""', 'r"""')) or (path.name == "__init__.py" and not text)
