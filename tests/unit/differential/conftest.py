"""The synthetic knowledge bases live with the property tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "properties"))
