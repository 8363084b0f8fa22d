"""Every method of the REST client that old scripts use, against the analyzer at argv[1]; prints what came back as JSON."""
import json
import sys

from skydive.rest.client import RESTClient

client = RESTClient(sys.argv[1])
answers = {}

node = client.node_create("py-node", "py-host", {"Name": "py-node", "Type": "device"})
other = client.node_create("py-other", "py-host", {"Name": "py-other", "Type": "device"})
edge = client.edge_create("py-node", "py-other", edge_id="py-edge", host="py-host", metadata={"RelationType": "layer2"})
answers["made"] = [node.id, other.id, edge.id, edge.parent, edge.child]
answers["lookup"] = client.lookup("G.V().Has('Name', 'py-node')")[0]["ID"]
answers["nodes"] = [found.id for found in client.lookup_nodes("G.V().Has('Host', 'x')")] + [
    found.id for found in client.lookup_nodes("G.V().Has('@Host', 'py-host').Sort('Name')")
]
answers["edges"] = [found.id for found in client.lookup_edges("G.E().Has('@ID', 'py-edge')")]
answers["updated"] = client.node_update("py-node", [{"op": "add", "path": "/Metadata/Colour", "value": "red"}]).metadata["Colour"]
answers["edgeUpdated"] = client.edge_update("py-edge", [{"op": "add", "path": "/Metadata/Cable", "value": 7}]).metadata["Cable"]
answers["listed"] = ["py-node" in [one.id for one in client.node_list()], "py-edge" in [one.id for one in client.edge_list()]]
client.edge_delete("py-edge")
client.node_delete("py-other")
answers["deleted"] = [len(client.lookup("G.V('py-node').BothE()")), [one.id for one in client.node_list() if one.id.startswith("py-")]]

capture = client.capture_create("G.V().Has('Name', 'py-node')", "py-capture")
answers["captures"] = [capture.query, [one.uuid == capture.uuid for one in client.capture_list()]]
client.capture_delete(capture.uuid)
answers["capturesLeft"] = len(list(client.capture_list()))

alert = client.alert_create("http://127.0.0.1:1/hook", "G.V().Has('MTU', Lt(1500))")
answers["alerts"] = [one.uuid == alert.uuid for one in client.alert_list()]
client.alert_delete(alert.uuid)
answers["alertsLeft"] = len(list(client.alert_list()))

rule = client.noderule_create("create", {"Name": "py-rule", "Type": "fabric"})
answers["nodeRules"] = [one.uuid == rule.uuid for one in client.noderule_list()]
edge_rule = client.edgerule_create("G.V().Has('Name', 'py-node')", "G.V().Has('Name', 'py-rule')", {"RelationType": "layer2"})
answers["edgeRules"] = [one.uuid == edge_rule.uuid for one in client.edgerule_list()]
client.edgerule_delete(edge_rule.uuid)
client.noderule_delete(rule.uuid)

injection = client.injection_create(
    "G.V().Has('TID', 'old-agent-tid')", dst_ip="10.9.0.2", dst_mac="02:00:00:00:00:02", count=2, interval=10
)
answers["injections"] = [injection.srcip, injection.type, injection.uuid in [one.uuid for one in client.injection_list()]]
client.injection_delete(injection.uuid)

print(json.dumps(answers))
