"""Skills: how many have which at what level, what roles ask for, and what too few can."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, select

from portfolio.access.matrix import Capability, Right
from portfolio.bookings.wish import mark_of
from portfolio.capacity.skills import ask_skill, tell_skill, wrong_to_ask, wrong_to_tell
from portfolio.faults import EntryError, Fault, Faults
from portfolio.model.people import Person
from portfolio.resources.coverage import LEVELS, by_level, coverage, skills_on
from portfolio.resources.staffed import STAND_INS
from portfolio.store.engine import writing
from webapp import here, record, signin
from webapp.person_field import person_named
from webapp.tables import read_day, read_id, read_text
from webapp.words import with_state

REFUSED = 422
MOST_NAMED = 200

page = Blueprint("skills", __name__, url_prefix="/resources/skills")


@page.get("")
def skills() -> ResponseReturnValue:
    person_id = read_id(request.args, "person")
    shown = _page()
    if person_id is not None and _named():
        record.person_view(person_id, "skills")
    return shown


def _named() -> bool:
    """Whether the viewer sees everybody by name: who can what is told to nobody else."""
    return signin.viewer().may_everywhere(Capability.ALLOCATIONS, Right.VIEW)


def _page(fault: EntryError | None = None) -> str:
    asked, person_id = read_text(request.args, "skill"), read_id(request.args, "person")
    with here.reading() as connection:
        found = skills_on(connection, here.today())
        needs = coverage(connection, here.today())
        roles = list(connection.scalars(select(Person.role).where(Person.role.is_not(None)).distinct()))
        name = connection.scalar(select(Person.name).where(Person.id == person_id)) if _named() else None
    who = [it for it in found if it.skill == asked][:MOST_NAMED]
    if _named():
        record.people("skills", (it.person_id for it in who))
    return render_template(
        "resources_skills.html",
        levels=LEVELS,
        counts=by_level(found),
        needs=needs,
        few=[it for it in needs if not it.covered],
        enough=STAND_INS,
        named=_named(),
        asked=asked,
        who=who,
        person_id=person_id if name else None,
        person=name,
        theirs=[it for it in found if it.person_id == person_id] if name else [],
        roles=sorted({*filter(None, roles), *(it.role for it in needs)}),
        known=sorted({*(it.skill for it in found), *(it.skill for it in needs)}),
        typed=request.form,
        today=here.today(),
        fault=str(fault) if fault else "",
        beside=fault.by_field if fault else {},
        meant=_mark() if fault and fault.may_be_meant else None,
    )


def _mark() -> str:
    """By which whoever confirms what a role asks for shows what they have seen."""
    role, skill, level = (" ".join(request.form.get(name, "").split()) for name in ("role", "skill", "level"))
    return mark_of((role, skill, int(level)))


@page.post("")
def change() -> ResponseReturnValue:
    """Do what the form asks for (`do`): tell what a person can, or ask what a role needs."""
    try:
        with writing(here.engine()) as store:
            done = _do(store, request.form.get("do", ""))
    except EntryError as error:
        return _page(error), REFUSED
    flash("changed" if done else "same", "skills")
    return redirect(url_for("skills.skills") + with_state())


def _do(store: Connection, do: str) -> bool:
    form = {name: " ".join(text.split()) for name, text in request.form.items()}
    faults, skill, by = Faults(), form.get("skill", ""), (here.now(), signin.actor())
    level = read_id(form, "level")
    if level is None:
        faults.append(Fault("level", "A level is a number from 0 to 5."))
    if do == "ask":
        asked = (form.get("role", ""), skill, level or 0)
        confirmed = form.get("confirmed") == mark_of(asked)
        faults.require(wrong_to_ask(store, *asked, confirmed=confirmed))
        return ask_skill(store, *asked, *by, confirmed=confirmed)
    if do != "tell":
        abort(400)
    day = read_day(form, "since") if form.get("since") else here.today()
    if day is None:
        faults.append(Fault("since", "A day is written 2026-03-14."))
    person_id = faults.reading(lambda: person_named(store, form), 0)
    faults.require(wrong_to_tell(store, person_id, skill, level or 0))
    return tell_skill(store, person_id, skill, level or 0, day or here.today(), *by)
