"""Every setting: its key, type, default, bounds and meaning. ``docs/reference/settings.md`` is tested against this.

A key is given in ``config/settings.yml``, or as ``STANCEWATCH_<KEY>`` in ``.env`` or the environment, which goes
first. Units are in the names: ``_s`` seconds, ``_h`` hours, ``_d`` days.
"""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from worker.errors import ConfigurationError
from worker.settings.checked import Checked

Confidence = Annotated[float, Field(ge=0, le=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class StoreSettings(Checked):
    """Stores: where work, results and bodies are kept."""

    data_dir: Path = Field(Path("data"), description="folder for everything that the embedded stores write")
    redis_url: SecretStr | None = Field(
        None, description="Redis or Valkey 6.2 or later; unset: one is started. `REDIS_URL` counts too"
    )
    redis_prefix: Slug = Field("stancewatch", description="begins every Redis key, so that a server can be shared")
    elasticsearch_url: str | None = Field(
        None, description="Elasticsearch 8.x or 9.x; unset: SQLite in `data_dir`. `ELASTICSEARCH_URL` counts too"
    )
    elasticsearch_api_key: SecretStr | None = Field(None, description="API key, in place of user and password")
    elasticsearch_user: str | None = Field(None, description="user name")
    elasticsearch_password: SecretStr | None = Field(None, description="the user's password")
    elasticsearch_ca_file: Path | None = Field(None, description="certificate authority (PEM) that signed the server's")
    index_prefix: Slug = Field("stancewatch", description="begins every index name")
    blob_url: str | None = Field(
        None, description="folder or fsspec URL (`s3://bucket/path`) for bodies; unset: `data_dir`/blobs"
    )


class IntakeSettings(Checked):
    """Intake: how feeds are polled and pages fetched."""

    contact: str = Field("", description="mail or web address in our user agent, for the sites that we read")
    allow_hosts: tuple[str, ...] = Field((), description="hosts that may be fetched although not public, by exact name")
    allow_ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = Field(
        (80, 443), description="ports to fetch from"
    )
    outbound_proxy: SecretStr | None = Field(None, description="HTTP proxy that all fetching goes through")
    tick_s: int = Field(5, ge=1, le=300, description="seconds between two looks for what is due")
    host_gap_s: float = Field(5.0, ge=0, le=3_600, description="least time between two requests to one host")
    feed_deadline_s: float = Field(30.0, ge=1, le=120, description="time for one poll with all its redirects")
    feed_max_bytes: int = Field(5_000_000, ge=10_000, le=50_000_000, description="largest feed, decoded")
    feed_max_items: int = Field(2_000, ge=10, le=20_000, description="most entries of one feed; the newest are kept")
    page_deadline_s: float = Field(30.0, ge=1, le=120, description="time for one page with all its redirects")
    page_max_bytes: int = Field(10_000_000, ge=10_000, le=50_000_000, description="largest page, decoded")
    reopen_after_s: int = Field(
        600, ge=0, le=86_400, description="a changed entry is fetched again, but not more often than this"
    )
    watch_edits: bool = Field(
        default=True,
        description="articles with statements are fetched again after ½, 2 and 6 hours, 1, 3 and 7 days, to see edits",
    )


class JudgementSettings(Checked):
    """Judgement: what counts as a statement and as new."""

    tagger: str = Field(
        "rules",
        pattern=r"^(rules(:light)?|llm:https?://\S+)$",
        description="`rules`; `rules:light`, quick, without the encoder; or `llm:URL` of an OpenAI-compatible server",
    )
    llm_model: str = Field("", description="model name sent to the `llm:` endpoint")
    llm_api_key: SecretStr | None = Field(None, description="key for the `llm:` endpoint")
    llm_timeout_s: float = Field(15.0, ge=1, le=20, description="time for one answer; then the rules answer instead")
    llm_calls_per_day: int = Field(
        1_000, ge=0, description="most calls a day of each worker child; then the rules answer instead"
    )
    claim_min_confidence: Confidence = Field(0.5, description="a statement below this is kept, but makes no history")
    warm_up_h: int = Field(
        24, ge=0, le=720, description="after an empty start, what is found in this time alerts nobody"
    )
    revived_after_d: int = Field(30, ge=1, le=3_650, description="a claim silent for longer counts as revived")


class AlertSettings(Checked):
    """Alerts: what every rule starts from, and signs of life."""

    alert_min_confidence: Confidence = Field(0.75, description="a rule's `min_confidence` where it names none")
    alerts_per_hour: int = Field(30, ge=1, le=10_000, description="most messages a channel gets in an hour")
    public_url: str | None = Field(None, description="address of the reading room, for links in messages")
    heartbeat_url: SecretStr | None = Field(None, description="called once a minute while all is well")


class WebSettings(Checked):
    """Web: health, metrics and the reading room."""

    web_host: str = Field("127.0.0.1", description="address to listen on; any but loopback needs `web_token`")
    web_port: int = Field(8_080, ge=0, le=65_535, description="port to listen on; 0 takes a free one")
    web_token: SecretStr | None = Field(None, description="token that readers must show")


class RetentionSettings(Checked):
    """Retention: histories of claims, alerts and stories are kept for ever; ages count from when a document came in."""

    keep_articles_d: int = Field(0, ge=0, description="days that articles are kept; 0 is for ever")
    keep_statements_d: int = Field(
        0, ge=0, description="days that statements are kept; 0 is for ever. Their claims' histories stay"
    )
    keep_bodies_d: int = Field(180, ge=0, description="days that fetched pages are kept for `replay`; 0 is for ever")


class ProcessSettings(Checked):
    """Processes: how much of the machine is used."""

    fetch_threads: int = Field(32, ge=1, le=256, description="threads of the fetch worker")
    fetch_bytes_in_flight: int = Field(
        64_000_000, ge=10_000_000, description="most bytes that all fetch threads hold together"
    )
    process_children: int = Field(0, ge=0, le=256, description="children of the process worker; 0 is one per core")
    child_memory_mb: int = Field(1_024, ge=256, description="memory a child may use before it is stopped")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least important event logged")
    log_json: bool = Field(default=True, description="one JSON object a line; false is for reading along")


class Settings(
    StoreSettings,
    IntakeSettings,
    JudgementSettings,
    AlertSettings,
    WebSettings,
    RetentionSettings,
    ProcessSettings,
):
    """All settings, read once and checked as a whole. ``named_secrets`` come from ``STANCEWATCH_SECRET_<NAME>``."""

    named_secrets: Mapping[str, SecretStr] = Field(default_factory=dict, repr=False, exclude=True)

    @field_validator("elasticsearch_url", "public_url")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None:
            _require_web_address(url)
        return url.rstrip("/") if url else None

    @field_validator("outbound_proxy", "heartbeat_url")
    @classmethod
    def _secret_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            _require_web_address(url.get_secret_value(), user=True)
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and urlsplit(url.get_secret_value()).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("allow_hosts")
    @classmethod
    def _host_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not host or "/" in host or "*" in host or host != host.strip().lower():
                raise ValueError("each must be a plain lower-case host name or address, without port, path or *")
        return hosts

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.elasticsearch_api_key and self.elasticsearch_user:
            raise ValueError("give elasticsearch_api_key or elasticsearch_user, not both")
        if bool(self.elasticsearch_user) != bool(self.elasticsearch_password):
            raise ValueError("elasticsearch_user and elasticsearch_password must be given together")
        if not is_loopback(self.web_host) and self.web_token is None:
            raise ValueError("web_host listens beyond this machine: set STANCEWATCH_WEB_TOKEN")
        if self.tagger.startswith("llm:") and not self.llm_model:
            raise ValueError("tagger llm:… needs llm_model")
        return self

    def secret(self, name: str) -> str:
        """Return a named secret; ConfigurationError says which variable to set."""
        found = self.named_secrets.get(name)
        if found is None:
            raise ConfigurationError([f"environment: {secret_variable(name)} is not set (or …_FILE)"])
        return found.get_secret_value()

    def secret_texts(self) -> list[str]:
        """Return all secrets in clear, and apart what of them a library may show: what logs must blank."""
        values = [getattr(self, key) for key in type(self).model_fields]
        texts = [v.get_secret_value() for v in (*values, *self.named_secrets.values()) if isinstance(v, SecretStr)]
        parts = [part for text in [*texts, self.blobs] for part in _secret_parts(text)]
        return [*texts, *(part for part in parts if part)]

    @property
    def blobs(self) -> str:
        """Return where bodies are kept: ``blob_url`` or the folder in ``data_dir``."""
        return self.blob_url or str(self.data_dir / "blobs")


GROUPS: tuple[type[Checked], ...] = (
    StoreSettings,
    IntakeSettings,
    JudgementSettings,
    AlertSettings,
    WebSettings,
    RetentionSettings,
    ProcessSettings,
)
"""The settings in the order in which people read about them."""


def secret_variable(name: str) -> str:
    """Return the environment variable of a named secret."""
    return f"STANCEWATCH_SECRET_{name.upper().replace('-', '_')}"


def is_loopback(host: str) -> bool:
    """Return True if only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret_parts(text: str) -> list[str]:
    """Return the password of a URL, as written and as meant, or what a feed's credential sends."""
    if "://" in text:
        try:
            password = urlsplit(text).password or ""
        except ValueError:
            return []
        return [password, unquote(password)]
    kind, _, value = text.partition(" ")
    return [value.strip(), value.partition(":")[2]] if kind.endswith(":") or kind.lower() == "basic" else []


def _require_web_address(url: str, *, user: bool = False) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    if parts.username is not None and not user:
        raise ValueError("must not hold a user or password: there are settings for these")
