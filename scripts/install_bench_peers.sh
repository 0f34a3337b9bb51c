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

# MediaPipe pins old versions of NumPy and more (1.2 GB): it gets an environment of its own.
mediapipe_peer() {
  local home=.venv-peers
  if ! "$home/bin/python" -c 'import mediapipe, av' 2>/dev/null; then
    echo "==> Installing mediapipe into $home for the benchmark (1.2 GB; pose)"
    [ -x "$home/bin/python" ] || "$VENV/bin/python" -m venv "$home"
    "$VENV/bin/uv" pip install -q --python "$home/bin/python" "mediapipe==0.10.21" av 2>/dev/null \
      || "$home/bin/python" -m pip install -q "mediapipe==0.10.21" av \
      || { echo "mediapipe could not be installed; it will be left out" >&2; return; }
  fi
  local package
  package="$("$home/bin/python" -c 'import importlib.util as u; print(u.find_spec("mediapipe").submodule_search_locations[0])')"
  PYTHONPATH=scripts "$VENV/bin/python" -m pose_model.peer "$package/modules/pose_landmark"
}
mediapipe_peer
