"""Each bad configuration is refused with file and line, in words a person can act on, and nothing of it is used."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from worker.errors import ConfigurationError
from worker.settings import Settings, load_catalogue, load_settings
from worker.topic import Topic

GOOD: Mapping[str, str] = {
    "config/settings.yml": "tick_s: 5\n",
    "config/feeds.yml": (
        "feeds:\n  - id: herald\n    url: https://herald.example/rss\n    publisher: The Herald\n    family: herald\n"
    ),
    "config/alerts.yml": "rules: []\n",
    "config/topics/borduria.yml": "id: borduria\nlabel: Borduria and Syldavia\n",
}

FEED = GOOD["config/feeds.yml"]


def build_topic(mapping: Mapping[str, Any]) -> Topic:
    """Stand in for the topic builder: it refuses what its test asks it to refuse."""
    if "parties" in mapping:
        raise ConfigurationError(["parties[1].names: must not be empty", "label: is missing"])
    return Topic(id=mapping["id"], label=mapping.get("label", ""), parties=(), issues=())


def build_rules(mapping: Mapping[str, Any], _topics: Mapping[str, Topic], _settings: Settings) -> list[Any]:
    if mapping["rules"]:
        raise ConfigurationError(["rules[0].match.levels: unknown level loud"])
    return []


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root / "config"


def faults_of(root: Path, files: Mapping[str, str | bytes], env: Mapping[str, str]) -> tuple[str, ...]:
    config = write(root, {**GOOD, **files})
    with pytest.raises(ConfigurationError) as caught:
        load_catalogue(load_settings(config, env), config, build_topic=build_topic, build_rules=build_rules)
    return caught.value.faults


SETTINGS = {
    "an unknown key with its likely meaning": (
        "tick_s: 5\ntik_s: 4\n",
        "config/settings.yml:2: tik_s: unknown key; did you mean tick_s?",
    ),
    "a number that is text": ("tick_s: soon\n", "config/settings.yml:1: tick_s: must be a whole number"),
    "a number out of bounds": (
        "# every\ntick_s: 0\n",
        "config/settings.yml:2: tick_s: Input should be greater than or equal to 1",
    ),
    "a fraction where whole numbers go": ("tick_s: 2.5\n", "config/settings.yml:1: tick_s: must be a whole number"),
    "a truth value as a number": ("tick_s: true\n", "config/settings.yml:1: tick_s: must not be true or false"),
    "a list as a number": ("tick_s:\n  - 5\n", "config/settings.yml:1: tick_s: must be a whole number"),
    "text as a list": ("allow_hosts: a.example\n", "config/settings.yml:1: allow_hosts: must be a list"),
    "a host with a wildcard": (
        "allow_hosts: ['*.example']\n",
        (
            "config/settings.yml:1: allow_hosts: each must be a plain lower-case host name or address, "
            "without port, path or *"
        ),
    ),
    "a port that cannot be": (
        "allow_ports: [80, 70000]\n",
        "config/settings.yml:1: allow_ports[1]: Input should be less than or equal to 65535",
    ),
    "an unknown level": (
        "log_level: LOUD\n",
        "config/settings.yml:1: log_level: Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'",
    ),
    "a confidence over one": (
        "claim_min_confidence: 50\n",
        "config/settings.yml:1: claim_min_confidence: Input should be less than or equal to 1",
    ),
    "a secret in the file": (
        "elasticsearch_api_key: abc\n",
        (
            "config/settings.yml:1: elasticsearch_api_key: secrets do not stand here: "
            "set STANCEWATCH_ELASTICSEARCH_API_KEY or use elasticsearch_api_key_file"
        ),
    ),
    "a Redis password in the file": (
        "redis_url: redis://:pw@db.example/0\n",
        "config/settings.yml:1: redis_url: secrets do not stand here: set STANCEWATCH_REDIS_URL or use redis_url_file",
    ),
    "a secret's file that is not there": (
        "tick_s: 4\nweb_token_file: no/such\n",
        "config/settings.yml:2: web_token_file: the secret's file cannot be read: {root}/no/such",
    ),
    "an address of another kind": (
        "elasticsearch_url: ftp://es.example\n",
        "config/settings.yml:1: elasticsearch_url: must be an http:// or https:// address",
    ),
    "a password in an address": (
        "elasticsearch_url: https://u:p@es.example\n",
        "config/settings.yml:1: elasticsearch_url: must not hold a user or password: there are settings for these",
    ),
    "a Redis address of another kind": (
        "redis_url: http://db.example\n",
        "config/settings.yml:1: redis_url: must begin with redis://, rediss:// or unix://",
    ),
    "a page for everybody without a token": (
        "web_host: 0.0.0.0\n",
        "settings: web_host listens beyond this machine: set STANCEWATCH_WEB_TOKEN",
    ),
    "a tagger that does not exist": (
        "tagger: oracle\n",
        "config/settings.yml:1: tagger: String should match pattern '^(rules(:light)?|llm:https?://\\S+)$'",
    ),
    "an index prefix with capitals": (
        "index_prefix: News\n",
        "config/settings.yml:1: index_prefix: String should match pattern '^[a-z0-9][a-z0-9-]{{0,62}}$'",
    ),
    "invisible characters": (
        'contact: "desk\\u202e@example.org"\n',
        "config/settings.yml:1: contact: has control or invisible characters",
    ),
}


@pytest.mark.parametrize(("content", "fault"), SETTINGS.values(), ids=SETTINGS)
def test_settings_refuse(tmp_path: Path, content: str, fault: str) -> None:
    assert faults_of(tmp_path, {"config/settings.yml": content}, {}) == (fault.format(root=tmp_path),)


YAML = {
    "an alias": (
        "a: &x 1\nb: *x\n",
        "config/feeds.yml:2: aliases (*x) are not allowed: write the value out",
    ),
    "a tag that would run code": (
        "feeds: !!python/object/apply:os.system ['true']\n",
        "config/feeds.yml:1: tags (tag:yaml.org,2002:python/object/apply:os.system) are not allowed",
    ),
    "a key given twice": (
        "feeds: []\nfeeds: []\n",
        "config/feeds.yml:2: feeds is given twice, first on line 1",
    ),
    "a key given twice inside": (
        FEED + "    family: other\n",
        "config/feeds.yml:6: feeds[0].family is given twice, first on line 5",
    ),
    "a key that is a number": ("1: x\n", "config/feeds.yml:1: the key '1' must be text: put it in quotes"),
    "a key that is a list": ("? [a]\n: x\n", "config/feeds.yml:1: the key 'None' must be text: put it in quotes"),
    "a list in place of keys": ("- id: herald\n", "config/feeds.yml:1: must be `key: value` lines"),
    "plain text": ("all of them, please\n", "config/feeds.yml:1: must be `key: value` lines"),
    "an unclosed bracket": (
        "feeds: [\n",
        "config/feeds.yml:2: not valid YAML: expected the node content, but found '<stream end>'",
    ),
    "a tab as indentation": (
        "feeds:\n\t- id: x\n",
        "config/feeds.yml:2: not valid YAML: found character '\\t' that cannot start any token",
    ),
    "an unclosed quote": (
        'feeds: "x\n',
        "config/feeds.yml:2: not valid YAML: found unexpected end of stream",
    ),
    "a NUL": ("feeds:\n- id: a\0b\n", "config/feeds.yml:2: a character that YAML does not allow"),
    "another charset": (b"feeds:\n- id: caf\xe9\n", "config/feeds.yml:2: this is not UTF-8 text"),
    "a date that cannot be": ("feeds: []\nsince: 2026-13-45\n", "config/feeds.yml:2: since: month must be in 1..12"),
    "two documents": (
        "feeds: []\n---\nfeeds: []\n",
        "config/feeds.yml:2: not valid YAML: but found another document",
    ),
    "bottomless nesting": ("feeds: " + "[" * 40 + "]" * 40 + "\n", "config/feeds.yml:1: nested deeper than 30 levels"),
    "a flood": (
        "# " + "x" * 1_000_000,
        "config/feeds.yml:1: the file has 1000002 bytes, more than the 1000000 allowed",
    ),
}


@pytest.mark.parametrize(("content", "fault"), YAML.values(), ids=YAML)
def test_any_file_refuses(tmp_path: Path, content: str | bytes, fault: str) -> None:
    assert faults_of(tmp_path, {"config/feeds.yml": content}, {}) == (fault,)


FEEDS = {
    "an unknown key": (
        FEED + "    min_interval: 60\n",
        "config/feeds.yml:6: herald: min_interval: unknown key; did you mean min_interval_s?",
    ),
    "an unknown key at the top": (
        FEED + "feed: []\n",
        "config/feeds.yml:6: feed: unknown key; did you mean feeds?",
    ),
    "no feeds": ("defaults: {}\n", "config/feeds.yml:1: feeds: is missing"),
    "a feed without an address": (
        FEED.replace("    url: https://herald.example/rss\n", ""),
        "config/feeds.yml:2: herald: url: is missing",
    ),
    "a file address": (
        FEED.replace("https://herald.example/rss", "file:///etc/passwd"),
        "config/feeds.yml:3: herald: url: must be an http:// or https:// address",
    ),
    "a backslash in an address": (
        FEED.replace("https://", "https:\\\\"),
        "config/feeds.yml:3: herald: url: must not have blanks, backslashes or control characters",
    ),
    "a password in an address": (
        FEED.replace("https://", "https://me:pw@"),
        "config/feeds.yml:3: herald: url: must not hold a user or password: use credentials",
    ),
    "a port that is no number": (
        FEED.replace("example/", "example:http/"),
        "config/feeds.yml:3: herald: url: is not a URL: Port could not be cast to integer value as 'http'",
    ),
    "a language's name for its code": (
        FEED + "    language: English\n",
        "config/feeds.yml:6: herald: language: String should match pattern '^[a-z]{2,3}$'",
    ),
    "an interval under a minute": (
        FEED + "    min_interval_s: 5\n",
        "config/feeds.yml:6: herald: min_interval_s: Input should be greater than or equal to 60",
    ),
    "intervals the wrong way round": (
        FEED + "    min_interval_s: 900\n    max_interval_s: 600\n",
        "config/feeds.yml:2: herald: min_interval_s must not exceed max_interval_s",
    ),
    "a topic that is not there": (
        FEED + "    topics: [borduria, narnia]\n",
        "config/feeds.yml:6: herald: there is no topic narnia",
    ),
    "a secret that is not set": (
        FEED + "    credentials: herald-key\n",
        "config/feeds.yml:6: herald: credentials herald-key: STANCEWATCH_SECRET_HERALD_KEY is not set (or …_FILE)",
    ),
    "an id twice": (
        FEED + "  - {id: herald, url: 'https://b.example/', publisher: B, family: b}\n",
        "config/feeds.yml:6: herald: this id stands on line 2 too",
    ),
    "an address twice": (
        FEED + "  - {id: b, url: 'https://herald.example/rss/', publisher: B, family: b}\n",
        "config/feeds.yml:6: b: this url stands on line 3 too",
    ),
    "an id with blanks": (
        FEED.replace("herald\n", "the herald\n", 1),
        "config/feeds.yml:2: the herald: id: String should match pattern '^[a-z0-9][a-z0-9-]{0,62}$'",
    ),
    "a publisher that forges the reading direction": (
        FEED.replace("The Herald", '"The \\u202eHerald"'),
        "config/feeds.yml:4: herald: publisher: has control or invisible characters",
    ),
    "a publisher left empty": (
        FEED.replace(" The Herald", ""),
        "config/feeds.yml:4: herald: publisher: is missing",
    ),
    "a line that is text": ("feeds:\n  - herald\n", "config/feeds.yml:2: feeds[0]: must be `key: value` lines"),
}


@pytest.mark.parametrize(("content", "fault"), FEEDS.values(), ids=FEEDS)
def test_feeds_refuse(tmp_path: Path, content: str, fault: str) -> None:
    assert faults_of(tmp_path, {"config/feeds.yml": content}, {}) == (fault,)


ENVIRONMENT = {
    "an unknown variable": (
        {"STANCEWATCH_TIK_S": "4"},
        "environment: STANCEWATCH_TIK_S: unknown key; did you mean STANCEWATCH_TICK_S?",
    ),
    "a variable with a bad value": (
        {"STANCEWATCH_WEB_PORT": "http"},
        "environment: STANCEWATCH_WEB_PORT: must be a whole number",
    ),
    "a general name with a bad value": (
        {"REDIS_URL": "db.example"},
        "environment: REDIS_URL: must begin with redis://, rediss:// or unix://",
    ),
    "a key and a user": (
        {
            "STANCEWATCH_ELASTICSEARCH_API_KEY": "k",
            "STANCEWATCH_ELASTICSEARCH_USER": "u",
            "STANCEWATCH_ELASTICSEARCH_PASSWORD": "p",
        },
        "settings: give elasticsearch_api_key or elasticsearch_user, not both",
    ),
    "a user without a password": (
        {"STANCEWATCH_ELASTICSEARCH_USER": "u"},
        "settings: elasticsearch_user and elasticsearch_password must be given together",
    ),
    "an endpoint without a model": (
        {"STANCEWATCH_TAGGER": "llm:http://127.0.0.1:9/v1"},
        "settings: tagger llm:… needs llm_model",
    ),
}


@pytest.mark.parametrize(("env", "fault"), ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_the_environment_refuses(tmp_path: Path, env: Mapping[str, str], fault: str) -> None:
    assert faults_of(tmp_path, {}, env) == (fault,)


OTHER = {
    "a fault that the topic builder finds": (
        {"config/topics/borduria.yml": "id: borduria\nparties:\n  - names: [a]\n  - id: b\n    names: []\n"},
        (
            "config/topics/borduria.yml:5: parties[1].names: must not be empty",
            "config/topics/borduria.yml:1: label: is missing",
        ),
    ),
    "a topic whose file has another name": (
        {"config/topics/borduria.yml": "id: syldavia\n"},
        ("config/topics/borduria.yml:1: id: must be the file's name, borduria",),
    ),
    "a fault that the rules builder finds": (
        {"config/alerts.yml": "rules:\n  - id: a\n    match:\n      levels: [loud]\n"},
        ("config/alerts.yml:4: rules[0].match.levels: unknown level loud",),
    ),
    "a foreign variable in .env": (
        {".env": "PATH=/tmp\n"},
        (".env: PATH: not a setting of ours; they begin with STANCEWATCH_",),
    ),
    "a bad value in .env": (
        {".env": "STANCEWATCH_TICK_S=never\n"},
        (".env: STANCEWATCH_TICK_S: must be a whole number",),
    ),
}


@pytest.mark.parametrize(("files", "faults"), OTHER.values(), ids=OTHER)
def test_refuses(tmp_path: Path, files: Mapping[str, str], faults: tuple[str, ...]) -> None:
    assert faults_of(tmp_path, files, {}) == faults


def test_the_faults_of_all_files_come_in_one_go(tmp_path: Path) -> None:
    files = {
        "config/feeds.yml": "feeds: [}\n",
        "config/alerts.yml": "rules: &a []\nx: *a\n",
        "config/topics/borduria.yml": "id: syldavia\nid: borduria\n",
    }
    assert [fault.rsplit(": ", 1)[0].split(": ")[0] for fault in faults_of(tmp_path, files, {})] == [
        "config/topics/borduria.yml:2",
        "config/feeds.yml:1",
        "config/alerts.yml:2",
    ]


def test_all_faults_of_the_settings_come_in_one_go(tmp_path: Path) -> None:
    content = "tick_s: x\nhost_gap_s: -1\nnonsense: 1\nweb_port: 99999\n"
    assert [fault.split(": ")[0] for fault in faults_of(tmp_path, {"config/settings.yml": content}, {})] == [
        "config/settings.yml:1",
        "config/settings.yml:2",
        "config/settings.yml:3",
        "config/settings.yml:4",
    ]


def test_no_fault_shows_the_value_of_a_secret(tmp_path: Path) -> None:
    env = {
        "STANCEWATCH_HEARTBEAT_URL": "hunter2-not-a-url",
        "STANCEWATCH_REDIS_URL": "hunter2://",
        "STANCEWATCH_OUTBOUND_PROXY": "socks://:hunter2@proxy.example",
    }
    faults = faults_of(tmp_path, {}, env)
    assert len(faults) == 3
    assert "hunter2" not in "\n".join(faults)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    config = write(tmp_path, GOOD)
    (config / "alerts.yml").unlink()
    with pytest.raises(ConfigurationError, match=r"^config/alerts.yml: cannot be read: No such file or directory$"):
        load_catalogue(load_settings(config, {}), config, build_topic=build_topic, build_rules=build_rules)


def test_there_are_at_least_forty_bad_configurations() -> None:
    assert len(SETTINGS) + len(YAML) + len(FEEDS) + len(ENVIRONMENT) + len(OTHER) >= 40
