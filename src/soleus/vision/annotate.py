"""The film for looking again: the measured figure on the runner's film, or alone on paper, with landings and take-offs.

`background="plain"` takes nothing of the film's pictures: nobody can be recognised in it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from soleus.core.errors import VideoError
from soleus.core.gait import GaitReport, HeelRaiseSet
from soleus.core.recording import Floats, Recording
from soleus.knowledge.base import KnowledgeBase
from soleus.vision.drawing import (
    PAPER,
    Canvas,
    Layout,
    colour_of,
    draw_figure,
    draw_ground,
    draw_moment,
    draw_panel,
    layout_for,
)
from soleus.vision.figure import Figure, figure_of
from soleus.vision.pose.prefetch import prefetch
from soleus.vision.story import Moment, Story, busiest_window, story_of
from soleus.vision.video import ClipLimits, Stopped, open_clip

if TYPE_CHECKING:
    from av.video.stream import VideoStream

Background = Literal["film", "plain"]

LONG_SIDE_PX = 960
MAX_SECONDS_RUN, MAX_SECONDS_RAISES = 12.0, 60.0
"""Real time shown at most: those with most steps or raises."""
MAX_PLAYBACK_S = 40.0
"""Nobody watches longer: of a slow film less real time is shown."""
MARK_S = 0.1
"""Real time for which a landing or take-off stays marked."""
SMOOTH_FPS = 30.0
"""A run plays slow enough that about this many pictures are shown in a second, and never faster than half of life."""
MOST_FPS = 60.0
"""Pictures shown in a second; more are left out."""
TICKS = 90_000
CODECS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "veryfast", "crf": "27"}),
    ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "crf": "36", "b": "0"}),
    ("libsvtav1", {"preset": "12", "crf": "42"}),
)
"""Best first; every browser of today plays each of them in MP4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFrame:
    """A still picture of a landing, a take-off, or the top of a raise."""

    moment: Moment
    caption: str
    image: bytes
    mime: str


def annotate_clip(
    path: str | Path | None,
    recording: Recording,
    report: GaitReport | HeelRaiseSet,
    out: str | Path,
    *,
    background: Background = "film",
    slowdown: float | None = None,
    max_seconds: float | None = None,
    kb: KnowledgeBase | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Write an MP4 that shows what was measured, step by step.

    `slowdown`: how many times slower than life it plays (1 = real speed; None = a run by the film's rate, raises in
    real speed). `max_seconds` of real time are shown at most; None = 12 of a run, less where it plays very slowly, and
    60 of raises. Without a film (`path` None) it is drawn on paper.
    Raises `VideoError`, or `Stopped` when `cancelled` says so.
    """
    kb = kb or _knowledge()
    poses = recording.poses
    story, figure = story_of(report, kb), figure_of(recording, report, kb)
    layout = layout_for(figure, poses.width_px, poses.height_px, LONG_SIDE_PX, panel=bool(story.moments))
    raises, fps = isinstance(report, HeelRaiseSet), recording.facts.fps
    slowdown = slowdown or (1.0 if raises else max(2.0, float(round(fps / SMOOTH_FPS))))
    max_seconds = max_seconds or (MAX_SECONDS_RAISES if raises else min(MAX_SECONDS_RUN, MAX_PLAYBACK_S / slowdown))
    pace = story.words["slower"].format(factor=f"{slowdown:.3g}") if slowdown != 1 else story.words["real_time"]
    begin_s, end_s = busiest_window(story.moments, float(poses.times_s[-1]) + 1e-6, max_seconds)
    shown = np.flatnonzero((poses.times_s >= begin_s) & (poses.times_s <= end_s))
    shown = shown[:: max(1, round(fps / slowdown / MOST_FPS))]
    source = None if background == "plain" else path
    with closing(_canvases(source, recording, shown, layout)) as canvases:
        _encode(
            _drawn(canvases, story, figure, poses.times_s, layout, pace, on_paper=source is None),
            Path(out),
            layout,
            lambda at: float(poses.times_s[at] - poses.times_s[shown[0]]) * slowdown,
            fps=min(fps / slowdown, MOST_FPS),
            progress=(lambda done: progress(done, len(shown))) if progress else None,
            cancelled=cancelled,
        )


def _knowledge() -> KnowledgeBase:
    from soleus.knowledge import load_knowledge

    return load_knowledge()


def event_frames(
    path: str | Path | None,
    recording: Recording,
    report: GaitReport | HeelRaiseSet,
    kb: KnowledgeBase,
    *,
    plain: bool = False,
    most: int | None = None,
) -> tuple[EventFrame, ...]:
    """A still picture with caption of each counted landing and take-off, in order; the nearest picture of the film.

    PNG on paper (`plain`, or without a film), JPEG of the film; `most` = so many, evenly over the film.
    """
    poses = recording.poses
    story, figure = story_of(report, kb), figure_of(recording, report, kb)
    layout = layout_for(figure, poses.width_px, poses.height_px, LONG_SIDE_PX)
    moments = [moment for moment in story.moments if moment.number]
    if most is not None and len(moments) > most:
        moments = [moments[i] for i in np.linspace(0, len(moments) - 1, most).round().astype(int)]
    wanted: dict[int, list[Moment]] = {}
    for moment in moments:
        wanted.setdefault(int(np.abs(poses.times_s - moment.time_s).argmin()), []).append(moment)
    source = None if plain else path
    found = []
    with closing(_canvases(source, recording, np.array(sorted(wanted), dtype=np.intp), layout)) as canvases:
        for at, canvas in canvases:
            for moment in wanted[at]:
                picture = canvas[: layout.height].copy()
                draw_figure(picture, figure, at, layout, on_paper=source is None)
                leg = figure.main if moment.side is figure.main_side else figure.other
                word, colour = story.words[moment.kind], colour_of(moment.side, figure)
                draw_moment(picture, moment, leg[at], word, colour, layout)
                image, mime = _still(picture, png=source is None)
                found.append(EventFrame(moment=moment, caption=story.caption(moment), image=image, mime=mime))
    return tuple(found)


def _still(picture: Canvas, *, png: bool) -> tuple[bytes, str]:
    import cv2

    swapped = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    kind, options = (".png", []) if png else (".jpg", [cv2.IMWRITE_JPEG_QUALITY, 85])
    _, data = cv2.imencode(kind, swapped, options)
    return data.tobytes(), "image/png" if png else "image/jpeg"


def _canvases(
    path: str | Path | None, recording: Recording, shown: np.ndarray[tuple[int, ...], np.dtype[np.intp]], layout: Layout
) -> Generator[tuple[int, Canvas]]:
    """(row of the poses, canvas with the film's picture or paper, the panel still empty) of each row in `shown`."""
    size = layout.height + layout.panel, layout.width
    if path is None:
        for at in shown:
            canvas = np.empty((*size, 3), np.uint8)
            canvas[:] = PAPER
            yield int(at), canvas
        return
    import cv2

    enlarge = np.array([[1, 0, -layout.left_px], [0, 1, -layout.top_px]]) * layout.scale
    for at, image in _film_pictures(path, recording, shown):
        canvas = np.zeros((*size, 3), np.uint8)
        canvas[: layout.height] = cv2.warpAffine(
            image, enlarge, (layout.width, layout.height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        yield at, canvas


def _film_pictures(
    path: str | Path, recording: Recording, shown: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
) -> Generator[tuple[int, Canvas]]:
    """The film's own pictures of the rows in `shown`, found by their presentation times."""
    facts, times_s = recording.facts, recording.poses.times_s
    if not len(shown):
        return
    wanted, near_s = set(shown.tolist()), 0.3 / facts.fps
    limits = ClipLimits(long_side_px=max(recording.poses.width_px, recording.poses.height_px), max_fps=1e9)
    begin_s = facts.window_start_s + float(times_s[shown[0]]) * facts.slow_motion
    with (
        open_clip(path, limits=limits, start_s=begin_s - 0.5 * near_s * facts.slow_motion) as clip,
        closing(prefetch(clip)) as frames,
    ):
        for frame in frames:
            time_s = (frame.playback_s - facts.window_start_s) / facts.slow_motion
            at = int(np.abs(times_s - time_s).argmin())
            if at in wanted and abs(times_s[at] - time_s) <= near_s:
                wanted.discard(at)
                yield at, frame.image
            if not wanted or time_s > times_s[shown[-1]] + near_s:
                return


def _drawn(
    canvases: Iterator[tuple[int, Canvas]],
    story: Story,
    figure: Figure,
    times_s: Floats,
    layout: Layout,
    pace: str,
    *,
    on_paper: bool,
) -> Generator[tuple[int, Canvas]]:
    """Figure, marks and panel drawn on each canvas."""
    for at, canvas in canvases:
        now = float(times_s[at])
        picture = canvas[: layout.height]
        legs = {figure.main_side: figure.main[at], figure.main_side.other: figure.other[at]}
        for stretch in story.stretches:
            if stretch.end_s is not None and stretch.start_s <= now < stretch.end_s and stretch.counts:
                draw_ground(picture, legs[stretch.side], colour_of(stretch.side, figure), layout)
        draw_figure(picture, figure, at, layout, on_paper=on_paper)
        for moment in story.moments:
            if moment.number and 0 <= now - moment.time_s < MARK_S:
                word, colour = story.words[moment.kind], colour_of(moment.side, figure)
                draw_moment(picture, moment, legs[moment.side], word, colour, layout)
        draw_panel(canvas, story, now, figure, layout, pace)
        yield at, canvas


def _encode(
    drawn: Iterator[tuple[int, Canvas]],
    out: Path,
    layout: Layout,
    playback_s: Callable[[int], float],
    *,
    fps: float,
    progress: Callable[[int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    """Stream the pictures into an MP4, each at its own time."""
    import av

    codec, options = _codec()
    try:
        with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as film:
            stream: VideoStream = film.add_stream(  # type: ignore[assignment]
                codec, rate=Fraction(fps).limit_denominator(1000), options=options
            )
            stream.width, stream.height, stream.pix_fmt = layout.width, layout.height + layout.panel, "yuv420p"
            stream.codec_context.time_base = Fraction(1, TICKS)
            for done, (at, canvas) in enumerate(_until(drawn, cancelled, out.name), start=1):
                frame = av.VideoFrame.from_ndarray(canvas, format="rgb24")
                frame.time_base, frame.pts = Fraction(1, TICKS), round(playback_s(at) * TICKS)
                film.mux(stream.encode(frame))
                if progress is not None:
                    progress(done)
            film.mux(stream.encode(None))
    except BaseException:
        out.unlink(missing_ok=True)  # half a film helps nobody
        raise


def _until(
    drawn: Iterator[tuple[int, Canvas]], cancelled: Callable[[], bool] | None, where: str
) -> Iterator[tuple[int, Canvas]]:
    """The pictures, until somebody says stop; `VideoError` when there is none."""
    some = False
    for item in drawn:
        if cancelled is not None and cancelled():
            raise Stopped("stopped before the film was drawn")
        some = True
        yield item
    if not some:
        hint = "Give the film that the body points were taken from"
        raise VideoError("no picture of the film fits the body points", where=where, hint=hint)


def _codec() -> tuple[str, dict[str, str]]:
    """The best encoder that this build of PyAV has."""
    import av

    for name, options in CODECS:
        if name in av.codecs_available:
            return name, options
    raise VideoError("this PyAV cannot write films", hint="Install a PyAV with x264, VP9 or AV1")
