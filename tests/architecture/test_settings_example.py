"""config.example.toml loads, says the defaults, and leaves no setting out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from cli.exits import CommandError
from cli.settings import Settings, load_settings


def _leaves(model: type[BaseModel], prefix: str = "") -> set[str]:
    names: set[str] = set()
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names |= _leaves(field.annotation, f"{prefix}{name}.")
        else:
            assert field.description, f"{prefix}{name} has no sentence"
            names.add(prefix + name)
    return names


def test_the_example_loads_and_says_the_defaults(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGHTLINE_DATABASE_URL", raising=False)
    assert load_settings(str(root / "config.example.toml")).model_dump() == Settings().model_dump()


def test_the_example_names_every_setting(root: Path) -> None:
    text = (root / "config.example.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text.replace("# key_file", "key_file"))
    named = {
        f"{key}.{inner}" if isinstance(value, dict) else key
        for key, value in tables.items()
        for inner in (value if isinstance(value, dict) else [""])
    }
    assert named == _leaves(Settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1\n", "unknown setting 'server.prot'. Did you mean 'port'?"),
        ("time_zone = 'Europe/Lisboa'\n", "not a known time zone"),
        ("[server]\nport = 'many'\n", "setting 'server.port'"),
        ("[server\n", "is not valid TOML"),
    ],
)
def test_a_fault_is_named_with_its_remedy(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sightline.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r".") as raised:
        load_settings(str(file))
    assert said in str(raised.value)
    assert str(file) in str(raised.value)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "sightline.toml"
    file.write_text("[server]\nport = 1\nhost = '::1'\n", encoding="utf-8")
    monkeypatch.setenv("SIGHTLINE_SERVER__PORT", "2")
    settings = load_settings(str(file))
    assert (settings.server.port, settings.server.host) == (2, "::1")
