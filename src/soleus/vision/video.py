"""Films as a stream of upright, scaled pictures with their real times. Needs the extra `gait` (PyAV).

A picture is scaled inside the decoder's own converter before it becomes red-green-blue: a 4K picture never exists at
full size as an array. Times are presentation times; a nominal frame rate is never used for them.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.core.errors import StateError, VideoError
from soleus.vision.clip_info import HEEL_RAISE_LIMITS, ClipInfo, ClipLimits, choose_window
from soleus.vision.film_kind import ADVICE, DEMUXERS, check_file
from soleus.vision.picture import TRANSFERS, Image, read_failures, scaled, square_width, turn_of, upright
from soleus.vision.slow_motion import check_stated, slow_motion_of

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

__all__ = [
    "HEEL_RAISE_LIMITS",
    "Clip",
    "ClipInfo",
    "ClipLimits",
    "Frame",
    "Stopped",
    "open_clip",
    "probe_clip",
]

_RATE_PACKETS = 240
"""Pictures whose times give the playback rate: enough for every rate, read without decoding."""
_MAX_FAILURES = 300
"""Undecodable packets in a row after which the rest of the film is given up."""
_MISSING_SHARE = 0.1
"""A film that lacks more than this share of what its header promises was cut off."""


class Stopped(StateError):
    """The caller asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture."""

    image: Image
    """(H, W, 3) red, green, blue; contiguous, upright."""
    time_s: float
    """Real seconds since the first picture used."""
    playback_s: float
    """Its presentation time in the file."""


@dataclass(slots=True, kw_only=True)
class Clip:
    """An open film. Iterate over it once."""

    info: ClipInfo
    size: tuple[int, int]
    """Width and height of the pictures given out."""
    _container: InputContainer
    _stream: VideoStream
    _where: str
    repairs: list[str] = field(default_factory=list)
    """What was wrong; complete when the last picture was read."""
    first_s: float = math.nan
    """Playback time of the first picture used."""
    used: int = 0
    _damaged: int = 0
    _strange: int = 0

    def __iter__(self) -> Iterator[Frame]:
        """Pictures in order of their times. `VideoError` when not two of them can be read."""
        last_s, counted = -math.inf, 0
        for picture in self._decode():
            at_s = picture.time
            if at_s is None or at_s <= last_s or not self._fits(picture):
                self._strange += 1
                continue
            if at_s < self.info.start_s - 1e-6:
                continue
            if at_s >= self.info.end_s or self.used >= self.info.most:
                break
            last_s = at_s
            counted += 1
            if (counted - 1) % self.info.every:
                continue
            if not self.used:
                self.first_s = at_s
            self.used += 1
            image = upright(picture, self.info.turn, self.info.transfer, self.size, self._where)
            yield Frame(image=image, time_s=(at_s - self.first_s) / self.info.slow_motion, playback_s=at_s)
        self._close_books(last_s)

    def _fits(self, picture: VideoFrame) -> bool:
        """Whether a picture has the shape of the first one; a damaged film may change it on the way."""
        width, height = self.info.stored_px
        return abs(picture.width * height - picture.height * width) <= 0.02 * width * picture.height

    def _decode(self) -> Iterator[VideoFrame]:
        """Whatever can be decoded, from the start of the window."""
        in_a_row = 0
        for packet in self._packets():
            try:
                pictures = packet.decode()
            except read_failures():
                self._damaged, in_a_row = self._damaged + 1, in_a_row + 1
                if in_a_row >= _MAX_FAILURES:
                    self.repairs.append("The film is damaged from some point on; only the part before it was used.")
                    return
                continue
            in_a_row = 0
            yield from pictures

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._stream)
        except read_failures() as error:
            words = getattr(error, "strerror", None) or "unreadable"
            self.repairs.append(f"Reading stopped before the end of the file ({words}).")

    def _close_books(self, last_s: float) -> None:
        if self.used < 2:
            raise nothing_readable(self._where, self.used)
        if self._damaged:
            self.repairs.append(f"Damaged pictures that were left out: {self._damaged}.")
        if self._strange:
            words = "Pictures without a time or shape of their own that were left out"
            self.repairs.append(f"{words}: {self._strange}.")
        info = self.info
        end_s = min(info.end_s, info.origin_s + info.playback_s)
        missing_s = end_s - last_s - 1.5 / (info.playback_fps or 1.0)
        if missing_s > _MISSING_SHARE * (end_s - max(info.start_s, info.origin_s)):
            whole_s = end_s - info.origin_s
            self.repairs.append(
                f"The film breaks off after {last_s - info.origin_s:.1f} s; it should go on to {whole_s:.1f} s."
            )


def nothing_readable(where: str, used: int) -> VideoError:
    """The error for a film without pictures, or with a single one."""
    if used == 1:
        return VideoError("this film holds a single picture", where=where, hint="Film at least 10 seconds of running")
    hint = "Copy it from the phone again; do not cut the connection before it is complete"
    return VideoError("not one picture of this film can be decoded", where=where, hint=hint)


def probe_clip(path: str | Path, *, slow_motion: float | None = None, limits: ClipLimits | None = None) -> ClipInfo:
    """What a film says about itself, with its first picture decoded. Raises `VideoError`."""
    with open_clip(path, slow_motion=slow_motion, limits=limits) as clip:
        return clip.info


@contextmanager
def open_clip(
    path: str | Path,
    *,
    slow_motion: float | None = None,
    limits: ClipLimits | None = None,
    start_s: float | None = None,
) -> Iterator[Clip]:
    """Open a film for reading; with `start_s` (playback seconds) from there to the end instead of its middle.

    Raises `VideoError` saying what is wrong, where, and what to do.
    """
    import av

    limits = limits or ClipLimits()
    path = Path(path)
    where = path.name
    check_stated(slow_motion, where=where)
    kind = check_file(path, max_bytes=limits.max_bytes)
    try:
        # "file:" keeps a name like "http:x" or "-" a name; the lists keep the decoder from opening anything else.
        container = av.open(
            f"file:{path.absolute()}",
            metadata_errors="replace",
            options={"protocol_whitelist": "file", "format_whitelist": DEMUXERS},
        )
    except read_failures() as error:
        raise _unreadable(where, kind, error) from None
    with container:
        stream = _film_stream(container, where)
        _check_size(stream.codec_context.width, stream.codec_context.height, limits, where)
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(limits.max_pixels)}
        info = _facts(container, stream, where, kind)
        info = choose_window(_slowed(info, container, stream, slow_motion), limits, start_s)
        _rewind(container, stream, info.start_s)
        yield Clip(
            info=info,
            size=scaled(info.width_px, info.height_px, limits.long_side_px),
            _container=container,
            _stream=stream,
            _where=where,
            repairs=list(info.repairs),
        )


def _unreadable(where: str, kind: str, error: Exception) -> VideoError:
    if kind in {"mov", "matroska", "avi"}:
        hint = "It was probably cut off while it was filmed or copied: copy it from the phone again"
        return VideoError("the film is damaged: its table of contents is missing", where=where, hint=hint)
    if isinstance(error, MemoryError):
        return VideoError("the film asks for more memory than there is", where=where, hint=ADVICE)
    return VideoError("this is not a film that can be read", where=where, hint=ADVICE)


def _film_stream(container: InputContainer, where: str) -> VideoStream:
    """The film's own pictures, not the cover of a sound file."""
    from av.stream import Disposition

    still = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    films = [s for s in container.streams.video if not s.disposition & still]
    if not films:
        words = "there is only sound in this file" if container.streams.audio else "there are no pictures in this file"
        raise VideoError(words, where=where, hint=ADVICE)
    stream = max(films, key=lambda s: (bool(s.disposition & Disposition.default), s.frames))
    if stream.codec_context is None:
        hint = "Set the phone's camera to its most compatible format (H.264), or convert the film to MP4"
        raise VideoError("the film is in a format that cannot be decoded here", where=where, hint=hint)
    return stream


def _check_size(width: int, height: int, limits: ClipLimits, where: str) -> None:
    if width * height > limits.max_pixels:
        words = f"the pictures are too large ({width} × {height}; up to 4K is read)"
        raise VideoError(
            words, where=where, hint="Film in 1080p, with 60 or 120 pictures a second if there is a choice"
        )
    if 0 < min(width, height) < 64 or not width * height:
        words = f"the pictures are {width} × {height}" if width * height else "the film says no size of its pictures"
        raise VideoError(words, where=where, hint="Film in 1080p")


def _facts(container: InputContainer, stream: VideoStream, where: str, kind: str) -> ClipInfo:
    """Rate and length from the packets' times, size and turn from the first picture that can be decoded."""
    length_s = math.nan
    if stream.duration and stream.time_base:
        length_s = float(stream.duration * stream.time_base)
    elif container.duration:
        length_s = container.duration / 1e6
    times = _packet_times(container, stream, whole=math.isnan(length_s))
    rate = _rate(times[:_RATE_PACKETS]) or float(stream.average_rate or 0)
    counted = None
    if math.isnan(length_s) and times:
        length_s, counted = max(times) - min(times) + 1 / (rate or 1.0), len(times)
    first = _first_picture(container, stream)
    if first is None:
        raise nothing_readable(where, 0)
    turn = turn_of(first)
    width, height = square_width(first.width, stream), first.height
    bits = max((c.bits for c in first.format.components), default=8)
    repairs = ("A GIF tells its times in hundredths of a second: contact times are rough.",) if kind == "gif" else ()
    return ClipInfo(
        container=container.format.name.split(",")[0],
        codec=stream.codec_context.name,
        width_px=height if turn[0] else width,
        height_px=width if turn[0] else height,
        playback_fps=rate,
        playback_s=length_s,
        frames=stream.frames or counted,
        bits=bits,
        transfer=TRANSFERS.get(int(first.color_trc), "sdr"),
        stored_px=(first.width, first.height),
        turn=turn,
        origin_s=float((stream.start_time or 0) * (stream.time_base or 0)),
        repairs=repairs,
    )


def _packet_times(container: InputContainer, stream: VideoStream, *, whole: bool) -> list[float]:
    """Presentation times of the first pictures; of all, undecoded, where the file does not tell its length."""
    times: list[float] = []
    try:
        for packet in container.demux(stream):
            if packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
            if len(times) >= _RATE_PACKETS and not whole:
                break
    except read_failures():
        pass  # the pictures before the damage still tell the rate
    _rewind(container, stream, -math.inf)
    return times


def _rate(times: list[float]) -> float:
    """Pictures per second of playback: 1 / median step; 0 = cannot be told."""
    steps = [b - a for a, b in itertools.pairwise(sorted(times)) if b > a]
    return 1 / statistics.median(steps) if steps else 0.0


def _first_picture(container: InputContainer, stream: VideoStream) -> VideoFrame | None:
    failures = 0
    try:
        for packet in container.demux(stream):
            try:
                pictures = packet.decode()
            except read_failures():
                failures += 1
                if failures >= _MAX_FAILURES:
                    return None
                continue
            if pictures:
                return pictures[0]
    except read_failures():
        return None
    return None


def _rewind(container: InputContainer, stream: VideoStream, start_s: float) -> None:
    """To the last whole picture before `start_s`; where a file cannot be wound, it is read from its beginning."""
    if stream.time_base is None:
        return
    origin = stream.start_time or 0
    target = round(start_s / stream.time_base) if math.isfinite(start_s) else origin
    for offset in (max(origin, target), origin, 0):
        try:
            container.seek(offset, stream=stream, backward=True)
        except read_failures():
            continue
        return


def _slowed(info: ClipInfo, container: InputContainer, stream: VideoStream, stated: float | None) -> ClipInfo:
    factor, source = slow_motion_of(stated, {**stream.metadata, **container.metadata}, info.playback_fps)
    return replace(info, slow_motion=factor, slow_motion_from=source)
