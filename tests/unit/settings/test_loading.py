"""Good configurations, where each value comes from, and edits while the service runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigurationError
from worker.model import Feed
from worker.settings import Catalogue, Reloaded, Reloader, Settings, load_catalogue, load_settings
from worker.settings.yaml_source import parse_yaml
from worker.topic import Topic

FEEDS = """\
defaults:
  topics: [borduria]
  language: no
feeds:
  - {id: dagen, url: 'https://dagen.example/rss', publisher: Dagen, family: dagen}
  - id: herald
    url: https://herald.example/rss
    publisher: The Herald
    family: herald
    language: en
    tags: [agency]
    min_interval_s: 120
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    (folder / "topics").mkdir(parents=True)
    (folder / "feeds.yml").write_text(FEEDS)
    (folder / "alerts.yml").write_text("rules: [a]\n")
    (folder / "topics" / "borduria.yml").write_text("id: borduria\n")
    return folder


def build_topic(mapping: Mapping[str, Any]) -> Topic:
    return Topic(id=mapping["id"], label="", parties=(), issues=())


def build_rules(mapping: Mapping[str, Any], _topics: Mapping[str, Topic], _settings: Settings) -> list[str]:
    return list(mapping["rules"])


def load(config: Path) -> Catalogue[list[str]]:
    return load_catalogue(load_settings(config, {}), config, build_topic=build_topic, build_rules=build_rules)


def test_without_any_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "config", {})
    assert settings.data_dir == tmp_path / "data"
    assert settings.redis_url is None
    assert settings.web_host == "127.0.0.1"
    assert settings.blobs == f"{tmp_path}/data/blobs"


def test_the_environment_goes_before_dotenv_before_the_file(config: Path) -> None:
    (config / "settings.yml").write_text("tick_s: 1\nweb_port: 1\nhost_gap_s: 1\n")
    (config.parent / ".env").write_text("STANCEWATCH_TICK_S=2\nSTANCEWATCH_WEB_PORT=2\n")
    settings = load_settings(config, {"STANCEWATCH_TICK_S": "3"})
    assert (settings.tick_s, settings.web_port, settings.host_gap_s) == (3, 2, 1.0)


def test_an_empty_variable_counts_as_unset(config: Path) -> None:
    assert load_settings(config, {"STANCEWATCH_TICK_S": "", "REDIS_URL": ""}).tick_s == 5


def test_our_own_name_goes_before_the_general_one(config: Path) -> None:
    env = {"REDIS_URL": "redis://general.example/0", "STANCEWATCH_REDIS_URL": "redis://own.example/0"}
    found = load_settings(config, env).redis_url
    assert found is not None
    assert found.get_secret_value() == "redis://own.example/0"


def test_lists_in_variables_are_parted_by_commas(config: Path) -> None:
    settings = load_settings(config, {"STANCEWATCH_ALLOW_HOSTS": "a.example, b.example,"})
    assert settings.allow_hosts == ("a.example", "b.example")


def test_secrets_come_from_files_named_in_environment_or_settings(config: Path) -> None:
    (config.parent / "token").write_text("from-a-file\n")
    (config / "settings.yml").write_text("web_token_file: token\n")
    env = {"STANCEWATCH_SECRET_HERALD_FILE": "token", "STANCEWATCH_SECRET_DESK": "in-the-open"}
    settings = load_settings(config, env)
    assert settings.web_token is not None
    assert settings.web_token.get_secret_value() == "from-a-file"
    assert settings.secret("herald") == "from-a-file"
    assert settings.secret("desk") == "in-the-open"


def test_a_secret_that_is_not_set_is_asked_for_by_its_variable(config: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"STANCEWATCH_SECRET_HERALD is not set"):
        load_settings(config, {}).secret("herald")


def test_nothing_prints_a_secret(config: Path) -> None:
    env = {
        "STANCEWATCH_REDIS_URL": "redis://:hunter2@db.example/0",
        "STANCEWATCH_WEB_TOKEN": "hunter3",
        "STANCEWATCH_SECRET_DESK": "hunter4",
    }
    settings = load_settings(config, env)
    assert "hunter" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert set(settings.secret_texts()) == {"redis://:hunter2@db.example/0", "hunter2", "hunter3", "hunter4"}


def test_settings_cannot_be_changed(config: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings(config, {}).tick_s = 9  # type: ignore[misc]


def test_a_feed_takes_from_the_defaults_what_it_does_not_say(config: Path) -> None:
    dagen, herald = load(config).feeds
    assert dagen == Feed(
        id="dagen",
        url="https://dagen.example/rss",
        publisher="Dagen",
        family="dagen",
        language="no",
        topics=("borduria",),
    )
    assert (herald.language, herald.tags, herald.min_interval_s) == ("en", ("agency",), 120)


def test_a_feed_that_names_no_topic_is_read_for_all(config: Path) -> None:
    (config / "topics" / "syldavia.yml").write_text("id: syldavia\n")
    (config / "feeds.yml").write_text(FEEDS.replace("  topics: [borduria]\n", ""))
    assert load(config).feeds[0].topics == ("borduria", "syldavia")


def test_times_and_yes_and_no_stay_text() -> None:
    file = parse_yaml(b"quiet: 22:00\nlanguage: no\non: yes\noctal: 010\nyear: 2026\nshare: 0.5\nsure: true\n", "x.yml")
    assert file.value == {
        "quiet": "22:00",
        "language": "no",
        "on": "yes",
        "octal": "010",
        "year": 2026,
        "share": 0.5,
        "sure": True,
    }


def test_a_byte_order_mark_and_an_empty_file_are_no_faults() -> None:
    assert parse_yaml("\ufefftick_s: 5".encode(), "x.yml").value == {"tick_s": 5}
    assert parse_yaml(b"# nothing yet\n", "x.yml").value == {}


def test_an_edit_is_taken_up_without_a_restart(config: Path) -> None:
    reloader = Reloader(config, lambda: load(config))
    assert reloader.refresh() == Reloaded(changed=False)
    (config / "alerts.yml").write_text("rules: [a, b]\n")
    assert reloader.refresh() == Reloaded(changed=True)
    assert reloader.catalogue.rules == ["a", "b"]


def test_a_bad_edit_leaves_the_old_catalogue_in_force_and_is_told_once(config: Path) -> None:
    reloader = Reloader(config, lambda: load(config))
    (config / "feeds.yml").write_text("feeds: [\n")
    refused = reloader.refresh()
    assert not refused.changed
    assert refused.faults[0].startswith("config/feeds.yml:2: not valid YAML")
    assert [feed.id for feed in reloader.catalogue.feeds] == ["dagen", "herald"]
    assert reloader.refresh() == Reloaded(changed=False)


def test_mending_a_bad_edit_is_taken_up_too(config: Path) -> None:
    reloader = Reloader(config, lambda: load(config))
    (config / "feeds.yml").write_text("feeds: [\n")
    reloader.refresh()
    (config / "feeds.yml").write_text(FEEDS.replace("dagen", "avisen"))
    assert reloader.refresh() == Reloaded(changed=True)
    assert [feed.id for feed in reloader.catalogue.feeds] == ["avisen", "herald"]


def test_a_new_topic_file_is_an_edit(config: Path) -> None:
    reloader = Reloader(config, lambda: load(config))
    (config / "topics" / "syldavia.yml").write_text("id: syldavia\n")
    assert reloader.refresh().changed
    assert sorted(reloader.catalogue.topics) == ["borduria", "syldavia"]


@pytest.mark.parametrize(
    ("variable", "value", "part"),
    [
        ("STANCEWATCH_REDIS_URL", "redis://default:p%40ss-word@host/0", "p@ss-word"),
        ("STANCEWATCH_REDIS_URL", "redis://default:p%40ss-word@host/0", "p%40ss-word"),
        ("STANCEWATCH_BLOB_URL", "ftp://anna:ftp-word@host/x", "ftp-word"),
        ("STANCEWATCH_SECRET_HERALD", "Cookie: sid=1234", "sid=1234"),
        ("STANCEWATCH_SECRET_HERALD", "basic anna:word-1", "word-1"),
    ],
)
def test_the_parts_of_a_secret_that_a_library_may_show_are_known_as_secrets(tmp_path, variable, value, part):
    assert part in load_settings(tmp_path, {variable: value}).secret_texts()
