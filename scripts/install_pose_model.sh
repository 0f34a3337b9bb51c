#!/usr/bin/env bash
# Fetch the pose network (Apache-2.0), convert it and put it into the package. Quick when it is already there;
# where it cannot be had it says so, and the rest of Soleus works. --tarball FILE takes a copy, --force converts again.
set -euo pipefail
VENV="${VENV:-.venv}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "$VENV" in /*) python="$VENV/bin/python" ;; *) python="$PWD/$VENV/bin/python" ;; esac
if ! "$python" -c 'import onnx, onnxruntime, tflite' 2>/dev/null; then
  echo "The pose network is not installed: it needs the packages of the extra 'dev'." >&2
  exit 0
fi
PYTHONPATH=scripts exec "$python" -m pose_model "$@"
