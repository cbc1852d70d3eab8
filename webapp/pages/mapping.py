"""The front of the mapping studio: where the mapping stands, and the values that wait for a meaning."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.kpis.catalogue import KPIS
from sync.errors import StaleDraftError
from sync.inbox import meaning
from sync.inbox.everything import everything
from sync.inbox.meaning import MeaningError, Subject
from sync.inbox.waiting import Waiting, kpis_of
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.document import Mapping
from webapp import drafting, here
from webapp.mapping_choices import choices
from webapp.queries.mapping import homeless, unclear
from webapp.tables import read_choice, read_paging, read_text
from webapp.words import with_state

PAGE_SIZE = 50
LONGEST = 200
IGNORABLE = (Subject.FIELD, Subject.LABEL)
ACCEPT, IGNORE = "accept", "ignore"
VALUE = "value-"

page = Blueprint("mapping", __name__)


@page.get("/mapping")
def overview() -> ResponseReturnValue:
    """Where the mapping stands, and the inbox."""
    return _page()


def _page(stale: StaleDraftError | None = None, fault: tuple[str, str] | None = None) -> str:
    """The page. What was typed and not written stays in it; `fault` is (the value, what is wrong there)."""
    subject = read_choice(request.args, "subject", tuple(Subject))
    text = read_text(request.args, "q").casefold()
    with here.reading() as connection:
        stands = drafting.standing(connection)
        found = everything(connection, stands.mapping, stands.in_force.approved_at if stands.in_force else None)
        without = homeless(connection)
        not_there = unclear(connection)
    fit = [it for it in found if subject in (None, it.subject) and text in (it.title or it.value).casefold()]
    paging = read_paging(request.args, len(fit), PAGE_SIZE)
    shown = fit[paging.offset : paging.offset + paging.size]
    rows = _rows()
    return render_template(
        "mapping.html",
        stands=stands,
        groups=[(code, list(group)) for code, group in groupby(shown, lambda it: it.subject)],
        total=len(found),
        new=sum(it.new for it in found),
        subjects=[each for each in Subject if any(it.subject is each for it in found)],
        subject=subject,
        text=text,
        paging=paging,
        homeless=without,
        unclear=not_there,
        kpis=lambda it: [KPIS[ident] for ident in kpis_of(it.subject, it.suggestion.meaning if it.suggestion else "")],
        choices={each: choices(each) for each in Subject},
        ignorable=IGNORABLE,
        attributes=ATTRIBUTES,
        typed={_key(row.subject, row.value): row.means for row in rows.values()},
        picked={_key(rows[each].subject, rows[each].value) for each in request.form.getlist("pick") if each in rows},
        stale=stale,
        fault=fault,
    )


@page.post("/mapping")
def decide() -> ResponseReturnValue:
    """Write what was accepted or ignored into the draft: one row (`do` names it) or all that were picked."""
    action, _, number = request.form.get("do", "").partition("-")
    if action not in (ACCEPT, IGNORE):
        abort(400)
    rows = _rows()
    chosen = [rows[each] for each in ([number] if number else request.form.getlist("pick")) if each in rows]
    if not chosen:
        flash("none", "mapping")
        return redirect(_back())
    with here.reading() as connection:
        waits = everything(connection, drafting.standing(connection).mapping, None)
    found = {(it.subject, it.value): it for it in waits}
    at: list[Row] = []

    def change(mapping: Mapping) -> Mapping:
        for row in chosen:
            at.append(row)
            it = found.get((row.subject, row.value))
            if it is not None:
                mapping = _decided(mapping, it, row.means, ignored=action == IGNORE)
        return mapping

    try:
        drafting.edit(change)
    except StaleDraftError as error:
        return _page(error), 409
    except MeaningError as error:
        return _page(fault=(_key(at[-1].subject, at[-1].value), str(error))), 422
    flash(f"{action}-{len(chosen)}", "mapping")
    return redirect(_back())


def _decided(mapping: Mapping, it: Waiting, means: str, *, ignored: bool) -> Mapping:
    if ignored and it.subject in IGNORABLE:
        return meaning.ignore(mapping, it.connections, it.value)
    return meaning.decide(mapping, it.connections, it.subject, it.value, means)


class Row(NamedTuple):
    """A row of the form as it came: which value, and what it is taken to mean."""

    subject: Subject
    value: str
    means: str


def _rows() -> dict[str, Row]:
    """The rows of the form by their numbers in it."""
    found = {}
    for name, text in request.form.items():
        number = name.removeprefix(VALUE)
        subject, _, value = text.partition(" ")
        if number != name and subject in frozenset(Subject) and value:
            means = " ".join(request.form.get(f"meaning-{number}", "").split())[:LONGEST]
            found[number] = Row(Subject(subject), value, means)
    return found


def _key(subject: Subject, value: str) -> str:
    return f"{subject} {value}"


def _back() -> str:
    return url_for("mapping.overview") + with_state()
