"""Addresses of style sheets and scripts carry a mark of their contents, so browsers keep them until they change."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask

MARKED = frozenset({"static", "bootstrap.static", "htmx.static"})


def _htmx() -> Blueprint:
    """Serves htmx out of the package that carries it; the package itself, made for another framework, is not run."""
    spec = find_spec("js_lib_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("js_lib_htmx is not installed: install the requirements of Sightline again")
    folder = Path(next(iter(spec.submodule_search_locations))) / "static" / "htmx"
    return Blueprint("htmx", __name__, static_folder=folder, static_url_path="/static/htmx")


@cache
def mark(folder: str, filename: str) -> str:
    """The first eight hex digits of the file's hash; empty when there is no such file."""
    path = Path(folder) / filename
    return sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else ""


def init_app(app: Flask) -> None:
    """Serve htmx, and add `v=<mark>` to the address of every asset."""
    app.register_blueprint(_htmx())

    def add_mark(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint not in MARKED or "filename" not in values:
            return
        owner = app if endpoint == "static" else app.blueprints[endpoint.partition(".")[0]]
        if owner.static_folder:
            values["v"] = mark(owner.static_folder, values["filename"])

    app.url_defaults(add_mark)
