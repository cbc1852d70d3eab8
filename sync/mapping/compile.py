"""What people say, laid over the defaults of one connection: its effective profile. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as Table
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import msgspec

from connector.records import FieldRecord
from sync.mapping.defaults import References
from sync.mapping.document import ConnectionRules, FieldRule, Mapping, ProfileRules, Rules
from sync.mapping.profile import Carrier, Profile, Said, fold

Meaning = TypeVar("Meaning")


class TrackerProject(NamedTuple):
    """What feeds a portfolio project, by the tracker's id and key, with the portfolio project's `type`."""

    external_id: str
    key: str
    name: str
    type: str | None = None


def compile_profile(
    defaults: Profile, mapping: Mapping, connection: str, projects: Sequence[TrackerProject], references: References
) -> Profile:
    """The profile of the connection of this name: `defaults`, with what the mapping says of it before them.

    `references` are the records the defaults were built from: they tell which field bears a name, and what ids are
    called. A name that no field or several bear carries nothing, and an override for a project that is not there holds
    for none: `Profile.unclear` says so. An attribute left with nothing is as the defaults have it. A profile that the
    mapping does not hold counts as empty.
    """
    own = mapping.connections.get(connection)
    if own is None:
        return defaults
    separator = own.grouping.separator or defaults.grouping_separator
    rules = mapping.profiles.get(own.profile, ProfileRules()) if own.profile else ProfileRules()
    fields = _Fields(references.fields)
    places = fields.carriers("the place of projects", _grouping(own))
    said = _said(rules.rules, fields)
    of_type: dict[str, Said] = {}
    of_project: dict[str, Said] = {}
    lost: list[str] = []
    for override in rules.overrides:
        layer = _said(override.rules, fields)
        if override.project_type:
            of_type[override.project_type] = layer
        elif override.connection == connection:
            name = fold(override.project)
            meant = [each.external_id for each in projects if name in (fold(each.external_id), fold(each.key))]
            of_project |= dict.fromkeys(meant, layer)
            if not meant:
                lost.append(f"there is no project “{override.project}”, for which there is an override")
    layers = [said, *of_type.values(), *of_project.values()]
    carried: dict[str, dict[str, None]] = defaultdict(dict)
    for layer in layers:
        for name, carriers in layer.fields.items():
            carried[name].update(dict.fromkeys(carrier.field_id for carrier in carriers))
    of_statuses = any(layer.statuses or layer.statuses_by_kind for layer in layers)
    of_kinds = any(layer.kinds or layer.statuses_by_kind for layer in layers)
    return msgspec.structs.replace(
        defaults,
        grouping_separator=separator,
        grouping_field=places[0].field_id if places else "",
        bindings=msgspec.structs.replace(
            defaults.bindings, said={name: tuple(idents) for name, idents in carried.items()}
        ),
        said=said,
        said_of_type=of_type,
        said_of_project=of_project,
        project_fields={
            name: carrier for name, rule in own.project_fields.items() for carrier in fields.carriers(name, (rule,))
        },
        type_of_project={each.external_id: each.type for each in projects if each.type and each.type in of_type},
        status_names={each.external_id: fold(each.name) for each in references.statuses} if of_statuses else {},
        kind_names={each.external_id: fold(each.name) for each in references.kinds} if of_kinds else {},
        unclear=(*fields.unclear, *lost),
    )


def _grouping(own: ConnectionRules) -> tuple[FieldRule, ...]:
    return (FieldRule(field=own.grouping.field),) if own.grouping.by == "field" else ()


class _Fields:
    """The fields of the connection, to be found by id or name."""

    def __init__(self, records: Sequence[FieldRecord]) -> None:
        self._ids = {record.external_id for record in records}
        self._named: dict[str, list[str]] = defaultdict(list)
        for record in records:
            self._named[fold(record.name)].append(record.external_id)
        self.unclear: dict[str, None] = {}

    def carriers(self, attribute: str, rules: Sequence[FieldRule]) -> tuple[Carrier, ...]:
        """The rules with their fields' ids, without those where it is not clear which one is meant: these are noted."""
        return tuple(found for rule in rules if (found := self._carrier(attribute, rule)) is not None)

    def _carrier(self, attribute: str, rule: FieldRule) -> Carrier | None:
        ident = rule.field if rule.field in self._ids else None
        if ident is None:
            bearing = self._named.get(fold(rule.field), [])
            if len(bearing) == 1:
                ident = bearing[0]
            elif bearing:
                told = (
                    f"{len(bearing)} fields are called “{rule.field}”: name the one that carries {attribute} by its id"
                )
                self.unclear[f"{told} ({', '.join(sorted(bearing))})"] = None
            else:
                self.unclear[f"there is no field “{rule.field}” to carry {attribute}"] = None
        return None if ident is None else Carrier(ident, rule.unit, _folded(rule.values), rule.level)


def _said(rules: Rules, fields: _Fields) -> Said:
    return Said(
        kinds=_folded(rules.kinds),
        labels=_folded(rules.labels),
        statuses=_folded(rules.statuses),
        statuses_by_kind={fold(kind): _folded(statuses) for kind, statuses in rules.statuses_by_kind.items()},
        fields={
            name: found
            for name, carriers in rules.fields.items()
            if (found := fields.carriers(name, carriers)) or not carriers
        },
        links=_folded(rules.links),
        reported={fold(word).replace(" ", "_"): rule for word, rule in rules.reported.items()},
        templates=_folded(rules.templates),
        cancelled=None if rules.cancelled is None else tuple(fold(word) for word in rules.cancelled),
    )


def _folded(table: Table[str, Meaning]) -> dict[str, Meaning]:
    return {fold(name): meaning for name, meaning in table.items()}
