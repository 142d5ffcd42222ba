"""Profiles a CSV file: APP_URL=https://my-app.azurewebsites.net APP_KEY=… python3 python_requests.py FILE"""
import os
import sys
import time

import requests

session = requests.Session()
if "APP_TOKEN" in os.environ:
    # requests takes it off where a redirect leads to another host, so storage never sees it.
    session.headers["Authorization"] = f"Bearer {os.environ['APP_TOKEN']}"

with open(sys.argv[1], "rb") as file:
    answer = session.post(
        os.environ["APP_URL"] + "/api/operations/csv-profile",
        data=file,
        # Not a header of the session: requests would send it on to storage.
        headers={"Content-Type": "text/csv", "x-functions-key": os.environ.get("APP_KEY", "")},
    )
location = answer.headers.get("Location")
while answer.status_code == 202:
    time.sleep(int(answer.headers["Retry-After"]))
    answer = session.get(location)
if not answer.ok:
    sys.exit(f"{answer.status_code}: {answer.text}")
print(answer.json()["rows"], "rows")
