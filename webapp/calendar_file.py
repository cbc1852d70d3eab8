"""Days as a file that calendars read (RFC 5545): one entry of a whole day for each, without times or persons."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from flask import Response
from icalendar import Calendar, Event

from webapp.queries.dated import Dated
from webapp.words import say, web_address

FORM = "ics"
PRODUCT = "-//Sightline//sightline-pmo//EN"


def calendar(name: str, entries: Iterable[Dated], told: Callable[[Dated], str], now: datetime) -> bytes:
    """The entries, with what is `told` of each, as a calendar of that name.

    An entry has the same UID in every file, so that calendars know it.
    """
    found = Calendar()
    found.add("PRODID", PRODUCT)
    found.add("VERSION", "2.0")
    found.add("X-WR-CALNAME", plain(name))
    for it in entries:
        found.add_component(_event(it, told(it), now))
    content: bytes = found.to_ical()
    return content


def uid(it: Dated) -> str:
    """What identifies an entry for good, whatever its name, its day or the account that reads it."""
    return str(uuid5(NAMESPACE_URL, f"{it.tracker}/{it.kind}/{it.external_id}"))


def plain(text: str) -> str:
    """The text on one line, without characters that no calendar may hold."""
    return " ".join("".join(" " if unicodedata.category(each) == "Cc" else each for each in text).split())


def _event(it: Dated, told: str, now: datetime) -> Event:
    event = Event()
    event.add("UID", uid(it))
    event.add("DTSTAMP", now)
    event.add("DTSTART", it.day)
    event.add("SUMMARY", plain(f"{it.name} ({it.project})"))
    event.add("DESCRIPTION", told)
    event.add("STATUS", "CANCELLED" if it.state == "cancelled" else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    if it.changed is not None:
        event.add("LAST-MODIFIED", it.changed)
    if (address := web_address(it.url)) is not None:
        event.add("URL", plain(address).replace(" ", "%20"))
    return event


def worded(name: str, entries: Iterable[Dated], now: datetime) -> bytes:
    """The entries as a calendar, each with how it stands."""
    return calendar(name, entries, lambda it: say("dated_state", it), now)


def file(filename: str, name: str, entries: Iterable[Dated], now: datetime) -> Response:
    """An answer that downloads under the file's name."""
    answer = Response(worded(name, entries, now), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}.{FORM}"'
    return answer
