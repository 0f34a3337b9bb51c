"""From film to gait report: speed, shares, memory, and MediaPipe's legacy pose solution on the same film.

Every figure is measured in this run, each program in a process of its own and all on the same number of cores.
Budgets: heavy >= 30 pictures a second on two cores, >= 2 times MediaPipe with the same weights; leg points within
1.5 % of the leg length of MediaPipe's unsmoothed ones (median).

Usage: bench_gait.py [CLIP] [--cores 2] [--repeats 2] [--device cuda]. Without the clip a drawn film is made.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
CLIP = ROOT.parent / "shared" / "gait" / "clips" / "zzzhushi_male_side.mp4"
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
LEGS = {"left": (23, 25, 27, 29, 31), "right": (24, 26, 28, 30, 32)}
"""Rows of hip, knee, ankle, heel and toe among BlazePose's 33 points."""
COMPLEXITY = {"heavy": 2, "full": 1}


class Clock:
    """Seconds spent in the functions it wraps, over all threads."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - start

        return wrapped

    def drawn(self, items: Iterable[Any]) -> Iterator[Any]:
        iterator = iter(items)
        while True:
            start = time.perf_counter()
            try:
                item = next(iterator)
            except StopIteration:
                return
            finally:
                self.seconds += time.perf_counter() - start
            yield item


def peak_mb() -> float | None:
    """Largest resident memory of this process; the system's own counter, which a parent does not spoil."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def run_ours(clip: str, variant: str, device: str, workers: int, target: str) -> dict[str, Any]:
    """Film to report, as the command line does it; the points go to `target`."""
    import soleus
    from soleus.gait.engine import analyse_gait
    from soleus.vision import pipeline
    from soleus.vision.picture_quality import PictureWatch
    from soleus.vision.pose.blazepose import BlazePose
    from soleus.vision.video import Clip

    start = time.perf_counter()
    backend: Any = BlazePose(variant, device=device)
    load_s = time.perf_counter() - start
    kb = soleus.load_knowledge()
    decode, watch, pose = Clock(), Clock(), Clock()
    raw: list[Any] = []
    for name in ("detect", "crop", "infer"):
        setattr(backend, name, pose.timed(getattr(backend, name)))
    plain = Clip.__iter__
    Clip.__iter__ = lambda self: decode.drawn(plain(self))  # type: ignore[method-assign]
    PictureWatch.see = watch.timed(PictureWatch.see)  # type: ignore[method-assign]
    PictureWatch.quality = watch.timed(PictureWatch.quality)  # type: ignore[method-assign]
    track = pipeline.PoseTracker.track
    busy = time.process_time()

    def tracked(self: Any, frames: Any) -> Iterator[Any]:
        for found in track(self, frames):
            raw.append(np.full((33, 2), np.nan) if found.raw is None else found.raw[:, :2])
            yield found

    pipeline.PoseTracker.track = tracked  # type: ignore[method-assign]
    start = time.perf_counter()
    recording = pipeline.record_clip(clip, backend=backend, workers=workers)
    recorded_s = time.perf_counter() - start
    analyse_gait(recording, kb)
    wall_s = time.perf_counter() - start
    np.save(target, np.array(raw))
    return {
        "frames": recording.poses.frames,
        "wall_s": wall_s,
        "cpu_s": time.process_time() - busy,
        "load_s": load_s,
        "decode_s": decode.seconds,
        "watch_s": watch.seconds,
        "pose_s": pose.seconds,
        "analysis_s": wall_s - recorded_s,
        "width_px": recording.poses.width_px,
        "height_px": recording.poses.height_px,
        "peak_mb": peak_mb(),
        "device": backend.device,
    }


def child(arguments: list[str], cores: int) -> dict[str, Any]:
    """Run one program on the first cores and read its line of JSON."""

    def confine() -> None:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    done = subprocess.run(arguments, capture_output=True, text=True, preexec_fn=confine, check=False)
    if done.returncode:
        raise RuntimeError(f"{arguments[:2]} failed:\n{done.stderr[-1500:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def difference_pct(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Distances of leg points as shares of the leg length in percent: median and ninth decile, near leg and both."""
    hip, knee, ankle, heel, toe = (theirs[:, rows] for rows in zip(*LEGS.values(), strict=True))
    leg_px = np.nanmedian(np.hypot(*(hip - knee).T) + np.hypot(*(knee - ankle).T))
    near = "left" if np.nanmedian((toe - heel)[..., 0]) < 0 else "right"
    away = np.hypot(*(ours - theirs).transpose(2, 0, 1)) / leg_px * 100
    both = away[:, [*LEGS["left"], *LEGS["right"]]]
    return {
        "near": float(np.nanmedian(away[:, LEGS[near]])),
        "both": float(np.nanmedian(both)),
        "p90": float(np.nanpercentile(both, 90)),
        "leg_px": float(leg_px),
    }


def drawn_film(path: Path) -> None:
    """A film of a drawn runner with known points, for where no clip is at hand."""
    import av

    from soleus.validation.drawn_runner import draw_runner, empty_room
    from soleus.validation.synthetic.sensor import PERFECT
    from soleus.validation.synthetic_runner import Scene, synthesize

    made = synthesize(Scene(sensor=PERFECT, duration_s=8.0))
    poses, facing = made.recording.poses, made.scene.camera.facing
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=60)
        stream.width, stream.height, stream.pix_fmt = poses.width_px, poses.height_px, "yuv420p"
        for points in made.truth.clean_px:
            image = empty_room(poses.width_px, poses.height_px)
            draw_runner(image, points, facing=facing)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        film.mux(stream.encode())


def batches(clip: str, device: str) -> None:
    """Pictures a second of the landmark network by batch, and its agreement with the processor."""
    from soleus.vision.pose.blazepose import BlazePose
    from soleus.vision.pose.runtime import available_devices
    from soleus.vision.video import open_clip

    if device not in available_devices():
        print(f"\nNo {device} here (this ONNX Runtime offers {', '.join(available_devices())}): batches not measured.")
        return
    fast, sure = BlazePose("heavy", device=device), BlazePose("heavy", device="cpu")
    crops, rois = [], []
    with open_clip(clip) as film:
        for frame in film:
            found = sure.detect(frame.image)
            if found:
                rois.append(found[0].roi)
                crops.append(sure.crop(frame.image, found[0].roi))
            if len(crops) == 64:
                break
    expected = np.array([sure.infer([c], [r])[0].points for c, r in zip(crops, rois, strict=True)])
    print(f"\nHeavy network on {device}, crops ready: {'batch':>8}{'fps':>9}{'from cpu px, median':>22}{'largest':>10}")
    for batch in (1, 4, 8, 16, 32, 64):
        groups = [slice(i, i + batch) for i in range(0, len(crops), batch)]
        got = np.array([p.points for g in groups for p in fast.infer(crops[g], rois[g])])
        start = time.perf_counter()
        for _ in range(3):
            for group in groups:
                fast.infer(crops[group], rois[group])
        fps = 3 * len(crops) / (time.perf_counter() - start)
        away = np.hypot(*(got - expected)[..., :2].transpose(2, 0, 1))
        print(f"{'':<40}{batch:>8}{fps:>9.0f}{np.median(away):>22.4f}{away.max():>10.3f}")


def compare(clip: str, cores: int, repeats: int, device: str) -> None:
    """The table: both variants of ours and of the peer, in turn, the median of the repeats."""
    peer = PEER_PYTHON.exists()
    print(f"{Path(clip).name}, {cores} cores, median of {repeats}")
    parts = f"{'decode':>9}{'pictures':>10}{'pose':>7}{'analysis':>10}"
    print(f"{'':<30}{'fps':>7}{parts}{'cpu ms':>8}{'peak MB':>9}{'times':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        for variant, complexity in COMPLEXITY.items():
            ours_at, peer_at = Path(scratch) / f"ours_{variant}.npy", Path(scratch) / f"peer_{variant}.npy"
            own = [sys.executable, __file__, clip, "--child", variant, "--device", device, "--cores", str(cores)]
            theirs = [str(PEER_PYTHON), str(ROOT / "benchmarks" / "peer_mediapipe.py"), clip, str(complexity)]
            runs: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}
            for _ in range(repeats):
                runs["ours"].append(child([*own, "--target", str(ours_at)], cores))
                if peer:
                    runs["peer"].append(child([*theirs, "smooth", str(peer_at)], cores))
            ours = _row(f"Soleus, {variant}, {runs['ours'][0]['device']}", runs["ours"])
            if not peer:
                continue
            other = _row(f"MediaPipe legacy, {variant}", runs["peer"])
            print(f"{'':<90}{ours / other:>8.2f}")
            scale = runs["ours"][0]["width_px"] / runs["peer"][0]["width_px"]
            points = np.load(ours_at)
            for smooth in ("raw", "smooth"):
                child([*theirs, smooth, str(peer_at)], cores)
                away = difference_pct(points, np.load(peer_at) * scale)
                print(
                    f"  leg points from MediaPipe's ({smooth}), % of the leg ({away['leg_px']:.0f} px): "
                    f"near {away['near']:.2f}, both {away['both']:.2f}, ninth decile {away['p90']:.2f}"
                )
    if not peer:
        print("MediaPipe is not installed (scripts/install_bench_peers.sh): left out.")


def _row(label: str, runs: list[dict[str, Any]]) -> float:
    """Print one row; shares are of the processor time measured in each part. Returns pictures a second."""
    fps = statistics.median(run["frames"] / run["wall_s"] for run in runs)
    last = runs[-1]
    parts = [last.get(f"{part}_s") for part in ("decode", "watch", "pose", "analysis")]
    if parts[2] is None:
        parts = [parts[0], None, last["wall_s"] - last["decode_s"], None]
    total = sum(part for part in parts if part is not None)
    shares = "".join(
        f"{'' if part is None else f'{100 * part / total:.0f} %':>{width}}"
        for part, width in zip(parts, (9, 10, 7, 10), strict=True)
    )
    cpu_ms = statistics.median(1000 * run["cpu_s"] / run["frames"] for run in runs)
    peaks = [run["peak_mb"] for run in runs if run["peak_mb"] is not None]
    print(f"{label:<30}{fps:>7.1f}{shares}{cpu_ms:>8.1f}{max(peaks, default=0):>9.0f}")
    return fps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", nargs="?", default=str(CLIP))
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run_ours(options.clip, options.child, options.device, options.cores, options.target)))
        return
    from soleus.vision.pose.runtime import MANIFEST

    if not MANIFEST.is_file():
        print("The pose network is not installed (scripts/install_pose_model.sh): nothing to measure.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        clip = options.clip
        if not Path(clip).is_file():
            clip = str(Path(scratch) / "drawn.mp4")
            drawn_film(Path(clip))
        compare(clip, options.cores, options.repeats, options.device)
        batches(clip, options.device if options.device != "cpu" else "cuda")


if __name__ == "__main__":
    main()
