"""An address that cannot be listened on is told as such, with what to do; it is nobody's defect."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands.simulate import recorded
from cli.exits import CommandError
from cli.ports import require_free
from tests.cli.conftest import Sightline

TASK = {"gid": "11", "resource_type": "task", "name": "One"}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def test_serve_names_the_taken_port(prepared: Sightline, taken: int) -> None:
    refused = prepared("serve", "--port", str(taken))
    assert refused.code == 1
    assert f"127.0.0.1, port {taken}" in refused.err
    assert "--port" in refused.err
    assert "defect" not in refused.err


def test_serve_names_a_host_that_is_not_there(prepared: Sightline) -> None:
    refused = prepared("serve", "--host", "no.such.invalid", "--port", "0")
    assert refused.code == 1
    assert "no.such.invalid" in refused.err
    assert "--host" in refused.err
    assert "defect" not in refused.err


def test_the_demo_looks_at_its_port_before_anything_else(sightline: Sightline, taken: int) -> None:
    refused = sightline("demo", "--scale", "0.02", "--port", str(taken))
    assert refused.code == 1
    assert f"port {taken}" in refused.err
    assert "Making up" not in refused.err


def test_simulate_names_the_taken_port(sightline: Sightline, taken: int) -> None:
    refused = sightline("simulate", "--scale", "0.02", "--port", str(taken))
    assert refused.code == 1
    assert f"port {taken}" in refused.err
    assert "defect" not in refused.err


def test_simulate_has_no_port_after_the_last(sightline: Sightline) -> None:
    refused = sightline("simulate", "--scale", "0.02", "--port", "65535")
    assert refused.code == 1
    assert "65533" in refused.err


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandError, match=r"192\.0\.2\.1, port 8080: this machine has no such address"):
        require_free("192.0.2.1", 8080)


def test_recorded_payloads_take_the_given_port_whatever_their_tracker(tmp_path: Path) -> None:
    (tmp_path / "tasks.json").write_text(json.dumps({"data": [TASK]}), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = int(other.getsockname()[1])
    with recorded(tmp_path, free) as simulator:
        (address,) = simulator.addresses.values()
    assert f":{free}" in address
