"""The composition root: settings → adapters → use cases. Everything is made when first asked for, once a process.

A worker's child calls ``services()`` after its fork, so that no connection is shared; a command that needs no store
opens none.
"""

from worker.wiring.adapters import CONFIG_VARIABLE, Adapters, Desks, catalogue, elastic_access
from worker.wiring.services import Services, services

__all__ = ["CONFIG_VARIABLE", "Adapters", "Desks", "Services", "catalogue", "elastic_access", "services"]
