"""A title before a name, with its full stop or without, makes a single unknown name a person."""

import pytest
from conflict import CONFLICT, TAGGER

from worker.tag.gazetteer import Kind
from worker.tag.reading import read


@pytest.mark.parametrize("title", ["Mr", "Mr.", "Dr", "Dr.", "Mrs.", "Gen."])
@pytest.mark.parametrize(
    ("sentence", "route"), [("{} Tavarro said so.", "subject-says"), ("“No,” said {} Tavarro.", "inverted")]
)
def test_an_unknown_name_is_known_by_its_title(title: str, sentence: str, route: str) -> None:
    reading = read(sentence.format(title), "", TAGGER.compiled(CONFLICT).gazetteer, None)
    (placed,) = reading.sentences[-1].placed
    assert (placed.mention.name, placed.mention.kind, placed.route) == ("Tavarro", Kind.OUTSIDER, route)


def test_a_name_of_one_word_without_a_title_is_nobody() -> None:
    reading = read("A stop. Tavarro left.", "", TAGGER.compiled(CONFLICT).gazetteer, None)
    assert all(placed.mention.name != "Tavarro" for sentence in reading.sentences for placed in sentence.placed)


@pytest.mark.parametrize("title", ["Mr.", "Mr"])
def test_a_country_in_brackets_gives_a_label_its_party(title: str) -> None:
    reading = read(f"{title} TAVARRO (Norland): We must leave.", "", TAGGER.compiled(CONFLICT).gazetteer, None)
    label = reading.sentences[0].placed[0]
    assert (label.mention.party, label.route) == ("norland", "label")
