"""Documents, searches and upkeep of the result store; pure, but for ``service`` and ``upkeep``, which use its port."""
