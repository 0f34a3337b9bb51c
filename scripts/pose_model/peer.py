"""Give MediaPipe, the peer of the gait benchmark, the heavy network that its wheel leaves out.

Usage: python -m pose_model.peer FOLDER, where FOLDER is mediapipe/modules/pose_landmark of the peer's installation.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pose_model.fetch import SourceUnavailable, WrongSource, fetch_package, read_members

HEAVY = "pose_landmark_heavy.tflite"


def main(arguments: list[str]) -> int:
    target = Path(arguments[0]) / HEAVY
    if target.is_file():
        return 0
    try:
        with tempfile.TemporaryDirectory() as scratch:
            target.write_bytes(read_members(fetch_package(Path(scratch)))[HEAVY])
    except (SourceUnavailable, WrongSource) as reason:
        print(f"MediaPipe has no heavy network: {reason}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
