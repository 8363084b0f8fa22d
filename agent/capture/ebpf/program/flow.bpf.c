/* SPDX-License-Identifier: Apache-2.0
 * Counts flows in the kernel: a filter of a packet socket, which lets nothing through but packets whose contents are asked for; those are counted where they
 * go. No BTF, no CO-RE, no calls between programs: compile.ts turns it into instructions in ../flowProgram.ts. A capture's own filter comes before it.
 */
#include <linux/bpf.h>

#define SEC(NAME) __attribute__((section(NAME), used))
#define INLINE static __attribute__((always_inline))

struct map {
  unsigned int type, key_size, value_size, max_entries;
};

static void *(*lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*update)(void *map, const void *key, const void *value, __u64 flags) = (void *)BPF_FUNC_map_update_elem;
static __u64 (*now)(void) = (void *)BPF_FUNC_ktime_get_ns;
static long (*load)(const void *skb, __u32 offset, void *to, __u32 length) = (void *)BPF_FUNC_skb_load_bytes;

#define ETH_IPV4 0x0800
#define ETH_IPV6 0x86dd
#define ETH_VLAN 0x8100
#define ETH_QINQ 0x88a8
#define MOST_TAGS 2
#define TCP 6
#define UDP 17
#define SCTP 132
#define ICMP 1
#define ICMPV6 58
#define VRRP 112
#define SYN 0x02
#define ACK 0x10
#define FIN 0x01
#define RST 0x04

/* Written in the order in which user space reads it: ../entries.ts. */
struct key {
  __u8 low_mac[6], high_mac[6];
  __u8 low_ip[16], high_ip[16];
  __u16 low_port, high_port; /* of ICMP: the identifier, and type and code */
  __u16 ether_type, vlan;
  __u8 protocol, pad[3];
};

struct flow {
  __u64 start, last;                    /* monotonic nanoseconds */
  __u64 low_packets, low_bytes;         /* from the lower end to the higher */
  __u64 high_packets, high_bytes;
  __u64 low_syn, high_syn, low_fin, high_fin, low_rst, high_rst;
  __u32 first_is_low, pad;
};

struct map SEC("maps") flows = {BPF_MAP_TYPE_HASH, sizeof(struct key), sizeof(struct flow), 1};
/* What is handed over instead of counted: layers by the bits of Skydive's selection, and how many bytes of each packet. */
struct wish {
  __u32 layers, bytes;
};
#define WISH_VRRP 1
#define WISH_DNS 2
#define WISH_DHCP 4

struct map SEC("maps") wishes = {BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct wish), 1};
struct map SEC("maps") lost = {BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(__u64), 1};

/* Headers as they lie in a packet: each is fetched with one call, which costs more than its bytes. */
struct ethernet {
  __u8 destination[6], source[6];
  __u16 type;
};

struct ipv4 {
  __u8 first, service;
  __u16 length, id, fragment;
  __u8 hops, protocol;
  __u16 checksum;
  __u8 source[4], destination[4];
};

struct ipv6 {
  __u32 first;
  __u16 length;
  __u8 protocol, hops, source[16], destination[16];
};

struct upper {
  __u16 ports[2];
  __u32 sequence, acknowledged;
  __u8 data_offset, flags;
} __attribute__((packed, aligned(4)));

INLINE int compare(const __u8 *a, const __u8 *b, int length) {
#pragma unroll
  for (int i = 0; i < length; i++) {
    if (a[i] < b[i]) return -1;
    if (a[i] > b[i]) return 1;
  }
  return 0;
}

/* Whether a port is one by which a decoder of messages is chosen. */
INLINE __u32 layer_of(__u16 port) {
  if (port == __builtin_bswap16(53)) return WISH_DNS;
  return port == __builtin_bswap16(67) || port == __builtin_bswap16(68) ? WISH_DHCP : 0;
}

INLINE void count(struct flow *flow, int is_low, __u64 at, __u64 bytes, __u8 flags) {
  flow->last = at;
  if (is_low) {
    __sync_fetch_and_add(&flow->low_packets, 1);
    __sync_fetch_and_add(&flow->low_bytes, bytes);
    if ((flags & SYN) && !flow->low_syn) flow->low_syn = at;
    if (flags & FIN) flow->low_fin = at;
    if (flags & RST) flow->low_rst = at;
  } else {
    __sync_fetch_and_add(&flow->high_packets, 1);
    __sync_fetch_and_add(&flow->high_bytes, bytes);
    if ((flags & SYN) && !flow->high_syn) flow->high_syn = at;
    if (flags & FIN) flow->high_fin = at;
    if (flags & RST) flow->high_rst = at;
  }
}

SEC("socket") int flow_filter(struct __sk_buff *skb) {
  struct key key = {};
  __u8 source_ip[16] = {}, destination_ip[16] = {};
  __u16 ports[2] = {};
  struct ethernet frame;
  __u8 flags = 0;
  __u32 offset = 14;

  if (load(skb, 0, &frame, sizeof(frame))) return 0;
  __u16 type = __builtin_bswap16(frame.type);
  if (skb->vlan_present) key.vlan = skb->vlan_tci & 0xfff;
#pragma unroll
  for (int i = 0; i < MOST_TAGS; i++) {
    if (type != ETH_VLAN && type != ETH_QINQ) break;
    __u16 tag[2];
    if (load(skb, offset, tag, 4)) return 0;
    if (!key.vlan) key.vlan = __builtin_bswap16(tag[0]) & 0xfff;
    type = __builtin_bswap16(tag[1]);
    offset += 4;
  }
  key.ether_type = type;

  int has_upper = 0;
  if (type == ETH_IPV4) {
    struct ipv4 ip;
    if (load(skb, offset, &ip, sizeof(ip))) return 0;
    __builtin_memcpy(source_ip, ip.source, 4);
    __builtin_memcpy(destination_ip, ip.destination, 4);
    key.protocol = ip.protocol;
    offset += (ip.first & 0x0f) * 4;
    has_upper = !(ip.fragment & __builtin_bswap16(0x3fff));
  } else if (type == ETH_IPV6) {
    struct ipv6 ip;
    if (load(skb, offset, &ip, sizeof(ip))) return 0;
    __builtin_memcpy(source_ip, ip.source, 16);
    __builtin_memcpy(destination_ip, ip.destination, 16);
    key.protocol = ip.protocol;
    offset += sizeof(ip);
    has_upper = 1;
  }
  if (has_upper && (key.protocol == TCP || key.protocol == UDP || key.protocol == SCTP)) {
    struct upper upper;
    if (key.protocol == TCP && !load(skb, offset, &upper, sizeof(upper))) {
      flags = upper.flags;
      ports[0] = upper.ports[0];
      ports[1] = upper.ports[1];
    } else if (load(skb, offset, ports, 4)) return 0;
  } else if (has_upper && (key.protocol == ICMP || key.protocol == ICMPV6)) {
    __u16 icmp = 0, id = 0;
    if (load(skb, offset, &icmp, 2)) return 0;
    __u8 kind = icmp & 0xff;
    /* Requests and replies of echoes are one flow. */
    if (key.protocol == ICMP && (kind == 0 || kind == 8)) { icmp = 8; load(skb, offset + 4, &id, 2); }
    if (key.protocol == ICMPV6 && (kind == 128 || kind == 129)) { icmp = 128; load(skb, offset + 4, &id, 2); }
    ports[0] = ports[1] = icmp;
    key.pad[0] = id & 0xff;
    key.pad[1] = id >> 8;
  }

  __u32 zero = 0;
  __u32 layer = 0;
  if (has_upper && key.protocol == UDP) layer = layer_of(ports[0]) | layer_of(ports[1]);
  else if (has_upper && key.protocol == VRRP) layer = WISH_VRRP;
  if (layer) {
    struct wish *wish = lookup(&wishes, &zero);
    if (wish && (wish->layers & layer)) return wish->bytes;
  }

  int order = compare(frame.source, frame.destination, 6);
  if (!order) order = compare(source_ip, destination_ip, 16);
  if (!order) order = ports[0] < ports[1] ? -1 : ports[0] > ports[1];
  int is_low = order <= 0;
  __builtin_memcpy(key.low_mac, is_low ? frame.source : frame.destination, 6);
  __builtin_memcpy(key.high_mac, is_low ? frame.destination : frame.source, 6);
  __builtin_memcpy(key.low_ip, is_low ? source_ip : destination_ip, 16);
  __builtin_memcpy(key.high_ip, is_low ? destination_ip : source_ip, 16);
  key.low_port = is_low ? ports[0] : ports[1];
  key.high_port = is_low ? ports[1] : ports[0];

  __u64 at = now();
  __u64 bytes = skb->len + (skb->vlan_present ? 4 : 0);
  struct flow *known = lookup(&flows, &key);
  if (known) {
    count(known, is_low, at, bytes, flags);
    return 0;
  }
  struct flow fresh = {.start = at, .first_is_low = is_low};
  count(&fresh, is_low, at, bytes, flags);
  long failed = update(&flows, &key, &fresh, BPF_NOEXIST);
  if (!failed) return 0;
  /* Another processor was faster, or there is no room. */
  known = lookup(&flows, &key);
  if (known) {
    count(known, is_low, at, bytes, flags);
    return 0;
  }
  __u64 *counter = lookup(&lost, &zero);
  if (counter) __sync_fetch_and_add(counter, 1);
  return 0;
}
