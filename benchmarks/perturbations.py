"""How one company's name comes to be written in several ways, and how another's comes to look like it.

``misspell`` and its parts keep the company (training pairs that are the same); ``sibling_name`` makes
another one of the same brand (pairs that are different). All choices come from the ``Random`` given, so a
seed decides everything. Names are handled as upper-case words, which is how manifests write them.
"""

import re
import unicodedata
from collections.abc import Callable
from random import Random

FORMS = (
    ("LIMITED", "LTD", "LTD.", "L.T.D."),
    ("COMPANY LIMITED", "CO., LTD.", "CO LTD", "CO.,LTD", "COMPANY LTD"),
    ("INCORPORATED", "INC", "INC.", ", INC."),
    ("CORPORATION", "CORP", "CORP."),
    ("LIMITED LIABILITY COMPANY", "LLC", "L.L.C."),
    ("PRIVATE LIMITED", "PVT LTD", "PVT. LTD.", "(P) LTD"),
    ("PTE LTD", "PTE. LTD.", "PRIVATE LIMITED"),
    ("GESELLSCHAFT MIT BESCHRANKTER HAFTUNG", "GMBH", "G.M.B.H."),
    ("AKTIENGESELLSCHAFT", "AG", "A.G."),
    ("SOCIETE ANONYME", "S.A.", "SA"),
    ("PUBLIC LIMITED COMPANY", "PLC", "P.L.C."),
    ("NAAMLOZE VENNOOTSCHAP", "N.V.", "NV"),
    ("BESLOTEN VENNOOTSCHAP", "B.V.", "BV"),
    ("JOINT STOCK COMPANY", "JSC", "OJSC", "OAO"),
    ("SOCIETA PER AZIONI", "S.P.A.", "SPA"),
)
OTHER_FORMS = ("LLC", "GMBH", "S.A.", "INC", "B.V.", "PTE LTD", "LTD")
SHORTENED = {
    "INTERNATIONAL": ("INTL", "INT'L", "INTERNATL", "INTERNAT"),
    "TECHNOLOGY": ("TECH", "TECHN", "TECHNOL"),
    "TECHNOLOGIES": ("TECH", "TECHS"),
    "ELECTRONICS": ("ELEC", "ELECTR", "ELECTRON"),
    "ELECTRONIC": ("ELEC", "ELECT"),
    "MANUFACTURING": ("MFG", "MANUF"),
    "ENGINEERING": ("ENG", "ENGG", "ENGRG"),
    "INDUSTRIES": ("IND", "INDS"),
    "INDUSTRIAL": ("IND", "INDL"),
    "INVESTMENTS": ("INV", "INVS", "INVESTMENT"),
    "INVESTMENT": ("INV", "INVEST"),
    "DEVELOPMENT": ("DEV", "DEVT", "DEVELOP"),
    "MANAGEMENT": ("MGMT", "MGT"),
    "SERVICES": ("SVCS", "SERV", "SRVCS"),
    "PROPERTIES": ("PROPS", "PROPERTY"),
    "PROPERTY": ("PROP", "PROPERTIES"),
    "HOLDINGS": ("HLDGS", "HOLDING", "HLDG"),
    "ENTERPRISES": ("ENT", "ENTERPRISE"),
    "TRADING": ("TRDG", "TRAD"),
    "COMPANY": ("CO", "CO.", "COMP"),
    "GROUP": ("GRP", "GP"),
    "NATIONAL": ("NATL", "NAT'L"),
    "ASSOCIATES": ("ASSOC", "ASSOCS"),
    "BROTHERS": ("BROS",),
    "SYSTEMS": ("SYS", "SYST"),
    "RESEARCH": ("RES", "RSCH"),
    "INSTITUTE": ("INST",),
    "UNIVERSITY": ("UNIV",),
    "SCIENCE": ("SCI",),
    "EQUIPMENT": ("EQUIP", "EQPT"),
    "MACHINERY": ("MACH",),
    "CENTRE": ("CENTER", "CTR"),
    "CENTER": ("CENTRE", "CTR"),
    "FIRST": ("1ST",),
    "SECOND": ("2ND",),
    "SAINT": ("ST",),
    "AND": ("&",),
    "&": ("AND",),
}
SECTORS = (
    "TRADING", "SHIPPING", "LOGISTICS", "ELECTRONICS", "TEXTILES", "PHARMACEUTICALS", "CHEMICALS", "STEEL",
    "CONSTRUCTION", "REAL ESTATE", "CAPITAL", "FINANCE", "INSURANCE", "FOODS", "MARINE", "AVIATION", "MOTORS",
    "ENERGY", "PETROLEUM", "MINING", "SOFTWARE", "MEDIA", "SECURITIES", "HOTELS", "EXPORT", "IMPORT AND EXPORT",
    "INVESTMENTS", "PROPERTIES", "SYSTEMS", "CONSULTING", "TECHNOLOGY", "INDUSTRIES", "ENGINEERING", "LEASING",
)  # fmt: skip
PLACES = (
    "HONG KONG", "HK", "CHINA", "SHANGHAI", "SHENZHEN", "BEIJING", "SINGAPORE", "MALAYSIA", "INDIA", "DUBAI", "UAE",
    "UK", "LONDON", "EUROPE", "ASIA", "PACIFIC", "USA", "AMERICA", "MEXICO", "BRASIL", "CHILE", "DEUTSCHLAND",
    "FRANCE", "ITALIA", "IBERIA", "NEDERLAND", "POLSKA", "RUSSIA", "TURKEY", "AFRICA", "JAPAN", "KOREA", "VIETNAM",
    "AUSTRALIA", "CANADA", "JERSEY", "GUERNSEY", "BVI", "CYPRUS", "NORTH", "SOUTH", "EAST", "WEST", "CENTRAL",
)  # fmt: skip
STRUCTURE = ("HOLDINGS", "GROUP", "INTERNATIONAL", "GLOBAL", "MANAGEMENT", "PARTNERS", "VENTURES", "ENTERPRISES")
UNITS = (
    "INSTITUTE OF {}", "{} INSTITUTE", "{} BRANCH", "DEPARTMENT OF {}", "{} LABORATORY", "{} PLANT", "{} DIVISION",
    "{} RESEARCH CENTRE", "CENTRE FOR {}", "{} FACTORY", "{}", "{} WORKS",
)  # fmt: skip
NUMERALS = ("1", "2", "3", "4", "5", "7", "9", "10", "12", "21", "II", "III", "IV", "TWO", "THREE", "NO. 1", "NO. 2")
FORM_WORDS = sorted({spelling for form in FORMS for spelling in form}, key=len, reverse=True)
GENERIC = frozenset(w for p in (SECTORS, STRUCTURE) for phrase in p for w in phrase.split()) | {"THE", "OF", "AND"}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def split_form(name: str) -> tuple[str, str]:
    """The name without its last legal form, and that form ('' where none is known)."""
    name = name.rstrip()
    plain = name.rstrip(" .,")
    for form in FORM_WORDS:
        bare = form.strip(" ,.")
        if name.endswith(" " + form):
            return name[: -len(form)].rstrip(" ,"), form
        if plain.endswith(" " + bare):
            return plain[: -len(bare)].rstrip(" ,"), form
    return name, ""


def misspell(name: str, random: Random) -> str:
    """The same company, written otherwise: one to three changes of the kinds that records show."""
    name = " ".join(unicodedata.normalize("NFKC", name).upper().split())
    for _ in range(random.choices((1, 2, 3), (5, 3, 1))[0]):
        change = random.choices(tuple(CHANGES), tuple(CHANGES.values()))[0]
        changed = change(name, random)
        if len(re.sub(r"\W", "", changed)) >= 2:
            name = changed
    return name[:35].rstrip() if len(name) > 35 and random.random() < 0.15 else name


def sibling_name(name: str, random: Random, brands: list[str]) -> tuple[str, str]:
    """Another company, and how it differs: the same brand with another place, sector, structure or numeral,
    a unit of it with a name of its own, or one brand word exchanged for one of ``brands``."""
    body, form = split_form(" ".join(name.upper().split()))
    words = body.split()
    kind = random.choices(("place", "sector", "structure", "numeral", "brand", "unit"), (3, 4, 4, 3, 3, 4))[0]
    if kind == "unit":
        own = " ".join(random.sample(brands, random.choice((1, 1, 2))))
        body += random.choice((" ", ", ", " - ")) + random.choice(UNITS).format(own)
        return f"{body} {form}".strip() if random.random() < 0.5 else body, kind
    if kind == "brand":
        places = [i for i, w in enumerate(words) if w not in GENERIC and len(w) > 2] or [0]
        words[random.choice(places)] = random.choice(brands)
    elif kind == "sector" and (at := [i for i, w in enumerate(words) if w in GENERIC and i > 0]):
        words[random.choice(at)] = random.choice(SECTORS)
    elif kind == "numeral" and (at := [i for i, w in enumerate(words) if w.isdigit()]):
        i = random.choice(at)
        words[i] = str(int(words[i][:9]) + random.choice((1, 2, 3, 10)))
    else:
        added = {"place": PLACES, "sector": SECTORS, "structure": STRUCTURE, "numeral": NUMERALS}[kind]
        extra = random.choice(added)
        words.append(f"({extra})" if kind == "place" and random.random() < 0.5 else extra)
    return " ".join([*words, form]).strip(), kind


def respell_form(name: str, random: Random) -> str:
    """The legal form in another spelling of the same form."""
    body, form = split_form(name)
    for spellings in FORMS:
        if form in spellings:
            return f"{body} {random.choice(spellings)}".replace(" ,", ",")
    return name


def drop_form(name: str, random: Random) -> str:
    """Without its legal form."""
    return split_form(name)[0]


def front_form(name: str, random: Random) -> str:
    """The legal form before the name."""
    body, form = split_form(name)
    return f"{form.strip(', ')} {body}" if form else name


def other_form(name: str, random: Random) -> str:
    """Another legal form: clerks do guess."""
    return f"{split_form(name)[0]} {random.choice(OTHER_FORMS)}"


def typo(name: str, random: Random) -> str:
    """One letter exchanged, dropped, doubled or swapped with its neighbour, in a word of five or more."""
    words = name.split()
    at = [i for i, w in enumerate(words) if len(w) >= 5 and w.isalpha()]
    if not at:
        return name
    i = random.choice(at)
    word = words[i]
    k = random.randrange(1, len(word) - 1)
    words[i] = random.choice(
        (
            word[:k] + random.choice(LETTERS) + word[k + 1 :],
            word[:k] + word[k + 1 :],
            word[:k] + word[k] + word[k:],
            word[:k] + word[k + 1] + word[k] + word[k + 2 :],
            word[:k] + random.choice("AEIOU") + word[k + 1 :] if word[k] in "AEIOU" else word[:k] + word[k + 1 :],
        )
    )
    return " ".join(words)


def shorten(name: str, random: Random) -> str:
    """One word in a usual abbreviation, or a long one cut off."""
    words = name.split()
    at = [i for i, w in enumerate(words) if w in SHORTENED]
    if at:
        i = random.choice(at)
        words[i] = random.choice(SHORTENED[words[i]])
    elif at := [i for i, w in enumerate(words) if len(w) > 8 and w.isalpha() and i > 0]:
        i = random.choice(at)
        words[i] = words[i][: random.randrange(4, 7)]
    return " ".join(words)


def cut_off(name: str, random: Random) -> str:
    """Cut at the 35 characters of a manifest field (or shorter, for long names)."""
    return name[: 35 if random.random() < 0.7 else random.randrange(20, 35)].rstrip() if len(name) > 25 else name


def join_words(name: str, random: Random) -> str:
    """Two neighbouring words written as one."""
    words = name.split()
    if len(words) < 3:
        return name
    i = random.randrange(len(words) - 2)
    return " ".join([*words[:i], words[i] + words[i + 1], *words[i + 2 :]])


def split_word(name: str, random: Random) -> str:
    """One long word written as two."""
    words = name.split()
    at = [i for i, w in enumerate(words) if len(w) >= 7 and w.isalpha()]
    if not at:
        return name
    i = random.choice(at)
    k = random.randrange(3, len(words[i]) - 2)
    words[i] = words[i][:k] + random.choice((" ", "-")) + words[i][k:]
    return " ".join(words)


def reorder(name: str, random: Random) -> str:
    """Two neighbouring words exchanged, the legal form staying where it is."""
    body, form = split_form(name)
    words = body.split()
    if len(words) < 2:
        return name
    i = random.randrange(len(words) - 1)
    words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join([*words, form]).strip()


def drop_generic(name: str, random: Random) -> str:
    """Without one generic word (never one that makes it a holding or a group)."""
    words = name.split()
    at = [i for i, w in enumerate(words) if w in GENERIC and w not in STRUCTURE[:2] and len(words) > 2]
    if at:
        del words[random.choice(at)]
    return " ".join(words)


def drop_last(name: str, random: Random) -> str:
    """Without its last word or two, where three remain at least: what comes first is remembered best."""
    body, form = split_form(name)
    words = body.split()
    if len(words) < 4 or words[-1] in STRUCTURE[:2]:
        return name
    return " ".join([*words[: -random.choice((1, 1, 2)) if len(words) > 4 else -1], form]).strip()


def state_place(name: str, place: str, random: Random) -> str:
    """The place of the company stated with its name, as manifests and lists do; or no longer stated."""
    body, form = split_form(name)
    if place in body:
        without = body.replace(f"({place})", " ").replace(place, " ").split()
        return " ".join([*without, form]).strip()
    return random.choice(
        (
            f"{body} ({place}) {form}",
            f"{body} {place} {form}",
            f"{name}, {place}",
            f"{name} - {place}",
            f"{place} {name}",
        )
    ).strip()


def repunctuate(name: str, random: Random) -> str:
    """Accents, points, hyphens and apostrophes lost, '&' and 'AND' exchanged, a 'THE' put before."""
    kind = random.randrange(4)
    if kind == 0:
        decomposed = unicodedata.normalize("NFKD", name)
        return "".join(c for c in decomposed if not unicodedata.combining(c))
    if kind == 1:
        return " ".join(re.sub(r"[.,'’()\"-]", " ", name).split())
    if kind == 2:
        return name.replace(" & ", " AND ") if " & " in name else name.replace(" AND ", " & ")
    return name[4:] if name.startswith("THE ") else "THE " + name


CHANGES: dict[Callable[[str, Random], str], int] = {
    respell_form: 20,
    drop_form: 14,
    front_form: 2,
    other_form: 2,
    typo: 22,
    shorten: 10,
    cut_off: 7,
    join_words: 4,
    split_word: 4,
    reorder: 4,
    drop_generic: 5,
    drop_last: 4,
    repunctuate: 8,
}
