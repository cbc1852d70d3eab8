"""The document's own sums. Its single lines are held true by the comparisons, which need the recordings."""

from __future__ import annotations

import re

from tests.expected.comparison import DOCUMENT

FIGURES = re.compile(r"^\| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)
CLASS = re.compile(r"^\| ([^|]+) \| [^|]+ \| (\d+) \| [^|]+ \|$", re.MULTILINE)


def test_sums() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    names, *columns = zip(*FIGURES.findall(text), strict=True)
    figures = [[int(value) for value in column] for column in columns]
    rows, values, equal, different, theirs, ours = (f"{sum(column):,}" for column in figures)
    agreeing = sum(set(found[3:]) == {0} for found in zip(*figures, strict=True))
    told = " ".join(text.split())
    assert f"{len(names)} sets, {rows} rows on both sides, {values} values compared, {equal} equal" in told
    assert f"{different} different, all of them explained. {theirs} rows are theirs alone and {ours} are here" in told
    assert f"{agreeing} sets agree in every row and value" in told


def test_classes_explain_every_difference() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    different = {name: sum(map(int, figures[3:])) for name, *figures in FIGURES.findall(text)}
    explained = dict.fromkeys(different, 0)
    for name, count in CLASS.findall(text):
        explained[name] += int(count)
    assert explained == different
