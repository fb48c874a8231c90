"""Use cases: each strings stages together over ports. Nothing here imports an adapter, Celery or an I/O library."""
