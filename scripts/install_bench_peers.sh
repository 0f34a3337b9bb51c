#!/usr/bin/env bash
# Peers that are only needed to compare speed; they stay out of the lock because they are large.
set -euo pipefail
VENV="${1:-.venv}"
"$VENV/bin/python" -c 'import pgmpy' 2>/dev/null && exit 0
echo "==> Installing pgmpy for the benchmark (large; only for this)"
"$VENV/bin/uv" pip install -q --python "$VENV/bin/python" pgmpy || echo "pgmpy could not be installed; it will be left out" >&2
