"""What old scripts give beside the least, and what they hear where something is wrong, against the analyzer at argv[1]; prints what came back as JSON."""
import json
import sys

from skydive.graph import Edge, Node
from skydive.rest.client import BadRequest, RESTClient

client = RESTClient(sys.argv[1])
answers = {}


def refused(ask):
    try:
        ask()
    except BadRequest as error:
        return error.args[0].decode()
    return "nothing was refused"


client.capture_create(
    "G.V().Has('Name', 'py-all')",
    name="all",
    description="every option",
    extra_tcp_metric=True,
    ip_defrag=True,
    reassemble_tcp=True,
    layer_key_mode="L3",
    bpf_filter="tcp port 80",
    capture_type="afpacket",
    port=7000,
    raw_pkt_limit=3,
    header_size=128,
    target="127.0.0.1:2055",
    target_type="netflowv5",
    polling_interval=20,
    sampling_rate=2,
)
answers["capture"] = [one.repr_json() for one in client.capture_list()][0]
del answers["capture"]["UUID"]
plain = client.capture_create("G.V().Has('Name', 'py-plain')")
answers["plain"] = {key: value for key, value in plain.repr_json().items() if key != "UUID"}
answers["twice"] = refused(lambda: client.capture_create("G.V().Has('Name', 'py-plain')"))
answers["noQuery"] = refused(lambda: client.capture_create("G.V("))

made = client.node_create(metadata={"Name": "py-made", "Type": "device", "Mark": 1})
client.node_create("py-far", metadata={"Name": "py-far", "Type": "device"})
edge = client.edge_create(made.id, "py-far", metadata={"RelationType": "layer2", "Mark": 2})
answers["node"] = [len(made.id), made.metadata["Mark"], made.host != ""]
answers["edge"] = [len(edge.id), edge.metadata["Mark"]]
answers["classes"] = [
    [type(one) is Node for one in client.lookup("G.V().Has('Mark', 1)", Node)],
    [type(one) is Edge for one in client.lookup("G.E().Has('Mark', 2)", Edge)],
]
answers["unchanged"] = refused(lambda: client.node_update(made.id, [{"op": "add", "path": "/Metadata/Mark", "value": 1}]))
answers["invalidNode"] = refused(lambda: client.node_create("py-bad", metadata={"Name": "py-bad"})).split(":")[0]
answers["invalidEdge"] = refused(lambda: client.edge_create("", "", metadata={"RelationType": "layer2"}))
answers["noSuchNode"] = refused(lambda: client.node_delete("py-nobody"))
answers["syntax"] = refused(lambda: client.lookup("G.V().Hass('x')"))

alert = client.alert_create("", "G.V().Has('Mark', 1)", trigger="duration:5s")
answers["alert"] = [(one.action, one.name) for one in client.alert_list() if one.uuid == alert.uuid]

update = client.noderule_create("update", {"Rule": "py"}, query="G.V().Has('Mark', 1)")
answers["rule"] = [(one.action, one.query, one.metadata) for one in client.noderule_list() if one.uuid == update.uuid]
link = client.edgerule_create("G.V().Has('Mark', 1)", "G.V('py-far')", {"RelationType": "mapping"})
answers["link"] = [(one.src, one.dst, one.metadata) for one in client.edgerule_list() if one.uuid == link.uuid]

injection = client.injection_create(
    src_query="G.V().Has('TID', 'old-sender-tid')",
    type="udp4",
    payload="hello",
    interval=20,
    src_ip="10.9.0.1",
    dst_ip="10.9.0.2",
    src_mac="02:00:00:00:00:01",
    dst_mac="02:00:00:00:00:02",
    count=3,
    src_port=1000,
    dst_port=2000,
    increment=True,
    ttl=9,
)
shown = [one.repr_json() for one in client.injection_list() if one.uuid == injection.uuid][0]
answers["injection"] = {key: value for key, value in shown.items() if key not in ("UUID", "TrackingID", "ICMPID")}
answers["noSender"] = refused(lambda: client.injection_create("G.V('nobody')", dst_ip="10.9.0.2"))

print(json.dumps(answers))
