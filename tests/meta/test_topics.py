"""Every topic that we ship, and the invented one that documents and tests use, is sound."""

from pathlib import Path

import pytest

from worker.settings import load_topics
from worker.settings.yaml_source import read_yaml
from worker.tag.topic_check import check_topic
from worker.topic_mapping import topic_from_mapping

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "config" / "topics").glob("*.yml"))
INVENTED = sorted((ROOT / "tests" / "data" / "topics").glob("*.yml"))


@pytest.mark.parametrize("path", [*SHIPPED, *INVENTED], ids=lambda path: path.stem)
def test_a_topic_file_is_neither_thin_nor_contradictory(path: Path) -> None:
    topic = topic_from_mapping(read_yaml(path, path.name).value)
    assert topic.id == path.stem
    assert check_topic(topic) == []


def test_the_shipped_topics_load_together() -> None:
    topics = load_topics(ROOT / "config", build_topic=topic_from_mapping)
    assert {"armenia-azerbaijan", "iran-nuclear", "russia-ukraine", "serbia-kosovo"} <= topics.keys()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_side_has_an_office_that_is_held_today_or_was(path: Path) -> None:
    topic = topic_from_mapping(read_yaml(path, path.name).value)
    sides = [party for party in topic.parties if party.belligerent]
    assert all(any(office.since for person in side.people for office in person.offices) for side in sides)
