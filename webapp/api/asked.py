"""What a request asks for, read against its shape: what the shape does not name is refused, never passed over."""

from __future__ import annotations

import re
from typing import Annotated, TypeVar

import msgspec
from flask import Response, abort, request
from msgspec import Meta

from webapp.problems import Unreadable

JSON = "application/json"
USUAL, MOST = 100, 500
FURTHEST = 10**9
LARGEST_BODY = 10_000
"""Bytes. What is sent to the API is a few words."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL as JSON writes it, and not a backslash before the letters."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters or the body of a request."""


class Nothing(Shape, frozen=True):
    """No parameters."""


class Part(Shape, frozen=True):
    """Some rows of a list."""

    limit: Annotated[int, Meta(ge=1, le=MOST)] = USUAL
    offset: Annotated[int, Meta(ge=0, le=FURTHEST)] = 0


Asked = TypeVar("Asked", bound=Shape)


def query(shape: type[Asked]) -> Asked:
    """The parameters in the address. Raises `Unreadable` for one that is unknown, repeated or out of bounds."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Unreadable(f"The parameter `{name}` stands more than once")
    try:
        return msgspec.convert(request.args.to_dict(), shape, strict=False)
    except msgspec.ValidationError as error:
        raise Unreadable(str(error)) from error


def body(shape: type[Asked]) -> Asked:
    """The JSON of the body. Raises `Unreadable` as `query` does; 415 for another kind of body, 413 for a large one."""
    query(Nothing)
    if request.mimetype != JSON:
        abort(415)
    request.max_content_length = LARGEST_BODY
    told = request.get_data()
    if _NUL.search(told):
        raise Unreadable("A text must not hold a NUL character")
    try:
        return msgspec.json.decode(told, type=shape)
    except msgspec.MsgspecError as error:
        raise Unreadable(str(error)) from error


def one_line(text: str) -> str:
    """A name as forms read it: without spaces around it, and one between words."""
    return " ".join(text.split())


def answer(document: msgspec.Struct, status: int = 200) -> Response:
    """The document as JSON: days as in 2026-03-02, instants with their zone."""
    return Response(msgspec.json.encode(document), status=status, mimetype=JSON)
