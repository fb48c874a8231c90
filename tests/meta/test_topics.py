"""Every topic that we ship, and the invented one that documents and tests use, is sound."""

from pathlib import Path

import pytest

from worker.settings import load_topics
from worker.settings.yaml_source import read_yaml
from worker.tag.topic_check import check_topic
from worker.topic import Topic
from worker.topic_mapping import topic_from_mapping

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "config" / "topics").glob("*.yml"))
INVENTED = sorted((ROOT / "tests" / "data" / "topics").glob("*.yml"))
EXAMPLE = ROOT / "tests" / "data" / "topics" / "aldmark-verenia.yml"


@pytest.mark.parametrize("path", [*SHIPPED, EXAMPLE], ids=lambda path: path.stem)
def test_a_topic_file_is_neither_thin_nor_contradictory(path: Path) -> None:
    assert check_topic(topic_of(path)) == []


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.stem)
def test_a_small_topic_of_the_tests_may_be_thin(path: Path) -> None:
    assert [line for line in check_topic(topic_of(path)) if not line.startswith("thin: ")] == []


def topic_of(path: Path) -> Topic:
    topic = topic_from_mapping(read_yaml(path, path.name).value)
    assert topic.id == path.stem
    return topic


def test_the_shipped_topics_load_together() -> None:
    topics = load_topics(ROOT / "config", build_topic=topic_from_mapping)
    assert {"armenia-azerbaijan", "iran-nuclear", "russia-ukraine", "serbia-kosovo"} <= topics.keys()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_side_has_an_office_that_is_held_today_or_was(path: Path) -> None:
    sides = [party for party in topic_of(path).parties if party.belligerent]
    assert all(any(office.since for person in side.people for office in person.offices) for side in sides)
