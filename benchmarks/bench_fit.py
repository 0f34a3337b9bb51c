"""Reading FIT: ours next to fitfast, garmin-fit-sdk and fitdecode, same run files, one run, CPU time.

    python benchmarks/bench_fit.py [--files N] [--write]

What is timed, from bytes in memory: `decode` gives all record columns (developer fields too, checksum verified; other
messages are located and decoded when asked for); `read_fit` gives finished activities (sessions, laps, pauses,
device, channels on one time axis). fitfast.records gives record columns; fitfast.parse, garmin-fit-sdk and fitdecode
decode every message. Every tool is timed on its own best of a few passes over the files that all of them read, and
first checked to give as many records and the same heartbeats. "cold" empties our memory of layouts before each file.

The files are real runs from ../shared/activity when that is there, else runs written by our own encoder.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import importlib.metadata
import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soleus.readers.fit import read_fit
from soleus.readers.fit_decode import decode
from soleus.readers.fit_rows import _plan
from soleus.readers.fit_walk import parse_layout

warnings.simplefilter("ignore")

SHARED = Path(__file__).parents[2] / "shared" / "activity"
RESULTS = Path(__file__).with_name("results") / "fit.json"
Sum = tuple[int, float]
"""(records, sum of heart rates): equal for every tool that reads a file right."""


@dataclass(frozen=True)
class Tool:
    name: str
    read: Callable[[bytes], Sum]
    passes: int
    package: str = ""
    note: str = ""


def beats(values: object) -> float:
    return float(np.nansum(np.asarray(values, dtype=float))) if values is not None else 0.0


def soleus_decode(data: bytes) -> Sum:
    records = decode(data).records
    return len(records), beats(records.columns.get("heart_rate"))


def soleus_cold(data: bytes) -> Sum:
    parse_layout.cache_clear()
    _plan.cache_clear()
    return soleus_decode(data)


def soleus_read(data: bytes) -> Sum:
    streams = [a.stream for a in read_fit(data).activities if a.stream is not None]
    return sum(map(len, streams)), sum(beats(s.channels.get("heart_rate_bpm")) for s in streams)


def peers() -> list[Tool]:
    """The peers that are installed; what is missing is said."""
    found: list[Tool] = []
    modules: dict[str, object] = {}
    for package, module in (("fitfast", "fitfast"), ("garmin-fit-sdk", "garmin_fit_sdk"), ("fitdecode", "fitdecode")):
        try:
            modules[package] = importlib.import_module(module)
        except ImportError:
            print(f"{package}: not installed, left out (scripts/install_bench_peers.sh installs it)")
    if fitfast := modules.get("fitfast"):

        def columns(data: bytes) -> Sum:
            table = fitfast.records(data)  # type: ignore[attr-defined]
            return len(table["timestamp"]) if table else 0, beats(table.get("heart_rate"))

        def parse(data: bytes) -> Sum:
            rows = fitfast.parse(data).get("record", [])  # type: ignore[attr-defined]
            return len(rows), float(sum(row.get("heart_rate") or 0 for row in rows))

        found.append(Tool("fitfast.records", columns, 5, "fitfast", "Rust; record columns"))
        found.append(Tool("fitfast.parse", parse, 2, "fitfast", "Rust; every message as dict"))
    if sdk := modules.get("garmin-fit-sdk"):

        def official(data: bytes) -> Sum:
            decoder = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(data)))  # type: ignore[attr-defined]
            messages, errors = decoder.read(merge_heart_rates=False)
            rows = messages.get("record_mesgs", [])
            if errors or not rows:
                raise ValueError("not read")
            return len(rows), float(sum(row.get("heart_rate") or 0 for row in rows))

        found.append(Tool("garmin-fit-sdk", official, 2, "garmin-fit-sdk", "Python; every message"))
    if fitdecode := modules.get("fitdecode"):

        def frames(data: bytes) -> Sum:
            count, total = 0, 0.0
            with fitdecode.FitReader(data) as reader:  # type: ignore[attr-defined]
                for frame in reader:
                    if frame.frame_type == fitdecode.FIT_FRAME_DATA and frame.name == "record":  # type: ignore[attr-defined]
                        count += 1
                        total += frame.get_value("heart_rate", fallback=0) or 0
            return count, float(total)

        found.append(Tool("fitdecode", frames, 2, "fitdecode", "Python; every message"))
    return found


def load_files(most: int) -> tuple[str, dict[str, bytes]]:
    """The run files, largest variety first: real ones when they are there."""
    if (SHARED / "PROVENANCE.csv").exists():
        with (SHARED / "PROVENANCE.csv").open(newline="") as file:
            rows = [r for r in csv.DictReader(file) if r["format"] == "fit" and r["is_run"] == "1"]
        paths = [SHARED / r["file"] for r in rows if int(r["records"] or 0) > 300]
        # Evenly by size, so that small, large, plain and interleaved files all take part.
        paths.sort(key=lambda path: path.stat().st_size)
        chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, most).round().astype(int))]
        return "real runs", {path.name: path.read_bytes() for path in chosen}
    return "runs of our own encoder", {f"run{i}": own_run(1_800 + 450 * i, i) for i in range(most)}


def own_run(seconds: int, seed: int) -> bytes:
    from soleus.exports.fit_encoder import FieldLayout, FitWriter, Value

    rng, start = np.random.default_rng(seed), 1_000_000_000
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 1: Value("uint16", 1), 4: Value("uint32", start)})
    fields = ((253, "uint32"), (0, "sint32"), (1, "sint32"), (5, "uint32"), (73, "uint32"), (78, "uint32"),
              (3, "uint8"), (4, "uint8"), (53, "uint8"), (41, "uint16"), (39, "uint16"), (83, "uint16"),
              (84, "uint16"), (85, "uint16"), (13, "sint8"), (7, "uint16"))  # fmt: skip
    writer.define(1, 20, [FieldLayout(number, base) for number, base in fields])
    columns = [rng.integers(1, 100, seconds) for _ in fields]
    columns[0] = start + np.arange(seconds)
    for block in range(0, seconds, 500):
        writer.rows(1, [column[block : block + 500] for column in columns])
        writer.message(23, {253: Value("uint32", start + block), 0: Value("uint8", 0)})
    writer.message(18, {253: Value("uint32", start + seconds), 2: Value("uint32", start), 5: Value("enum", 1)})
    return writer.to_bytes()


def attempt(tool: Tool, data: bytes) -> Sum | None:
    try:
        return tool.read(data)
    except BaseException as error:  # a Rust panic is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return None


def best_cpu_s(tool: Tool, data: bytes) -> float:
    times = []
    for _ in range(tool.passes):
        start = time.process_time()
        tool.read(data)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=16)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    kind, files = load_files(options.files)
    tools = [
        Tool("soleus decode", soleus_decode, 7, note="record columns, checksum"),
        Tool("soleus decode, cold", soleus_cold, 7, note="no layout remembered"),
        Tool("soleus read_fit", soleus_read, 7, note="finished activities"),
        *peers(),
    ]
    found = {tool.name: {name: attempt(tool, data) for name, data in files.items()} for tool in tools}
    common = [name for name in files if all(found[tool.name][name] is not None for tool in tools)]
    for tool in tools:
        for name in common:
            ours, theirs = found["soleus decode"][name], found[tool.name][name]
            if tool.name != "soleus read_fit" and ours != theirs:
                sys.exit(f"{tool.name} reads {name} differently: {theirs} instead of {ours}")
    records = sum(found["soleus decode"][name][0] for name in common)  # type: ignore[index]
    size = sum(len(files[name]) for name in common)
    print(f"{len(common)} {kind} that all tools read (of {len(files)}), {records:,} records, {size / 1e6:.1f} MB")
    print(f"{'tool':22}{'us/record':>10}{'files/s':>10}{'x decode':>10}{'x read_fit':>11}{'not read':>9}  note")
    rows = []
    for tool in tools:
        seconds = sum(best_cpu_s(tool, files[name]) for name in common)
        failed = sum(1 for name in files if found[tool.name][name] is None)
        rows.append({"tool": tool.name, "us_per_record": seconds / records * 1e6, "files_per_s": len(common) / seconds,
                     "not_read": failed, "note": tool.note,
                     "version": importlib.metadata.version(tool.package) if tool.package else ""})  # fmt: skip
    for row in rows:
        row["times_decode"] = row["us_per_record"] / rows[0]["us_per_record"]
        row["times_read_fit"] = row["us_per_record"] / rows[2]["us_per_record"]
        print(f"{row['tool']:22}{row['us_per_record']:10.3f}{row['files_per_s']:10.0f}{row['times_decode']:10.1f}"
              f"{row['times_read_fit']:11.1f}{row['not_read']:9d}  {row['note']} {row['version']}")  # fmt: skip
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"files": len(common), "kind": kind, "records": records, "rows": rows}, indent=1)
                           + "\n")  # fmt: skip


if __name__ == "__main__":
    main()
