"""The FIT writer byte by byte, and what it refuses."""

from datetime import UTC, datetime

import numpy as np
import pytest

from soleus.core.fit_protocol import checksum
from soleus.exports.fit_encoder import DeveloperLayout, FieldLayout, FitWriter, Value, chain, fit_time


def test_a_file_is_header_definition_data_and_checksum():
    writer = FitWriter()
    writer.define(0, 0, [FieldLayout(0, "enum"), FieldLayout(4, "uint32")])
    writer.data(0, [4, 0x01020304])
    whole = writer.to_bytes()
    assert whole[:2] == bytes((14, 0x20))
    assert int.from_bytes(whole[4:8], "little") == len(whole) - 16
    assert whole[8:12] == b".FIT"
    assert int.from_bytes(whole[12:14], "little") == checksum(whole[:12])
    assert whole[14:26] == bytes((0x40, 0, 0, 0, 0, 2, 0, 1, 0x00, 4, 4, 0x86))
    assert whole[26:-2] == bytes((0, 4, 4, 3, 2, 1))
    assert checksum(whole) == 0


def test_big_endian_turns_numbers_around():
    writer = FitWriter(big_endian=True, header_size=12)
    writer.define(1, 20, [FieldLayout(5, "uint32", scale=100)])
    writer.data(1, [2.56])
    body = writer.to_bytes()[12:-2]
    assert body == bytes((0x41, 0, 1, 0, 20, 1, 5, 4, 0x86, 1, 0, 0, 1, 0))


def test_absent_values_texts_and_arrays():
    writer = FitWriter()
    fields = [FieldLayout(0, "uint8"), FieldLayout(1, "sint16"), FieldLayout(2, "float32"), FieldLayout(3, "uint16z"),
              FieldLayout(4, "string", 4), FieldLayout(5, "uint8", 3), FieldLayout(6, "byte", 3)]  # fmt: skip
    writer.define(0, 100, fields)
    before = len(writer.to_bytes())
    writer.data(0, [None, float("nan"), None, None, "", [1, None], b"\x01"])
    writer.data(0, [1, -2, 0.5, 3, "Wadé", [1, 2, 3], b"abcd"])
    body = writer.to_bytes()[before - 2 : -2]
    assert body[:19] == b"\0\xff\xff\x7f\xff\xff\xff\xff\0\0\0\0\0\0\x01\xff\xff\x01\xff"
    assert body[20:] == b"\0\x01\xfe\xff\0\0\0\x3f\x03\0Wad\0\x01\x02\x03abc"


def test_developer_fields_follow_in_definition_and_data():
    writer = FitWriter()
    writer.define(2, 20, [FieldLayout(3, "uint8")], [DeveloperLayout(1, 0, "uint16")])
    writer.data(2, [140], [258])
    assert writer.to_bytes()[14:-2] == bytes((0x62, 0, 0, 20, 0, 1, 3, 1, 2, 1, 1, 2, 0, 2, 140, 2, 1))


def test_a_compressed_header_holds_local_number_and_five_bits():
    writer = FitWriter()
    writer.define(3, 20, [FieldLayout(3, "uint8")])
    writer.compressed(3, 0xFFF3, [99])
    assert writer.to_bytes()[-4:-2] == bytes((0x80 | 3 << 5 | 0x13, 99))
    with pytest.raises(ValueError, match="local 0-3"):
        writer.compressed(4, 0, [99])


def test_message_defines_only_when_the_layout_is_new_and_spares_reserved_numbers():
    writer = FitWriter()
    writer.define(0, 20, [FieldLayout(3, "uint8")])
    writer.message(27, {0: Value("string", "Run"), 1: Value("enum", 0)})
    first = len(writer.to_bytes())
    writer.message(27, {0: Value("string", "Jog"), 1: Value("enum", 1)})
    assert len(writer.to_bytes()) == first + 1 + 4 + 1
    writer.message(27, {0: Value("string", "Walk"), 1: Value("enum", 1)})
    assert len(writer.to_bytes()) > first + 6 + 7
    writer.data(0, [140])


def test_message_without_a_free_number_is_refused():
    writer = FitWriter()
    for local in range(16):
        writer.define(local, 20, [])
    with pytest.raises(ValueError, match="taken"):
        writer.message(0, {0: Value("enum", 4)})


def test_rows_equal_single_messages():
    fields = [FieldLayout(253, "uint32"), FieldLayout(78, "uint16", scale=5, offset=500), FieldLayout(7, "float32")]
    one, many = FitWriter(), FitWriter()
    for writer in (one, many):
        writer.define(5, 20, fields, [DeveloperLayout(0, 0, "uint8")])
    times, heights = np.arange(10, 60), np.linspace(-20, 300, 50)
    heights[7] = np.nan
    power = np.linspace(0, 1, 50)
    mood = np.full(50, np.nan)
    many.rows(5, [times, heights, power, mood])
    for i in range(50):
        one.data(5, [int(times[i]), float(heights[i]), float(power[i])], [None])
    assert one.to_bytes() == many.to_bytes()


@pytest.mark.parametrize(
    ("local", "message", "fields"),
    [
        (16, 20, []),
        (0, 70_000, []),
        (0, 20, [FieldLayout(3, "uint32", 64)]),
        (0, 20, [FieldLayout(300, "uint8")]),
        (0, 20, [FieldLayout(3, "uint8")] * 256),
    ],
)
def test_what_the_format_cannot_hold_is_refused(local, message, fields):
    with pytest.raises(ValueError, match=r"out of range|does not fit|at most 255"):
        FitWriter().define(local, message, fields)


def test_wrong_contents_are_refused():
    writer = FitWriter()
    writer.define(0, 20, [FieldLayout(3, "uint8")])
    with pytest.raises(ValueError, match="does not fit"):
        writer.data(0, [256])
    with pytest.raises(ValueError, match="as many values"):
        writer.data(0, [1, 2])
    with pytest.raises(ValueError, match="not text"):
        writer.data(0, ["a"])
    with pytest.raises(ValueError, match="columns are needed"):
        writer.rows(0, [])
    with pytest.raises(ValueError, match="does not fit"):
        writer.rows(0, [np.array([300.0])])
    writer.define(1, 20, [FieldLayout(3, "string", 4)])
    with pytest.raises(ValueError, match="single numbers"):
        writer.rows(1, [np.array([1])])


def test_time_and_chain():
    assert fit_time(datetime(1989, 12, 31, 0, 1, tzinfo=UTC)) == 60
    one = FitWriter().to_bytes()
    assert chain(one, one) == one + one
    assert FitWriter().to_bytes(crc=7)[-2:] == b"\7\0"
    assert FitWriter().to_bytes(header_crc=0)[12:14] == b"\0\0"
