#!/usr/bin/env bash
# Create the virtual environment and install the locked dependencies, then Soleus itself (editable).
# Uses uv when it can be had (several times faster), plain pip otherwise. Shows what it is doing.
set -euo pipefail
PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"
step() { printf '\033[1m==> %s\033[0m\n' "$*"; }

if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Soleus needs Python 3.11 or newer; found $("$PYTHON" --version 2>&1). Set PYTHON=/path/to/python3.11." >&2
  exit 1
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
  step "Installing python3-venv"
  apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
fi
[ -x "$VENV/bin/python" ] || { step "Creating the virtual environment in $VENV"; "$PYTHON" -m venv "$VENV"; }

if "$VENV/bin/python" -m pip install -q uv 2>/dev/null && "$VENV/bin/uv" --version >/dev/null 2>&1; then
  step "Installing locked dependencies with uv"
  "$VENV/bin/uv" pip install -q --python "$VENV/bin/python" --require-hashes -r requirements.lock \
    || "$VENV/bin/python" -m pip install -q --require-hashes -r requirements.lock
else
  step "Installing locked dependencies with pip (this can take a minute)"
  "$VENV/bin/python" -m pip install -q --require-hashes -r requirements.lock
fi
# The oracle of the inference tests; its declared dependencies (plotting, learning) are not needed for inference.
step "Installing the inference oracle for tests"
"$VENV/bin/python" -m pip install -q --no-deps --require-hashes -r requirements-oracle.lock
step "Installing Soleus"
"$VENV/bin/python" -m pip install -q --no-deps -e .
step "Installing the pose network"
VENV="$VENV" bash scripts/install_pose_model.sh || echo "Going on without the pose network: videos cannot be analysed." >&2
step "Ready"
