"""The front of the mapping studio: where the mapping stands, and the values that wait for a meaning."""

from __future__ import annotations

from collections.abc import Mapping as Table

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.kpis.catalogue import KPIS
from sync.errors import StaleDraftError
from sync.inbox import meaning
from sync.inbox.everything import everything
from sync.inbox.meaning import MeaningError, Subject
from sync.inbox.waiting import Waiting, kpis_of
from sync.mapping.document import Mapping
from webapp import drafting, here
from webapp.mapping_choices import choices
from webapp.queries.mapping import homeless
from webapp.tables import Paging, read_choice, read_paging, read_text

PAGE_SIZE = 50
LONGEST = 200
IGNORABLE = (Subject.FIELD, Subject.LABEL)
ACCEPT, IGNORE = "accept", "ignore"

page = Blueprint("mapping", __name__)


@page.get("/mapping")
def overview() -> ResponseReturnValue:
    """Where the mapping stands, and the inbox."""
    return _page()


def _page(
    typed: Table[str, str] | None = None, stale: StaleDraftError | None = None, fault: tuple[str, str] | None = None
) -> str:
    """The page; `typed` is what was chosen and not written. `fault` is (number of the row, what is wrong there)."""
    subject = read_choice(request.args, "subject", tuple(Subject))
    text = read_text(request.args, "q").casefold()
    with here.reading() as connection:
        stands = drafting.standing(connection)
        found = everything(connection, stands.mapping, stands.in_force.approved_at if stands.in_force else None)
        without = homeless(connection)
    fit = [it for it in found if subject in (None, it.subject) and text in it.value.casefold()]
    paging: Paging = read_paging(request.args, len(fit), PAGE_SIZE)
    return render_template(
        "mapping.html",
        stands=stands,
        waiting=fit[paging.offset : paging.offset + paging.size],
        total=len(found),
        new=sum(it.new for it in found),
        subjects=[each for each in Subject if any(it.subject is each for it in found)],
        subject=subject,
        text=text,
        paging=paging,
        homeless=without,
        kpis={each: [KPIS[ident] for ident in kpis_of(each)] for each in Subject},
        choices={each: choices(each) for each in Subject},
        ignorable=IGNORABLE,
        typed=typed or {},
        stale=stale,
        fault=fault,
    )


@page.post("/mapping")
def decide() -> ResponseReturnValue:
    """Write what was accepted or ignored into the draft: one row (`do` names it) or all that were picked."""
    action, _, number = request.form.get("do", "").partition("-")
    if action not in (ACCEPT, IGNORE):
        abort(400)
    numbers = [number] if number else request.form.getlist("pick")
    chosen = [it for each in numbers if (it := _row(each)) is not None]
    if not chosen:
        flash("none", "mapping")
        return redirect(_back())
    bad: list[tuple[str, str]] = []

    def change(mapping: Mapping) -> Mapping:
        with here.reading() as connection:
            found = {(it.subject, it.value): it for it in everything(connection, mapping, None)}
        for row, subject, value, means in chosen:
            it = found.get((subject, value))
            if it is None:
                continue
            try:
                mapping = _decided(mapping, it, means, ignored=action == IGNORE)
            except MeaningError as error:
                bad.append((row, str(error)))
                raise
        return mapping

    try:
        drafting.edit(change)
    except StaleDraftError as error:
        return _page(request.form, error), 409
    except MeaningError:
        return _page(request.form, fault=bad[0]), 422
    flash(f"{action}-{len(chosen)}", "mapping")
    return redirect(_back())


def _decided(mapping: Mapping, it: Waiting, means: str, *, ignored: bool) -> Mapping:
    if ignored and it.subject in IGNORABLE:
        return meaning.ignore(mapping, it.connections, it.value)
    return meaning.decide(mapping, it.connections, it.subject, it.value, means)


def _row(number: str) -> tuple[str, Subject, str, str] | None:
    """A row of the form: its number, what value it is, and what it is taken to mean."""
    subject, _, value = request.form.get(f"value-{number}", "").partition(" ")
    means = " ".join(request.form.get(f"meaning-{number}", "").split())[:LONGEST]
    return (number, Subject(subject), value, means) if subject in frozenset(Subject) and value else None


def _back() -> str:
    return url_for("mapping.overview", **request.args)
