"""FIT files written by our own encoder: a plain run and every awkward kind of file the reader must survive."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from soleus.core.fit_protocol import EPOCH_S
from soleus.exports.fit_encoder import DeveloperLayout, FieldLayout, FitWriter, Value, chain, fit_time

START = datetime(2024, 5, 4, 6, 30, tzinfo=UTC)
T0 = fit_time(START)
SEMICIRCLES = 2**31 / 180.0
STRYD = bytes.fromhex("660a581e") + bytes(12)

RECORD = (
    FieldLayout(253, "uint32"),
    FieldLayout(0, "sint32"),
    FieldLayout(1, "sint32"),
    FieldLayout(5, "uint32", scale=100),
    FieldLayout(73, "uint32", scale=1000),
    FieldLayout(78, "uint32", scale=5, offset=500),
    FieldLayout(3, "uint8"),
    FieldLayout(4, "uint8"),
    FieldLayout(53, "uint8", scale=128),
    FieldLayout(41, "uint16", scale=10),
    FieldLayout(39, "uint16", scale=10),
    FieldLayout(84, "uint16", scale=100),
    FieldLayout(85, "uint16", scale=10),
)


def head(writer: FitWriter, kind: int = 4) -> None:
    """file_id, the recording watch, its barometer and timer start."""
    writer.message(0, {0: Value("enum", kind), 1: Value("uint16", 1), 2: Value("uint16", 3113),
                       3: Value("uint32z", 3_900_000_001), 4: Value("uint32", T0)})  # fmt: skip
    writer.message(23, {253: Value("uint32", T0), 0: Value("uint8", 1), 1: Value("uint8", 4), 25: Value("enum", 5)})
    timer(writer, T0, 0)


def timer(writer: FitWriter, at: int, kind: int) -> None:
    writer.message(21, {253: Value("uint32", at), 0: Value("enum", 0), 1: Value("enum", kind)})


def tail(writer: FitWriter, seconds: int, metres: float, sport: tuple[int, int] = (1, 0), start: int = T0) -> None:
    """Stop, lap, session, activity (two hours east of Greenwich)."""
    end = start + seconds
    timer(writer, end, 4)
    span = {253: Value("uint32", end), 2: Value("uint32", start), 7: Value("uint32", seconds, 1000),
            8: Value("uint32", seconds, 1000), 9: Value("uint32", metres, 100)}  # fmt: skip
    writer.message(19, {**span, 23: Value("enum", 0)})
    writer.message(18, {**span, 5: Value("enum", sport[0]), 6: Value("enum", sport[1]), 10: Value("uint32", 900),
                        16: Value("uint8", 148), 18: Value("uint8", 84), 92: Value("uint8", 0.5, 128),
                        22: Value("uint16", 40), 193: Value("uint8", 60)})  # fmt: skip
    writer.message(34, {253: Value("uint32", end), 1: Value("uint16", 1), 5: Value("uint32", end + 7200)})


def run_columns(seconds: int, seed: int = 1) -> list[np.ndarray]:
    """One column a field of `RECORD`: an easy run in circles, one record a second."""
    rng = np.random.default_rng(seed)
    t = np.arange(seconds)
    speed = 2.9 + 0.2 * np.sin(t / 90.0) + rng.normal(0, 0.05, seconds)
    return [
        T0 + t,
        np.rint((48.0 + 0.004 * np.sin(t / 300.0)) * SEMICIRCLES).astype(np.int64),
        np.rint((11.0 + 0.006 * np.cos(t / 300.0)) * SEMICIRCLES).astype(np.int64),
        np.cumsum(speed),
        speed,
        520.0 + 8.0 * np.sin(t / 200.0),
        np.rint(145 + 8 * np.sin(t / 120.0)),
        np.full(seconds, 84.0),
        np.full(seconds, 0.5),
        np.full(seconds, 243.5),
        np.full(seconds, 88.1),
        np.full(seconds, 49.6),
        np.full(seconds, 1040.0),
    ]


def run_file(seconds: int = 600, *, big_endian: bool = False, header_size: int = 14) -> bytes:
    """A plain run."""
    writer = FitWriter(big_endian=big_endian, header_size=header_size)
    head(writer)
    columns = run_columns(seconds)
    writer.define(3, 20, RECORD)
    writer.rows(3, columns)
    tail(writer, seconds, float(columns[3][-1]))
    return writer.to_bytes()


def interleaved(seconds: int = 600) -> bytes:
    """Record, HRV and an unknown message in turn, with a lap now and then: what modern watches write."""
    writer = FitWriter()
    head(writer)
    columns = run_columns(seconds)
    writer.define(3, 20, RECORD)
    writer.define(4, 78, [FieldLayout(0, "uint16", 5)])
    writer.define(5, 233, [FieldLayout(2, "byte", 11)])
    for i in range(seconds):
        writer.data(3, [float(column[i]) if column.dtype.kind == "f" else int(column[i]) for column in columns])
        if i % 7:
            writer.data(4, [[400, 410]])
        writer.data(5, [bytes(range(11))])
        if i % 97 == 96:
            writer.message(19, {253: Value("uint32", T0 + i), 2: Value("uint32", T0 + i - 96)})
    tail(writer, seconds, float(columns[3][-1]))
    return writer.to_bytes()


def compressed_timestamps(records: int = 300) -> bytes:
    """FR70 style: time in the header, an empty first definition, packed speed and distance."""
    writer = FitWriter(header_size=12)
    head(writer)
    writer.define(0, 20, [])
    writer.compressed(0, T0 + 1, [])
    writer.define(1, 20, [FieldLayout(3, "uint8"), FieldLayout(8, "byte", 3)])
    for i in range(2, records + 1):
        speed, ticks = 300, (i * 48) & 0xFFF
        packed = bytes((speed & 0xFF, speed >> 8 | (ticks & 0xF) << 4, ticks >> 4))
        writer.compressed(1, T0 + 4 * i, [140 + i % 5, packed])
    tail(writer, 4 * records, 3.0 * records)
    return writer.to_bytes()


def developer_fields(seconds: int = 120) -> bytes:
    """A foot pod, a second app with a field of the same name, one without developer_data_id, one undescribed."""
    writer = FitWriter()
    head(writer)
    writer.message(207, {1: Value("byte", STRYD), 3: Value("uint8", 0)})
    writer.message(207, {1: Value("byte", b"other app id 0001"[:16]), 3: Value("uint8", 1)})
    described = (
        (0, 0, 0x84, "Power", "Watts", 7), (0, 1, 0x84, "Ground Time", "Milliseconds", 41),
        (0, 2, 0x88, "Vertical Oscillation", "Centimeters", 39), (0, 3, 0x88, "Leg Spring Stiffness", "kN/m", None),
        (1, 0, 0x84, "Power", "W", None), (7, 4, 0x02, "Mood", "", None),
    )  # fmt: skip
    for index, number, base, name, units, native in described:
        values = {0: Value("uint8", index), 1: Value("uint8", number), 2: Value("uint8", base),
                  3: Value("string", name), 8: Value("string", units)}  # fmt: skip
        if native is not None:
            values |= {14: Value("uint16", 20), 15: Value("uint8", native)}
        writer.message(206, values)
    writer.define(
        2,
        20,
        [FieldLayout(253, "uint32"), FieldLayout(6, "uint16", scale=1000)],
        [DeveloperLayout(0, 0, "uint16"), DeveloperLayout(1, 0, "uint16"), DeveloperLayout(2, 0, "float32"),
         DeveloperLayout(3, 0, "float32"), DeveloperLayout(0, 1, "uint16"), DeveloperLayout(4, 7, "uint8"),
         DeveloperLayout(9, 9, "uint8", 3)],
    )  # fmt: skip
    for i in range(seconds):
        writer.data(2, [T0 + i, 3.0], [250, 0 if i < 3 else 240, 8.25, 9.5, 200, i % 10, b"abc"])
    tail(writer, seconds, 3.0 * seconds)
    return writer.to_bytes()


def runscribe(seconds: int = 60) -> bytes:
    """Left and right foot in developer fields of their own."""
    writer = FitWriter()
    head(writer)
    names = ("RS_ContactTime_L", "RS_ContactTime_R", "RS_FootStrike_L", "RS_FootStrike_R", "RS_Pronation_L",
             "RS_Pronation_R", "RS_Impact_GS_L", "RS_Impact_GS_R", "RS_Braking_GS_L", "RS_Braking_GS_R")  # fmt: skip
    writer.message(207, {3: Value("uint8", 0)})
    for i, name in enumerate(names):
        writer.message(206, {0: Value("uint8", 0), 1: Value("uint8", i), 2: Value("uint8", 0x88),
                             3: Value("string", name), 8: Value("string", "ms" if i < 2 else "")})  # fmt: skip
    writer.define(2, 20, [FieldLayout(253, "uint32")],
                  [DeveloperLayout(i, 0, "float32") for i in range(len(names))])  # fmt: skip
    for i in range(seconds):
        writer.data(2, [T0 + i], [240.0, 250.0, 3.0, 5.0, -9.0, -11.0, 8.0, 10.0, 6.0, None])
    tail(writer, seconds, 180.0)
    return writer.to_bytes()


def multisport() -> bytes:
    """Swim, transition, ride, run: one file, four sessions, the summaries before the records."""
    writer = FitWriter()
    head(writer)
    sports = ((5, 18), (3, 0), (2, 7), (1, 3))
    for i, sport in enumerate(sports):
        tail(writer, 100, 200.0, sport, start=T0 + 100 * i)
    writer.define(3, 20, RECORD)
    writer.rows(3, run_columns(400))
    return writer.to_bytes()


def paused() -> bytes:
    """Timer stopped for 90 s, then a lost stretch of 200 s while it runs."""
    writer = FitWriter()
    head(writer)
    writer.define(3, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8")])
    for at in (*range(100), *range(190, 300), *range(500, 600)):
        writer.data(3, [T0 + at, 130])
    timer(writer, T0 + 99, 4)
    timer(writer, T0 + 190, 0)
    tail(writer, 600, 1500.0)
    return writer.to_bytes()


def untidy_clock() -> bytes:
    """Repeated seconds, a record out of order, one without a time, a stray one in 2085, a clock set by a year."""
    writer = FitWriter()
    head(writer)
    writer.define(3, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8"), FieldLayout(4, "uint8")])
    year = 365 * 86_400
    for i in range(40):
        writer.data(3, [T0 - year + i, 120, None])
    for i in range(200):
        writer.data(3, [T0 + 40 + i, 130, None])
        if i == 50:
            writer.data(3, [T0 + 40 + i, None, 85])
        if i == 60:
            writer.data(3, [T0 + 40 + i - 2, 131, None])
        if i == 70:
            writer.data(3, [None, 200, None])
        if i == 80:
            writer.data(3, [T0 + 60 * year, 210, None])
    tail(writer, 240, 600.0)
    return writer.to_bytes()


def odd_fields() -> bytes:
    """A size that is no multiple of the base type, arrays, an unterminated text, an unknown base type, all floats."""
    writer = FitWriter()
    head(writer)
    writer.message(12, {0: Value("enum", 1), 3: Value("byte", b"no closing zero")})
    fields = ((253, 4, 0x86), (3, 1, 0x02), (6, 3, 0x84), (5, 8, 0x86), (2, 2, 0x1E), (7, 4, 0x88), (3, 1, 0x02))
    writer.raw(bytes((0x43, 0, 0)) + struct.pack("<HB", 20, len(fields)) + bytes(x for item in fields for x in item))
    for i in range(30):
        values = struct.pack("<IB3sIIHfB", T0 + i, 140, b"abc", 100 * i, 7, 9, 250.5, 99)
        writer.raw(b"\3" + values)
    tail(writer, 30, 30.0)
    return writer.to_bytes()


def clock_never_set() -> bytes:
    """The watch counts from switching on; only the activity message knows the local time."""
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 1: Value("uint16", 1)})
    writer.define(3, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8")])
    for i in range(60):
        writer.data(3, [1_000_000 + i, 140])
    writer.message(34, {253: Value("uint32", 1_000_060), 5: Value("uint32", T0 + 60)})
    return writer.to_bytes()


def tiny_definitions(count: int = 1_000_000, *, different: bool = False) -> bytes:
    """Definitions without end, of six bytes each."""
    writer = FitWriter()
    numbers = np.arange(count, dtype="<u4") % 65536 if different else np.zeros(count, "<u4")
    table = np.zeros((count, 6), np.uint8)
    table[:, 0] = 0x40
    table[:, 3:5] = numbers.astype("<u2").view(np.uint8).reshape(count, 2)
    writer.raw(table.tobytes())
    return writer.to_bytes()


def many_empty_messages(count: int = 5_000_000) -> bytes:
    """A definition without fields makes every following byte a message."""
    writer = FitWriter()
    writer.define(0, 20, [])
    writer.raw(bytes(count))
    return writer.to_bytes()


def settings_file() -> bytes:
    writer = FitWriter()
    head(writer, kind=2)
    return writer.to_bytes()


def truncated_at(share: float) -> bytes:
    whole = run_file()
    return whole[: int(len(whole) * share)]


def bad_crc() -> bytes:
    whole = run_file()
    return whole[:-2] + bytes((whole[-2] ^ 0xFF, whole[-1]))


def _resized(declared: int) -> bytes:
    whole = run_file()
    return whole[:4] + struct.pack("<I", declared) + whole[8:]


def undefined_in_the_middle() -> bytes:
    """A local number nobody defined, then a second, whole file."""
    writer = FitWriter()
    head(writer)
    writer.define(3, 20, RECORD)
    writer.rows(3, run_columns(50))
    writer.raw(b"\x0f\x01\x02\x03")
    return chain(writer.to_bytes(), run_file(100))


CORPUS: dict[str, Callable[[], bytes]] = {
    "plain": run_file,
    "big_endian": lambda: run_file(big_endian=True),
    "short_header": lambda: run_file(header_size=12),
    "interleaved": interleaved,
    "compressed_timestamps": compressed_timestamps,
    "developer_fields": developer_fields,
    "runscribe": runscribe,
    "multisport": multisport,
    "paused": paused,
    "untidy_clock": untidy_clock,
    "odd_fields": odd_fields,
    "clock_never_set": clock_never_set,
    "chained": lambda: chain(run_file(60), settings_file(), run_file(90)),
    "garbage_between": lambda: run_file(60) + b"\0garbage\r\n" * 9 + run_file(90),
    "garbage_after": lambda: run_file(60) + b"\0\1\2\3" * 50,
    "truncated": lambda: truncated_at(0.7),
    "bad_crc": bad_crc,
    "no_declared_size": lambda: _resized(0),
    "four_gigabytes_declared": lambda: _resized(0xFFFFFFFF),
    "undefined_in_the_middle": undefined_in_the_middle,
    "settings": settings_file,
    "header_only": lambda: FitWriter().to_bytes(),
    "empty": lambda: b"",
}
"""Name → file. Small enough to be mutated thousands of times."""


def damage_everywhere(stretches: int = 20_000) -> bytes:
    """Sixteen record layouts, then damage after every second record: every one starts a search."""
    writer = FitWriter()
    for local in range(16):
        writer.define(local, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8", local + 1)])
    writer.raw(b"".join(b"\0" + struct.pack("<IB", T0 + i, 140) + b"\xff" * 9 for i in range(stretches)))
    whole = writer.to_bytes(declared_size=0)
    return whole * 12


LARGE: dict[str, Callable[[], bytes]] = {
    "tiny_definitions": tiny_definitions,
    "different_definitions": lambda: tiny_definitions(different=True),
    "many_empty_messages": many_empty_messages,
    "damage_everywhere": damage_everywhere,
    "many_headers": lambda: run_file(1)[:14] * 200_000,
}

UNIX_T0 = float(T0 + EPOCH_S)
