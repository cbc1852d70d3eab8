"""Templates and addresses compiled once for all applications of a test run: each test makes one, which takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

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


class CompiledRule(Rule):
    """An address whose builder is compiled once: it follows from the parts of the address and its defaults."""

    _kept: dict[Any, Callable[..., tuple[str, str]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        question = (tuple(self._trace), tuple((self.defaults or {}).items()), append_unknown)
        if question not in self._kept:
            self._kept[question] = super()._compile_builder(append_unknown)
        return self._kept[question]


Flask.url_rule_class = CompiledRule


def create_app(settings: WebSettings) -> Flask:
    """The product's application, taking compiled templates from those made before it."""
    app = product.create_app(settings)
    app.jinja_env.bytecode_cache = _COMPILED
    return app
