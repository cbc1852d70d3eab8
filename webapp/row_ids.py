"""Row ids in addresses: `<id:name>`. A number no database can hold is no address of ours, so it is a 404."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter

DIGITS = 18
"""Every number of so many digits fits in 64 bits."""


class RowId(IntegerConverter):
    """A whole number of at most `DIGITS` digits."""

    regex = rf"\d{{1,{DIGITS}}}"


def init_app(app: Flask) -> None:
    """Teach the routes the converter `id`. Called before the pages are registered."""
    app.url_map.converters["id"] = RowId
