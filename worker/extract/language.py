"""The language of a text: by its words, the page's tag only where they say little."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

SURE_CHARS = 200
"""Below this the words are few and a tag is the better witness."""
_SAMPLE_CHARS = 1_500
_TAG = re.compile(r"^([a-zA-Z]{2,3})(?:[-_].*)?$")
# Languages of news that the topics' press is written in; a closed list keeps short texts from odd guesses.
_LANGUAGES = (
    "ar az be bg bs ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv mk nl no pl pt ro ru sk "
    "sl sq sr sv th tr uk ur vi zh"
)


def language_of(text: str, tag: str | None = None) -> str:
    """Return the ISO 639-1 code of the text's language; ``und`` for text without letters and without a tag."""
    tagged = language_of_tag(tag)
    if not any(char.isalpha() for char in text):
        return tagged or "und"
    if len(text) < SURE_CHARS and tagged:
        return tagged
    found, _ = _model().classify(text[:_SAMPLE_CHARS])
    return str(found)


def language_of_tag(tag: str | None) -> str | None:
    """Return the language of a tag such as ``en-GB``, or None."""
    match = _TAG.match(tag.strip()) if tag else None
    return match[1].lower() if match else None


@cache
def _model() -> LanguageIdentifier:
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    model.set_languages(_LANGUAGES.split())
    return model
