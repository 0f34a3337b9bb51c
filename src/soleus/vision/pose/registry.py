"""Pose networks by name. Others join through the entry points group `soleus.pose_backends` (name -> factory)."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from soleus.core.errors import PoseBackendError
from soleus.vision.pose.base import PoseBackend

DEFAULT = "blazepose-heavy"
GROUP = "soleus.pose_backends"

Factory = Callable[[], PoseBackend]


def _blazepose_heavy() -> PoseBackend:
    from soleus.vision.pose.blazepose import BlazePose

    return BlazePose("heavy")


def _blazepose_full() -> PoseBackend:
    from soleus.vision.pose.blazepose import BlazePose

    return BlazePose("full")


def _rtmpose() -> PoseBackend:
    from soleus.vision.pose.rtmpose import RtmPose

    return RtmPose()


POSE_BACKENDS: dict[str, Factory] = {
    "blazepose-heavy": _blazepose_heavy,
    "blazepose-full": _blazepose_full,
    "rtmpose-halpe26": _rtmpose,
}


def pose_backend_names() -> tuple[str, ...]:
    """Every known backend, our own first."""
    return (*POSE_BACKENDS, *sorted({point.name for point in entry_points(group=GROUP)} - set(POSE_BACKENDS)))


def open_pose_backend(name: str = DEFAULT) -> PoseBackend:
    """Load a pose network; raises `PoseBackendError` naming what is missing."""
    if name in POSE_BACKENDS:
        return POSE_BACKENDS[name]()
    for point in entry_points(group=GROUP):
        if point.name == name:
            backend: PoseBackend = point.load()()
            return backend
    raise PoseBackendError(f"no pose network {name!r}", hint=f"There are: {', '.join(pose_backend_names())}")
