"""Plainly invented names. Nobody is called like this, and no company either."""

from __future__ import annotations

from random import Random

COMPANY = "Lantern and Loom"
DOMAIN = "lanternloom.example"

_GIVEN = (
    "Marvo", "Teluna", "Quillan", "Bramia", "Ostrel", "Finnoa", "Zembry", "Ludovar", "Carmelu", "Ivorn", "Pellamy",
    "Sundrel", "Wistan", "Oriella", "Thadeo", "Briselda", "Corvin", "Melusa", "Tibalt", "Anwela", "Jorvik", "Sennia",
    "Dalmar", "Ruvena", "Ephron", "Mirabo", "Kestra", "Valdur", "Nimoe", "Hestor", "Olwinn", "Perrika", "Gundalf",
    "Sabrielo", "Emmerin", "Yorick", "Talvika", "Brodan", "Lumena", "Astor", "Fennimo", "Greselda", "Halvor",
    "Idunne", "Jaspera", "Kolmar", "Lysander", "Morwen", "Nestorio", "Odalys", "Prospero", "Querida", "Rosamar",
    "Silvano", "Tomasine", "Ulmara", "Verrick", "Wendolo", "Xandria", "Zephira",
)  # fmt: skip
_FAMILY = (
    "Fernwhistle", "Oakbottle", "Brindlewick", "Thistlemoor", "Copperkettle", "Marshlantern", "Pebbleworth",
    "Quillfeather", "Ravenbrook", "Saltmarrow", "Tumbleford", "Underbough", "Velvetine", "Wickerstone", "Yarrowdale",
    "Zinnwald", "Applegarth", "Birchhollow", "Candlewood", "Dewpond", "Emberley", "Foxglove", "Gooseberry",
    "Hazelnutter", "Inkwell", "Juniperson", "Kettledrum", "Larkspur", "Mossbank", "Nettlecombe", "Otterburn",
    "Plumtree", "Quicksilver", "Rosehipper", "Starling", "Teasdalen", "Umberfield", "Vinegrove", "Whortle",
    "Yewbarrow", "Ashpenny", "Bellwether", "Cobblepot", "Dragonfly", "Elderflower", "Fiddlehead", "Glimmerglen",
    "Honeycomb", "Icelander", "Jackdaw", "Kingcup", "Lavendel", "Millpond", "Nightjar", "Oystercatch", "Primrose",
    "Quaverly", "Riddlesworth", "Snowdropp", "Thimbleton",
)  # fmt: skip
_ACCENTED = (
    "Žofka Křemílková", "Ødvar Blåbærsen", "José Águaclara", "Zoë Brämbelkö", "Łucjan Mgiełka", "Şirin Yildizçiçek",
    "François Châtaignel", "Íñigo Montañuelo", "Jürgen Sägespänle", "Nótt Þokudóttir",
)  # fmt: skip
_PLAIN = str.maketrans("ŽžřøØåæéÁáëäöŁłŞşçâÍñüóÞíűÖÜ", "ZzroOaaeAaeaoLlSscaInuoTiuOU")


def plain(name: str) -> str:
    """The name in ASCII letters, as a hurried colleague would type it."""
    return name.translate(_PLAIN)


def people_names(rng: Random, count: int) -> list[str]:
    """`count` different names, a few of them with letters outside ASCII."""
    pairs = [f"{given} {family}" for given in _GIVEN for family in _FAMILY]
    return [*_ACCENTED, *rng.sample(pairs, count - len(_ACCENTED))]


def email_of(name: str) -> str:
    return plain(name).lower().replace(" ", ".") + "@" + DOMAIN


_VERBS = (
    "Prepare", "Review", "Rework", "Automate", "Draft", "Migrate", "Tune", "Describe", "Measure", "Retire", "Wire",
    "Test", "Harden", "Simplify", "Split", "Translate", "Agree", "Publish", "Rehearse", "Tidy",
)  # fmt: skip
_THINGS = (
    "intake form", "price table", "stock ledger", "welcome letter", "sign-in page", "delivery slip",
    "partner contract", "audit trail", "address book", "return label", "shift roster", "cash forecast", "search box",
    "data feed", "nightly export", "handover list", "permission sheet", "training deck", "label printer",
    "route planner", "invoice layout", "consent banner", "product photo set", "supplier scorecard",
)  # fmt: skip
_PLACES = (
    "for the Osterby depot", "for new members", "in the pilot region", "for the second wave", "after the trial run",
    "for the evening shift", "before the freeze", "with the Kobold team", "for mobile", "on the old platform",
    "for quarter end", "with real numbers", "for the call desk", "without manual steps",
)  # fmt: skip
_FAULTS = (
    "shows yesterday's total", "loses the last row", "times out under load", "prints two copies",
    "forgets the filter", "rounds the wrong way", "ignores the time zone", "cannot be reopened",
    "mixes up two customers", "hangs after sign-in",
)  # fmt: skip
_RISKS = (
    "Key supplier may miss the date", "Only one person knows the ledger", "Licence terms still unclear",
    "Test hall is shared with another team", "Data quality worse than assumed", "Sponsor may change in spring",
    "Rule change expected in the south", "Pilot site has no spare hours",
)  # fmt: skip
_EPICS = (
    "Foundations", "Pilot", "Roll-out", "Reporting", "Migration", "Self-service", "Controls", "Integration",
    "Training", "Clean-up", "Onboarding", "Archive", "Notifications", "Pricing", "Permissions", "Search",
)  # fmt: skip
_FOREIGN = ("Prüfung der Übergabeliste für Größe L", "Revisão da tabela de preços em São Genuíno", "在庫台帳を確認する",
            "Переслать список смены", "تحديث قائمة التسليم", "Größenänderung: Maße 📐 anpassen")  # fmt: skip
HOSTILE = (
    "<script>alert('made-up title')</script> check escaping of titles",
    "=1+1 made-up formula title",
    "Made-up title with \u202edesrever\u202c direction marks",
    "'; DROP TABLE made_up; -- title",
    "  padded   title  ",
)


def title(rng: Random, kind: str) -> str:
    """A title for an item of this kind; one in sixty is not in English."""
    if kind == "bug":
        return f"{rng.choice(_THINGS).capitalize()} {rng.choice(_FAULTS)}"
    if kind == "risk":
        return rng.choice(_RISKS)
    if kind == "epic":
        return f"{rng.choice(_EPICS)}: {rng.choice(_THINGS)}"
    if kind == "approval":
        return f"Approve {rng.choice(_THINGS)} {rng.choice(_PLACES)}"
    if rng.random() < 1 / 60:
        return rng.choice(_FOREIGN)
    return f"{rng.choice(_VERBS)} {rng.choice(_THINGS)} {rng.choice(_PLACES)}"


def sentence(rng: Random) -> str:
    """A sentence of small talk for comments and descriptions."""
    return f"The {rng.choice(_THINGS)} {rng.choice(_FAULTS)}; we {rng.choice(_VERBS).lower()} it {rng.choice(_PLACES)}."
