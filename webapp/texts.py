"""Texts of a request that no page of ours sends and no database takes: they are refused before any page reads them."""

from __future__ import annotations

from flask import Flask, abort, request

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def _refuse_nul() -> None:
    """400 where a value of the query or of a form holds a NUL. Bodies that are no form are for who reads them."""
    fields = [request.args, request.form] if request.mimetype in _FORMS else [request.args]
    if any("\x00" in value for given in fields for values in given.listvalues() for value in values):
        abort(400)


def init_app(app: Flask) -> None:
    """Look at every request first."""
    app.before_request(_refuse_nul)
