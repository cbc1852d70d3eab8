"""What `sightline serve` makes of its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.commands.serve import page_settings
from cli.exits import CommandError
from cli.runtime import Runtime
from cli.settings import load_settings
from tests.cli.conftest import Sightline


def _write(folder: Path, text: str) -> str:
    file = folder / "sightline.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize("https", [False, True])
def test_the_pages_are_told_that_people_come_over_https(prepared: Sightline, tmp_path: Path, https: bool) -> None:
    runtime = Runtime.load(_write(tmp_path, f"[server]\nhttps = {str(https).lower()}\n"))
    assert page_settings(runtime).https is https


def test_a_proxy_is_named_by_its_address(tmp_path: Path) -> None:
    told = load_settings(_write(tmp_path, '[server]\ntrusted_proxy = "0:0:0:0:0:0:0:1"\n'))
    assert told.server.trusted_proxy == "::1"
    with pytest.raises(CommandError, match=r"setting 'server.trusted_proxy': 'proxy.local' is not an IP address"):
        load_settings(_write(tmp_path, '[server]\ntrusted_proxy = "proxy.local"\n'))


def test_the_host_of_the_public_address_is_one_of_its_names(prepared: Sightline, tmp_path: Path) -> None:
    named = '[server]\nhosts = ["pmo.example.com"]\npublic_url = "https://hooks.example.com:8443"\n'
    assert page_settings(Runtime.load(_write(tmp_path, named))).hosts == ("pmo.example.com", "hooks.example.com")
    unnamed = '[server]\npublic_url = "https://hooks.example.com"\n'
    assert page_settings(Runtime.load(_write(tmp_path, unnamed))).hosts == ()
