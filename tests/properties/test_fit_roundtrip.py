"""What the FIT writer writes, the FIT reader reads: any layout, byte order, developer field, interleaving."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.fit_protocol import BASE_TYPES, EPOCH_S
from soleus.exports.fit_encoder import DeveloperLayout, FieldLayout, FitWriter, Value, chain
from soleus.readers.fit import read_fit
from soleus.readers.fit_decode import decode
from soleus.readers.fit_profile import DEVICE_INFO, EVENT, PROFILE, RECORD, WORKOUT_STEP

NUMBERS = [name for name, base in BASE_TYPES.items() if base.letter != "S"]
PLAIN = sorted(set(PROFILE[RECORD]) - {2, 6, 99, 253})  # the others are joined or are times
NAMES = {number: PROFILE[RECORD][number] for number in PLAIN}


def raw_value(name: str) -> st.SearchStrategy[float | int | None]:
    base = BASE_TYPES[name]
    if base.invalid is None:
        return st.none() | st.floats(-1e6, 1e6, width=32)
    limits = np.iinfo(base.letter)
    return st.none() | st.integers(int(limits.min), int(limits.max)).filter(lambda v: v != base.invalid)


@st.composite
def tables(draw):
    """(big endian?, [(layout, rows)]) - several record layouts with their messages."""
    big = draw(st.booleans())
    layouts = []
    for _ in range(draw(st.integers(1, 3))):
        numbers = draw(st.lists(st.sampled_from(PLAIN), max_size=6, unique=True))
        fields = [FieldLayout(number, draw(st.sampled_from(NUMBERS))) for number in numbers]
        rows = draw(st.lists(st.tuples(*(raw_value(item.base) for item in fields)), max_size=8))
        layouts.append((fields, rows))
    return big, layouts


@given(tables(), st.booleans())
def test_any_records_come_back(table, reopen):
    big, layouts = table
    writer = FitWriter(big_endian=big)
    wanted: list[dict[str, float]] = []
    for local, (fields, rows) in enumerate(layouts):
        writer.define(local % 2 if reopen else local, RECORD, fields)
        for row in rows:
            writer.data(local % 2 if reopen else local, row)
            seen = {}
            for item, value in zip(fields, row, strict=True):
                spec = NAMES[item.number]
                if value is not None:
                    seen[spec.name] = float(value) / spec.scale - spec.offset
            wanted.append(seen)
    file = decode(writer.to_bytes())
    assert {repair.code for repair in file.repairs} <= {"no_size"}
    records = file.records
    assert len(records) == len(wanted)
    for name in {name for row in wanted for name in row} | set(records.columns):
        found = records.columns[name]
        for value, row in zip(found, wanted, strict=True):
            expected = row.get(name)
            assert math.isnan(value) if expected is None else math.isclose(value, expected, rel_tol=1e-12, abs_tol=1e-9)


@given(
    st.lists(st.integers(0, 31), min_size=1, max_size=200),
    st.integers(0x1000_0000, 0xF000_0000),
    st.lists(st.booleans(), min_size=200, max_size=200),
)
def test_compressed_times_come_back(steps, start, whole):
    writer = FitWriter()
    writer.define(0, RECORD, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8")])
    writer.define(1, RECORD, [FieldLayout(3, "uint8")])
    writer.data(0, [start, 100])
    now, wanted = start, [start]
    for step, full in zip(steps, whole, strict=False):
        now += step
        wanted.append(now)
        if full:
            writer.data(0, [now, 101])
        else:
            writer.compressed(1, now, [102])
    times = decode(writer.to_bytes()).records.columns["timestamp"]
    np.testing.assert_array_equal(times, np.array(wanted, dtype=float) + EPOCH_S)


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 4), st.integers(0, 2**32 - 2)), max_size=12))
def test_texts_and_numbers_of_workout_steps_come_back(steps):
    writer = FitWriter()
    for i, (name, kind, value) in enumerate(steps):
        writer.message(WORKOUT_STEP, {254: Value("uint16", i), 0: Value("string", name), 1: Value("enum", kind),
                                      2: Value("uint32", value)})  # fmt: skip
    found = decode(writer.to_bytes()).messages(WORKOUT_STEP)
    for i, ((name, kind, value), message) in enumerate(zip(steps, found, strict=True)):
        assert message.get("wkt_step_name", "") == name.split("\0")[0]
        assert (message["message_index"], message["duration_type"], message["duration_value"]) == (i, kind, value)


@given(
    st.lists(st.sampled_from([EVENT, DEVICE_INFO, RECORD, 233, 78]), min_size=1, max_size=5),
    st.integers(1, 60),
    st.lists(st.integers(0, 299), max_size=5),
)
def test_any_repeating_pattern_is_walked_exactly(pattern, repeats, interruptions):
    writer = FitWriter()
    for local, message in enumerate(pattern):
        writer.define(local, message, [FieldLayout(3, "uint8", local + 1)])
    counts = dict.fromkeys([*pattern, 21], 0)
    written = 0
    for _ in range(repeats):
        for local, message in enumerate(pattern):
            if written in interruptions:
                writer.message(21, {3: Value("uint32", written)})
                counts[21] += 1
            writer.data(local, [[local] * (local + 1)])
            counts[message] += 1
            written += 1
    part = decode(writer.to_bytes()).parts[0]
    for message, count in counts.items():
        assert part.count(message) == count
        offsets = [g.offsets() for g in part.groups(message)]
        assert all((np.diff(item) > 0).all() for item in offsets)


@given(st.lists(raw_value("sint32"), min_size=1, max_size=30), st.sampled_from(["sint32"]), st.integers(0, 9))
def test_developer_fields_come_back(values, base, index):
    writer = FitWriter()
    writer.message(206, {0: Value("uint8", index), 1: Value("uint8", 5), 2: Value("uint8", BASE_TYPES[base].number),
                         3: Value("string", "Spring"), 8: Value("string", "N/m")})  # fmt: skip
    writer.define(1, RECORD, [FieldLayout(253, "uint32")], [DeveloperLayout(5, index, base)])
    for i, value in enumerate(values):
        writer.data(1, [1_000_000_000 + i], [value])
    developer = decode(writer.to_bytes()).records.developer
    if all(value is None for value in values):
        assert developer == ()
        return
    assert (developer[0].name, developer[0].units, developer[0].developer_index) == ("Spring", "N/m", index)
    wanted = [math.nan if value is None else value for value in values]
    np.testing.assert_array_equal(developer[0].values, wanted)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5))
def test_chained_files_come_back_one_by_one(lengths):
    files = []
    for length in lengths:
        writer = FitWriter()
        writer.define(0, RECORD, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8")])
        writer.rows(0, [np.arange(length) + 1_000_000_000, np.full(length, 120)])
        files.append(writer.to_bytes())
    reading = read_fit(chain(*files))
    assert [len(activity.stream) for activity in reading.activities] == lengths
