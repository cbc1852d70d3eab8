"""The form a token is made with: what it offers, and what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from portfolio.access.viewer import Permit, Viewer, shared
from webapp.access import api_permits
from webapp.accounts.tokens import LONGEST_NAME, MOST_DAYS, USUAL_DAYS, Wish
from webapp.tables import read_id


@dataclass(frozen=True)
class TokenForm:
    """What the form shows: the permits there are to choose from, what was typed, and what is wrong with it."""

    offered: Sequence[str]
    name: str = ""
    days: int = USUAL_DAYS
    chosen: frozenset[str] = frozenset()
    fault: str | None = None
    longest: int = LONGEST_NAME
    most: int = MOST_DAYS


def offered(viewer: Viewer) -> tuple[str, ...]:
    """The permits a token of the viewer can have a use for."""
    return tuple(map(str, sorted(shared(api_permits(), viewer))))


def empty(viewer: Viewer) -> TokenForm:
    """The form before anything is typed."""
    return TokenForm(offered(viewer))


def typed() -> Wish:
    """What the form was sent with. What is no number of days is none; what is no permit is left out."""
    permits = frozenset(str(permit) for permit in api_permits()) & frozenset(request.form.getlist("permit"))
    days = read_id(request.form, "days") or 0
    return Wish(request.form.get("name", ""), days, frozenset(map(Permit.read, permits)))


def refused(viewer: Viewer, wish: Wish, fault: str) -> TokenForm:
    """The form with what was typed, and what is wrong with it."""
    chosen = frozenset(map(str, wish.permits))
    return TokenForm(offered(viewer), wish.name, wish.days, chosen, fault)
