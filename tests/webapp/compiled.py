"""Templates compiled once for all the applications of a test run: each test makes its own, and compiling takes long."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


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


def sharing(app: Flask) -> Flask:
    """The application, taking compiled templates from those before it."""
    app.jinja_env.bytecode_cache = _COMPILED
    return app
