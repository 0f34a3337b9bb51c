"""Run by bench_gait.py in the peer's own environment: MediaPipe's legacy pose solution over one film.

Usage: peer_mediapipe.py CLIP COMPLEXITY smooth|raw POINTS.npy; prints one line of JSON.
"""

import json
import sys
import time
from pathlib import Path

import av
import mediapipe
import numpy as np


def main() -> None:
    clip, complexity, smooth, target = sys.argv[1:]
    solution = mediapipe.solutions.pose.Pose(model_complexity=int(complexity), smooth_landmarks=smooth == "smooth")
    rows = []
    start, busy, decode_s = time.perf_counter(), time.process_time(), 0.0
    with av.open(clip) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        pictures = container.decode(stream)
        while True:
            before = time.perf_counter()
            frame = next(pictures, None)
            if frame is None:
                break
            image = np.ascontiguousarray(frame.to_ndarray(format="rgb24"))
            decode_s += time.perf_counter() - before
            found = solution.process(image).pose_landmarks
            height, width = image.shape[:2]
            rows.append([[p.x * width, p.y * height] for p in found.landmark] if found else [[np.nan] * 2] * 33)
    wall_s, cpu_s = time.perf_counter() - start, time.process_time() - busy
    np.save(target, np.array(rows))
    status = Path("/proc/self/status")
    peak = next((line for line in status.read_text().splitlines() if "VmHWM" in line), "") if status.exists() else ""
    peak_mb = int(peak.split()[1]) / 1024 if peak else None
    print(
        json.dumps(
            {
                "frames": len(rows),
                "wall_s": wall_s,
                "cpu_s": cpu_s,
                "decode_s": decode_s,
                "width_px": width,
                "height_px": height,
            }
            | {"peak_mb": peak_mb}
        )
    )


if __name__ == "__main__":
    main()
