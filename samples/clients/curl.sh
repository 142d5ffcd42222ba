#!/usr/bin/env bash
# Profiles a CSV file: APP_URL=https://my-app.azurewebsites.net APP_KEY=… ./curl.sh FILE
set -euo pipefail

answer=$(curl -sS --fail-with-body --include "$APP_URL/api/operations/csv-profile" \
  -H "x-functions-key: ${APP_KEY:-}" -H 'Content-Type: text/csv' --data-binary "@$1") || { echo "$answer" >&2; exit 1; }
location=$(sed -n 's/\r$//; s/^Location: //Ip' <<<"$answer")
reply=$(mktemp)

# -L follows the redirect to the reply. The job's URL needs no key, so none goes on to storage.
while read -r status retry_after < <(curl -sSL -o "$reply" -w '%{http_code} %header{retry-after}\n' "$location"); do
  [ "$status" = 202 ] || break
  sleep "$retry_after"
done
cat "$reply"
[ "$status" = 200 ]
