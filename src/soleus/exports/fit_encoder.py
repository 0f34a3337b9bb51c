"""A small writer of FIT files: definitions, data messages, developer fields, compressed time stamps, checksums.

Low level on purpose: messages and fields go by their protocol numbers. Example, a file with one record:

    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 4: Value("uint32", fit_time(start))})
    writer.define(1, 20, [FieldLayout(253, "uint32"), FieldLayout(3, "uint8"), FieldLayout(5, "uint32", scale=100)])
    writer.data(1, [fit_time(start), 140, 2.5])
    open("run.fit", "wb").write(writer.to_bytes())

`define` + `data` say exactly which local number and layout is used; `message` picks them by itself; `rows` writes a
whole table of NumPy columns at once (a two-hour run in a few milliseconds). None, NaN and "" become the base type's
"no value". `chain` puts files one after the other.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from soleus.core.fit_protocol import (
    BASE_TYPES,
    COMPRESSED,
    DEFINITION,
    DEVELOPER,
    EPOCH_S,
    SIGNATURE,
    BaseType,
    checksum,
)

PROTOCOL_2_0 = 0x20
PROFILE_VERSION = 21_000
LOCAL_TYPES = 16
COMPRESSED_LOCAL_TYPES = 4
_LARGEST_FIELD = 255

Scalar = int | float
Content = Scalar | str | bytes | Sequence[Scalar | None] | None


def fit_time(instant: datetime) -> int:
    """Whole seconds since 1989-12-31T00:00:00Z of an aware instant."""
    return int(instant.astimezone(UTC).timestamp()) - EPOCH_S


@dataclass(frozen=True, slots=True)
class FieldLayout:
    """One field of a definition: its number, base type by name, and how many values it holds.

    For strings and bytes `count` is the size in bytes. A value is written as round((value + offset) * scale).
    """

    number: int
    base: str
    count: int = 1
    scale: float = 1.0
    offset: float = 0.0

    @property
    def type(self) -> BaseType:
        return BASE_TYPES[self.base]

    @property
    def size(self) -> int:
        """Bytes in the message."""
        return self.type.size * self.count


@dataclass(frozen=True, slots=True)
class DeveloperLayout:
    """One developer field of a definition; what it means is said by a field_description message (206)."""

    number: int
    developer_index: int
    base: str
    count: int = 1

    @property
    def as_field(self) -> FieldLayout:
        return FieldLayout(self.number, self.base, self.count)


@dataclass(frozen=True, slots=True)
class Value:
    """A field's content with its base type, for `FitWriter.message`."""

    base: str
    content: Content
    scale: float = 1.0
    offset: float = 0.0

    def layout(self, number: int) -> FieldLayout:
        """The narrowest layout that holds the content; texts get their closing zero byte."""
        count = 1
        if isinstance(self.content, str):
            count = len(self.content.encode()) + 1
        elif isinstance(self.content, bytes | Sequence):
            count = max(len(self.content), 1)
        return FieldLayout(number, self.base, count, self.scale, self.offset)


@dataclass(frozen=True, slots=True)
class _Definition:
    message: int
    fields: tuple[FieldLayout, ...]
    developer: tuple[DeveloperLayout, ...]
    big_endian: bool

    @property
    def order(self) -> str:
        return ">" if self.big_endian else "<"

    def to_bytes(self, local: int) -> bytes:
        head = DEFINITION | (DEVELOPER if self.developer else 0) | local
        parts = [struct.pack(f"{self.order}BBBHB", head, 0, int(self.big_endian), self.message, len(self.fields))]
        parts += [bytes((item.number, item.size, item.type.number)) for item in self.fields]
        if self.developer:
            parts.append(bytes((len(self.developer),)))
            parts += [bytes((item.number, item.as_field.size, item.developer_index)) for item in self.developer]
        return b"".join(parts)


@dataclass(slots=True)
class FitWriter:
    """Collects messages; `to_bytes` gives the file. Not to be shared between threads."""

    big_endian: bool = False
    """Byte order of definitions made from now on."""
    header_size: int = 14
    """14 (with a checksum of its own) or 12."""
    _body: bytearray = field(default_factory=bytearray)
    _defined: dict[int, _Definition] = field(default_factory=dict)
    _reserved: set[int] = field(default_factory=set)
    _next_local: int = 0

    def define(
        self,
        local: int,
        message: int,
        fields: Sequence[FieldLayout],
        developer: Sequence[DeveloperLayout] = (),
    ) -> None:
        """Write a definition: from here on `local` (0-15) stands for this message with these fields.

        Raises ValueError for a local number, message number, count or size the format cannot hold.
        """
        self._reserved.add(local)
        self._write_definition(local, _Definition(message, tuple(fields), tuple(developer), self.big_endian))

    def data(self, local: int, values: Sequence[Content], developer: Sequence[Content] = ()) -> None:
        """Write one message in the layout last defined for `local`; values in the order of its fields."""
        self._body.append(local)
        self._body += self._payload(self._defined[local], values, developer)

    def compressed(self, local: int, time: int, values: Sequence[Content], developer: Sequence[Content] = ()) -> None:
        """Write one message (local 0-3) whose header holds the low five bits of `time`, in whole seconds.

        The layout should have no time stamp field; a reader adds the bits to the last whole time stamp, so no two
        messages may be 32 s or more apart.
        """
        if not 0 <= local < COMPRESSED_LOCAL_TYPES:
            raise ValueError("only local 0-3 can have a compressed time stamp")
        self._body.append(COMPRESSED | local << 5 | time & 0x1F)
        self._body += self._payload(self._defined[local], values, developer)

    def rows(self, local: int, columns: Sequence[npt.NDArray[np.generic]]) -> None:
        """Write many messages at once: one (n,) column a field of the layout (numbers only), NaN = no value."""
        definition = self._defined[local]
        if definition.developer:
            layouts = (*definition.fields, *(item.as_field for item in definition.developer))
        else:
            layouts = definition.fields
        if len(columns) != len(layouts):
            raise ValueError(f"{len(layouts)} columns are needed, {len(columns)} were given")
        formats = ["u1", *(f"{definition.order}{item.type.letter}" for item in layouts)]
        if any(item.count != 1 or item.type.letter == "S" for item in layouts):
            raise ValueError("rows hold single numbers only")
        table = np.zeros(len(columns[0]), np.dtype([(f"f{i}", form) for i, form in enumerate(formats)]))
        table["f0"] = local
        for i, (layout, column) in enumerate(zip(layouts, columns, strict=True), start=1):
            table[f"f{i}"] = _raw_column(layout, column)
        self._body += table.tobytes()

    def message(self, number: int, values: Mapping[int, Value]) -> None:
        """Write one message of that global number, with a definition before it whenever the layout is new.

        Local numbers given to `define` are left alone; ValueError when that leaves none.
        """
        definition = _Definition(number, tuple(value.layout(key) for key, value in values.items()), (), self.big_endian)
        free = [local for local in range(LOCAL_TYPES) if local not in self._reserved]
        if not free:
            raise ValueError("every local number is taken by define()")
        local = next((key for key in free if self._defined.get(key) == definition), None)
        if local is None:
            local = free[self._next_local % len(free)]
            self._next_local += 1
            self._write_definition(local, definition)
        self.data(local, [value.content for value in values.values()])

    def raw(self, content: bytes) -> None:
        """Put bytes into the file as they are (to make damaged files on purpose)."""
        self._body += content

    def to_bytes(
        self, *, declared_size: int | None = None, header_crc: int | None = None, crc: int | None = None
    ) -> bytes:
        """The whole file. The three arguments put a wrong size or checksum there on purpose."""
        size = len(self._body) if declared_size is None else declared_size
        head = struct.pack("<BBHI4s", self.header_size, PROTOCOL_2_0, PROFILE_VERSION, size & 0xFFFFFFFF, SIGNATURE)
        if self.header_size == 14:
            head += struct.pack("<H", checksum(head) if header_crc is None else header_crc)
        whole = head + bytes(self._body)
        return whole + struct.pack("<H", checksum(whole) if crc is None else crc)

    def _write_definition(self, local: int, definition: _Definition) -> None:
        """Check that the format can hold it, then write it and remember it."""
        if not 0 <= local < LOCAL_TYPES or not 0 <= definition.message < 1 << 16:
            raise ValueError(f"local {local} or message {definition.message} is out of range")
        if len(definition.fields) > _LARGEST_FIELD or len(definition.developer) > _LARGEST_FIELD:
            raise ValueError("a definition holds at most 255 fields")
        for layout in (*definition.fields, *(item.as_field for item in definition.developer)):
            if not 0 < layout.size <= _LARGEST_FIELD or not 0 <= layout.number <= _LARGEST_FIELD:
                raise ValueError(f"field {layout.number} of {layout.size} bytes does not fit")
        self._defined[local] = definition
        self._body += definition.to_bytes(local)

    def _payload(self, definition: _Definition, values: Sequence[Content], developer: Sequence[Content]) -> bytes:
        if len(values) != len(definition.fields) or len(developer) != len(definition.developer):
            raise ValueError("as many values are needed as the definition has fields")
        order = definition.order
        parts = [_encode(item, value, order) for item, value in zip(definition.fields, values, strict=True)]
        parts += [
            _encode(item.as_field, value, order) for item, value in zip(definition.developer, developer, strict=True)
        ]
        return b"".join(parts)


def chain(*files: bytes) -> bytes:
    """Several FIT files as one, as multi-part exports and some watches write them."""
    return b"".join(files)


_STRUCT = {"u1": "B", "i1": "b", "u2": "H", "i2": "h", "u4": "I", "i4": "i", "u8": "Q", "i8": "q", "f4": "f", "f8": "d"}


def _encode(layout: FieldLayout, content: Content, order: str) -> bytes:
    """The bytes of one field, filled up with "no value"."""
    base, count = layout.type, layout.count
    if base.letter == "S":
        text = content if isinstance(content, str) else ""
        # A name is cut between characters, and one byte is kept for the closing zero.
        whole = text.encode()[: max(count - 1, 0)].decode("utf-8", "ignore").encode()
        return whole.ljust(count, b"\0")
    if isinstance(content, bytes):
        return content[: layout.size].ljust(layout.size, b"\xff")
    if isinstance(content, str):
        raise ValueError(f"field {layout.number} takes numbers, not text")  # noqa: TRY004
    single = content is None or isinstance(content, int | float)
    items: list[Scalar | None] = [content] if single else list(content)  # type: ignore[list-item,arg-type]
    items = (items + [None] * count)[:count]
    if base.invalid is None:
        code = f"{order}{_STRUCT[base.letter]}"
        return b"".join(b"\xff" * base.size if _absent(item) else struct.pack(code, item) for item in items)
    raw = [base.invalid if _absent(item) else _whole(layout, item) for item in items]
    try:
        return struct.pack(f"{order}{count}{_STRUCT[base.letter]}", *raw)
    except struct.error as error:
        raise ValueError(f"a value of field {layout.number} does not fit into {base.name}") from error


def _absent(item: Scalar | None) -> bool:
    return item is None or item != item


def _whole(layout: FieldLayout, item: Scalar | None) -> int:
    if isinstance(item, int) and layout.scale == 1.0 and not layout.offset:
        return item
    return round(((item or 0) + layout.offset) * layout.scale)


def _raw_column(layout: FieldLayout, column: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    base = layout.type
    if base.invalid is None:
        return column
    if np.issubdtype(column.dtype, np.integer) and layout.scale == 1.0 and not layout.offset:
        return column
    values = column.astype(np.float64)
    missing = np.isnan(values)
    raw = np.rint((np.where(missing, 0.0, values) + layout.offset) * layout.scale)
    limits = np.iinfo(base.letter)
    if raw.size and (raw.min() < limits.min or raw.max() > limits.max):
        raise ValueError(f"a value of field {layout.number} does not fit into {base.name}")
    out = raw.astype(base.letter)
    out[missing] = base.invalid
    return out
