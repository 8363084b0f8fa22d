"""Asks which interfaces are down, now and an hour ago. Plain Python, no packages.

    python3 examples/query.py [URL]
"""

import json
import os
import sys
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8082"

DOCUMENT = """
query ($before: DateTime!) {
  now: nodes(filter: { state: [DOWN] }, first: 1000) { totalCount nodes { id name type host } }
  before: nodes(filter: { state: [DOWN] }, at: $before, first: 1000) { nodes { id } }
}
"""


def ask(document, **variables):
    """Data of the answer; raises with the analyzer's own message."""
    headers = {"content-type": "application/json"}
    if "TOKEN" in os.environ:
        headers["authorization"] = "Bearer " + os.environ["TOKEN"]
    body = json.dumps({"query": document, "variables": variables}).encode()
    request = urllib.request.Request(URL + "/graphql", body, headers)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    if answer.get("errors"):
        raise SystemExit("\n".join(error["message"] for error in answer["errors"]))
    return answer["data"]


data = ask(DOCUMENT, before="-1h")
known = {node["id"] for node in data["before"]["nodes"]}
print(f"{data['now']['totalCount']} down")
for node in data["now"]["nodes"]:
    since = "" if node["id"] in known else "  (not an hour ago)"
    print(f"  {node['type']} {node['name']} on {node['host']}{since}")
