"""The quarantine: records that could not be read or mapped, why, as the tracker sent them; and trying them again."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sync.errors import BusyError, UnknownConnectionError
from sync.retry import retry
from webapp import here, signin
from webapp.queries import quarantine as query
from webapp.queries.runs import connection_names
from webapp.tables import read_choice, read_id, read_paging, read_text
from webapp.words import say

PAGE_SIZE = 50
MOST_CAUSES = 10
LONGEST_REASON = 1_000

page = Blueprint("quarantine", __name__)


@page.get("/quarantine")
def quarantine() -> ResponseReturnValue:
    with here.reading() as connection:
        streams = query.streams_held(connection)
        wish = query.Wish(
            read_id(request.args, "connection"),
            read_choice(request.args, "stream", streams),
            request.args.get("reason", "")[:LONGEST_REASON] or None,
            read_text(request.args, "q"),
        )
        paging = read_paging(request.args, query.count_held(connection, wish), PAGE_SIZE)
        held = query.list_held(connection, wish, paging)
        causes = query.causes(connection, wish, most=MOST_CAUSES)
        names = connection_names(connection)
    return render_template(
        "quarantine.html", held=held, paging=paging, connections=names, wish=wish, streams=streams, causes=causes
    )


@page.get("/quarantine/<id:held_id>")
def record(held_id: int) -> ResponseReturnValue:
    with here.reading() as connection:
        found = query.find_held(connection, held_id)
    if found is None:
        abort(404)
    held, payload = found
    return render_template("quarantine_record.html", held=held, payload=payload)


@page.post("/connections/<id:connection_id>/quarantine")
def try_again(connection_id: int) -> ResponseReturnValue:
    """Try one record again (`held`), all of one reason (`reason`), or all of the connection."""
    held_id, reason = read_id(request.form, "held"), request.form.get("reason") or None
    back = redirect(url_for("quarantine.quarantine", connection=connection_id))
    try:
        done = retry(
            here.engine(),
            connection_id,
            reason=reason,
            held_id=held_id,
            clock=here.now,
            by=signin.actor(),
            time_zone=here.settings().time_zone,
        )
    except UnknownConnectionError:
        abort(404)
    except BusyError:
        flash("", "again-busy")
        return back
    flash(say("retried", done), "again")
    if held_id is not None and done.tried > done.recovered:
        return redirect(url_for("quarantine.record", held_id=held_id))
    return back
