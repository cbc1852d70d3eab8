"""Who a program is: the token in the Authorization header of a request for the API.

Cookies do not count there. So a page elsewhere cannot make a browser ask in its user's name, and no form's token is
needed.
"""

from __future__ import annotations

from typing import cast

from flask import g, request

from webapp import here
from webapp.accounts.tokens import Bearer, present

_FOUND = "sightline_bearer"


def presented() -> bool:
    """Whether the request holds a token at all, good or not."""
    given = request.authorization
    return given is not None and given.type == "bearer" and bool(given.token)


def bearer() -> Bearer | None:
    """Whose token the request holds; None without a good one. Looked up once in a request."""
    if _FOUND not in g:
        given = request.authorization
        token = given.token if given is not None and given.type == "bearer" else None
        setattr(g, _FOUND, present(here.engine(), token, here.now()) if token else None)
    return cast(Bearer | None, g.get(_FOUND))
