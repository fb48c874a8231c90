"""Whose text it really is: agency credits in the text, ``<source>`` of an aggregator's feed."""

import re

AGENCIES = {
    "reuters": "Reuters",
    "ap": "Associated Press",
    "associated press": "Associated Press",
    "afp": "AFP",
    "agence france-presse": "AFP",
    "dpa": "dpa",
    "efe": "EFE",
    "ansa": "ANSA",
    "tass": "TASS",
    "interfax": "Interfax",
    "ria novosti": "RIA Novosti",
    "ukrinform": "Ukrinform",
    "unian": "UNIAN",
    "interfax-ukraine": "Interfax-Ukraine",
    "xinhua": "Xinhua",
    "anadolu": "Anadolu",
    "aa": "Anadolu",
    "bloomberg": "Bloomberg",
    "upi": "UPI",
    "pti": "PTI",
    "ani": "ANI",
    "yonhap": "Yonhap",
    "kyodo": "Kyodo",
    "apa": "APA",
    "armenpress": "Armenpress",
    "irna": "IRNA",
    "tanjug": "Tanjug",
}
_NAMES = "|".join(sorted((re.escape(name) for name in AGENCIES), key=len, reverse=True))
_HEAD = re.compile(rf"^[^.\n]{{0,80}}?\(({_NAMES})\)\s*[-–—]?\s|^[^.\n]{{0,60}}?\b({_NAMES})\s*[-–—]\s", re.IGNORECASE)
_TAIL = re.compile(rf"(?:^|[\n(—–-])\s*(?:source:\s*|with\s|\(c\)\s)?({_NAMES})\)?\.?\s*$", re.IGNORECASE)
_BYLINE = re.compile(rf"^(?:by\s)?({_NAMES})$", re.IGNORECASE)


def credited_origin(text: str, authors: tuple[str, ...], source_name: str | None, publisher: str) -> str | None:
    """Return the outlet that wrote the text, if it says so and is another than the publisher."""
    found = (
        source_name or _agency(text) or next((name for one in authors if (name := _named(_BYLINE.match(one)))), None)
    )
    return found if found and found.casefold() != publisher.casefold() else None


def _agency(text: str) -> str | None:
    return _named(_HEAD.match(text[:300])) or _named(_TAIL.search(text[-80:]))


def _named(match: re.Match[str] | None) -> str | None:
    return next((AGENCIES[group.lower()] for group in match.groups() if group), None) if match else None
