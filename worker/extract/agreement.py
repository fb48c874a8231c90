"""How far two ways of reading a page agree: a cheap sign of a badly cut article. Pure."""

from lxml.html import HtmlElement

MIN_PARAGRAPH_CHARS = 40


def plain_reading(tree: HtmlElement) -> list[str]:
    """Return the longer paragraphs of the element that holds most of them: an article, on most news pages."""
    of_parent: dict[HtmlElement, list[str]] = {}
    for paragraph in tree.iter("p"):
        line = " ".join(paragraph.text_content().split())
        parent = paragraph.getparent()
        if len(line) >= MIN_PARAGRAPH_CHARS and parent is not None:
            of_parent.setdefault(parent, []).append(line)
    return max(of_parent.values(), key=lambda lines: sum(map(len, lines)), default=[])


def agreement(text: str, lines: list[str]) -> float | None:
    """Return twice the characters that both readings have over those of each: 1 is the same, None nothing to compare.

    That is the F1 of either reading against the other.
    """
    if not text or not lines:
        return None
    shared = sum(len(line) for line in lines if line in text)
    return round(2 * shared / (len(text) + sum(map(len, lines))), 3)
