"""What all commands share: the options before the command, the settings, and the services behind them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.settings import Settings
    from worker.topic import Topic
    from worker.wiring import Services

ConfigDir = Annotated[
    Path,
    typer.Option(
        "--config", envvar="STANCEWATCH_CONFIG", help="Folder with settings.yml, feeds.yml, alerts.yml, topics/."
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an unexpected error.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")]


@dataclass
class Program:
    """One run of the command line. Everything in it is made when first asked for, so that --help is quick."""

    config_dir: Path
    debug: bool = False

    @cached_property
    def settings(self) -> "Settings":
        """Return the checked settings; ConfigurationError names every fault."""
        from worker.log import configure
        from worker.settings import load_settings

        settings = load_settings(self.config_dir)
        configure(level=settings.log_level, secrets=settings.secret_texts(), json=settings.log_json)
        return settings

    @cached_property
    def services(self) -> "Services":
        """Return the services; each opens its store when first used."""
        from worker.wiring import Services

        return Services(self.settings, self.config_dir)

    def close(self) -> None:
        """Close what the command opened."""
        if "services" in self.__dict__:
            self.services.close()

    def topics(self) -> "Mapping[str, Topic]":
        """Return the topics alone: for what needs neither feeds nor rules."""
        from worker.settings import load_topics
        from worker.topic_mapping import topic_from_mapping

        return load_topics(self.config_dir, build_topic=topic_from_mapping)


def program(context: typer.Context) -> Program:
    """Return the program of the running command."""
    return cast("Program", context.find_root().obj)
