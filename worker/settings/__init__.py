"""The only reader of ``config/``, ``.env`` and the environment."""

from worker.settings.catalogue import Catalogue, config_fingerprint, load_catalogue, load_topics
from worker.settings.load import load_settings
from worker.settings.reload import Reloaded, Reloader
from worker.settings.values import Settings

__all__ = [
    "Catalogue",
    "Reloaded",
    "Reloader",
    "Settings",
    "config_fingerprint",
    "load_catalogue",
    "load_settings",
    "load_topics",
]
