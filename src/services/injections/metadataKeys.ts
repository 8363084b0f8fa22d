/** What injections write on nodes, for the reference of metadata. */
export const INJECTION_METADATA_KEYS = [
  {
    path: 'PacketInjections',
    kind: 'state',
    type: 'object',
    meaning: 'A list with an entry for each injection that sends from the node; absent when none does.',
  },
  { path: 'PacketInjections.ID', kind: 'state', type: 'text', meaning: 'Id of the injection; `UUID` is the same.' },
  { path: 'PacketInjections.State', kind: 'state', type: 'text', meaning: '`active`: others are not there.' },
  { path: 'PacketInjections.Type', kind: 'state', type: 'text', meaning: 'icmp4, icmp6, tcp4, tcp6, udp4 or udp6.' },
  { path: 'PacketInjections.SrcIP', kind: 'state', type: 'text', meaning: 'Source address or prefix; `DstIP` is the destination.' },
  { path: 'PacketInjections.SrcMAC', kind: 'state', type: 'text', meaning: 'Source MAC address; `DstMAC` is that of the next hop.' },
  {
    path: 'PacketInjections.SrcPort',
    kind: 'state',
    type: 'integer',
    meaning: 'Source port; `DstPort` is the destination, `ICMPID` the identifier of echos.',
  },
  { path: 'PacketInjections.Count', kind: 'state', type: 'integer', unit: 'packets', meaning: 'How many are to be sent.' },
  { path: 'PacketInjections.Interval', kind: 'state', type: 'integer', unit: 'ms', meaning: 'Time between two of them.' },
  { path: 'PacketInjections.Mode', kind: 'state', type: 'text', meaning: '`unique`: one flow; `random`: a flow each.' },
  {
    path: 'PacketInjections.Payload',
    kind: 'state',
    type: 'text',
    meaning: 'What is sent; `IncrementPayload` is by how many bytes it grows, `TTL` the time to live.',
  },
  { path: 'PacketInjections.PacketCount', kind: 'measurement', type: 'integer', unit: 'packets', meaning: 'Sent so far.' },
] as const;
