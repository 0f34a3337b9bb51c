#!/usr/bin/env bash
# The browser tests, file by file. A browser that stops answering (seen on a crowded machine) is started anew once;
# a test that fails is never repeated.
set -uo pipefail
BIN="${1:-.venv/bin}"
LIMIT_S=600
failed=0
for file in $(grep -rlE "mark\.browser|import .*pytestmark" tests --include="test_*.py" | sort); do
  timeout -k 10 "$LIMIT_S" "$BIN/pytest" -q -m "browser and not nightly" "$file"
  status=$?
  if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    echo "==> $file did not end within $LIMIT_S s: once more, with a new browser" >&2
    pkill -9 -f playwright/driver || true
    pkill -9 chromium || true
    timeout -k 10 "$LIMIT_S" "$BIN/pytest" -q -m "browser and not nightly" "$file"
    status=$?
  fi
  [ "$status" -eq 0 ] || failed=1
done
exit "$failed"
