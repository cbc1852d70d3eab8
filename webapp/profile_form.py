"""A section of a profile as a form has it, written into the rules of a layer."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Form

from msgspec.structs import replace

from sync.inbox import meaning
from sync.inbox.meaning import PLACES, Subject
from sync.mapping.document import Mapping, ProfileRules, Rules
from sync.mapping.faults import faults
from sync.mapping.layers import ALL, Layer, layers_of
from sync.mapping.place import steps
from webapp.field_rules import read_fields
from webapp.typed_statuses import read_typed

WORDS = (Subject.STATUS, Subject.KIND, Subject.LINK, Subject.REPORTED, Subject.LABEL)
TYPED, FIELDS, LISTS = "typed", "fields", "lists"
SECTIONS = (*WORDS, TYPED, FIELDS, LISTS)
LONGEST = 200
LONGEST_LIST = 5_000


_PLACES = {
    **{PLACES[subject]: str(subject) for subject in WORDS},
    "statuses_by_kind": TYPED,
    "fields": FIELDS,
    "cancelled": LISTS,
    "ignored": LISTS,
}
"""Attribute of `Rules` -> the section of the form that shows it."""


def faults_of(name: str, profile: ProfileRules, layer: Layer) -> dict[str, list[str]]:
    """What is wrong with the rules of a layer, in sentences that name what they are about, by section."""
    layers = layers_of(profile)
    if layer not in layers:
        return {}
    ahead: tuple[str | int, ...] = ("profiles", name)
    if layer != ALL:
        ahead += ("overrides", layers.index(layer) - 1)
    found: dict[str, list[str]] = {}
    for fault in faults(Mapping(profiles={name: profile})):
        way = steps(fault.place)
        place, *rest = (*way[len(ahead) :], "")
        if way[: len(ahead)] == ahead and place in _PLACES:
            named = ", ".join(str(step) for step in rest if step and isinstance(step, str))
            found.setdefault(_PLACES[str(place)], []).append(f"{named}: {fault.message}" if named else fault.message)
    return found


def written(section: str, rules: Rules, form: Form[str, str]) -> Rules:
    """The rules with a section as it was typed. Raises `MeaningError`."""
    if section == FIELDS:
        return replace(rules, fields=read_fields(form))
    if section == TYPED:
        return replace(rules, statuses_by_kind=read_typed(form))
    if section == LISTS:
        cancelled = None if form.get("cancelled-as-below") else tuple(_listed(form.get("cancelled", "")))
        return replace(rules, cancelled=cancelled, ignored=tuple(_listed(form.get("ignored", ""))))
    subject = Subject(section)
    for number in _numbers(form):
        value = " ".join(form.get(f"value-{number}", "").split())[:LONGEST]
        means = " ".join(form.get(f"meaning-{number}", "").split())[:LONGEST]
        if value and means:
            rules = meaning.with_meaning(rules, subject, value, means)
        elif value:
            place = PLACES[subject]
            rules = replace(rules, **{place: meaning.without(getattr(rules, place), value)})
    return rules


def _numbers(names: Iterable[str]) -> list[str]:
    return [name.removeprefix("value-") for name in names if name.startswith("value-")]


def _listed(text: str) -> list[str]:
    lines = (" ".join(line.split())[:LONGEST] for line in text[:LONGEST_LIST].splitlines())
    return list(dict.fromkeys(line for line in lines if line))
