"""What the repository ships in ``config/`` and ``.env.example`` is valid, complete and says the defaults it has."""

import re
from collections import Counter
from pathlib import Path

from dotenv import dotenv_values

from worker.settings import Settings, load_settings
from worker.settings.feed_lines import feeds_from
from worker.settings.load import KEYS, SECRET_KEYS
from worker.settings.yaml_source import parse_yaml, read_yaml

ROOT = Path(__file__).parents[3]
SETTINGS = (ROOT / "config" / "settings.yml").read_text()


def test_the_shipped_settings_load() -> None:
    load_settings(ROOT / "config", {})


def test_the_shipped_feeds_are_valid_and_many() -> None:
    faults: list[str] = []
    file = read_yaml(ROOT / "config" / "feeds.yml", "config/feeds.yml")
    feeds = feeds_from(file, Settings(), {"russia-ukraine": None}, faults)
    assert faults == []
    assert len(feeds) >= 70
    assert sum(feed.language == "en" for feed in feeds) >= 60
    tags = Counter(tag for feed in feeds for tag in feed.tags)
    for region in ("agency", "ukraine", "russia", "europe", "america", "turkey", "gulf", "asia", "un", "nato", "eu"):
        assert tags[region] >= 1, region


def test_settings_yml_names_every_key_with_its_default() -> None:
    shown = dict(re.findall(r"^# ([a-z_]+): +(\S.*?)(?: {2,}#.*)?$", SETTINGS, re.MULTILINE))
    expected = {f"{key}_file" if key in SECRET_KEYS - {"redis_url"} else key for key in KEYS}
    assert set(shown) == expected
    values = parse_yaml("\n".join(f"{key}: {value}" for key, value in shown.items()).encode(), "x").value
    defaults = Settings().model_dump(mode="json", exclude_none=True)
    assert {key: values[key] for key in defaults} == defaults | {"contact": "desk@example.org"}


def test_the_example_environment_is_accepted_as_it_stands_and_filled_in(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(example)
    load_settings(tmp_path / "config", {})
    named = re.findall(r"^#? ?(\w+)=", example, re.MULTILINE)
    assert set(named) >= set(dotenv_values(stream=None, dotenv_path=ROOT / ".env.example"))
    known = {f"STANCEWATCH_{key.upper()}" for key in KEYS} | {"REDIS_URL", "ELASTICSEARCH_URL"}
    assert {name for name in named if name.removesuffix("_FILE") not in known} == {"STANCEWATCH_SECRET_HERALD"}
