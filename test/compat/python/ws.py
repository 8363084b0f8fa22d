"""The WebSocket client that old scripts use, at argv[1] on the endpoint argv[2]: tells of a node named argv[3], or listens where none is named."""
import json
import sys

from skydive.graph import Node
from skydive.websocket.client import NodeAddedMsgType, WSClient, WSClientDefaultProtocol, WSMessage

endpoint, path, name = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""


class Listener(WSClientDefaultProtocol):
    def onMessage(self, payload, isBinary):
        message = json.loads(payload.decode("utf8"))
        print(message["Type"], message["Obj"].get("ID", ""), flush=True)


class Publisher(Listener):
    def onOpen(self):
        node = Node(name, "py-host", metadata={"Name": name, "Type": "device"})
        self.sendWSMessage(WSMessage("Graph", NodeAddedMsgType, node))
        if path.endswith("publisher"):
            self.stop_when_complete()


client = WSClient("py-" + (name or "listener"), "ws://%s/ws/%s" % (endpoint, path), protocol=Publisher if name else Listener)
client.connect()
print("connected", flush=True)
client.start()
