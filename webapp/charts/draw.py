"""From a specification to an SVG picture, by vl-convert, in this process and from nowhere else.

The converter is a JavaScript engine: the first picture costs some tenths of a second and about 100 MB, later ones some
hundredths of a second. It is loaded with the first picture, so that whatever shows none never pays for it. It holds
the interpreter while it draws: one picture at a time, and each only once while it is remembered.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from threading import Lock

from webapp.charts.look import Spec

REMEMBERED = 128
"""Pictures kept in this process; one has some tens of kilobytes."""
_one_at_a_time = Lock()


def mark(spec: Spec) -> str:
    """What tells this picture from any other: it is the same as long as its data are."""
    return sha256(_text(spec).encode()).hexdigest()[:32]


def svg(spec: Spec) -> str:
    """The picture. Raises `ValueError` for a specification that cannot be drawn."""
    with _one_at_a_time:
        return _drawn(_text(spec))


def _text(spec: Spec) -> str:
    return json.dumps(spec, sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=REMEMBERED)
def _drawn(text: str) -> str:
    import vl_convert  # here, because most processes draw nothing

    # Data stand in the specification; an empty list lets it ask for nothing.
    return str(vl_convert.vegalite_to_svg(text, allowed_base_urls=[]))
