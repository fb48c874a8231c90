"""Reads ``settings.yml``, ``.env`` and the environment into one :class:`Settings`, or says all that is wrong."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from worker.errors import ConfigurationError
from worker.settings.checked import explained, plain, unknown_key
from worker.settings.values import GROUPS, Settings
from worker.settings.yaml_source import YamlFile, in_file_order, read_yaml

PREFIX = "STANCEWATCH_"
SECRET_PREFIX = "STANCEWATCH_SECRET_"  # noqa: S105 - the beginning of a variable's name
ALSO_READ = {"REDIS_URL": "redis_url", "ELASTICSEARCH_URL": "elasticsearch_url"}
"""Names that other tools use too; our own name goes first."""
NOT_SETTINGS = ("STANCEWATCH_CONFIG", "STANCEWATCH_WORKER", "STANCEWATCH_SHARED", "STANCEWATCH_TEST_")
"""Beginnings of variables that the command line, the workers and the tests read."""
SECRET_FILE_BYTES = 64_000

KEYS = tuple(key for group in GROUPS for key in group.model_fields)
"""All keys, group by group as ``values`` has them."""
SECRET_KEYS = frozenset(
    key for key in KEYS if SecretStr in getattr(Settings.model_fields[key].annotation, "__args__", ())
)
_LIST_KEYS = frozenset(key for key in KEYS if str(Settings.model_fields[key].annotation).startswith("tuple"))


@dataclass(slots=True)
class _Gathered:
    """Values by key, where each was found, and what was wrong on the way."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, SecretStr] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def put(self, key: str, value: object, origin: str) -> None:
        self.values[key] = value
        self.origins[key] = origin


def load_settings(config_dir: Path, env: Mapping[str, str] | None = None) -> Settings:
    """Return the settings; ConfigurationError holds every fault of file, ``.env`` and environment in one go.

    The later goes first: default, ``config_dir/settings.yml`` (may be absent), ``.env`` beside ``config_dir``, ``env``
    (None: the process's environment). An empty variable counts as unset. Relative paths begin beside ``config_dir``.
    """
    gathered = _Gathered()
    _from_file(gathered, config_dir)
    dotenv = config_dir.parent / ".env"
    sources = {".env": _dotenv(dotenv, gathered), "environment": dict(os.environ if env is None else env)}  # noqa: TID251
    for origin, variables in sources.items():
        _from_variables(gathered, {name: text for name, text in variables.items() if text}, origin, config_dir.parent)
    return _anchored(_validated(gathered), config_dir.parent)


def _anchored(settings: Settings, base: Path) -> Settings:
    """Return the settings with relative paths taken from the folder that holds ``config``, wherever we were started."""
    paths = {key: base / path for key in KEYS if isinstance(path := getattr(settings, key), Path)}
    return settings.model_copy(update=paths)


def _from_file(gathered: _Gathered, config_dir: Path) -> None:
    path = config_dir / "settings.yml"
    if not path.exists():
        return
    try:
        file = read_yaml(path, f"{config_dir.name}/settings.yml")
    except ConfigurationError as error:
        gathered.faults.extend(error.faults)
        return
    for key, value in plain(file.value).items():
        _from_line(gathered, file, key, value, config_dir.parent)


def _from_line(gathered: _Gathered, file: YamlFile, key: str, value: object, base: Path) -> None:
    where = file.fault((key,), key)
    target = key.removesuffix("_file")
    if key in SECRET_KEYS and not (key == "redis_url" and "@" not in str(value)):
        gathered.faults.append(f"{where}: secrets do not stand here: set {PREFIX}{key.upper()} or use {key}_file")
    elif key not in KEYS and target in SECRET_KEYS:
        _from_secret_file(gathered, target, base / str(value), where)
    elif key in KEYS:
        gathered.put(key, value, where)
    else:
        gathered.faults.append(file.fault((key,), unknown_key((key,), KEYS)))


def _dotenv(path: Path, gathered: _Gathered) -> dict[str, str]:
    """Return the variables of a ``.env`` file; unlike the environment it holds ours only."""
    try:
        found = dotenv_values(path, interpolate=False, encoding="utf-8") if path.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        gathered.faults.append(f".env: cannot be read: {error}")
        return {}
    for name in found:
        if not name.startswith(PREFIX) and name not in ALSO_READ:
            gathered.faults.append(f".env: {name}: not a setting of ours; they begin with {PREFIX}")
    return {name: text for name, text in found.items() if text is not None}


def _from_variables(gathered: _Gathered, variables: Mapping[str, str], origin: str, base: Path) -> None:
    for name, key in ALSO_READ.items():
        if name in variables:
            gathered.put(key, variables[name], f"{origin}: {name}")
    for name, text in variables.items():
        if name.startswith(SECRET_PREFIX):
            _named_secret(gathered, name, text, origin, base)
        elif name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS):
            _from_variable(gathered, name, text, origin, base)


def _from_variable(gathered: _Gathered, name: str, text: str, origin: str, base: Path) -> None:
    key = name.removeprefix(PREFIX).lower()
    target = key.removesuffix("_file")
    where = f"{origin}: {name}"
    if key in KEYS:
        gathered.put(key, _split(text) if key in _LIST_KEYS else text, where)
    elif target in SECRET_KEYS:
        _from_secret_file(gathered, target, base / text, where)
    else:
        message = unknown_key((name,), [f"{PREFIX}{known.upper()}" for known in KEYS])
        gathered.faults.append(f"{origin}: {message}")


def _named_secret(gathered: _Gathered, name: str, text: str, origin: str, base: Path) -> None:
    key = name.removeprefix(SECRET_PREFIX).lower()
    if key.endswith("_file"):
        secret = _secret_text(gathered, base / text, f"{origin}: {name}")
        key = key.removesuffix("_file")
    else:
        secret = text
    if secret:
        gathered.secrets[key] = SecretStr(secret)


def _from_secret_file(gathered: _Gathered, key: str, path: Path, where: str) -> None:
    secret = _secret_text(gathered, path, where)
    if secret:
        gathered.put(key, secret, where)


def _secret_text(gathered: _Gathered, path: Path, where: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(SECRET_FILE_BYTES).strip()
    except (OSError, UnicodeDecodeError):
        gathered.faults.append(f"{where}: the secret's file cannot be read: {path}")
        return ""
    if not text:
        gathered.faults.append(f"{where}: the secret's file is empty: {path}")
    return text


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _validated(gathered: _Gathered) -> Settings:
    try:
        settings = Settings(**gathered.values)
    except ValidationError as error:
        faults = [*gathered.faults, *_settings_faults(error, gathered.origins)]
        raise ConfigurationError(in_file_order(faults)) from None
    if gathered.faults:
        raise ConfigurationError(gathered.faults)
    return settings.model_copy(update={"named_secrets": gathered.secrets})


def _settings_faults(error: ValidationError, origins: Mapping[str, str]) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        route, message = explained(detail, Settings)
        if route:  # the origin ends with the key or its variable
            yield origins[str(route[0])] + message.removeprefix(str(route[0]))
        else:
            yield f"settings: {message}"
