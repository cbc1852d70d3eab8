"""Working time: how the organisation works, from which day on, where nothing else is said of a person."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portfolio.audit.read import Wish, list_entries, names_of
from portfolio.capacity.errors import CapacityError
from portfolio.capacity.working_time import BOUNDS, CHANGED, SUBJECT, take_back_working_time, tell_working_time
from portfolio.dated import holding, spans
from portfolio.model.base import EVER
from portfolio.resources.working_time import WorkingTime, read_working_time
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.since_form import read_since

REFUSED = 422

page = Blueprint("working_time", __name__, url_prefix="/settings/working-time")


@page.get("")
def working_time() -> ResponseReturnValue:
    return _page()


def _page(fault: str = "") -> str:
    today = here.today()
    with here.reading() as connection:
        told = read_working_time(connection)
        changed = list_entries(connection, Wish(action=CHANGED, subject_type=SUBJECT.type), limit=1)
        names = names_of(connection, changed)
    return render_template(
        "settings_working_time.html",
        history=spans(told),
        present=holding(told, today),
        ever=EVER,
        today=today,
        bounds=BOUNDS,
        changed=changed[0] if changed else None,
        changed_by=names.get(("user", changed[0].user_id or 0)) if changed else None,
        fault=fault,
        typed=request.form,
    )


@page.post("")
def change() -> ResponseReturnValue:
    """Say what holds from a day on, or with do=back take the change of a day back."""
    now, by = here.now().astimezone(here.zone()), signin.actor()
    do = request.form.get("do", "")
    try:
        since = read_since(request.form, now.date())
        wanted = _typed(request.form) if do == "hours" else None
        with writing(here.engine()) as store:
            if wanted is not None:
                done = tell_working_time(store, wanted, since, now, by)
            elif do == "back":
                done = take_back_working_time(store, since, now, by)
            else:
                abort(400)
    except CapacityError as error:
        return _page(str(error)), REFUSED
    flash("same" if not done else "corrected" if since < now.date() else "dated", "settings")
    return redirect(url_for("working_time.working_time"))


def _typed(form: Mapping[str, str]) -> WorkingTime:
    """What was typed. Raises `CapacityError`."""
    try:
        return WorkingTime(*(int(form.get(name, "")) for name in WorkingTime._fields))
    except ValueError:
        raise CapacityError("Minutes and per cent are whole numbers.") from None
