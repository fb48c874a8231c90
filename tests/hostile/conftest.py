"""What these tests share with those that inject faults."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "faults"))
