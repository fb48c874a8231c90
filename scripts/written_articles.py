"""Articles of our own on invented conflicts, labelled in their text: what the tagger learns beside the gold.

    python scripts/written_articles.py FILE …      check files and print what they hold

A file of ``examples/articles/`` holds many articles. One article::

    === broadsheet | 2024-03-02
    Title of the article
    ---
    The envoy, Ilan Dorv, said {{1|his side would not return to the table until the blockade was lifted}}.

    @1 norland | Ilan Dorv | reject | peace-talks | kareth | if sanctions-relief | reported
    @1 norland | Ilan Dorv | demand | sanctions-relief | kareth | - | reported

``{{n|…}}`` marks the evidence of the statements ``@n``: party, speaker (``-`` for none), act, issue, target (``-``),
condition (``-``, ``if`` or ``if ISSUE``) and attribution, as in a gold file.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "examples" / "articles"
TOPICS = Path(__file__).parent.parent / "config" / "topics"
ACTS = ("demand", "reject", "offer", "accept", "threaten", "accuse", "pledge")
ATTRIBUTIONS = ("direct", "reported", "narrated")
_FIELDS = 7
_HEADER = re.compile(r"^=== ?", re.MULTILINE)
_MARK = re.compile(r"\{\{(\d+)\|(.*?)\}\}", re.DOTALL)
_STATEMENT = re.compile(r"^@(\d+) (.*)$")


def topic_data(name: str) -> dict[str, Any]:
    """Return the topic of the written articles ``name``: its own parties, the issues of the topic it names."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    source = data.pop("issues_of", None)
    if source:
        real = yaml.safe_load((TOPICS / f"{source}.yml").read_text(encoding="utf-8"))
        words = data.pop("words", {})
        data["issues"] = [_renamed(issue, words) for issue in real["issues"]]
    return data


def _renamed(issue: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return an issue of a real topic with the names in its patterns turned into the invented ones."""

    def rename(pattern: str) -> str:
        return " ".join(words.get(word, word) for word in pattern.split())

    patterns = {rename(p): weight for p, weight in issue.get("patterns", {}).items()}
    return {**issue, "patterns": patterns, "blockers": [rename(p) for p in issue.get("blockers", ())]}


def world_of(path: Path) -> str:
    """Return the name of the world that a file of articles is about: ``kareth-3.txt`` is about ``kareth``."""
    return re.sub(r"-\d+$", "", path.stem)


def read_articles(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the articles of a file in the form of a gold line; a malformed one raises ``ValueError``."""
    chunks = _HEADER.split(path.read_text(encoding="utf-8"))[1:]
    for number, chunk in enumerate(chunks):
        try:
            yield _article(chunk, f"{path.stem}-{number:03d}", world_of(path))
        except ValueError as why:
            raise ValueError(f"{path.name}: article {number + 1}: {why}") from why


def _article(chunk: str, name: str, topic: str) -> dict[str, Any]:
    head, _, body = chunk.partition("\n---\n")
    first, _, title = head.partition("\n")
    style, _, published = (part.strip() for part in first.partition("|"))
    lines = body.strip().split("\n")
    rows = [line for line in lines if _STATEMENT.match(line)]
    marked = "\n".join(line for line in lines if not _STATEMENT.match(line)).strip()
    evidence = dict(_MARK.findall(marked))
    text = _MARK.sub(lambda found: found[2], marked)
    if "{{" in text or "}}" in text:
        raise ValueError("a mark is not closed, or marks are nested")
    if not published or not text:
        raise ValueError("a date or the text is missing")
    statements = [_statement(row, evidence) for row in rows]
    unused = evidence.keys() - {_STATEMENT.match(row)[1] for row in rows}  # type: ignore[index]
    if unused:
        raise ValueError(f"marks without a statement: {sorted(unused)}")
    return {"id": name, "topic": topic, "style": style, "published": published, "title": title.strip(), "text": text,
            "statements": statements}  # fmt: skip


def _statement(row: str, evidence: dict[str, str]) -> dict[str, Any]:
    found = _STATEMENT.match(row)
    number, rest = found[1], found[2]  # type: ignore[index]
    fields = [None if f.strip() == "-" else f.strip() for f in rest.split("|")]
    if len(fields) != _FIELDS:
        raise ValueError(f"seven fields are needed: {row}")
    party, speaker, act, issue, target, condition, attribution = fields
    if number not in evidence:
        raise ValueError(f"no mark {number}: {row}")
    if act not in ACTS or attribution not in ATTRIBUTIONS or (condition or "if").split()[0] != "if":
        raise ValueError(f"unknown act, attribution or condition: {row}")
    return {
        "party": party, "speaker": speaker, "act": act, "issue": issue, "target": target,
        "conditional": condition is not None, "condition_issue": (condition or "")[3:].strip() or None,
        "attribution": attribution, "evidence": evidence[number],
    }  # fmt: skip


def check(path: Path) -> list[str]:
    """Return what is wrong with the articles of a file: unknown parties and issues, doubled statements."""
    topic = topic_data(world_of(path))
    parties = {p["id"] for p in topic["parties"]}
    issues = {i["id"] for i in topic["issues"]} | {"other"}
    wrong: list[str] = []
    for article in read_articles(path):
        for s in article["statements"]:
            named = {s["party"], s["target"]} - {None} - parties
            unknown = named | ({s["issue"], s["condition_issue"]} - {None} - issues)
            wrong += [f"{article['id']}: unknown {sorted(unknown)}"] if unknown else []
        seen = Counter((s["party"], s["act"], s["issue"], s["target"], s["speaker"], s["conditional"])
                       for s in article["statements"])  # fmt: skip
        wrong += [f"{article['id']}: twice {key}" for key, n in seen.items() if n > 1]
    return wrong


def main() -> int:
    """Check the files named on the command line, all when none is."""
    paths = [Path(a) for a in sys.argv[1:]] or sorted(FOLDER.glob("*.txt"))
    faults = 0
    for path in paths:
        articles = list(read_articles(path))
        wrong = check(path)
        faults += len(wrong)
        acts = Counter(s["act"] for a in articles for s in a["statements"])
        empty = sum(not a["statements"] for a in articles)
        print(f"{path.name}: {len(articles)} articles ({empty} empty), {sum(acts.values())} statements {dict(acts)}")
        print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
