"""Turns values into what a template can say: local times, weekdays, parts of a duration, web addresses fit to link.

Only shapes and numbers; the words themselves stand in `templates/words.html`.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode, urlsplit

from flask import Flask, request
from flask.helpers import get_template_attribute
from jinja2 import Undefined

from portfolio.kpis.rag import OVERALL
from portfolio.kpis.reading import Reason
from webapp import here
from webapp.grant_form import roles_over, scopes_of, write_scope
from webapp.queries.columns import shown_unit, shown_value

MINUTE, HOUR, DAY = 60, 3600, 86400
NARROW = "\u202f"


@dataclass(frozen=True)
class Span:
    """A length of time in its one telling unit: seconds, minutes, hours or days."""

    amount: int
    unit: str


def span(seconds: float) -> Span:
    """The length rounded down to the largest unit of which there are at least two (minutes: at least one)."""
    seconds = max(0, int(seconds))
    for size, unit, least in ((DAY, "days", 2), (HOUR, "hours", 2), (MINUTE, "minutes", 1)):
        if seconds >= size * least:
            return Span(seconds // size, unit)
    return Span(seconds, "seconds")


def since(instant: datetime) -> Span:
    """How long ago the instant was."""
    return span(age(instant))


def age(instant: datetime) -> float:
    """How long ago the instant was, in seconds."""
    return (here.now() - instant).total_seconds()


def local(instant: datetime) -> str:
    """Date and time of day in the site's zone: 2026-03-14 10:42."""
    return instant.astimezone(here.zone()).strftime("%Y-%m-%d %H:%M")


def local_time(instant: datetime) -> str:
    """The time of day when the instant is today, else date and time."""
    there = instant.astimezone(here.zone())
    return there.strftime("%H:%M") if there.date() == here.today() else there.strftime("%Y-%m-%d %H:%M")


def local_date(instant: datetime) -> date:
    """The day of the instant in the site's zone."""
    return instant.astimezone(here.zone()).date()


class Nothing(Undefined):
    """What a template shows where an `if` without an `else` says nothing.

    It has HTML, which is none: to find that it has not, with a sentence about it, took a third of a large page.
    """

    def __html__(self) -> str:
        return str(self)


def decimals(value: float, places: int = 0) -> str:
    """The number with thousands set apart, rounded half up."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if exact == 0:
        exact = abs(exact)
    return f"{exact:,.{places}f}".replace(",", NARROW).replace("-", "\u2212")


PLACES: Mapping[str, int] = {
    "index": 2, "n/wk": 1, "percent": 0, "d": 0, "n": 0, "min": 0, "wd": 1, "h": 1, "wk": 1, "pts": 0,
}  # fmt: skip


def amount(value: float, unit: str) -> str:
    """The value read out in its unit, without the unit's name. A share becomes a percentage, a date is its day."""
    if unit == "date":
        return date.fromordinal(int(value)).isoformat()
    return decimals(value * 100 if unit == "percent" else value, PLACES.get(unit, 2))


def reason_words(code: str) -> str:
    """A stored reason in the words of the catalogue; the code itself when it is a newer one."""
    return Reason(code).words if code in frozenset(Reason) else code


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a docstring, their lines joined."""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def web_address(text: str | None) -> str | None:
    """The address if it is http or https with a host, else None: nothing else is ever linked."""
    if not text:
        return None
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    return text.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def short_key(key: str) -> str:
    """A key people know as it is (PROJ-12); of a long number, which nobody reads, only the end."""
    return f"\u2026{key[-5:]}" if len(key) > 8 and key.isdecimal() else key


def host(text: str) -> str:
    """The host and path of an address, without user, password, query or fragment."""
    try:
        parts = urlsplit(text)
        return f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}" or text
    except ValueError:
        return text


def with_state(**changes: object) -> str:
    """The query of this page with some of its values changed; None takes one away. Starts with "?"."""
    state: dict[str, object] = dict(request.args.items()) | changes
    return "?" + urlencode({name: value for name, value in state.items() if value not in (None, "")})


def say(macro: str, *values: object) -> str:
    """What a macro of `words.html` says, as plain text for files that are not HTML."""
    said = get_template_attribute("words.html", macro)(*values)
    return " ".join(str(said.striptags() if hasattr(said, "striptags") else said).split())


FILTERS: Mapping[str, object] = {
    "span": span,
    "since": since,
    "age": age,
    "local": local,
    "local_time": local_time,
    "local_date": local_date,
    "decimals": decimals,
    "amount": amount,
    "reason_words": reason_words,
    "paragraphs": paragraphs,
    "shown_unit": shown_unit,
    "shown_value": shown_value,
    "web_address": web_address,
    "host": host,
    "short_key": short_key,
    "quoted": shlex.quote,
    "scope_value": write_scope,
    "scopes_of": scopes_of,
    "roles_over": roles_over,
}


def init_app(app: Flask) -> None:
    """Give templates the filters and the page's own query."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        with_state=with_state,
        overall=OVERALL,
        zone_name=lambda: here.settings().time_zone,
        most_retired=lambda: round(here.settings().most_retired * 100),
    )
    app.jinja_env.undefined = Nothing
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
