"""Body points as a file: for runners who send points instead of a film, and for replaying a recording.

Format `soleus-pose/1` (JSON): schema, model, width_px, height_px, keypoints (names of the canonical skeleton, each at
most once), times_s (T, strictly increasing, real seconds), points (T × K × [x_px, y_px, confidence]; x and y null =
not seen), optional people (T) and facts (fields of `core.recording.ClipFacts`). Points nobody lists are not seen.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sized
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from soleus.core.errors import VideoError
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, ClipFacts, PoseSequence, Recording

SCHEMA = "soleus-pose/1"
MAX_BYTES = 200_000_000
MAX_FRAMES = 40_000
FAR_PX = 100_000.0

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Pixel = Annotated[float, Field(ge=-FAR_PX, le=FAR_PX)]
Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


_SERIES = ("sharpness", "shift_px", "motion_energy")
"""Facts with a value for each frame."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class _Facts(_Strict):
    duration_s: Seconds | None
    fps: Positive | None
    width_px: Annotated[int, Field(gt=0, le=100_000)]
    height_px: Annotated[int, Field(gt=0, le=100_000)]
    variable_frame_rate: bool = False
    slow_motion: Annotated[float, Field(gt=0, le=1000)] = 1.0
    slow_motion_from: Literal["none", "stated", "metadata"] = "none"
    sharpness: list[float | None] | None = None
    brightness: Annotated[float, Field(ge=0, le=255)] | None = None
    shift_px: list[tuple[Pixel | None, Pixel | None]] | None = None
    cuts: Annotated[int, Field(ge=0)] | None = None
    frozen_share: Share | None = None
    motion_energy: list[float | None] | None = None
    repairs: list[Text] = []
    window_start_s: Seconds = 0.0
    chosen: bool = False


class _File(_Strict):
    # "schema" would shadow a method of the base class.
    schema_: Literal["soleus-pose/1"] = Field(alias="schema")
    model: Text
    width_px: Annotated[int, Field(gt=0, le=100_000)]
    height_px: Annotated[int, Field(gt=0, le=100_000)]
    keypoints: Annotated[list[Text], Field(min_length=1, max_length=len(KEYPOINTS))]
    times_s: Annotated[list[Seconds], Field(min_length=1, max_length=MAX_FRAMES)]
    points: list[list[tuple[Pixel | None, Pixel | None, Share]]]
    people: list[Annotated[int, Field(ge=-1, le=1000)]] | None = None
    facts: _Facts | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> _File:
        unknown = sorted(set(self.keypoints) - set(KEYPOINTS))
        if unknown:
            raise ValueError(f"unknown keypoints {', '.join(unknown[:5])}; known are {', '.join(KEYPOINTS)}")
        if len(set(self.keypoints)) != len(self.keypoints):
            raise ValueError("a keypoint is named twice")
        for index, (before, after) in enumerate(pairwise(self.times_s)):
            if after <= before:
                raise ValueError(f"times_s does not increase at {index + 1}")
        frames = len(self.times_s)
        if len(self.points) != frames:
            raise ValueError(f"{frames} times but {len(self.points)} rows of points")
        for index, row in enumerate(self.points):
            if len(row) != len(self.keypoints):
                raise ValueError(f"points/{index} has {len(row)} points, not {len(self.keypoints)}")
            if any((x is None) != (y is None) for x, y, _ in row):
                raise ValueError(f"points/{index} has a point with one coordinate only")
        series: dict[str, Sized | None] = {"people": self.people}
        if self.facts is not None:
            for name in _SERIES:
                series[f"facts/{name}"] = getattr(self.facts, name)
        for name, values in series.items():
            if values is not None and len(values) != frames:
                raise ValueError(f"{name} has {len(values)} values for {frames} times")
        return self


def write_poses(recording: Recording, path: Path) -> None:
    """Write a recording; pixels to a hundredth, confidence to a thousandth, times to a microsecond."""
    path.write_text(json.dumps(poses_json(recording), separators=(",", ":"), allow_nan=False), encoding="utf-8")


def poses_json(recording: Recording) -> dict[str, Any]:
    """The recording as plain values, ready for JSON."""
    poses, facts = recording.poses, recording.facts
    rows = [
        [[_round(x, 2), _round(y, 2), round(float(np.clip(c, 0, 1)), 3)] for x, y, c in frame] for frame in poses.points
    ]
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(ClipFacts):
        value = getattr(facts, field.name)
        if isinstance(value, np.ndarray):
            value = _plain(value)
        elif isinstance(value, float) and np.isnan(value):
            value = None
        plain[field.name] = value
    plain["repairs"] = list(facts.repairs)
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "model": poses.model,
        "width_px": poses.width_px,
        "height_px": poses.height_px,
        "keypoints": list(KEYPOINTS),
        "times_s": [round(float(t), 6) for t in poses.times_s],
        "points": rows,
        "facts": plain,
    }
    if poses.people is not None:
        content["people"] = [int(n) for n in poses.people]
    return content


def read_poses(path: Path) -> Recording:
    """Read a file of body points; a fault raises `VideoError` saying what and where."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise VideoError(f"the file of body points is larger than {MAX_BYTES // 10**6} MB", where=path.name)
        data = path.read_bytes()
    except OSError as error:
        raise VideoError("the file of body points cannot be read", where=path.name) from error
    return parse_poses(data, where=path.name)


def parse_poses(data: bytes, *, where: str = "") -> Recording:
    """Body points from the bytes of a `soleus-pose/1` file."""
    try:
        file = _File.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        pointer = "/".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise VideoError(
            f"not a usable file of body points: {problem}" + (f" (at {pointer})" if pointer else ""),
            where=where,
            hint=f"It must follow {SCHEMA}",
        ) from error
    times = np.array(file.times_s)
    points = np.full((len(times), len(KEYPOINTS), 3), np.nan)
    points[:, :, 2] = 0.0
    points[:, [KEYPOINT_INDEX[name] for name in file.keypoints]] = np.array(file.points, float)
    poses = PoseSequence(
        times_s=times - times[0],
        points=points,
        width_px=file.width_px,
        height_px=file.height_px,
        model=file.model,
        people=None if file.people is None else np.array(file.people, np.int16),
    )
    return Recording(poses=poses, facts=_facts(file, times))


def _facts(file: _File, times: np.ndarray[Any, np.dtype[np.float64]]) -> ClipFacts:
    if file.facts is None:
        step_s = float(np.median(np.diff(times))) if len(times) > 1 else float("nan")
        uneven = len(times) > 2 and float(np.ptp(np.diff(times))) > 0.2 * step_s
        return ClipFacts(
            duration_s=float(times[-1] - times[0]) + (step_s if len(times) > 1 else 0.0),
            fps=1 / step_s,
            width_px=file.width_px,
            height_px=file.height_px,
            variable_frame_rate=uneven,
        )
    values = file.facts.model_dump()
    for name in _SERIES:
        if values[name] is not None:
            values[name] = np.array(values[name], float)
    for name in ("duration_s", "fps"):
        values[name] = np.nan if values[name] is None else values[name]
    values["repairs"] = tuple(values["repairs"])
    return ClipFacts(**values)


def _round(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


def _plain(values: np.ndarray[Any, np.dtype[Any]]) -> list[Any]:
    """Nested lists with null for NaN, six digits."""
    if values.ndim > 1:
        return [_plain(row) for row in values]
    return [None if np.isnan(v) else float(f"{v:.6g}") for v in values]
