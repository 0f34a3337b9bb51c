"""A network in ONNX Runtime: which device runs it, and where its weights lie."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soleus.core.errors import PoseBackendError

WEIGHTS = Path(__file__).parent / "weights"
MANIFEST = WEIGHTS / "manifest.json"

DEVICES: dict[str, tuple[str, dict[str, str]]] = {
    "cuda": ("CUDAExecutionProvider", {"use_tf32": "0"}),
    "coreml": ("CoreMLExecutionProvider", {}),
    "directml": ("DmlExecutionProvider", {}),
    "cpu": ("CPUExecutionProvider", {}),
}
"""Device -> ONNX Runtime's provider and its options, best first. TF32 is off: it costs tenths of a pixel."""

GPU_BATCH = 4


def available_devices() -> tuple[str, ...]:
    """Devices this installation of ONNX Runtime can use, best first."""
    offered = _onnxruntime().get_available_providers()
    return tuple(device for device, (provider, _) in DEVICES.items() if provider in offered)


def load_manifest() -> dict[str, Any]:
    """What set-up wrote beside the weights: hashes, sources and check values of each network."""
    if not MANIFEST.is_file():
        raise PoseBackendError(
            "the weights of the pose network are not installed",
            hint="Run scripts/install_pose_model.sh (make setup does), or install a wheel of Soleus",
        )
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return manifest


class Network:
    """One loaded network. `run` is safe from several threads: with `threads=1` each caller computes in its own."""

    def __init__(self, name: str, *, device: str = "auto", threads: int = 1) -> None:
        self.entry = load_manifest()["networks"][name]
        path = WEIGHTS / self.entry["file"]
        if not path.is_file():
            raise PoseBackendError(
                f"the weights of {name} are missing", where=path.name, hint="Run scripts/install_pose_model.sh"
            )
        self.name = name
        self.device, self._session = _open(path, self.entry["probe"], device, threads)
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def version(self) -> str:
        """First eight digits of the SHA-256 of the published weights."""
        return str(self.entry["source_sha256"])[:8]

    @property
    def input_px(self) -> int:
        return int(self.entry["input_px"])

    def run(self, crops: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Outputs by name for (N, S, S, 3) crops."""
        try:
            outputs = self._session.run(self._outputs, {"crops": crops})
        except _failures() as error:
            raise PoseBackendError(f"{self.name} failed on {self.device}", hint=str(error), retryable=True) from error
        return dict(zip(self._outputs, outputs, strict=True))


def probe_picture(size_px: int) -> NDArray[np.uint8]:
    """(size, size, 3) smooth made-up picture on which a converted network is checked against the original."""
    y, x = np.mgrid[0:size_px, 0:size_px]
    waves = [np.sin(x / (11 + c) + c) * np.cos(y / (17 - c)) for c in range(3)]
    return (127 + 120 * np.stack(waves, axis=-1)).astype(np.uint8)


def probe_error(session: Any, probe: dict[str, Any]) -> float:
    """Largest difference between the network and its stored values, as a share of each output's own size."""
    outputs = session.run(list(probe["values"]), {"crops": probe_picture(probe["input_px"])[None]})
    worst = 0.0
    for output, stored in zip(outputs, probe["values"].values(), strict=True):
        got = np.asarray(output, float).ravel()[np.asarray(stored["at"])]
        worst = max(worst, float(np.max(np.abs(got - np.asarray(stored["is"])))) / float(stored["scale"]))
    return worst


def _open(path: Path, probe: dict[str, Any], device: str, threads: int) -> tuple[str, Any]:
    """Open on the asked device, or on the best one that computes what the original network computes."""
    usable = available_devices()
    if device != "auto" and device not in usable:
        raise PoseBackendError(
            f"device {device!r} is not available", hint=f"This installation of ONNX Runtime offers: {', '.join(usable)}"
        )
    for candidate in (device,) if device != "auto" else usable:
        session = _session(str(path), candidate, threads)
        if session.get_providers()[0] != DEVICES[candidate][0]:
            continue  # offered, but its libraries are not installed: ONNX Runtime fell back by itself
        # A driver may accept a network and then compute it wrongly; the processor is trusted and not probed.
        if candidate == "cpu" or probe_error(session, probe) < float(probe["tolerance"]):
            return candidate, session
    raise PoseBackendError(
        f"device {device!r} cannot run the network, or computes other values than it", where=path.name
    )


@lru_cache(maxsize=8)
def _session(path: str, device: str, threads: int) -> Any:
    ort = _onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Workers that wait must not burn the core that decodes the film.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    provider, settings = DEVICES[device]
    try:
        return ort.InferenceSession(path, options, providers=[(provider, settings)])
    except _failures() as error:
        raise PoseBackendError(
            f"the network cannot be loaded on {device}",
            where=Path(path).name,
            hint="If the file is damaged, run scripts/install_pose_model.sh --force",
        ) from error


@lru_cache(maxsize=1)
def _failures() -> tuple[type[Exception], ...]:
    """ONNX Runtime's own exceptions; they share no base class but Exception."""
    _onnxruntime()
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return tuple(kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))


def _onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise PoseBackendError("ONNX Runtime is not installed", hint="pip install 'soleus[gait]'") from error
    return onnxruntime
