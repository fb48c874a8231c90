"""What every test may ask for."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of reference data that is not part of the repository; skip the test where it is absent."""
    folder = Path(os.environ.get("STANCEWATCH_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}: set STANCEWATCH_SHARED")
    return folder
