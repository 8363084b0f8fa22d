#!/bin/sh
# Publishes two switches and the cable between them, from outside an agent, with nothing but curl.
# Run it again: the same ids are the same things, so nothing changes. They go two minutes after the last run: that is the lease.
#
#   sh examples/publish.sh [URL]
set -eu
url=${1:-http://127.0.0.1:8082}

curl --silent --show-error --fail-with-body "$url/graphql" \
  --header 'content-type: application/json' \
  ${TOKEN:+--header "authorization: Bearer $TOKEN"} \
  --data @- <<'JSON'
{
  "query": "mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created updated unchanged removed cursor } }",
  "variables": {
    "input": {
      "origin": "example.racks",
      "lease": "2m",
      "nodes": [
        { "id": "tor-1", "name": "tor-1", "type": "switch", "metadata": { "Rack": "b7", "Ports": 48 } },
        { "id": "tor-2", "name": "tor-2", "type": "switch", "metadata": { "Rack": "b8", "Ports": 48 } }
      ],
      "edges": [{ "source": "tor-1", "target": "tor-2", "relationType": "layer2" }]
    }
  }
}
JSON
echo
