"""What a connection follows, at the command line: listed, previewed, changed, refused where it means nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Outcome, Sightline

Add = Callable[..., Outcome]


def followed(folder: Path) -> tuple[list[str], list[dict[str, str]]]:
    with sqlite3.connect(folder / "var" / "sightline.db") as store:
        ((kept,),) = store.execute("select settings from connection").fetchall()
    settings = json.loads(kept)
    return settings["scope"], settings["follow"]


def test_choices_can_be_followed_by_the_names_they_are_listed_with(
    add_cloud: Add, prepared: Sightline, tmp_path: Path
) -> None:
    assert add_cloud("--no-test").code == 0
    listed = prepared("connection", "choices", "Cloud", "--json").document["choices"]
    first = {kind: next(one for one in listed if one["type"] == kind) for kind in ("category", "board", "component")}
    assert first["category"]["title"] in prepared("connection", "choices", "Cloud", "--type", "category").out
    rules = [word for kind, one in first.items() for word in ("--rule", f"{kind}={one['name']}")]
    shown = prepared("connection", "follow", "Cloud", *rules, "--preview", "--json").document
    assert [rule["type"] for rule in shown["rules"]] == list(first)
    assert all(rule["meaning"]["projects"] for rule in shown["rules"])
    assert shown["rules"][2]["meaning"]["items"] is not None
    assert followed(tmp_path) == ([], [])
    done = prepared("connection", "follow", "Cloud", *rules)
    assert done.code == 0
    assert "sightline sync --census Cloud" in done.err
    assert followed(tmp_path) == ([], [{"type": kind, "name": one["name"]} for kind, one in first.items()])
    assert prepared("connection", "follow", "Cloud").out == done.out
    assert prepared("connection", "follow", "Cloud", "--everything").code == 0
    assert followed(tmp_path) == ([], [])
    assert "Everything the account sees" in prepared("connection", "follow", "Cloud").out


def test_a_rule_that_means_nothing_changes_nothing(add_cloud: Add, prepared: Sightline, tmp_path: Path) -> None:
    assert add_cloud("--scope", "AA", "--no-test").code == 0
    for rule, code, why in (
        ("query=nonsense = 1", 1, "Field 'nonsense' does not exist"),
        ("category=Nowhere", 1, "no category of this name"),
        ("team=Deck", 1, "knows no team"),
        ("planet=Mars", 2, "TYPE is one of"),
        ("query=", 2, "TYPE=NAME"),
    ):
        refused = prepared("connection", "follow", "Cloud", "--rule", rule)
        assert (refused.code, why in refused.err) == (code, True), refused.err
    assert prepared("connection", "follow", "Cloud", "--rule", "project=AA", "--everything").code == 2
    assert followed(tmp_path) == (["AA"], [])


def test_a_connection_is_added_with_rules_and_not_with_one_that_means_nothing(
    add_cloud: Add, prepared: Sightline, tmp_path: Path
) -> None:
    refused = add_cloud("--rule", "query=nonsense = 1", "--rule", "query=project is not empty")
    assert refused.code == 1
    assert "Field 'nonsense' does not exist" in refused.err
    assert add_cloud("--rule", "query=project is not empty ORDER BY created").code == 0
    assert followed(tmp_path) == ([], [{"type": "query", "name": "project is not empty ORDER BY created"}])
    other = prepared("connection", "edit", "Cloud", "--rule", "category=Nowhere")
    assert other.code == 1
    assert prepared("connection", "edit", "Cloud", "--rule", "").code == 0
    assert followed(tmp_path) == ([], [])


def test_the_log_keeps_rules_and_no_address_in_them(add_cloud: Add, prepared: Sightline) -> None:
    assert add_cloud("--no-test", "--rule", 'query=assignee = "ada@mill.example" AND labels = hot').code == 0
    log = prepared("audit", "list", "--most", "1000", "--json").out
    assert "labels = hot" in log
    assert "ada@mill.example" not in log
