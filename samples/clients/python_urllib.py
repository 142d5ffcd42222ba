"""Profiles a CSV file: APP_URL=https://my-app.azurewebsites.net APP_KEY=… python3 python_urllib.py FILE"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

try:
    with open(sys.argv[1], "rb") as file:
        answer = urllib.request.urlopen(
            urllib.request.Request(
                os.environ["APP_URL"] + "/api/operations/csv-profile",
                data=file,
                headers={"Content-Type": "text/csv", "x-functions-key": os.environ.get("APP_KEY", "")},
            )
        )
    location = answer.headers["Location"]
    while answer.status == 202:
        time.sleep(int(answer.headers["Retry-After"]))
        # Follows the redirect to the reply, and would send every header on to storage: there is none to send.
        answer = urllib.request.urlopen(location)
    print(json.load(answer)["rows"], "rows")
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code}: {error.read().decode()}")
