"""What commands change is in the audit log, and the log can be read and checked at the command line."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from cli.main import sightline as root
from simulator.serve import Simulator
from tests.cli.conftest import Outcome, Sightline

CHANGING = {
    "audit": (),
    "connection add": ("connection.added", "secret.stored", "schedule.added"),
    "connection edit": ("connection.changed", "secret.stored"),
    "connection follow": ("connection.changed",),
    "connection enable": ("connection.switched",),
    "connection disable": ("connection.switched",),
    "connection remove": ("connection.removed",),
    "connection schedule": ("schedule.changed",),
    "sync": ("run.started",),
    "db upgrade": ("schema.upgraded",),
    "init": ("schema.upgraded", "keys.made", "user.added", "user.grants_changed"),
    "user add": ("user.added", "user.grants_changed"),
    "user password": ("user.password_changed",),
    "user grant": ("user.grants_changed",),
    "user revoke": ("user.grants_changed",),
    "user switch": ("user.switched",),
}
"""Commands that change something, and what `test_a_day_at_the_command_line` finds noted of them."""

ELSEWHERE = {
    "connection apply": "tests/cli/test_connection_files.py",
    "connection missing": "tests/sync/test_modes.py",
    "connection webhooks enable": "tests/sync/test_registering.py",
    "connection webhooks disable": "tests/sync/test_registering.py",
    "mapping import": "tests/cli/test_mapping.py",
    "mapping apply": "tests/cli/test_mapping.py",
    "mapping approve": "tests/cli/test_mapping.py",
    "mapping rollback": "tests/cli/test_mapping.py",
    "mapping discard": "tests/cli/test_mapping.py",
    "person erase": "tests/sync/test_erasure.py",
    "person export": "tests/sync/test_erasure.py",
    "person merge": "tests/cli/test_persons.py",
    "person reject": "tests/cli/test_persons.py",
    "person split": "tests/cli/test_persons.py",
    "person undo": "tests/cli/test_persons.py",
    "person import": "tests/cli/test_persons.py",
    "person export-list": "tests/cli/test_persons.py",
    "timeline ics": "tests/cli/test_timeline.py",
    "capacity import": "tests/cli/test_capacity.py",
    "capacity export": "tests/cli/test_capacity.py",
    "token make": "tests/webapp/test_tokens.py",
    "token revoke": "tests/webapp/test_tokens.py",
    "user reset-second-factor": "tests/webapp/test_second_factor.py",
    "user link": "tests/cli/test_user_access.py",
    "backup": "tests/cli/test_backup.py",
    "restore": "tests/cli/test_backup.py",
    "secrets rotate": "tests/cli/test_secrets.py",
    "secrets drop-old": "tests/cli/test_secrets.py",
    "project set": "tests/cli/test_project.py",
    "project import": "tests/cli/test_project.py",
    "project report": "tests/cli/test_project.py",
    "baseline take": "tests/cli/test_baseline.py",
    "baseline approve": "tests/cli/test_baseline.py",
    "baseline reject": "tests/cli/test_baseline.py",
    "money rates import": "tests/cli/test_money.py",
    "money expenses import": "tests/cli/test_money.py",
    "retention run": "tests/sync/test_retain.py",
    "run cancel": "tests/sync/test_requests.py",
    "demo": "its database is gone with it",
}
"""Commands that change something, noted by what they call, and where that is tried."""

ONLY_READING = {
    "audit list",
    "audit verify",
    "baseline diff",
    "baseline list",
    "connection choices",
    "connection export",
    "connection list",
    "connection test",
    "connection webhooks status",
    "doctor",
    "explain",
    "governance history",
    "governance show",
    "kpi",
    "load",
    "mapping diff",
    "mapping export",
    "mapping history",
    "mapping preview",
    "mapping show",
    "mapping values",
    "money expenses list",
    "money rates list",
    "person find",
    "project show",
    "rules list",
    "rules run",
    "rules why",
    "person decisions",
    "person suggest",
    "scenario list",
    "scenario run",
    "scenario show",
    "scenario start",
    "secrets list",
    "serve",
    "simulate",
    "token list",
    "user list",
    "worker",
}


def commands(group: click.Group, above: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, f"{above}{name} ")
        elif found is not None:
            yield f"{above}{name}"


def noted(sightline: Sightline) -> list[str]:
    found = sightline("audit", "list", "--most", "1000", "--json")
    assert found.code == 0, found.err
    return [entry["action"] for entry in reversed(found.document)]


def test_every_command_stands_here() -> None:
    assert set(commands(root)) == (set(CHANGING) - {"audit"}) | set(ELSEWHERE) | ONLY_READING


def test_a_day_at_the_command_line(
    add_cloud: Callable[..., Outcome], prepared: Sightline, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = noted(prepared)
    assert {*CHANGING["init"], *CHANGING["db upgrade"]} <= set(done)
    monkeypatch.setenv("SIGHTLINE_PASSWORD", "quite another pass phrase")
    for name, run in {
        "connection add": lambda: add_cloud(),
        "connection edit": lambda: prepared(
            "connection", "edit", "Cloud", "--requests-per-minute", "9000", "--token", stdin="simulated-token\n"
        ),
        "connection follow": lambda: prepared("connection", "follow", "Cloud", "--rule", "query=project is not empty"),
        "connection schedule": lambda: prepared("connection", "schedule", "Cloud", "--full", "0 4 * * 0"),
        "connection disable": lambda: prepared("connection", "disable", "Cloud"),
        "connection enable": lambda: prepared("connection", "enable", "Cloud"),
        "connection remove": lambda: prepared("connection", "remove", "Cloud"),
        "user add": lambda: prepared("user", "add", "pat"),
        "user password": lambda: prepared("user", "password", "pat"),
        "user grant": lambda: prepared("user", "grant", "pat", "auditor"),
        "user revoke": lambda: prepared("user", "revoke", "pat", "auditor"),
        "user switch": lambda: prepared("user", "switch", "pat", "off"),
    }.items():
        before = len(done)
        outcome = run()
        assert outcome.code == 0, outcome.err
        done = noted(prepared)
        assert tuple(done[before:]) == CHANGING[name], name
    assert add_cloud().code == 0
    assert prepared("sync", "Cloud").code in (0, 3)
    assert noted(prepared)[-1] == "run.started"
    assert prepared("db", "upgrade").code == 0
    assert noted(prepared).count("schema.upgraded") == 1
    assert "simulated-token" not in prepared("audit", "list", "--most", "1000").out
    assert prepared("audit", "verify").code == 0


def test_entries_are_chosen_by_account_day_and_action(prepared: Sightline) -> None:
    assert prepared("audit", "list", "--action", "user", "--json").document[0]["action"] == "user.grants_changed"
    assert prepared("audit", "list", "--user", "admin", "--json").document == []
    assert prepared("audit", "list", "--since", "2999-01-01").out.strip() == "No entry fits."
    assert prepared("audit", "list", "--until", "2000-01-01").out.strip() == "No entry fits."
    shown = prepared("audit", "list")
    assert "user admin" in shown.out
    refused = prepared("audit", "list", "--user", "nobody")
    assert refused.code == 1
    assert "Correct the name" in refused.err


def test_the_check_says_what_is_wrong_and_what_to_do(prepared: Sightline, tmp_path: Path) -> None:
    head = prepared("audit", "verify", "--json").document["head"]
    assert prepared("audit", "verify", "--expect", head).code == 0
    assert prepared("audit", "verify", "--expect", "short").code == 2
    assert "newest entries were removed" in prepared("audit", "verify", "--expect", "0" * 63 + "1").err
    file = next(tmp_path.rglob("*.db"))
    with sqlite3.connect(file) as database:
        database.execute("DROP TRIGGER audit_entry_is_never_changed")
        database.execute("UPDATE audit_entry SET action = 'nothing.at_all' WHERE id = 2")
    broken = prepared("audit", "verify")
    assert broken.code == 1
    assert "Entry 2 was changed" in broken.err
    assert "compare with a backup" in broken.err
    assert prepared("audit", "verify", "--json").document["broken_at"] == 2


def test_retention_says_what_it_removes(prepared: Sightline) -> None:
    assert prepared("retention", "run").out.strip() == "Nothing was kept long enough."
    found = prepared("retention", "run", "--dry-run", "--json")
    assert found.document == {
        "dry_run": True,
        "audit_entries": 0,
        "runs": 0,
        "run_requests": 0,
        "deliveries": 0,
        "tokens": 0,
        "previews": 0,
    }


def test_a_person_is_found_exported_and_erased(
    add_cloud: Callable[..., Outcome], prepared: Sightline, simulator: Simulator
) -> None:
    assert add_cloud().code == 0
    assert prepared("sync", "Cloud").code in (0, 3)
    found = prepared("person", "find", "a", "--json").document[0]
    assert prepared("person", "export", found["name"]).document["person"]["id"] == found["id"]
    assert "Would erase" in prepared("person", "erase", found["name"], "--reason", "left", "--dry-run").err
    assert prepared("person", "find", str(found["id"]), "--json").document[0]["name"] == found["name"]
    erased = prepared("person", "erase", str(found["id"]), "--reason", "left")
    assert erased.code == 0, erased.err
    assert "Erase them at the trackers as well" in erased.err
    assert prepared("person", "find", str(found["id"]), "--json").document[0]["name"] == f"Person {found['id']}"
    assert prepared("person", "erase", found["name"], "--reason", "again").code == 1
    assert prepared("person", "export", "4711").code == 1
    assert noted(prepared)[-1] == "person.erased"
