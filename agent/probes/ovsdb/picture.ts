import type { JsonObject } from '../../../src/common/json.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { OvsRow } from '../../ovsdb/ovsdb.js';
import { idsIn, mapIn, textIn } from '../../ovsdb/values.js';
import type { EdgeToWrite, NodeToWrite } from '../kit/graphWriter.js';
import { bridgeMetadata, hasLink, interfaceMetadata, linkNote, nameOf, portMetadata, switchMetadata, typeOf } from './metadata.js';
import type { SwitchRows } from './rows.js';

const LAYER2 = 'layer2';
/** From the port to which a mirror copies to each port of which it does. */
export const MIRRORING = 'mirroring';

/** Everything that the probe has to say of a switch. */
export interface Picture {
  /** Its own nodes, owners first. */
  readonly nodes: ReadonlyMap<ElementId, NodeToWrite>;
  /** What it adds to nodes of others. */
  readonly notes: ReadonlyMap<ElementId, JsonObject>;
  readonly edges: readonly EdgeToWrite[];
  /** The node of each interface, by id of its row. */
  readonly interfaces: ReadonlyMap<string, ElementId>;
}

export interface PictureSurroundings {
  /** The host's node. */
  readonly root: ElementId;
  readonly idOf: (uuid: string) => ElementId;
  /** The link of the kernel that an interface is. */
  readonly linkOf: (uuid: string, row: OvsRow) => ElementId | undefined;
  /** Whether a link of the kernel is still to be waited for. */
  readonly isAwaited: (uuid: string) => boolean;
  /** The link of the switch's datapath. */
  readonly datapath: ElementId | undefined;
}

/** What the rows and the links of the kernel come to. */
export function pictureOf(rows: SwitchRows, surroundings: PictureSurroundings): Picture {
  const { root, idOf, linkOf, isAwaited, datapath } = surroundings;
  const [bridges, ports, interfaces, mirrors] = [rows.of('Bridge'), rows.of('Port'), rows.of('Interface'), rows.of('Mirror')];
  const nodes = new Map<ElementId, NodeToWrite>();
  const notes = new Map<ElementId, JsonObject>();
  const edges: EdgeToWrite[] = [];
  const found = new Map<string, ElementId>();
  const patches = new Map<string, readonly [id: ElementId, peer: string | undefined]>();
  const portName = (uuid: string): string => nameOf(ports.get(uuid) ?? {});

  for (const row of rows.of('Open_vSwitch').values()) notes.set(datapath ?? root, switchMetadata(row));

  /** The node of an interface; `undefined` for one whose link is not there. */
  const place = (uuid: string, row: OvsRow, bridge: ElementId): ElementId | undefined => {
    const link = hasLink(row) ? linkOf(uuid, row) : undefined;
    if (link !== undefined) {
      notes.set(link, linkNote(uuid, row));
      return link;
    }
    // What is in a namespace that nobody watches is shown all the same; a link of the system without one is an error of its port.
    const isShown = hasLink(row) ? typeOf(row) === 'internal' && !isAwaited(uuid) : true;
    if (!isShown) return undefined;
    const id = idOf(uuid);
    nodes.set(id, { id, parent: bridge, metadata: interfaceMetadata(uuid, row) });
    if (typeOf(row) === 'patch') patches.set(nameOf(row), [id, mapIn(row, 'options').peer]);
    return id;
  };

  for (const [uuid, row] of bridges) {
    const id = idOf(uuid);
    const own = idsIn(row, 'mirrors').flatMap((mirror) => (mirrors.has(mirror) ? [mirrors.get(mirror)!] : []));
    nodes.set(id, { id, parent: root, metadata: bridgeMetadata(uuid, row, own, portName) });
    const portsOfBridge = idsIn(row, 'ports').filter((port) => ports.has(port));
    for (const portId of portsOfBridge) {
      const port = ports.get(portId)!;
      const node = idOf(portId);
      const problems: string[] = [];
      const placed: ElementId[] = [];
      for (const interfaceId of idsIn(port, 'interfaces')) {
        const one = interfaces.get(interfaceId);
        if (one === undefined) continue;
        const at = place(interfaceId, one, id);
        const problem = textIn(one, 'error');
        if (at !== undefined) {
          found.set(interfaceId, at);
          placed.push(at);
        } else if (problem !== undefined) problems.push(problem);
      }
      nodes.set(node, { id: node, parent: id, metadata: portMetadata(portId, port, problems) });
      edges.push({ parent: id, child: node, relationType: LAYER2 });
      for (const at of placed) edges.push({ parent: node, child: at, relationType: LAYER2 });
    }
    for (const mirror of own) {
      const [output] = idsIn(mirror, 'output_port');
      if (output === undefined || !ports.has(output)) continue;
      const selected =
        mirror.select_all === true ? portsOfBridge : [...idsIn(mirror, 'select_src_port'), ...idsIn(mirror, 'select_dst_port')];
      for (const original of new Set(selected)) {
        if (original !== output && ports.has(original))
          edges.push({ parent: idOf(output), child: idOf(original), relationType: MIRRORING });
      }
    }
  }
  edges.push(...patchEdges(patches));
  return { nodes, notes, edges, interfaces: found };
}

/** One edge for two patches, whichever names the other. */
function* patchEdges(patches: ReadonlyMap<string, readonly [id: ElementId, peer: string | undefined]>): Generator<EdgeToWrite> {
  const told = new Set<string>();
  for (const [id, peerName] of patches.values()) {
    const peer = peerName === undefined ? undefined : patches.get(peerName)?.[0];
    if (peer === undefined || peer === id) continue;
    const [parent, child] = id < peer ? [id, peer] : [peer, id];
    if (told.has(`${parent} ${child}`)) continue;
    told.add(`${parent} ${child}`);
    yield { parent, child, relationType: LAYER2, metadata: { Type: 'patch' } };
  }
}
