"""Makes a labelled set of stories and their copies from news bodies, to measure story matching on.

    python scripts/make_story_set.py PAGES OUT.jsonl [--seed 1]

PAGES as for ``bench_extract.py``. Each body of over 120 words becomes a story of eleven texts: the original and one of
each kind of copy; beside it stand texts that must not join: a follow-up that reuses three tenths of the sentences, and
the same report about other numbers (or other names). The set holds third-party text: keep it out of the repository.

One JSON object a line: ``story`` (the label), ``kind``, ``text``. Lines come in random order; the order is the arrival.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

MIN_WORDS = 120
MIN_SENTENCES = 8
SENTENCE = re.compile(r"(?<=[.!?])\s+")
NUMBER = re.compile(r"\d")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEADER = "The following report was distributed to subscribers of the service this morning."
FOOTER = "This report may be updated. Contact the desk with corrections and tips at the address below."


def main() -> None:
    """Write the set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = list(story_set(options.pages, random.Random(options.seed)))  # noqa: S311 - a sample, no secret
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(rows)} texts of {len({row['story'] for row in rows})} stories in {options.out}")


def story_set(pages: Path, rng: random.Random) -> list[dict[str, str]]:
    """Return the rows in order of arrival."""
    truth = json.loads((pages / "ground-truth.json").read_text("utf-8"))
    bodies = {key: truth[key]["articleBody"] for key in sorted(truth)}
    long_enough = {
        key: text
        for key, text in bodies.items()
        if len(text.split()) >= MIN_WORDS and len(SENTENCE.split(text)) >= MIN_SENTENCES
    }
    rows = [row for key, text in long_enough.items() for row in variants(key, text, rng, list(long_enough.values()))]
    rng.shuffle(rows)
    return rows


def variants(key: str, text: str, rng: random.Random, others: list[str]) -> Iterator[dict[str, str]]:
    """Yield the original, its copies, and the texts that are stories of their own."""
    yield {"story": key, "kind": "original", "text": text}
    for kind, make in COPIES.items():
        yield {"story": key, "kind": kind, "text": make(text, rng)}
    yield {"story": f"{key}/follow-up", "kind": "follow-up", "text": follow_up(text, rng, others)}
    if len(NUMBER.findall(text)) > 20:  # noqa: PLR2004 - fewer numbers make no table of results
        yield {
            "story": f"{key}/numbers",
            "kind": "template",
            "text": NUMBER.sub(lambda _: str(rng.randrange(10)), text),
        }


def follow_up(text: str, rng: random.Random, others: list[str]) -> str:
    """Return three tenths of the sentences with as many words of other matters as make up the rest."""
    sentences = SENTENCE.split(text)
    reused = rng.sample(sentences, len(sentences) * 3 // 10)
    words: list[str] = []
    while len(words) < sum(len(one.split()) for one in reused) * 7 // 3:
        words += changed_words(rng.choice([one for one in others if one != text]), rng, 0.9).split()
    return " ".join([*words[: len(text.split())], *reused])


def changed_words(text: str, rng: random.Random, share: float) -> str:
    """Return the text with a share of its words replaced by invented ones."""
    words = text.split(" ")
    return " ".join(_word(rng) if rng.random() < share else word for word in words)


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randint(3, 9)))


def framed(text: str, _rng: random.Random) -> str:
    """Return the text between another outlet's head and foot."""
    return f"{HEADER}\n\n{text}\n\n{FOOTER}"


def mistyped(text: str, rng: random.Random) -> str:
    """Return the text with a wrong letter in one word of fifty."""
    return " ".join(
        word.replace(rng.choice(word), rng.choice(LETTERS), 1) if word and rng.random() < 0.02 else word  # noqa: PLR2004
        for word in text.split(" ")
    )


def reordered(text: str, rng: random.Random) -> str:
    """Return the sentences, a tenth of them elsewhere."""
    sentences = SENTENCE.split(text)
    for _ in range(max(1, len(sentences) // 10)):
        sentences.insert(rng.randrange(len(sentences)), sentences.pop(rng.randrange(len(sentences))))
    return " ".join(sentences)


def shortened(text: str, rng: random.Random) -> str:
    """Return the text without 10 to 30 per cent of its sentences."""
    share = rng.uniform(0.1, 0.3)
    return " ".join(sentence for sentence in SENTENCE.split(text) if rng.random() > share)


def cut(text: str, rng: random.Random) -> str:
    """Return the beginning of the text, as a wire copy cut to fit: 40 to 65 per cent."""
    sentences = SENTENCE.split(text)
    return " ".join(sentences[: max(1, round(len(sentences) * rng.uniform(0.4, 0.65)))])


def retyped(text: str, _rng: random.Random) -> str:
    """Return the text in other typography."""
    return text.replace('"', "”").replace("'", "’").replace(" - ", " – ").replace("\n", "\n\n")


COPIES: dict[str, Callable[[str, random.Random], str]] = {
    "exact": lambda text, _: text,
    "typography": retyped,
    "head and foot": framed,
    "typos 2 %": mistyped,
    "reordered": reordered,
    "words 5 %": lambda text, rng: changed_words(text, rng, 0.05),
    "words 10 %": lambda text, rng: changed_words(text, rng, 0.10),
    "shortened": shortened,
    "mixed": lambda text, rng: changed_words(shortened(framed(text, rng), rng), rng, 0.05),
    "cut": cut,
    "words 25 %": lambda text, rng: changed_words(text, rng, 0.25),
}


if __name__ == "__main__":
    main()
