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

/*
 * What a flow is told apart by, in the order in which user space reads it: ../entries.ts. Words, because they are compared and hashed as such; an end is six bytes
 * of its address and two of its port. Of ICMP both ports are type and code. Nothing that the flow table does not tell apart: two entries would be one flow there.
 * So network is ETH_IPV4, ETH_IPV6 or 0, protocol is 0 unless it has ports or is ICMP, and what answers has the type of what is asked.
 */
struct key {
  __u64 low, high;
  __u16 network, pad2;
  __u8 protocol, icmp_id[2], pad;
};

struct key4 {
  struct key ends;
  __u32 low_ip, high_ip;
};

struct key6 {
  struct key ends;
  __u64 low_ip[2], high_ip[2];
};

/*
 * The kernel puts 48 bytes before a key of 32: what each packet changes lies in the second of three cache lines then, beside the end of the key. A packet waits for
 * these lines, not for its instructions: they are cold when there are many flows.
 */
struct flow {
  __u64 last;                           /* monotonic nanoseconds */
  __u64 low_packets, low_bytes;         /* from the lower end to the higher */
  __u64 high_packets, high_bytes;
  __u64 start;
  __u64 low_syn, high_syn, low_fin, high_fin, low_rst, high_rst;
  __u32 first_is_low;
  __u16 ether_type, vlan; /* of the first packet */
  __u32 pad[2];
};

/* All but IPv6, and IPv6: addresses that are longer would cost the others a cache line. */
struct map SEC("maps") flows4 = {BPF_MAP_TYPE_HASH, sizeof(struct key4), sizeof(struct flow), 1};
struct map SEC("maps") flows6 = {BPF_MAP_TYPE_HASH, sizeof(struct key6), sizeof(struct flow), 1};
/* What is handed over instead of counted: layers by the bits of Skydive's selection, and how many bytes of each packet. */
struct wish {
  __u32 layers, bytes;
};
#define WISH_VRRP 1
#define WISH_DNS 2
#define WISH_DHCP 4

struct map SEC("maps") wishes = {BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(struct wish), 1};
struct map SEC("maps") lost = {BPF_MAP_TYPE_ARRAY, sizeof(__u32), sizeof(__u64), 1};

/* Headers as they lie in a packet, two bytes off so that what follows Ethernet is aligned. */
struct ethernet {
  __u16 off;
  __u8 destination[6], source[6];
  __u16 type;
};

struct ipv4 {
  __u8 first, service;
  __u16 length, id, fragment;
  __u8 hops, protocol;
  __u16 checksum;
  __u32 source, destination;
};

struct ipv6 {
  __u32 first;
  __u16 length;
  __u8 protocol, hops;
  __u64 source[2], destination[2];
};

struct upper {
  __u16 ports[2]; /* of ICMP: type and code, and a checksum */
  __u16 icmp_id, sequence;
  __u32 acknowledged;
  __u8 data_offset, flags;
};

/* The beginning of a packet: nearly each one is fetched with one call, which costs more than its bytes. */
union beginning {
  __u64 words[7];
  struct {
    struct ethernet ethernet;
    union {
      struct {
        struct ipv4 ip;
        struct upper upper;
      };
      struct ipv6 ip6;
    };
  };
};
#define BEGINNING 54 /* Ethernet, IPv4 and TCP without options; also Ethernet and IPv6 */

/* Whether a port is one by which a decoder of messages is chosen. */
INLINE __u32 layer_of(__u16 port) {
  if (port == __builtin_bswap16(53)) return WISH_DNS;
  return port == __builtin_bswap16(67) || port == __builtin_bswap16(68) ? WISH_DHCP : 0;
}

/* The type of the question that has an ICMP message of this type as answer, and one for all types without a name. */
INLINE __u8 asked_by(__u8 protocol, __u8 kind) {
  if (protocol == ICMP) {
    if (kind == 0) return 8;
    if (kind == 10 || kind == 14 || kind == 16 || kind == 18) return kind - 1;
    return (kind >= 3 && kind <= 5) || kind == 8 || kind == 9 || kind == 11 || kind == 12 || kind == 13 || kind == 15 || kind == 17 ? kind : 255;
  }
  if (kind == 129 || kind == 134 || kind == 136) return kind - 1;
  return (kind >= 1 && kind <= 4) || kind == 128 || kind == 133 || kind == 135 || kind == 137 ? kind : 255;
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

/* Counts a packet of the flow with this key in one of the maps. */
#define COUNT_IN(MAP, KEY)                                             \
  do {                                                                 \
    struct flow *known = lookup(&MAP, &KEY);                           \
    if (known) {                                                       \
      count(known, is_low, at, bytes, flags);                          \
      return 0;                                                        \
    }                                                                  \
    struct flow fresh = {.start = at, .first_is_low = is_low, .ether_type = type, .vlan = vlan}; \
    count(&fresh, is_low, at, bytes, flags);                           \
    if (!update(&MAP, &KEY, &fresh, BPF_NOEXIST)) return 0;            \
    /* Another processor was faster, or there is no room. */           \
    known = lookup(&MAP, &KEY);                                        \
    if (known) {                                                       \
      count(known, is_low, at, bytes, flags);                          \
      return 0;                                                        \
    }                                                                  \
  } while (0)

SEC("socket") int flow_filter(struct __sk_buff *skb) {
  union beginning packet = {};
  struct key6 key = {};
  struct ethernet *ethernet = &packet.ethernet;
  struct ipv4 *ip = &packet.ip;
  struct ipv6 *ip6 = &packet.ip6;
  struct upper *upper = &packet.upper;
  __u32 offset = 14;
  __u8 flags = 0;

  /* Whether what is looked at lies in what was fetched already. */
  int is_here = !load(skb, 0, ethernet->destination, BEGINNING);
  if (!is_here && load(skb, 0, ethernet->destination, 14)) return 0;
  __u16 type = __builtin_bswap16(ethernet->type);
  __u64 destination = packet.words[0] >> 16, source = packet.words[1] << 16 >> 16;
  __u16 vlan = skb->vlan_present ? skb->vlan_tci & 0xfff : 0;
#pragma unroll
  for (int i = 0; i < MOST_TAGS; i++) {
    if (type != ETH_VLAN && type != ETH_QINQ) break;
    __u16 tag[2];
    if (load(skb, offset, tag, 4)) break;
    if (!vlan) vlan = __builtin_bswap16(tag[0]) & 0xfff;
    type = __builtin_bswap16(tag[1]);
    offset += 4;
    is_here = 0;
  }

  int has_upper = 0;
  __u8 protocol = 0;
  __u32 source4 = 0, destination4 = 0;
  /* A header that is cut is not there: the packet counts as what it is before it. */
  if (type == ETH_IPV4 && (is_here || !load(skb, offset, ip, sizeof(*ip)))) {
    key.ends.network = type;
    source4 = ip->source;
    destination4 = ip->destination;
    protocol = ip->protocol;
    __u32 length = (ip->first & 0x0f) * 4;
    offset += length;
    if (length != sizeof(*ip)) is_here = 0;
    has_upper = !(ip->fragment & __builtin_bswap16(0x3fff));
  } else if (type == ETH_IPV6 && (is_here || !load(skb, offset, ip6, sizeof(*ip6)))) {
    key.ends.network = type;
    key.low_ip[0] = ip6->source[0];
    key.low_ip[1] = ip6->source[1];
    key.high_ip[0] = ip6->destination[0];
    key.high_ip[1] = ip6->destination[1];
    protocol = ip6->protocol;
    offset += sizeof(*ip6);
    is_here = 0;
    has_upper = 1;
  }
  int is_icmp = protocol == (key.ends.network == ETH_IPV6 ? ICMPV6 : ICMP);
  if (protocol == TCP || protocol == UDP || protocol == SCTP || is_icmp) key.ends.protocol = protocol;

  __u16 from = 0, to = 0;
  __u32 layer = 0;
  if (has_upper && protocol == TCP) {
    if (is_here || !load(skb, offset, upper, 14)) flags = upper->flags;
    else if (load(skb, offset, upper, 4)) key.ends.protocol = 0;
    from = upper->ports[0];
    to = upper->ports[1];
  } else if (has_upper && (protocol == UDP || protocol == SCTP)) {
    if (!is_here && load(skb, offset, upper, 4)) key.ends.protocol = 0;
    from = upper->ports[0];
    to = upper->ports[1];
    if (protocol == UDP) layer = layer_of(from) | layer_of(to);
  } else if (has_upper && is_icmp && !is_here && load(skb, offset, upper, 8) && load(skb, offset, upper, 2)) {
    key.ends.protocol = 0;
  } else if (has_upper && is_icmp) {
    __u16 icmp = upper->ports[0];
    __u8 kind = asked_by(protocol, icmp & 0xff);
    if (kind == (protocol == ICMP ? 8 : 128)) {
      icmp = 0;
      key.ends.icmp_id[0] = upper->icmp_id & 0xff;
      key.ends.icmp_id[1] = upper->icmp_id >> 8;
    }
    from = to = (icmp & 0xff00) | kind;
  } else if (has_upper && protocol == VRRP) layer = WISH_VRRP;

  __u32 zero = 0;
  if (layer) {
    struct wish *wish = lookup(&wishes, &zero);
    if (wish && (wish->layers & layer)) return wish->bytes;
  }

  source |= (__u64)from << 48;
  destination |= (__u64)to << 48;
  __u64 at = now();
  __u64 bytes = skb->len + (skb->vlan_present ? 4 : 0);
  if (key.ends.network == ETH_IPV6) {
    int is_low = source != destination             ? source < destination
                 : key.low_ip[0] != key.high_ip[0] ? key.low_ip[0] < key.high_ip[0]
                                                   : key.low_ip[1] <= key.high_ip[1];
    key.ends.low = is_low ? source : destination;
    key.ends.high = is_low ? destination : source;
    if (!is_low) {
      __u64 first = key.low_ip[0], second = key.low_ip[1];
      key.low_ip[0] = key.high_ip[0];
      key.low_ip[1] = key.high_ip[1];
      key.high_ip[0] = first;
      key.high_ip[1] = second;
    }
    COUNT_IN(flows6, key);
  } else {
    int is_low = source != destination ? source < destination : source4 <= destination4;
    struct key4 key4 = {
      .ends = key.ends,
      .low_ip = is_low ? source4 : destination4,
      .high_ip = is_low ? destination4 : source4,
    };
    key4.ends.low = is_low ? source : destination;
    key4.ends.high = is_low ? destination : source;
    COUNT_IN(flows4, key4);
  }
  __u64 *counter = lookup(&lost, &zero);
  if (counter) __sync_fetch_and_add(counter, 1);
  return 0;
}
