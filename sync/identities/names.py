"""Names as they can be compared: parts in any order, without accents, in Latin letters whatever script they came in.

Romanising goes sign by sign: it knows no language. Cyrillic and Greek come out near what people write themselves;
Chinese does where the first sign is the family name; Japanese signs are read as Chinese, which is wrong. What is
compared is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

_WORD = re.compile(r"[a-z]+")
_ASIDE = re.compile(r"[(\[{].*?[)\]}]")
_HAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")
# Different people write one sound differently.
_SOUNDS = (
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("x", "ks"), ("kh", "h"), ("ph", "f"), ("th", "t"), ("ch", "k"), ("ck", "k"),
    ("c", "k"), ("w", "v"), ("j", "i"), ("y", "i"), ("z", "s"), ("ou", "u"),
)  # fmt: skip
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "ing", "jr", "sr", "ext", "external"})
LIKE = 0.92
LIKE_ACROSS = 0.88


class Name(NamedTuple):
    """A name to compare. `parts` are sorted words in Latin letters, `sounds` the same as they sound, `foreign` whether
    they were in another script, `plain` the name as it stands but for case and blanks."""

    plain: str
    parts: tuple[str, ...]
    sounds: tuple[str, ...]
    foreign: bool


class Likeness(NamedTuple):
    """How alike two names are, from 0 to 1, and why in words."""

    score: float
    why: str


def read_name(text: str) -> Name:
    """The name; without parts where nothing in it can be compared."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    bare = _ASIDE.sub(" ", unicodedata.normalize("NFKC", text))
    foreign = any(each.isalpha() and not unicodedata.name(each, "").startswith("LATIN") for each in bare)
    words = []
    for word in re.split(r"[\s,._;/\-]+", bare):
        if _HAN.search(word) and len(word) > 1:
            words += [anyascii(word[0]), "".join(anyascii(each) for each in word[1:])]
        else:
            words.append(anyascii(word))
    parts = [found for word in words if (found := "".join(_WORD.findall(word.lower()))) and found not in _TITLES]
    return Name(plain, tuple(sorted(parts)), tuple(sorted(map(_sound, parts))), foreign)


def _sound(part: str) -> str:
    for written, heard in _SOUNDS:
        part = part.replace(written, heard)
    return re.sub(r"(.)\1+", r"\1", part)


def likeness(one: Name, other: Name) -> Likeness | None:
    """How alike they are; None where nothing speaks for one human."""
    if not one.parts or not other.parts:
        return None
    single = len(one.parts) == 1 or len(other.parts) == 1
    if one.plain == other.plain:
        return Likeness(0.5 if single else 0.9, "the same name")
    if single:
        return Likeness(0.45, "the same single name, otherwise spelled") if one.sounds == other.sounds else None
    across = one.foreign != other.foreign
    if one.parts == other.parts:
        why = "the same name in another script" if across else "the same name, its parts in another order or spelling"
        return Likeness(0.85 if across else 0.88, why)
    if one.sounds == other.sounds:
        why = "the same name in another script" if across else "names that sound the same"
        return Likeness(0.8 if across else 0.75, why)
    return _nearly(one, other, across)


def _nearly(one: Name, other: Name, across: bool) -> Likeness | None:
    few, many = sorted((one.sounds, other.sounds), key=len)
    if set(few) < set(many):
        return Likeness(0.7, "one name has a further part")
    if _abbreviates(few, many):
        return Likeness(0.6, "a part is abbreviated to its first letter")
    if len(few) == len(many):
        alike = _pairwise(few, many)
        if alike >= (LIKE_ACROSS if across else LIKE):
            return Likeness(0.65, "nearly the same name" + (" in another script" if across else ""))
    elif across and _pairwise(few, many) >= LIKE:
        return Likeness(0.6, "nearly the same name in another script, with a further part")
    return None


def _abbreviates(few: tuple[str, ...], many: tuple[str, ...]) -> bool:
    """Whether letters of one stand for words of the other, and a whole word is in both."""
    mine, theirs = list(few), list(many)
    for part in few:
        if len(part) > 1 and part in theirs:
            mine.remove(part)
            theirs.remove(part)
    if len(mine) == len(few) or not mine:
        return False
    for part in mine:
        fits = next((each for each in theirs if each[0] == part[0] and 1 in (len(each), len(part))), None)
        if fits is None:
            return False
        theirs.remove(fits)
    return True


def _pairwise(few: tuple[str, ...], many: tuple[str, ...]) -> float:
    """The least likeness of a part to the one most like it."""
    left, least = list(many), 1.0
    for part in few:
        best = max(left, key=lambda each: JaroWinkler.similarity(part, each))
        if len(part) < 3 and part != best:
            return 0.0
        least = min(least, JaroWinkler.similarity(part, best))
        left.remove(best)
    return least


def handle_likeness(handle: str, name: Name) -> Likeness | None:
    """Whether a short name was made of a name: mia.example, mexample, example-m, miae."""
    words = _WORD.findall(anyascii(handle).lower())
    if len(name.parts) < 2 or not words:
        return None
    if len(words) > 1 and tuple(sorted(map(_sound, words))) == name.sounds:
        return Likeness(0.65, "a short name that is the other's name")
    whole = "".join(words)
    made = {
        form for one in name.parts for other in name.parts if one != other for form in (one[0] + other, one + other)
    }
    made |= {one + other[0] for one in name.parts for other in name.parts if one != other}
    if len(whole) > 3 and whole in made:
        return Likeness(0.55, "a short name made of the other's name")
    return None
