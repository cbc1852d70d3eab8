"""Databases that are filled once and copied for whoever asks for the same again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine

from tests.postgres import Server

Made = TypeVar("Made")
Given = ParamSpec("Given")


class Once:
    """What fills a database, called once for each kind of database: the next that ask get a copy of what it left.

    Copies of databases lie in `folder`, or on the server that `server` tells. Nobody else may be connected to the
    database of a test while it is copied. What the world outside the database holds (a simulated tracker) is not
    copied: it must be the same for all who ask.
    """

    def __init__(self, folder: Path, server: Callable[[], Server]) -> None:
        self._folder, self._server = folder, server
        self._kept: dict[tuple[object, ...], tuple[str, Any]] = {}
        self._drops: list[Callable[[], None]] = []

    def __call__(
        self,
        engine: Engine,
        fill: Callable[Concatenate[Engine, Given], Made],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Made:
        """Call `fill` on an empty database, or put there what it left when it was called with the same arguments.

        Returns what `fill` returned, or a copy of that in which this engine stands where the first did.
        """
        kind = (engine.dialect.name, fill, given, *named.items())
        url = engine.url.render_as_string(hide_password=False)
        if kind not in self._kept:
            made = fill(engine, *given, **named)
            engine.dispose()
            place = _Place()
            self._kept[kind] = (self._keep(url), (place, deepcopy(made, {id(engine): place})))
            return made
        source, (place, told) = self._kept[kind]
        engine.dispose()
        self._put_back(url, source)
        again: Made = deepcopy(told, {id(place): engine})
        return again

    def close(self) -> None:
        """Drop the databases that were kept on a server."""
        for drop in self._drops:
            drop()

    def _keep(self, url: str) -> str:
        file = _file(url)
        if file is None:
            server = self._server()
            made = server.create(url)
            self._drops.append(partial(server.drop, made))
            return made
        copy = self._folder / f"{len(self._kept)}.db"
        shutil.copyfile(_whole(file), copy)
        return f"sqlite:///{copy}"

    def _put_back(self, url: str, source: str) -> None:
        file, copy = _file(url), _file(source)
        if file is None or copy is None:
            self._server().replace(url, source)
        else:
            shutil.copyfile(copy, _whole(file))


class _Place:
    """Stands for the engine in what is kept."""


def _file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _whole(file: Path) -> Path:
    # The last who leaves a file writes the log into it; one that is still there says that somebody stayed.
    assert not file.with_name(f"{file.name}-wal").exists(), f"{file} is still in use"
    return file
