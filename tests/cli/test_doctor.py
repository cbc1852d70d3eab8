"""What `sightline doctor` says of what it looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from portfolio.model.landing import Quarantine
from portfolio.store.engine import open_engine, writing
from tests.cli.conftest import Outcome, Sightline

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def _details(outcome: Outcome) -> dict[str, str]:
    return {finding["subject"]: finding["detail"] for finding in outcome.document}


def test_it_says_which_configuration_it_read(prepared: Sightline, tmp_path: Path) -> None:
    assert _details(prepared("doctor", "--json"))["configuration"] == "defaults; no sightline.toml here"
    (tmp_path / "sightline.toml").write_text("time_zone = 'UTC'\n", encoding="utf-8")
    assert _details(prepared("doctor", "--json"))["configuration"] == str(tmp_path / "sightline.toml")


def test_it_points_at_the_page_and_at_the_command(
    add_cloud: Callable[..., Outcome], prepared: Sightline, tmp_path: Path
) -> None:
    from sqlalchemy import insert

    prepared("connection", "add", "Jira DC", "--tracker", "jira", "--sign-in", "personal_token", "--no-test",
             "--address", "https://jira.example.invalid", stdin="a-token\n")  # fmt: skip
    row = {"connection_id": 1, "stream": "items", "external_id": "1", "reason": "unreadable", "payload": b""}
    with writing(open_engine(f"sqlite:///{tmp_path / 'var' / 'sightline.db'}")) as store:
        store.execute(insert(Quarantine).values(**row, first_seen_at=NOW, last_seen_at=NOW))
    looked = _details(prepared("doctor", "--offline", "--json"))
    assert "quarantine page" in looked["Jira DC: quarantine"]
    assert "`sightline sync 'Jira DC'`" in looked["Jira DC: last run"]


def test_a_sync_of_nothing_is_an_empty_document(prepared: Sightline) -> None:
    synced = prepared("sync", "--json")
    assert synced.code == 0
    assert synced.document == []
