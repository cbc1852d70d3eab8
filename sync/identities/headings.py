"""Which column of a file holds what: by the names people and directories give columns, in several languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_CALLED = {
    "number": "number | person number | sightline number | nummer | numéro | número | номер",
    "name": (
        "name | full name | display name | displayname | employee | employee name | person | cn | "
        "vollständiger name | anzeigename | mitarbeiter | nom | nom complet | nom et prénom | nombre | nombre "
        "completo | nome | nome completo | naam | имя | фио | 姓名 | 名前"
    ),
    "given": "first name | given name | givenname | vorname | prénom | nombre de pila | voornaam | primeiro nome",
    "family": (
        "last name | surname | family name | sn | nachname | familienname | nom de famille | apellido | "
        "apellidos | cognome | sobrenome | achternaam | фамилия"
    ),
    "email": (
        "email | e mail | mail | email address | e mail address | user principal name | userprincipalname | "
        "upn | e mail adresse | courriel | adresse e mail | correo | correo electrónico | posta elettronica | "
        "почта | электронная почта | 邮箱 | メール"
    ),
    "handle": (
        "handle | login | user name | username | samaccountname | uid | benutzername | identifiant | usuario | логин"
    ),
    "role": (
        "role | job title | title | position | rolle | funktion | stellenbezeichnung | fonction | poste | "
        "cargo | puesto | ruolo | должность | 职位"
    ),
    "segment": (
        "segment | department | business unit | division | abteilung | bereich | service | département | "
        "departamento | reparto | afdeling | отдел | 部门"
    ),
    "seniority": "seniority | level | grade | stufe | karrierestufe | niveau | nivel | livello | уровень",
    "location": (
        "location | office | site | city | standort | ort | stadt | lieu | ville | ubicación | ciudad | sede "
        "| locatie | город | 地点"
    ),
    "fte": (
        "fte | full time equivalent | percent | employment | vzä | beschäftigungsgrad | pensum | etp | ejc | ставка"
    ),
    "calendar": "calendar | work calendar | kalender | calendrier | calendario | calendário | календарь",
    "hours": "hours | hours of a week | weekly hours | wochenstunden | heures | horas | ore",
    "manager": (
        "manager | line manager | supervisor | reports to | vorgesetzter | vorgesetzte | führungskraft | "
        "responsable | chef | jefe | superior | gestore | leidinggevende | руководитель | 上级"
    ),
    "active": (
        "active | enabled | account enabled | accountenabled | aktiv | actif | activo | attivo | actief | активен"
    ),
    "teams": "team | teams | squad | équipe | équipes | equipo | equipos | gruppo | команда | 团队",
}
COLUMNS = {column: tuple(names.split(" | ")) for column, names in _CALLED.items()}
"""What a column may be called, by what it holds."""


def _folded(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading.casefold())
    kept = "".join(each if each.isalnum() else " " for each in plain if not unicodedata.combining(each))
    return " ".join(kept.split())


_BY_NAME = {_folded(name): column for column, names in COLUMNS.items() for name in names}


def choose(headings: Sequence[str]) -> dict[str, int]:
    """Where each thing stands: the first column that is called like it. What is called like nothing is left out."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        column = _BY_NAME.get(_folded(heading))
        if column is not None:
            found.setdefault(column, place)
    return found
