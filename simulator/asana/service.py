"""The common ground of the routes: signing in, rendering one document or a page of them, all under the lock."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from simulator.asana.finding import Finder
from simulator.asana.forms import COMPACT
from simulator.asana.paging import PREFIX, page
from simulator.asana.refusals import error_body, not_authorized
from simulator.asana.selection import Selection, compile_fields
from simulator.asana.workspace import Document, Workspace
from simulator.web import Api, Handler, answer

TOKEN = "simulated-token"


class Routes:
    """The routes of one subject: handlers that get the service, the request and the rule's values."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, tuple[str, ...], Handler]] = []
        self.unlocked: list[tuple[str, tuple[str, ...], Handler]] = []

    def get(self, *rules: str) -> Callable[[Handler], Handler]:
        return self._add("GET", rules)

    def post(self, *rules: str) -> Callable[[Handler], Handler]:
        return self._add("POST", rules)

    def delete(self, *rules: str) -> Callable[[Handler], Handler]:
        return self._add("DELETE", rules)

    def post_unlocked(self, *rules: str) -> Callable[[Handler], Handler]:
        """A handler that takes the lock itself, and returns a `Response`."""

        def add(handler: Handler) -> Handler:
            self.unlocked.append(("POST", rules, handler))
            return handler

        return add

    def _add(self, method: str, rules: tuple[str, ...]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.entries.append((method, rules, handler))
            return handler

        return add


class Service:
    """One simulated organisation behind its API.

    Handlers run and their answers are encoded under the workspace's lock, so that an edit made meanwhile shows in an
    answer entirely or not at all.
    """

    def __init__(self, workspace: Workspace, now: Callable[[], datetime]) -> None:
        self.state = workspace
        self.now = now
        self.find = Finder(workspace)
        self._selection = Selection(workspace)
        self.api = Api(before=_sign_in, not_found=_no_route, prefix=PREFIX)

    def serve(self, routes: Routes) -> None:
        """Add a subject's routes to the API."""
        for method, rules, handler in routes.entries:
            self.api.route(method, *rules)(self._locked(handler))
        for method, rules, handler in routes.unlocked:
            self.api.route(method, *rules)(functools.partial(handler, self))

    def one(self, request: Request, document: Document, kind: str) -> dict[str, Any]:
        """The answer with one document: the fields asked for, or its full form."""
        asked = request.args.get("opt_fields")
        if asked:
            return {"data": self._selection.pick(document, compile_fields(asked))}
        return {"data": self._selection.full(document, kind)}

    def page(self, request: Request, documents: Iterable[Document], kind: str) -> dict[str, Any]:
        """The answer with a page of documents: the fields asked for, or the form lists of this kind have.

        A kind without a compact form (allocations, memberships, custom field settings) is listed in full.
        """
        listed = documents if isinstance(documents, Sequence) else list(documents)
        return page(request, listed, self.state.paging_epoch, self.renderer(request, kind))

    def renderer(self, request: Request, kind: str) -> Callable[[Document], Document]:
        """How one document of a list goes out."""
        asked = request.args.get("opt_fields")
        if asked:
            fields = compile_fields(asked)
            return lambda document: self._selection.pick(document, fields)
        if kind in COMPACT:
            return lambda document: self._selection.compact(document, kind)
        return lambda document: self._selection.full(document, kind)

    def _locked(self, handler: Handler) -> Handler:
        @functools.wraps(handler)
        def locked(request: Request, **values: str) -> Response:
            with self.state.lock:
                return answer(handler(self, request, **values))

        return locked


def _sign_in(request: Request) -> None:
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise not_authorized()


def _no_route(request: Request) -> Response:
    return answer(error_body(f"No matching route for request: {request.method} {request.path}"), 404)
