"""What the documents claim of the repository holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.main import COMMANDS
from portfolio.kpis.dictionary import markdown
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.faults import faults
from sync.mapping.files import from_toml

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def test_every_link_leads_somewhere(tracked: list[Path], root: Path) -> None:
    broken = [
        f"{path.relative_to(root)} -> {target}"
        for path in tracked
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_threat_model_names_only_modules_that_exist(root: Path) -> None:
    text = (root / "docs" / "security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:connector|portfolio|sync|webapp|cli|tests)/[\w/.]*)`", text))
    assert len(named) > 15
    assert [path for path in sorted(named) if not (root / path).exists()] == []


def test_the_readme_names_only_targets_and_commands_that_exist(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b(?! up| it)", readme)) - {"sure"}
    assert targets >= {"demo", "test", "setup", "check", "bench"}
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.M)] == []
    assert set(re.findall(r"^ +sightline ([a-z]+)", readme, re.M)) <= set(COMMANDS)


def test_the_kpi_dictionary_is_what_the_code_says(root: Path) -> None:
    assert (root / "docs" / "kpis.md").read_text(encoding="utf-8") == markdown(), "run `make docs`"


def test_decisions_are_numbered_without_gaps(root: Path) -> None:
    names = sorted(path.name for path in (root / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("word", ["utilise", "leverage", "seamless", "synergy"])
def test_plain_words(tracked: list[Path], word: str) -> None:
    assert [path for path in tracked if path.suffix == ".md" and word in path.read_text(encoding="utf-8")] == []


def test_the_mapping_of_the_document_makes_sense_and_names_every_attribute(root: Path) -> None:
    text = (root / "docs" / "mapping.md").read_text(encoding="utf-8")
    example = re.findall(r"```toml\n(.*?)```", text, re.S)[0]
    assert faults(from_toml(example)) == ()
    table = "".join(line for line in text.splitlines() if line.startswith("|"))
    assert [name for name in ATTRIBUTES if not re.search(rf"\b{name}\b", table)] == []
