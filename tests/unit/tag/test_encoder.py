"""What the encoder says of an article, what of it the tagger uses, and when it is left alone."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from conflict import CONFLICT, PUBLISHED, TAGGER

from worker.ports import TaggerInput
from worker.tag import encoder
from worker.tag.candidates import Analysis, Draft, drafts_of
from worker.tag.encoder import Encoder, Floats, issue_text
from worker.tag.judge import ACTS, ENCODER_ACT, NONE, Encoded, Index, load_models, sigmoid
from worker.tag.rules import RuleTagger
from worker.tag.windows import PLAIN, windows_of
from worker.topic import Issue, Topic

ARTICLE = (
    "Ostania on Monday demanded that Veldoria withdraw its troops from Karst Valley. "
    "“We will never give up a single village,” Brandt told reporters in Veldor. He said talks were of no use. "
    "An analyst doubted that there would be a truce.\n\n"
    "Dorsh and Vell met in Norland. Norland urged both sides to release all captives."
)
OTHER_ARTICLE = "Veldoria offered a ceasefire. Ostania, whose troops hold the valley, has not answered."
MARKET = "The market in the old town opens at six. The baker there sells bread and cakes until noon."
ENCODER_FEATURES = {"encoder_act", "encoder_none", "encoder_lead", "rules_act", "rules_none", "rules_issue"}
REAL = Encoder()


class RandomNetwork:
    """Gives each piece a vector of its own, the same every time, and counts what it is asked."""

    def __init__(self, seed: int = 7) -> None:
        self._table = np.random.default_rng(seed).normal(size=(499, 384)).astype(np.float32)
        self.articles = 0
        self.issues = 0

    def vectors(self, ids: Sequence[int], kinds: Sequence[int]) -> Floats:
        if set(kinds) == {PLAIN}:
            self.issues += 1
        else:
            self.articles += 1
        return self._table[np.array(ids) % 499]


def _analysis(text: str, topic: Topic = CONFLICT) -> Analysis:
    return TAGGER.analysis(TaggerInput(text=text, published=PUBLISHED), topic)


def _read(text: str, reader: Encoder = REAL, topic: Topic = CONFLICT) -> dict[Index, Encoded]:
    analysis = _analysis(text, topic)
    return reader.read(analysis, drafts_of(analysis, TAGGER.models))


def _tagger(reader: Encoder) -> RuleTagger:
    tagger = RuleTagger()
    vars(tagger)["_encoder"] = reader
    return tagger


# What it says


def test_every_holder_of_every_drafted_segment_has_a_probability_and_acts() -> None:
    analysis = _analysis(ARTICLE)
    drafts = drafts_of(analysis, TAGGER.models)
    found = REAL.read(analysis, drafts)
    assert list(found) == list(drafts)
    for index, draft in drafts.items():
        assert len(found[index].holders) == len(found[index].acts) == len(draft.holders)
        assert all(0 < p < 1 for p in found[index].holders)


def test_what_is_said_of_a_segment_does_not_hang_on_which_others_are_read_with_it() -> None:
    analysis = _analysis(ARTICLE)
    drafts = drafts_of(analysis, TAGGER.models)
    together = REAL.read(analysis, drafts)
    assert len(drafts) > 5
    for index, draft in drafts.items():
        alone = REAL.read(analysis, {index: draft})[index]
        assert alone.holders == pytest.approx(together[index].holders, abs=1e-5)
        assert alone.issues == pytest.approx(together[index].issues, abs=1e-5)
        for mine, theirs in zip(alone.acts, together[index].acts, strict=True):
            assert mine == pytest.approx(theirs, abs=1e-5)


def test_acts_and_issues_are_distributions() -> None:
    for encoded in _read(ARTICLE).values():
        for acts in encoded.acts:
            assert set(acts) == {NONE, *ACTS}
            assert sum(acts.values()) == pytest.approx(1, abs=1e-5)
        assert list(encoded.issues) == [issue.id for issue in CONFLICT.issues]
        assert sum(encoded.issues.values()) == pytest.approx(1, abs=1e-5)


def test_it_says_plain_numbers_that_json_can_hold() -> None:
    for encoded in _read(ARTICLE).values():
        numbers = [*encoded.holders, *(p for acts in encoded.acts for p in acts.values()), *encoded.issues.values()]
        assert {type(number) for number in numbers} == {float}


@pytest.mark.parametrize(
    ("text", "act", "issue"),
    [
        ("Ostania on Monday demanded that Veldoria withdraw its troops from Karst Valley.", "demand", "withdrawal"),
        ("Ostania has flatly rejected any talks with Veldoria.", "reject", "talks"),
        ("Ostania said it was ready for a ceasefire with Veldoria.", "offer", "ceasefire"),
    ],
)
def test_plain_sentences_are_understood(text: str, act: str, issue: str) -> None:
    (encoded,) = _read(text).values()
    acts = encoded.acts[int(np.argmax(encoded.holders))]
    assert (max(acts, key=acts.__getitem__), max(encoded.issues, key=encoded.issues.__getitem__)) == (act, issue)


def test_the_same_article_gives_the_same_numbers_whatever_was_read_in_between() -> None:
    reader = Encoder()
    first = _read(ARTICLE, reader)
    _read(OTHER_ARTICLE, reader)
    _read(OTHER_ARTICLE, reader, replace(CONFLICT, issues=CONFLICT.issues[::-1]))
    assert _read(ARTICLE, reader) == first == _read(ARTICLE, Encoder())


def test_small_talk_is_no_act() -> None:
    (encoded,) = _read("Ostania and Veldoria have had a cold and rainy spring.").values()
    assert all(max(acts, key=acts.__getitem__) == NONE for acts in encoded.acts)


def test_an_issue_of_which_no_pattern_is_near_can_be_the_likeliest() -> None:
    text = "Ostania demanded that Veldoria let the detained soldiers go home."
    (draft,) = drafts_of(_analysis(text), TAGGER.models).values()
    (encoded,) = _read(text).values()
    assert list(draft.issue_scores) == ["other"]
    assert max(encoded.issues, key=encoded.issues.__getitem__) == "captives"


# Holders and segments out of sight


def _far_leader() -> tuple[Analysis, dict[Index, Draft], Index, int]:
    """Return an article, its drafts, a segment and which of its holders stands in no window with it."""
    text = "Ostania was there. " + "A long day of rain began in the quiet hills. " * 40 + "A truce must come at once."
    analysis = _analysis(text)
    drafts = drafts_of(analysis, TAGGER.models)
    index = max(drafts)
    place = next(n for n, holder in enumerate(drafts[index].holders) if holder.party == "ostania")
    return analysis, drafts, index, place


def test_a_holder_outside_of_the_window_is_judged_by_the_rules_alone() -> None:
    analysis, drafts, index, place = _far_leader()
    probabilities = {Encoder(RandomNetwork(seed)).read(analysis, drafts)[index].holders[place] for seed in (1, 2)}  # type: ignore[arg-type]
    out_of_sight, rules = REAL._heads.scales[3], REAL._heads.scales[2]
    expected = sigmoid(float(out_of_sight + rules * drafts[index].holder_scores[place]))
    assert len(probabilities) == 1
    assert probabilities.pop() == pytest.approx(expected, rel=1e-4)


def test_a_holder_inside_of_the_window_is_judged_by_its_words() -> None:
    analysis = _analysis(ARTICLE)
    drafts = drafts_of(analysis, TAGGER.models)
    first, second = (Encoder(RandomNetwork(seed)).read(analysis, drafts)[0, 0].holders[0] for seed in (1, 2))  # type: ignore[arg-type]
    assert first != pytest.approx(second, rel=1e-4)


def test_a_segment_in_the_cut_end_of_a_sentence_is_read_as_its_window() -> None:
    text = f"Ostania said Veldoria, {'one, ' * 180}must stop the shelling, and Brandt rejected talks."
    analysis = _analysis(text)
    (window,) = windows_of(analysis)
    assert window.ends[-2] < text.index("must")
    assert max(index[1] for index in _read(text)) > 0


@pytest.mark.parametrize("score", [-50.0, 50.0])
def test_the_surest_rules_still_give_a_probability(score: float) -> None:
    analysis = _analysis(ARTICLE)
    drafts = {
        index: replace(draft, holder_scores=[score] * len(draft.holders))
        for index, draft in drafts_of(analysis, TAGGER.models).items()
    }
    for encoded in REAL.read(analysis, drafts).values():
        assert all(0 <= p <= 1 for p in encoded.holders)


def test_more_windows_than_the_most_leave_later_segments_to_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "MOST_WINDOWS", 2)
    network = RandomNetwork()
    text = f"{ARTICLE} " * 12
    found = _read(text, Encoder(network))  # type: ignore[arg-type]
    windows = list(windows_of(_analysis(text)))
    assert (len(windows) > 3, network.articles) == (True, 2)
    assert {index[0] for index in found} <= set(range(windows[2].sentences.start))
    assert max(found)[0] == windows[2].sentences.start - 1


def test_what_stands_beyond_the_windows_is_tagged_without_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "MOST_WINDOWS", 1)
    demand = "Ostania demanded that Veldoria release all captives."
    text = f"{ARTICLE}\n\n" + "A long day of rain began in the quiet hills. " * 30 + demand
    late = [s for s in TAGGER.tag(TaggerInput(text=text), CONFLICT).statements if s.start >= text.index(demand)]
    assert [(s.party, str(s.act), s.issue) for s in late] == [("ostania", "demand", "captives")]
    assert ENCODER_FEATURES.isdisjoint(late[0].features)


def test_a_window_in_which_nothing_is_drafted_is_not_read() -> None:
    network = RandomNetwork()
    assert Encoder(network).read(_analysis(ARTICLE), {}) == {}  # type: ignore[arg-type]
    assert (network.articles, network.issues) == (0, 0)


# The tagger with and without it


def test_with_the_encoder_its_say_is_among_the_features() -> None:
    statements = TAGGER.tag(TaggerInput(text=ARTICLE), CONFLICT).statements
    assert statements
    assert all(set(s.features) >= ENCODER_FEATURES for s in statements)


def test_the_light_tagger_has_none_of_it_and_says_so_in_its_version() -> None:
    light = RuleTagger(light=True)
    statements = light.tag(TaggerInput(text=ARTICLE), CONFLICT).statements
    assert statements
    assert all(ENCODER_FEATURES.isdisjoint(s.features) for s in statements)
    assert light.version == f"{TAGGER.version}.light"
    assert light._encoder is None


def test_the_light_tagger_and_the_whole_one_judge_by_their_own_weights() -> None:
    models = load_models()
    assert RuleTagger(light=True).models == models
    assert RuleTagger().models == replace(models, threshold=models.threshold_encoded)
    assert models.final_for({}) == models.final != models.final_encoded == models.final_for({ENCODER_ACT: 0.0})


def test_judged_by_the_encoder_twice_is_judged_by_it_once() -> None:
    models = load_models()
    assert models.with_encoder().with_encoder() == models.with_encoder()
    assert models.with_encoder().digest == models.digest


def test_an_article_about_something_else_never_wakes_the_encoder() -> None:
    tagger = RuleTagger()
    assert tagger.tag(TaggerInput(text=MARKET), CONFLICT).statements == ()
    assert "_encoder" not in vars(tagger)
    tagger.tag(TaggerInput(text=ARTICLE), CONFLICT)
    assert "_encoder" in vars(tagger)


def test_the_network_is_asked_once_a_window() -> None:
    network = RandomNetwork()
    _tagger(Encoder(network)).tag(TaggerInput(text=ARTICLE), CONFLICT)  # type: ignore[arg-type]
    assert network.articles == len(list(windows_of(_analysis(ARTICLE))))


@pytest.mark.parametrize(
    "code",
    [
        "import worker.tag.rules",
        "from worker.tag.rules import RuleTagger; RuleTagger(light=True).version; RuleTagger().version",
        "import worker.tag.explain",
        "import worker.tag.windows",
    ],
)
def test_numbers_and_network_are_not_imported_before_they_are_needed(code: str) -> None:
    check = "import sys; print([name for name in ('numpy', 'onnxruntime') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{code}; {check}"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_threads_spin_around_the_small_products_whoever_imports_numpy_first() -> None:
    code = "import worker.tasks, numpy, psutil; print(psutil.Process().num_threads())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_without_limits()
    )
    assert done.stdout == "1\n"


def _without_limits() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}


# Issues


def test_the_issues_of_a_topic_are_read_once_and_kept() -> None:
    network = RandomNetwork()
    reader = Encoder(network)  # type: ignore[arg-type]
    for text in (ARTICLE, OTHER_ARTICLE, ARTICLE):
        _read(text, reader)
    assert network.issues == len(CONFLICT.issues) == 8


def test_a_changed_topic_is_read_anew() -> None:
    network = RandomNetwork()
    reader = Encoder(network)  # type: ignore[arg-type]
    before = _read(OTHER_ARTICLE, reader)
    after = _read(OTHER_ARTICLE, reader, replace(CONFLICT, issues=CONFLICT.issues[3:]))
    assert network.issues == 8 + 5
    assert [len(found[0, 0].issues) for found in (before, after)] == [8, 5]


def test_no_more_than_sixteen_topics_are_kept() -> None:
    network = RandomNetwork()
    reader = Encoder(network)  # type: ignore[arg-type]
    topics = [replace(CONFLICT, id=f"conflict-{n}", issues=CONFLICT.issues[-2:]) for n in range(40)]
    sizes = []
    for topic in topics:
        _read(OTHER_ARTICLE, reader, topic)
        sizes.append(len(reader._issues))
    assert (max(sizes), network.issues) == (16, 80)
    _read(OTHER_ARTICLE, reader, topics[-1])
    assert network.issues == 80


def test_an_issue_is_put_to_the_network_by_its_label_and_its_sure_phrases() -> None:
    issue = Issue(
        id="x", label="troop withdrawal", patterns={"withdraw* .. troops": 3, "pull|move back": 2, "leave": 1}
    )
    assert issue_text(issue) == "troop withdrawal: withdraw troops, pull move back"


def test_an_issue_of_many_phrases_is_put_by_its_first_ones() -> None:
    issue = Issue(id="x", label="guns", patterns={f"gun{n}": 3 for n in range(50)})
    assert issue_text(issue).split(", ")[-1] == "gun13"


def test_an_issue_without_phrases_goes_by_its_label() -> None:
    assert issue_text(Issue(id="other", label="other", patterns={})) == "other: "


# Cost


def test_the_network_is_asked_no_more_than_48_times_an_article() -> None:
    network = RandomNetwork()
    _tagger(Encoder(network)).tag(TaggerInput(text=_long(60_000)), CONFLICT)  # type: ignore[arg-type]
    assert network.articles == encoder.MOST_WINDOWS == 48


@pytest.mark.slow
def test_ten_times_the_text_takes_no_more_than_ten_times_the_time() -> None:
    _seconds(ARTICLE)
    # Against itself, not against the clock: other work on the machine slows both, and a square would show as a hundred.
    assert any(_seconds(_long(200_000)) <= 12 * _seconds(_long(20_000)) for _ in range(3))


def _long(characters: int) -> str:
    return (f"{ARTICLE}\n\n{OTHER_ARTICLE} {MARKET}\n\n" * 500)[:characters]


def _seconds(text: str) -> float:
    began = time.process_time()
    TAGGER.tag(TaggerInput(text=text), CONFLICT)
    return time.process_time() - began
