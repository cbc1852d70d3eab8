"""The layers of a profile: rules for all projects, and over them overrides by project type and by project. Pure."""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from sync.mapping.document import Override, ProfileRules, Rules


class Layer(NamedTuple):
    """Which projects rules are for: all, where nothing is set; those of a type; or one tracker project."""

    project_type: str = ""
    connection: str = ""
    project: str = ""


ALL = Layer()


def layers_of(profile: ProfileRules) -> tuple[Layer, ...]:
    """The layers that a profile has, the widest first."""
    return (ALL, *(layer_of(override) for override in profile.overrides))


def layer_of(override: Override) -> Layer:
    """Which projects an override is for."""
    return Layer(override.project_type, override.connection, override.project)


def rules_in(profile: ProfileRules, layer: Layer) -> Rules:
    """What a profile says in a layer; nothing where it has none for it."""
    if layer == ALL:
        return profile.rules
    return next((each.rules for each in profile.overrides if layer_of(each) == layer), Rules())


def with_rules(profile: ProfileRules, layer: Layer, rules: Rules) -> ProfileRules:
    """The profile with other rules in a layer. An override that says nothing is none."""
    if layer == ALL:
        return replace(profile, rules=rules)
    kept = [each for each in profile.overrides if layer_of(each) != layer]
    if rules == Rules():
        return replace(profile, overrides=tuple(kept))
    made = Override(project_type=layer.project_type, connection=layer.connection, project=layer.project, rules=rules)
    at = next((n for n, each in enumerate(profile.overrides) if layer_of(each) == layer), len(kept))
    return replace(profile, overrides=(*kept[:at], made, *kept[at:]))
