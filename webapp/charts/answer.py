"""A picture as an answer: drawn only where the browser has not got the same one already."""

from __future__ import annotations

from flask import Response, request

from webapp.charts.draw import mark, svg
from webapp.charts.look import Spec


def picture(spec: Spec) -> Response:
    """The picture, or that it has not changed. Browsers keep it, and ask each time whether it still counts."""
    known = mark(spec)
    answer = Response(mimetype="image/svg+xml")
    answer.set_etag(known)
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    if not request.if_none_match.contains(known):
        answer.set_data(svg(spec))
    answer.make_conditional(request)
    return answer
