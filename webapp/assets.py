"""Addresses of style sheets and scripts carry a mark of their contents, so browsers keep them until they change."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask

MARKED = frozenset({"static", "bootstrap.static"})


@cache
def mark(folder: str, filename: str) -> str:
    """The first eight hex digits of the file's hash; empty when there is no such file."""
    path = Path(folder) / filename
    return sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else ""


def init_app(app: Flask) -> None:
    """Add `v=<mark>` to the address of every asset."""

    def add_mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in MARKED or "filename" not in values:
            return
        owner = app if endpoint == "static" else app.blueprints["bootstrap"]
        if owner.static_folder:
            values["v"] = mark(owner.static_folder, values["filename"])

    app.url_defaults(add_mark)
