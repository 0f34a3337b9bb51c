#!/usr/bin/env bash
# Peers that are only needed to compare speed; they stay out of the lock because Soleus never runs on them.
# A peer that cannot be installed is left out of its benchmark, with a word there.
set -uo pipefail
VENV="${1:-.venv}"

peer() { # module, package, why
  "$VENV/bin/python" -c "import $1" 2>/dev/null && return
  echo "==> Installing $2 for the benchmark ($3)"
  "$VENV/bin/uv" pip install -q --python "$VENV/bin/python" "$2" 2>/dev/null \
    || "$VENV/bin/python" -m pip install -q "$2" \
    || echo "$2 could not be installed; it will be left out" >&2
}

peer pgmpy pgmpy "large; inference"
peer fitfast fitfast "FIT, Rust"
peer garmin_fit_sdk garmin-fit-sdk "FIT, Garmin's own"
peer fitdecode fitdecode "FIT, pure Python"
peer gpxpy gpxpy "GPX"
peer tcxreader tcxreader "TCX"
