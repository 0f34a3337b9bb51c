"""Mutated FIT files: no exception, no hang, no runaway memory, always sound activities."""

import random
import resource
import time
from pathlib import Path

import numpy as np
import pytest
from fit_corpus import CORPUS

from soleus.readers.fit import read_fit

REAL = Path(__file__).parents[2].parent / "shared" / "activity" / "files"
LONGEST_S = 2.0
LARGEST_GROWTH_KB = 300_000


def seeds() -> list[bytes]:
    """Our own files and, where they are, the small real ones."""
    found = [build() for build in CORPUS.values()]
    found += [path.read_bytes() for path in sorted(REAL.rglob("*.[fF][iI][tT]")) if path.stat().st_size < 40_000]
    return [data for data in found if data]


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Flip, cut, insert, double or swap bytes; sizes and counts in definitions are hit more often than chance would."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if not out:
            break
        at = rng.randrange(len(out)) if rng.random() < 0.6 else rng.randrange(min(len(out), 300))
        match rng.randrange(7):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at] = rng.choice((0, 1, 0x0F, 0x40, 0x60, 0x7F, 0x80, 0xFE, 0xFF))
            case 2:
                del out[at : at + rng.choice((1, 2, 8, 100))]
            case 3:
                out[at:at] = rng.randbytes(rng.choice((1, 3, 30)))
            case 4:
                out = out[:at] if rng.random() < 0.3 else out
            case 5:
                size = rng.choice((4, 40, 400))
                out[at:at] = out[at : at + size]
            case 6:
                out[at : at + 4] = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b".FIT", b"\x40\0\0\x14"))
    return bytes(out)


def check(data: bytes) -> None:
    reading = read_fit(data)
    for activity in reading.activities:
        assert activity.start_utc.tzinfo is not None
        assert all(0 <= pause.start_s < pause.end_s for pause in activity.pauses)
        assert all(0 <= lap.start_s <= lap.end_s for lap in activity.laps)
        if activity.stream is not None:
            assert (np.diff(activity.stream.time_s) > 0).all()
            assert np.isfinite(activity.stream.time_s).all()
            for values in activity.stream.channels.values():
                assert not np.isinf(values).any()
    for repair in reading.repairs:
        assert repair.code
        assert repair.offset is None or 0 <= repair.offset <= len(data)
    assert reading.activities or reading.repairs


def fuzz(count: int, seed: int) -> None:
    rng = random.Random(seed)
    originals = seeds()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for i in range(count):
        data = mutate(rng.choice(originals), rng)
        started = time.process_time()
        try:
            check(data)
        except Exception as error:
            raise AssertionError(f"mutation {i} of seed {seed}, {len(data)} bytes") from error
        assert time.process_time() - started < LONGEST_S, (seed, i)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LARGEST_GROWTH_KB


def test_three_thousand_mutated_files():
    fuzz(3_000, seed=20241)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_thousand_mutated_files(seed):
    fuzz(10_000, seed=seed)


def test_pure_noise():
    rng = random.Random(5)
    for size in (0, 1, 11, 12, 14, 100, 5_000, 200_000):
        check(rng.randbytes(size))
        check(b"\x0e\x20\0\0\0\0\0\0.FIT\0\0" + rng.randbytes(size))
