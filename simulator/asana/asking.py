"""Reading query parameters the way Asana does, with its 400 for what it cannot read."""

from __future__ import annotations

from datetime import UTC, date, datetime

from werkzeug.wrappers import Request

from simulator.asana.refusals import bad_request


def instant(text: str) -> datetime:
    """An ISO 8601 instant or date; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def asked_instant(request: Request, name: str) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        return instant(text)
    except ValueError:
        raise bad_request(f"{name}: Not a recognized date format: {text}") from None


def asked_day(request: Request, name: str) -> str | None:
    """A day as Asana writes it (days compare as text)."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise bad_request(f"{name}: Not a recognized date format: {text}") from None


def asked_flag(request: Request, name: str) -> bool | None:
    """`true` or `false`; a capitalised one is refused like any other word."""
    text = request.args.get(name)
    if text is None:
        return None
    if text not in {"true", "false"}:
        raise bad_request(f"{name}: Not a valid boolean: {text}")
    return text == "true"


def required(request: Request, name: str) -> str:
    text = request.args.get(name)
    if not text:
        raise bad_request(f"{name}: Missing input")
    return text
