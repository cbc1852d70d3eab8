"""What settling decided of an item stays when the item is written anew, until settling decides otherwise.

So settling changes what is different, and nothing else; whatever it changes of the past has truly changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from portfolio.model.work import ItemProject, ItemVersion
from portfolio.store.upsert import Values
from sync.mapping.defaults import NAMESPACE
from sync.mapping.items import ItemValues
from sync.write.item_rows import CHILDREN, OWN, ItemRows
from sync.write.settle import EPIC_IN_DISGUISE

VERSIONS, _PLACES = (list(CHILDREN).index(model) for model in (ItemVersion, ItemProject))
_VERSION = CHILDREN[ItemVersion]
_PROJECT, _KIND = _VERSION.index("project_id"), _VERSION.index("kind")


class Settled(NamedTuple):
    """What settling decided: None where there was nothing to decide, or the item gives cause to decide again.

    `parenthood` is between which days other items hung on it.
    """

    project_id: int | None
    kind: str | None
    parenthood: Values


def kept_epic(item: ItemValues, kind: str, mapped_kind: str) -> bool:
    """Whether an item that was taken for an epic, whatever its type is called, still may be one."""
    named = any(NAMESPACE in label.lower() for label in item.record.labels)
    return kind == "epic" and mapped_kind == item.kind and item.kind in EPIC_IN_DISGUISE and not named


def as_settled(rows: ItemRows, settled: Settled) -> ItemRows:
    """The rows of an item with what settling decided; each version ends in its parenthood."""
    own, children = rows.own, list(rows.children)
    versions = children[VERSIONS]
    if settled.project_id is not None:
        own = _with(own, OWN, "project_id", settled.project_id)
        versions = [_put(version, _PROJECT, settled.project_id, (None,)) for version in versions]
        children[_PLACES] = [(settled.project_id, None, True)]
    if settled.kind is not None:
        own = _with(own, OWN, "kind", settled.kind)
        versions = [_put(version, _KIND, settled.kind, EPIC_IN_DISGUISE) for version in versions]
    children[VERSIONS] = [(*version, *settled.parenthood) for version in versions]
    return rows._replace(own=own, children=tuple(children))


def parenthood(before: Sequence[Values]) -> Values:
    """Between which days other items hung on an item, from its states as they stand; it is the same in all."""
    return before[-1][_VERSION.index("parent_from") :] if before else (None, None)


def _with(values: Values, columns: Sequence[str], name: str, value: object) -> Values:
    return _put(values, columns.index(name), value)


def _put(values: Values, place: int, value: object, instead_of: Sequence[object] | None = None) -> Values:
    if instead_of is not None and values[place] not in instead_of:
        return values
    return (*values[:place], value, *values[place + 1 :])
