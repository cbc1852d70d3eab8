"""A fault of the configuration is told where it is: in the file, or in a variable of the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.exits import CommandError
from cli.settings import load_settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _refusal(path: str | None = None) -> str:
    with pytest.raises(CommandError) as refused:
        load_settings(path)
    return str(refused.value)


def test_a_value_of_the_environment_is_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_TIME_ZONE", "Mars")
    said = _refusal()
    assert said.startswith("the environment variable SIGHTLINE_TIME_ZONE: 'Mars' is not a known time zone")
    assert "sightline.toml" not in said


def test_a_value_inside_a_section_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_SERVER__PORT", "eighty")
    assert _refusal().startswith("the environment variable SIGHTLINE_SERVER__PORT: ")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SIGHTLINE_TIMEZONE", "SIGHTLINE_TIME_ZONE"),
        ("SIGHTLINE_SERVER_PORT", "SIGHTLINE_SERVER__PORT"),
        ("SIGHTLINE_SERVER__PROT", "SIGHTLINE_SERVER__PORT"),
        ("SIGHTLINE_PASWORD", "SIGHTLINE_PASSWORD"),
    ],
)
def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    monkeypatch.setenv(name, "UTC")
    assert _refusal() == f"unknown environment variable {name}. Did you mean {meant}?"


def test_a_variable_like_nothing_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGHTLINE_XYZZY", "1")
    said = _refusal()
    assert "SIGHTLINE_XYZZY" in said
    assert "config.example.toml" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGHTLINE_PASSWORD", "x"),
        ("SIGHTLINE_REALDATA", "x"),
        ("SIGHTLINE_JIRA_TOKEN", "x"),  # a name of the user's own, for --secret-env
        ("SIGHTLINE_PORT", "tcp://10.0.0.7:80"),  # what Kubernetes sets for a service called sightline
        ("SIGHTLINE_SERVICE_HOST", "10.0.0.7"),
        ("SIGHTLINE_PORT_80_TCP_ADDR", "10.0.0.7"),
    ],
)
def test_other_uses_of_the_beginning_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert load_settings(None).server.port == 8080


def test_a_file_in_another_encoding_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "sightline.toml"
    file.write_bytes('# Größe\ntime_zone = "UTC"\n'.encode("latin-1"))
    said = _refusal()
    assert said.startswith(f"{file} is not UTF-8 text (line 1)")
    assert "codec" not in said


def test_a_section_written_as_a_value(tmp_path: Path) -> None:
    (tmp_path / "sightline.toml").write_text('server = "x"\n', encoding="utf-8")
    said = _refusal()
    assert "server is a table: write [server]" in said
    assert "ServerSection" not in said


def test_values_of_the_wrong_kind_are_told_without_the_librarys_words(tmp_path: Path) -> None:
    (tmp_path / "sightline.toml").write_text("[server]\nport = 'high'\n", encoding="utf-8")
    assert "setting 'server.port': it must be a whole number" in _refusal()
