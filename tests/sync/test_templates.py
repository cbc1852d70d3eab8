"""Labels as the names of templates: by themselves, and by patterns that people write."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sync.mapping.carried import templates
from sync.mapping.profile import Profile, Said, fold
from sync.mapping.rules import Rules
from tests.sync.builders import item

WORDS = st.text("ab*", max_size=8)


def shown(pattern: str, *labels: str) -> dict[str, str]:
    return templates(item("1", labels=labels), Rules(Profile(said=Said(templates={fold(pattern): "MOM"}))))


@given(WORDS, WORDS)
def test_a_star_stands_for_anything(pattern: str, label: str) -> None:
    fits = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), label) is not None
    assert shown(pattern, label) == ({"MOM": label} if fits else {})


def test_what_a_label_says_of_itself_counts_where_no_pattern_fits() -> None:
    assert shown("Protokoll-*", "protokoll-3", "tmpl:SOW", "other") == {"MOM": "protokoll-3", "SOW": "tmpl:SOW"}


def test_no_pattern_takes_long() -> None:
    assert shown("*a" * 20 + "*b", "a" * 255) == {}
