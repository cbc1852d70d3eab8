"""Templates compiled once for all the applications of a test run: each test makes its own, and compiling takes long."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from webapp import app as product
from webapp.settings import WebSettings


class Compiled(BytecodeCache):
    """The compiled templates of this process, by their names and contents."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get(bucket.key)
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = Compiled()


def create_app(settings: WebSettings) -> Flask:
    """The product's application, taking compiled templates from those made before it."""
    app = product.create_app(settings)
    app.jinja_env.bytecode_cache = _COMPILED
    return app
