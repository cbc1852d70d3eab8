"""Making scenarios, and changing one's own: each noted in the audit log. Nothing else is changed by it.

What is asked for is read and held against the plan first, and written then: nobody waits to write while a plan is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from portfolio.calendar import load_calendar
from portfolio.scenario import kept
from portfolio.scenario.apply import apply
from portfolio.scenario.faults import Fault, ScenarioError, Unfit
from portfolio.scenario.operations import Operation
from portfolio.scenario.settle import settled
from portfolio.store.engine import writing
from webapp import here, signin
from webapp.pages.scenarios import opened, shown_list, shown_one
from webapp.queries.open_items import OpenItem, find_open
from webapp.queries.scenarios import names_for
from webapp.scenario_form import read_operation, typed_operation
from webapp.tables import read_id

page = Blueprint("scenario_changes", __name__)


class UnclearItemError(ScenarioError):
    """No item has what was typed as its key; these have it in their key or title."""

    def __init__(self, text: str, found: Sequence[OpenItem]) -> None:
        super().__init__(Fault(0, f"No item has the key {text}."))
        self.found = found


@page.post("/resources/scenarios")
def make() -> ResponseReturnValue:
    """A new scenario, empty or like another, or with one operation to begin with."""
    try:
        with here.reading() as connection:
            like = read_id(request.form, "like")
            model = None if like is None else opened(connection, like)
            operations = () if model is None else _copied(connection, model)
            if "op" in request.form:
                operations = _with_one_more(connection, operations)
        with writing(here.engine()) as store:
            name, user_id = request.form.get("name", ""), signin.viewer().user_id
            ident = kept.make(store, user_id, name, operations, here.now(), signin.actor())
    except ScenarioError as error:
        return shown_list(str(error))
    return redirect(url_for("scenarios.scenario", scenario_id=ident))


@page.post("/resources/scenarios/<id:scenario_id>")
def change(scenario_id: int) -> ResponseReturnValue:
    """Rename it, share it or share it no more, add an operation, move or remove one."""
    do, by = request.form.get("do", ""), (here.now(), signin.actor())
    if do not in (*_CHANGES, "rename", "share"):
        abort(400)
    try:
        with here.reading() as connection:
            it = _own(connection, scenario_id)
            operations = _CHANGES[do](connection, it) if do in _CHANGES else it.operations
        with writing(here.engine()) as store:
            if do == "rename":
                kept.rename(store, it, request.form.get("name", ""), *by)
            elif do == "share":
                kept.share(store, it, *by, shared=not it.shared)
            elif operations != it.operations:
                kept.change(store, it, operations, *by)
    except UnclearItemError as error:
        return shown_one(scenario_id, str(error), error.found, typed_operation(request.form))
    except ScenarioError as error:
        return shown_one(scenario_id, str(error))
    flash(do, "scenario")
    return redirect(url_for("scenarios.scenario", scenario_id=scenario_id))


@page.post("/resources/scenarios/<id:scenario_id>/remove")
def remove(scenario_id: int) -> ResponseReturnValue:
    with writing(here.engine()) as store:
        it = _own(store, scenario_id)
        kept.remove(store, it, here.now(), signin.actor())
    flash(it.name, "removed")
    return redirect(url_for("scenarios.scenarios"))


def _copied(connection: Connection, it: kept.Kept) -> tuple[Operation, ...]:
    """The operations that a copy of it has: of another's, those that fit in the sight of whoever copies it, for the
    owner of a copy reads all of it."""
    if it.owner_id == signin.viewer().user_id:
        return it.operations
    plan, names = names_for(connection, signin.viewer(), it.operations, here.now().astimezone(here.zone()))
    unfit = {fault.number for fault in apply(plan, it.operations, names, load_calendar(connection)).left_out}
    return tuple(operation for number, operation in enumerate(it.operations, 1) if number not in unfit)


def _own(store: Connection, scenario_id: int) -> kept.Kept:
    """The scenario, if the viewer may change it."""
    it = opened(store, scenario_id)
    if it.owner_id != signin.viewer().user_id:
        abort(403)
    return it


def _with_one_more(connection: Connection, before: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """These operations, and the one that was typed, which has to fit."""
    operation, now = read_operation(request.form), here.now().astimezone(here.zone())
    plan, names = names_for(connection, signin.viewer(), [*before, operation], now)
    item = getattr(operation, "item", None) or ""
    unknown = bool(item) and not names.items.get(item.strip())
    if unknown and (found := find_open(connection, signin.viewer(), item)):
        raise UnclearItemError(item, found)
    try:
        operation = settled(operation, before, names)
    except Unfit as error:
        raise ScenarioError(Fault(0, str(error))) from error
    operations = (*before, operation)
    unfit = apply(plan, operations, names, load_calendar(connection)).left_out
    # Whether those before it still fit is told on the page; what is added anew has to.
    if unfit and unfit[-1].number == len(operations):
        raise ScenarioError(Fault(0, unfit[-1].text))
    return operations


def _add(connection: Connection, it: kept.Kept) -> tuple[Operation, ...]:
    return _with_one_more(connection, it.operations)


def _up(_: Connection, it: kept.Kept) -> tuple[Operation, ...]:
    place = _place(it)
    return _swapped(it.operations, place - 1) if place else it.operations


def _down(_: Connection, it: kept.Kept) -> tuple[Operation, ...]:
    return _swapped(it.operations, _place(it))


def _swapped(operations: tuple[Operation, ...], place: int) -> tuple[Operation, ...]:
    """The one at the place and the one after it, the other way round."""
    return *operations[:place], *reversed(operations[place : place + 2]), *operations[place + 2 :]


def _take_out(_: Connection, it: kept.Kept) -> tuple[Operation, ...]:
    place = _place(it)
    return *it.operations[:place], *it.operations[place + 1 :]


def _place(it: kept.Kept) -> int:
    """The place of the operation that is meant. Of how many tells whether somebody changed them meanwhile."""
    number, of = read_id(request.form, "number"), read_id(request.form, "of")
    if number is None or not 0 < number <= len(it.operations) or of != len(it.operations):
        raise ScenarioError(Fault(0, "The operations were changed meanwhile. Look at them again."))
    return number - 1


_CHANGES: dict[str, Callable[[Connection, kept.Kept], tuple[Operation, ...]]] = {
    "add": _add,
    "up": _up,
    "down": _down,
    "take_out": _take_out,
}
"""What changes the operations: they as they are to be."""
