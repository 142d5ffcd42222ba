#!/usr/bin/env bash
# Profiles a CSV file in one call: APP_URL=https://my-app.azurewebsites.net APP_KEY=… ./one-call.sh FILE
set -euo pipefail

# Held for up to 30 s; a job that takes longer answers 202 and its Location, to be polled as in curl.sh.
curl -sS --fail-with-body "$APP_URL/api/operations/csv-profile?wait=30&reply=stream" \
  -H "x-functions-key: ${APP_KEY:-}" -H 'Content-Type: text/csv' --data-binary "@$1"
