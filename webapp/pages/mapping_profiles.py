"""The profiles of the mapping: the rules of one, layer by layer, with what holds where nothing is said; who uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from sync.errors import StaleDraftError
from sync.inbox import meaning
from sync.inbox.meaning import PLACES, MeaningError, Subject
from sync.mapping.attributes import ATTRIBUTES
from sync.mapping.document import ConnectionRules, Mapping, ProfileRules, Rules
from sync.mapping.layers import ALL, Layer, layers_of, rules_in, with_rules
from sync.mapping.profile import fold
from webapp import drafting, here
from webapp.field_rules import examples_of, rows_of, typed_rows
from webapp.mapping_choices import choices
from webapp.profile_form import FIELDS, SECTIONS, TYPED, WORDS, faults_of, written
from webapp.queries import mapped
from webapp.queries.mapped import Seen
from webapp.queries.runs import connection_names
from webapp.tables import read_choice, read_text
from webapp.typed_statuses import typed_statuses, typed_statuses_of

page = Blueprint("mapping_profiles", __name__)


class Line(NamedTuple):
    """A word with what it means: `said` in this layer, `wider` in a wider one, `present` of the items that have it."""

    value: str
    items: int
    said: str
    wider: str
    present: str


@page.get("/mapping/profiles")
def profiles() -> ResponseReturnValue:
    """All profiles and who uses them; or the rules of one, in one of its layers."""
    return _page()


def _page(stale: StaleDraftError | None = None, fault: tuple[str, str] | None = None) -> str:
    """The page; `fault` is (the section, what is wrong there). What was typed and not written stays in the form."""
    name, layer = read_text(request.values, "profile"), _layer()
    with here.reading() as connection:
        stands = drafting.standing(connection)
        connections = connection_names(connection)
        names = tuple(each for _, each in connections)
        users = {
            each: tuple(it for it in names if _used_by(stands.mapping, it) == each) for each in stands.mapping.profiles
        }
        if name and name not in stands.mapping.profiles:
            abort(404)
        words = mapped.seen_words(connection, connections=users.get(name, ()), layer=layer) if name else {}
        fields = mapped.sampled_fields(connection, users.get(name, ())) if name else ()
        projects = mapped.tracker_projects(connection) if name else ()
        types = mapped.project_types(connection) if name else ()
    profile = stands.mapping.profiles.get(name, ProfileRules())
    rules = rules_in(profile, layer)
    typed = request.form if stale or fault else {}
    rows = typed_rows(typed) if typed.get("section") == FIELDS else rows_of(rules)
    return render_template(
        "mapping_profile.html" if name else "mapping_profiles.html",
        stands=stands,
        name=name,
        layer=layer,
        layers=dict.fromkeys((*layers_of(profile), layer)),
        connections=connections,
        used={it: _used_by(stands.mapping, it) for it in names},
        users=users,
        profile=profile,
        sections={each: list(_lines(each, profile, layer, words.get(each, {}))) for each in WORDS},
        rules=rules,
        wider=profile.rules if layer != ALL else Rules(),
        fields=fields,
        examples=examples_of(rows, fields),
        choices={each: choices(each) for each in (*WORDS, Subject.FIELD)},
        attributes=ATTRIBUTES,
        projects=[it for it in projects if it[0] in users.get(name, ())],
        types=types,
        typed=typed,
        wrong=faults_of(name, profile, layer) if stands.draft is not None else {},
        field_rows=rows,
        typed_statuses=typed_statuses(typed) if typed.get("section") == TYPED else typed_statuses_of(rules),
        stale=stale,
        fault=fault,
    )


def _used_by(mapping: Mapping, connection: str) -> str:
    return mapping.connections.get(connection, ConnectionRules()).profile


def _layer() -> Layer:
    given = request.values
    one = read_text(given, "connection"), read_text(given, "project")
    return Layer(read_text(given, "type")) if not all(one) else Layer("", *one)


def _lines(subject: Subject, profile: ProfileRules, layer: Layer, seen: dict[str, Seen]) -> Iterator[Line]:
    """The words of a subject, those that most items have first, then those that are only spoken of."""
    place = PLACES[subject]
    said: dict[str, Any] = getattr(rules_in(profile, layer), place)
    wider: dict[str, Any] = getattr(profile.rules, place) if layer != ALL else {}
    here_, there = ({fold(name): meaning.write(rule) for name, rule in table.items()} for table in (said, wider))
    spelled = {fold(name): name for name in (*wider, *said)}
    for key in dict.fromkeys((*seen, *spelled)):
        it = seen.get(key, Seen(spelled.get(key, key)))
        yield Line(spelled.get(key, it.value), it.items, here_.get(key, ""), there.get(key, ""), it.present)


@page.post("/mapping/profiles")
def change() -> ResponseReturnValue:
    """Write a section of a layer of a profile into the draft."""
    name, layer = read_text(request.form, "profile"), _layer()
    section = read_choice(request.form, "section", SECTIONS)
    if not name or section is None:
        abort(400)

    def changed(mapping: Mapping) -> Mapping:
        profile = mapping.profiles.get(name, ProfileRules())
        rules = written(section, rules_in(profile, layer), request.form)
        return replace(mapping, profiles=mapping.profiles | {name: with_rules(profile, layer, rules)})

    return _edited(changed, section, {"profile": name, **_address(layer)})


def _edited(change: Callable[[Mapping], Mapping], section: str, address: dict[str, str]) -> ResponseReturnValue:
    try:
        drafting.edit(change)
    except StaleDraftError as error:
        return _page(stale=error), 409
    except MeaningError as error:
        return _page(fault=(section, str(error))), 422
    flash("saved", "mapping")
    return redirect(f"{url_for('mapping_profiles.profiles')}?{urlencode(address)}#{section}")


def _address(layer: Layer) -> dict[str, str]:
    named = {"type": layer.project_type, "connection": layer.connection, "project": layer.project}
    return {name: value for name, value in named.items() if value}


@page.post("/mapping/profiles/use")
def use() -> ResponseReturnValue:
    """Have a connection use a profile, a new one of a name, or none."""
    form = request.form
    connection = read_text(form, "connection")
    name = read_text(form, "new") or read_text(form, "use")
    with here.reading() as store:
        if connection not in {each for _, each in connection_names(store)}:
            abort(404)

    def changed(mapping: Mapping) -> Mapping:
        own = replace(mapping.connections.get(connection, ConnectionRules()), profile=name)
        profiles = {name: ProfileRules()} | mapping.profiles if name else mapping.profiles
        return replace(mapping, connections=mapping.connections | {connection: own}, profiles=profiles)

    return _edited(changed, "use", {})
