#!/usr/bin/env bash
# Profiles a CSV file of any size: APP_URL=https://my-app.azurewebsites.net APP_KEY=… UPLOAD_KEY=… ./upload.sh FILE
set -euo pipefail

upload=$(curl -sS --fail-with-body -X POST "$APP_URL/api/uploads" -H "x-functions-key: ${UPLOAD_KEY:-}")
id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' <<<"$upload")
upload_url=$(sed 's/.*"uploadUrl":"\([^"]*\)".*/\1/' <<<"$upload")

# Straight into storage, which knows the caller by the URL alone: no key here.
curl -sS --fail-with-body -T "$1" "$upload_url" -H 'x-ms-blob-type: BlockBlob' -H 'Content-Type: text/csv'

curl -sS --fail-with-body -X POST "$APP_URL/api/operations/csv-profile?upload=$id&wait=30&reply=stream" \
  -H "x-functions-key: ${APP_KEY:-}"
