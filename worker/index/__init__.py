"""Documents, searches and upkeep of the result store; pure, except ``service``, which speaks to its port."""
