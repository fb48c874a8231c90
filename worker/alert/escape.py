"""Makes a message harmless for the program that shows it: foreign text must not ping people, style or forge."""

import re
from enum import StrEnum

from worker.text import clean, clean_line

_MENTION = re.compile(r"@(?=\w)|<(?=[!@#])")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#|~>])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Markup(StrEnum):
    """What a channel does with the characters of a text."""

    PLAIN = "plain"
    """Shown as it is: mail, console, file, most push services."""
    MARKDOWN = "markdown"
    """Discord, Teams, Mattermost, Rocket.Chat, Gotify, Matrix."""
    SLACK = "slack"
    """Slack's own: three entities, mentions in angle brackets."""


_MARKUPS = {
    "slack": Markup.SLACK,
    "discord": Markup.MARKDOWN,
    "msteams": Markup.MARKDOWN,
    "workflow": Markup.MARKDOWN,
    "mmost": Markup.MARKDOWN,
    "mmosts": Markup.MARKDOWN,
    "rocket": Markup.MARKDOWN,
    "rockets": Markup.MARKDOWN,
}


def markup_of(schema: str) -> Markup:
    """Return the markup of an Apprise address by its schema. What Apprise itself escapes (HTML) counts as plain."""
    return _MARKUPS.get(schema.lower(), Markup.PLAIN)


def escape_title(title: str, markup: Markup) -> str:
    """Return the title on one line, so that it cannot add headers to a mail, and harmless."""
    return _escaped(clean_line(title), markup)


def escape_text(text: str, markup: Markup) -> str:
    """Return the text with its line breaks, harmless."""
    return _escaped(clean(text), markup)


def _escaped(text: str, markup: Markup) -> str:
    if markup is Markup.PLAIN:
        return text
    quiet = _MENTION.sub(lambda found: "＠" if found[0] == "@" else "‹", text)
    return quiet.translate(_ENTITIES) if markup is Markup.SLACK else _MARKDOWN.sub(r"\\\1", quiet)
