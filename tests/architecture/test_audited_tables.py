"""A module that writes to a table of the administration writes to the audit log, too, and what it writes has words."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

TABLES = {
    "ApiToken",
    "Connection",
    "GroupGrant",
    "Hold",
    "RoleGrant",
    "RunRequest",
    "Schedule",
    "Setting",
    "StoredSecret",
    "User",
    "Webhook",
}
MODELS = {"portfolio.model.access", "portfolio.model.landing"}
WRITES = {"insert", "update", "delete", "upsert", "upsert_values"}
ROOMS = ("portfolio", "sync", "webapp", "cli")


def names_of(tree: ast.Module) -> dict[str, str]:
    """What the tables are called in a module."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in MODELS
        for alias in node.names
        if alias.name in TABLES
    }


def aliases_of(tree: ast.Module, tables: Mapping[str, str]) -> dict[str, str]:
    """Names that are given to a table's core side, such as `_USER = User.__table__`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            inner = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)} & set(tables)
            mentions_table = "__table__" in ast.dump(node.value) or "table_of" in ast.dump(node.value)
            if inner and mentions_table:
                found[node.targets[0].id] = tables[inner.pop()]
    return found


def written(tree: ast.Module) -> set[str]:
    """The tables that a module writes to."""
    tables = names_of(tree)
    tables |= aliases_of(tree, tables)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITES:
            aimed = node.args[1:2] if node.func.id.startswith("upsert") else node.args[:1]
            found |= {
                tables[part.id]
                for argument in aimed
                for part in ast.walk(argument)
                if isinstance(part, ast.Name) and part.id in tables
            }
    return found


def appends(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "append"
        for node in ast.walk(tree)
    )


def test_who_writes_to_the_administration_writes_to_the_log(tracked: list[Path], root: Path) -> None:
    writers, silent = set(), set()
    for path in tracked:
        name = path.relative_to(root).as_posix()
        if path.suffix != ".py" or not name.startswith(ROOMS) or "/migrations/" in name:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tables = written(tree)
        if tables:
            writers.add(name)
            if not appends(tree):
                silent.add(name)
    assert {"sync/connections.py", "sync/secrets.py", "sync/hooks/webhooks.py", "webapp/accounts/users.py"} <= writers
    assert silent == set()


def test_the_test_sees_a_module_that_is_silent() -> None:
    silent = ast.parse(
        "from portfolio.model.access import User as UserRow\n_USER = UserRow.__table__\n"
        "def rename(store):\n    store.execute(update(_USER).values(name='x'))\n"
    )
    assert written(silent) == {"User"}
    assert not appends(silent)


def actions_in(tree: ast.Module) -> set[str]:
    """The actions that are written as texts in calls of `append` and of `webapp.record`'s own."""
    places = {"append": 3, "_note": 0}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in places:
            for argument in node.args[places[node.func.id] :][:1]:
                texts = (part.value for part in ast.walk(argument) if isinstance(part, ast.Constant))
                found |= {text for text in texts if isinstance(text, str)}
    return found


def test_every_action_has_words_on_the_page(tracked: list[Path], root: Path) -> None:
    noted: set[str] = set()
    for path in tracked:
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py" and name.startswith(ROOMS):
            noted |= actions_in(ast.parse(path.read_text(encoding="utf-8")))
    words = (root / "webapp" / "templates" / "words.html").read_text(encoding="utf-8")
    assert {"connection.added", "export", "person.erased", "user.added"} <= noted
    assert [action for action in sorted(noted) if f'"{action}": "' not in words] == []
