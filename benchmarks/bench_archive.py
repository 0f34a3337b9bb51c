"""A synthetic ten-year Strava archive (3,000 runs) to the change report, next to merely unpacking it.

    python benchmarks/bench_archive.py [--runs 3000] [--workers 2] [--store] [--profile]

Prints wall time, CPU time of all processes and peak memory (proportional set size, so shared pages count once).
"""

import argparse
import cProfile
import gzip
import json
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from synthetic_archive import build_archive

MIB = 1 << 20


def unpack(path: Path) -> tuple[float, float, int]:
    """Wall and CPU seconds to unzip and gunzip every file in memory, one by one, and the bytes that came out."""
    began, busy, total = time.perf_counter(), time.process_time(), 0
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            data = archive.read(entry)
            total += len(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    return time.perf_counter() - began, time.process_time() - busy, total


def import_and_report(path: Path, workers: int, store_folder: str | None, profile: bool) -> dict[str, float]:
    """Import the archive, analyse the last day's onset; seconds of each part."""
    from soleus.history import RunnerStore, import_history
    from soleus.knowledge import load_knowledge
    from soleus.training.analysis import analyse_training

    kb = load_knowledge()
    store = RunnerStore(store_folder) if store_folder else None
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    began, before = time.perf_counter(), _cpu_s()
    history = import_history([path], kb=kb, store=store, workers=workers)
    imported = time.perf_counter()
    profiler.disable()
    report = analyse_training(
        history.runs, onset_on=history.runs[-1].day + timedelta(days=1), kb=kb, shoes=history.shoes
    )
    reported, busy = time.perf_counter(), _cpu_s() - before
    again = 0.0
    if store is not None:
        import_history([path], kb=kb, store=store, workers=workers)
        again = time.perf_counter() - reported
    if profile:
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    return {
        "runs": len(history.runs),
        "shoes": len(history.shoes),
        "changes": len(report.changes),
        "import_s": imported - began,
        "report_s": reported - imported,
        "again_s": again,
        "cpu_s": busy,
    }


def _cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def _tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += _tree(int(child))
        except OSError:
            continue
    return found


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def watched(arguments: list[str]) -> tuple[dict[str, float], int]:
    """Run this script's worker part in a process of its own and sample the memory of its whole family."""
    peak = 0
    process = subprocess.Popen([sys.executable, __file__, "--inner", *arguments], stdout=subprocess.PIPE, text=True)
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, sum(_pss(pid) for pid in _tree(process.pid)))

    thread = threading.Thread(target=sample)
    thread.start()
    out, _ = process.communicate()
    done.set()
    thread.join()
    if process.returncode:
        raise SystemExit(process.returncode)
    return json.loads(out.splitlines()[-1]), peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--archive", type=Path, help="use (or make) the archive here instead of in a temporary folder")
    parser.add_argument("--store", action="store_true", help="keep records and summaries, and import a second time")
    parser.add_argument("--profile", action="store_true", help="profile one process (implies --workers 1)")
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    workers = 1 if options.profile else options.workers
    with tempfile.TemporaryDirectory() as temporary:
        folder = str(Path(temporary) / "store") if options.store else None
        if options.inner:
            print(json.dumps(import_and_report(options.archive, workers, folder, options.profile)))
            return
        path = options.archive or Path(temporary) / "export.zip"
        if not path.exists():
            began = time.perf_counter()
            build_archive(path, options.runs)
            print(f"archive of {options.runs} runs made in {time.perf_counter() - began:.0f} s")
        bare, bare_cpu, size = min(unpack(path) for _ in range(2))
        print(
            f"archive {path.stat().st_size / MIB:.0f} MiB, unpacked {size / MIB:.0f} MiB; bare unpacking {bare:.2f} s"
        )
        flags = ["--archive", str(path), "--workers", str(workers)]
        flags += ["--store"] * options.store + ["--profile"] * options.profile
        figures, peak = watched(flags)
    total = figures["import_s"] + figures["report_s"]
    print(f"{figures['runs']:.0f} runs, {figures['shoes']:.0f} shoes, {figures['changes']:.0f} changes looked for")
    print(f"import {figures['import_s']:.2f} s + report {figures['report_s']:.2f} s = {total:.2f} s, {workers} workers")
    print(f"= {total / bare:.2f} x bare unpacking (aim 3); import alone {figures['import_s'] / bare:.2f} x")
    # On a machine busy with other work only CPU time tells: shared out evenly over the workers.
    spread = figures["cpu_s"] / workers / bare_cpu
    print(f"CPU {figures['cpu_s']:.2f} s over all processes, bare unpacking {bare_cpu:.2f} s: {spread:.2f} x a worker")
    print(f"peak memory of all processes {peak / MIB:.0f} MiB (aim 500)")
    if options.store:
        print(f"second import of the same archive {figures['again_s']:.2f} s")


if __name__ == "__main__":
    main()
