/* SPDX-License-Identifier: Apache-2.0
 * Counts flows in the kernel: a filter of a packet socket, which lets nothing through but packets whose contents are asked for; those are counted where they
 * go. No BTF, no CO-RE, no calls between programs: compile.ts turns it into instructions in ../flowProgram.ts. A capture's own filter comes before it.
 */
#include <linux/bpf.h>

#define SEC(NAME) __attribute__((section(NAME), used))
#define INLINE static __attribute__((always_inline))

struct map {
  unsigned int type, key_size, value_size, max_entries, flags;
};

static void *(*lookup)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
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
 * Flows lie in rows, which user space reads where they are: ../rows.ts. A packet waits for memory, not for its instructions, when there are many flows: what it
 * compares and what it changes is one cache line, the first one, and rows are taken one after the other, so that they share pages. An end is six bytes of its
 * address and two of its port; of ICMP the ports are type and code, and the number of an echo. They hold nothing that the flow table does not tell apart, since two
 * rows would be one flow there, which shows one of them: neither VLAN nor ether type, a protocol only where it has ports or is ICMP, an answer as its question.
 */
struct flow {
  __u32 state;                  /* protocol and family; 0 where there is no flow, or GIVEN_BACK */
  __u32 last;                   /* monotonic nanoseconds, 16 bits less; 0 until an entry names the row */
  __u64 low, high;              /* both ends */
  __u64 addresses;              /* of IPv4: the lower end's, the higher end's */
  __u64 low_packets, low_bytes; /* from the lower end to the higher */
  __u64 high_packets, high_bytes;

  __u64 start; /* monotonic nanoseconds, as those that follow */
  __u64 low_syn, high_syn, low_fin, high_fin, low_rst, high_rst;
  __u16 first, first_type; /* of the first packet: whether the lower end sent it, with its VLAN; its ether type */
  __u32 entry; /* that names this row */
};

struct flow6 {
  struct flow flow;
  __u64 low_ip[2], high_ip[2];
  __u64 pad[4];
};

/* A row that was taken for a flow which another processor was faster with: user space puts it back into the queue. */
#define GIVEN_BACK 1

/* Families, in the highest byte of `state`. */
#define FAMILY_NONE 1
#define FAMILY_IPV4 4
#define FAMILY_IPV6 6

/* In `first`, above the VLAN. */
#define FIRST_IS_LOW 0x8000

/*
 * Rows are found through entries, sixteen in a cache line: the hash of a flow names the first of those in which it may be, and a mark, which stands in an entry above
 * the number of its row.
 */
struct bucket {
  __u32 entries[16];
};
#define IN_BUCKET 16
#define PROBES 32
#define ROW_BITS 18
/* Entries without a row. User space makes LEAVING of one with a row, and FREE of that when nobody who still found the flow can be counting. */
#define UNUSED 0
#define FREE 1
#define LEAVING 2

/* Entries are twice as many as rows. */
#define ROWS4 (1 << 18)
#define ROWS6 (1 << 17)
#define ENTRY_BITS4 19
#define ENTRY_BITS6 18

/* Rows that are free, a queue that user space fills. */
struct queue {
  __u32 head, tail;
};

#define SHARED(KEY, VALUE, ENTRIES) {BPF_MAP_TYPE_ARRAY, sizeof(KEY), sizeof(VALUE), ENTRIES, BPF_F_MMAPABLE}
struct map SEC("maps") rows4 = SHARED(__u32, struct flow, ROWS4);
struct map SEC("maps") rows6 = SHARED(__u32, struct flow6, ROWS6);
struct map SEC("maps") buckets4 = SHARED(__u32, struct bucket, ((1 << ENTRY_BITS4) + PROBES) / IN_BUCKET);
struct map SEC("maps") buckets6 = SHARED(__u32, struct bucket, ((1 << ENTRY_BITS6) + PROBES) / IN_BUCKET);
struct map SEC("maps") free4 = SHARED(__u32, __u32, ROWS4);
struct map SEC("maps") free6 = SHARED(__u32, __u32, ROWS6);
struct map SEC("maps") queue4 = SHARED(__u32, struct queue, 1);
struct map SEC("maps") queue6 = SHARED(__u32, struct queue, 1);

/* What user space asks for. */
struct wish {
  __u32 layers, bytes;    /* handed over instead of counted: by the bits of Skydive's selection, and how many bytes of each packet */
  __u32 has_ethernet;
  __u32 zero;             /* which the verifier does not know: it would follow what comes after a constant once more for each */
  __u64 multipliers[8];   /* random and odd: nobody can choose packets whose flows want one place */
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

/*
 * The type of the question to which an ICMP message of this type is the answer; 255 for all types without a name (flows.md §1.1). By bits, for the verifier's sake:
 * of ICMP 10, 14, 16 and 18 answer, and 3 to 5, 8, 9, 11 to 13, 15 and 17 are left; of ICMPv6 129, 134 and 136, and 1 to 4, 128, 133, 135 and 137.
 */
INLINE __u8 asked_by(__u8 protocol, __u8 kind) {
  __u8 low = kind & 31;
  if (protocol == ICMP) {
    kind = kind ? kind - (kind < 32 ? 0x54400u >> low & 1 : 0) : 8;
    return kind < 32 && (0x2bb38u >> kind & 1) ? kind : 255;
  }
  if (kind < 32) return 0x1eu >> low & 1 ? kind : 255;
  if (kind < 128 || kind > 159) return 255;
  kind -= 0x142u >> low & 1;
  return 0x2a1u >> (kind & 31) & 1 ? kind : 255;
}

/* A packet, as its flow is found and counted. */
struct seen {
  __u32 state;
  __u8 flags;
  __u16 vlan, type;
  __u32 is_low;                         /* sent by the lower end */
  __u64 at, bytes;
  __u64 low, high, addresses;
  __u64 low_ip[2], high_ip[2];
};

#define NOW_LAST(AT) (((AT) + 0xffff) >> 16)

INLINE void count(struct flow *flow, const struct seen *seen) {
  flow->last = NOW_LAST(seen->at);
  if (seen->is_low) {
    __sync_fetch_and_add(&flow->low_packets, 1);
    __sync_fetch_and_add(&flow->low_bytes, seen->bytes);
    if (!(seen->flags & (SYN | FIN | RST))) return;
    if ((seen->flags & SYN) && !flow->low_syn) flow->low_syn = seen->at;
    if (seen->flags & FIN) flow->low_fin = seen->at;
    if (seen->flags & RST) flow->low_rst = seen->at;
  } else {
    __sync_fetch_and_add(&flow->high_packets, 1);
    __sync_fetch_and_add(&flow->high_bytes, seen->bytes);
    if (!(seen->flags & (SYN | FIN | RST))) return;
    if ((seen->flags & SYN) && !flow->high_syn) flow->high_syn = seen->at;
    if (seen->flags & FIN) flow->high_fin = seen->at;
    if (seen->flags & RST) flow->high_rst = seen->at;
  }
}

INLINE int is_of(const struct flow *flow, const struct seen *seen, int is_ipv6) {
  if (flow->low != seen->low || flow->high != seen->high || flow->addresses != seen->addresses) return 0;
  if (!is_ipv6) return 1;
  const struct flow6 *flow6 = (const void *)flow;
  return flow6->low_ip[0] == seen->low_ip[0] && flow6->low_ip[1] == seen->low_ip[1] && flow6->high_ip[0] == seen->high_ip[0] &&
         flow6->high_ip[1] == seen->high_ip[1];
}

/* The time where a bit is set, else 0; without a jump, since the kernel's verifier follows each way that a program can go, and after this one there are many. */
#define IF_SET(FLAGS, BIT, AT) ((AT) & -(__u64)((FLAGS) / (BIT) & 1))

/* Writes a row that nobody finds yet, with its first packet. */
INLINE void begin(struct flow *flow, const struct seen *seen, int is_ipv6) {
  __u64 low = -(__u64)seen->is_low, high = ~low;
  __u64 syn = IF_SET(seen->flags, SYN, seen->at), fin = IF_SET(seen->flags, FIN, seen->at), rst = IF_SET(seen->flags, RST, seen->at);
  flow->low = seen->low;
  flow->high = seen->high;
  flow->addresses = seen->addresses;
  flow->low_packets = low & 1;
  flow->low_bytes = low & seen->bytes;
  flow->high_packets = high & 1;
  flow->high_bytes = high & seen->bytes;
  flow->start = seen->at;
  flow->low_syn = low & syn;
  flow->high_syn = high & syn;
  flow->low_fin = low & fin;
  flow->high_fin = high & fin;
  flow->low_rst = low & rst;
  flow->high_rst = high & rst;
  flow->first = seen->vlan | (low & FIRST_IS_LOW);
  flow->first_type = seen->type;
  if (is_ipv6) {
    struct flow6 *flow6 = (void *)flow;
    flow6->low_ip[0] = seen->low_ip[0];
    flow6->low_ip[1] = seen->low_ip[1];
    flow6->high_ip[0] = seen->high_ip[0];
    flow6->high_ip[1] = seen->high_ip[1];
  }
  flow->last = 0;
  flow->state = seen->state;
}

#define READ(WORD) (*(volatile __u32 *)&(WORD))
#define NOWHERE 0xffffffff

/* Takes a row out of the queue; NOWHERE when it is empty. */
INLINE __u32 take_row(void *queues, void *free, __u32 rows) {
  __u32 zero = 0;
  struct queue *queue = lookup(queues, &zero);
  if (!queue) return NOWHERE;
#pragma clang loop unroll(disable)
  for (int tries = 0; tries < 16; tries++) {
    __u32 head = READ(queue->head);
    if (head == READ(queue->tail)) return NOWHERE;
    __u32 place = head & (rows - 1);
    __u32 *row = lookup(free, &place);
    if (!row) return NOWHERE;
    __u32 taken = READ(*row);
    if (__sync_val_compare_and_swap(&queue->head, head, head + 1) == head) return taken;
  }
  return NOWHERE;
}

/* The maps of one kind of flows, and the first of the entries at which a flow is looked for. */
struct search {
  void *buckets, *rows;
  __u32 start, mark;
};

INLINE __u32 *entry_at(const struct search *search, __u32 place) {
  __u32 at = place / IN_BUCKET;
  struct bucket *bucket = lookup(search->buckets, &at);
  return bucket ? &bucket->entries[place & (IN_BUCKET - 1)] : 0;
}

/* The row that the entry names, if it is that of the flow. */
INLINE struct flow *known_at(const struct search *search, __u32 entry, const struct seen *seen, int is_ipv6) {
  if (entry >> ROW_BITS != search->mark) return 0;
  __u32 row = entry & ((1 << ROW_BITS) - 1);
  struct flow *flow = lookup(search->rows, &row);
  return flow && flow->state == seen->state && is_of(flow, seen, is_ipv6) ? flow : 0;
}

#define SEARCH(BUCKETS, ROWS, BITS, HASH) \
  {&BUCKETS, &ROWS, (HASH) >> (64 - (BITS)), (__u32)((HASH) >> 8) >> ROW_BITS | 1 << (31 - ROW_BITS)}

/* How often the flow is not that of an entry with its mark, or another processor is faster with an entry. */
#define ROUNDS 3

/* The row of a flow that is known; else 0. */
INLINE struct flow *find(const struct search *search, const struct seen *seen, int is_ipv6) {
  __u32 tried = 0;
#pragma unroll
  for (int round = 0; round < ROUNDS; round++) {
    __u32 now = UNUSED;
#pragma clang loop unroll(disable)
    for (; tried < PROBES; tried++) {
      __u32 *entry = entry_at(search, search->start + tried);
      if (!entry) return 0;
      now = READ(*entry);
      if (now == UNUSED || now >> ROW_BITS == search->mark) break;
    }
    if (now >> ROW_BITS != search->mark) return 0;
    struct flow *flow = known_at(search, now, seen, is_ipv6);
    if (flow) return flow;
    tried++;
  }
  return 0;
}

/* Has an entry name the row; what another processor made of the flow meanwhile, the row itself if nothing, 0 where there is no room. */
INLINE struct flow *enter(const struct search *search, __u32 row, struct flow *flow, const struct seen *seen, int is_ipv6) {
  __u32 tried = 0;
#pragma unroll
  for (int round = 0; round < ROUNDS; round++) {
    __u32 *entry, now;
#pragma clang loop unroll(disable)
    for (; tried < PROBES; tried++) {
      entry = entry_at(search, search->start + tried);
      if (!entry) return 0;
      now = READ(*entry);
      if (now <= FREE || now >> ROW_BITS == search->mark) break;
    }
    if (tried >= PROBES) return 0;
    flow->entry = search->start + tried;
    /* A barrier too: the row is whole before it is found. */
    if (now <= FREE && __sync_val_compare_and_swap(entry, now, search->mark << ROW_BITS | row) == now) return flow;
    struct flow *known = known_at(search, READ(*entry), seen, is_ipv6);
    if (known) return known;
    tried++;
  }
  return 0;
}

/* Counts a packet in the row of its flow, or in a free one; 0 where there is none. */
INLINE int count_in(const struct search *search, void *queues, void *free, __u32 most_rows, const struct seen *seen, int is_ipv6) {
  struct flow *known = find(search, seen, is_ipv6);
  if (known) {
    count(known, seen);
    return 1;
  }
  __u32 row = take_row(queues, free, most_rows);
  struct flow *flow = lookup(search->rows, &row);
  if (!flow) return 0;
  begin(flow, seen, is_ipv6);
  known = enter(search, row, flow, seen, is_ipv6);
  if (known == flow) {
    flow->last = NOW_LAST(seen->at);
    return 1;
  }
  flow->state = GIVEN_BACK;
  if (!known) return 0;
  count(known, seen);
  return 1;
}

/* Ports lie in the upper bits, which a multiplication does not spread. */
#define SPREAD(WORD) ((WORD) ^ (WORD) >> 32)

SEC("socket") int flow_filter(struct __sk_buff *skb) {
  union beginning packet = {};
  struct seen seen = {};
  struct ethernet *ethernet = &packet.ethernet;
  struct ipv4 *ip = &packet.ip;
  struct ipv6 *ip6 = &packet.ip6;
  struct upper *upper = &packet.upper;
  __u32 zero = 0;
  struct wish *wish = lookup(&wishes, &zero);
  if (!wish) return 0;

  /* Whether what is looked at lies in what was fetched already. */
  int is_here;
  __u32 offset = 0;
  __u16 type, vlan = 0;
  __u64 destination = 0, source = 0;
  if (skb->vlan_present) vlan = skb->vlan_tci & 0xfff;
  if (wish->has_ethernet) {
    is_here = !load(skb, 0, ethernet->destination, BEGINNING);
    if (!is_here && load(skb, 0, ethernet->destination, 14)) return 0;
    offset = 14;
    type = __builtin_bswap16(ethernet->type);
    destination = packet.words[0] >> 16;
    source = packet.words[1] << 16 >> 16;
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
  } else {
    is_here = 0;
    type = __builtin_bswap16(skb->protocol);
  }

  int has_upper = 0;
  __u8 protocol = 0, family = FAMILY_NONE;
  __u32 source4 = 0, destination4 = 0;
  __u64 source6[2] = {}, destination6[2] = {};
  /* A header that is cut off leaves a flow of what is before it. */
  if (type == ETH_IPV4 && (is_here || !load(skb, offset, ip, sizeof(*ip)))) {
    family = FAMILY_IPV4;
    source4 = ip->source;
    destination4 = ip->destination;
    protocol = ip->protocol;
    __u32 length = (ip->first & 0x0f) * 4;
    offset += length;
    if (length != sizeof(*ip)) is_here = 0;
    has_upper = !(ip->fragment & __builtin_bswap16(0x3fff));
  } else if (type == ETH_IPV6 && (is_here || !load(skb, offset, ip6, sizeof(*ip6)))) {
    family = FAMILY_IPV6;
    source6[0] = ip6->source[0];
    source6[1] = ip6->source[1];
    destination6[0] = ip6->destination[0];
    destination6[1] = ip6->destination[1];
    protocol = ip6->protocol;
    offset += sizeof(*ip6);
    is_here = 0;
    has_upper = 1;
  }
  seen.vlan = vlan;
  seen.type = type;

  __u16 from = 0, to = 0, echo = 0;
  int is_icmp = 0;
  __u32 layer = 0;
  if (has_upper && protocol == TCP) {
    if (is_here || !load(skb, offset, upper, 14)) seen.flags = upper->flags;
    else if (load(skb, offset, upper, 4)) upper->ports[0] = upper->ports[1] = 0;
    from = upper->ports[0];
    to = upper->ports[1];
  } else if (has_upper && (protocol == UDP || protocol == SCTP)) {
    if (is_here || !load(skb, offset, upper, 4)) {
      from = upper->ports[0];
      to = upper->ports[1];
    }
    if (protocol == UDP) layer = layer_of(from) | layer_of(to);
  } else if (has_upper && protocol == (family == FAMILY_IPV6 ? ICMPV6 : ICMP)) {
    if (is_here || !load(skb, offset, upper, 8) || !load(skb, offset, upper, 2)) {
      is_icmp = 1;
      __u8 kind = asked_by(protocol, upper->ports[0] & 0xff);
      int is_echo = kind == (protocol == ICMP ? 8 : 128);
      from = to = is_echo ? kind : (upper->ports[0] & 0xff00) | kind;
      echo = is_echo ? upper->icmp_id : 0;
    }
  } else if (has_upper && protocol == VRRP) layer = WISH_VRRP;
  if (layer & wish->layers) return wish->bytes;
  int is_told_apart = protocol == TCP || protocol == UDP || protocol == SCTP || is_icmp;
  seen.state = (__u32)family << 24 | (__u32)(is_told_apart ? protocol : 0) << 16;

  source |= (__u64)from << 48;
  destination |= (__u64)to << 48;
  seen.at = now();
  seen.bytes = skb->len + (skb->vlan_present ? 4 : 0);
  int is_counted;
  if (family == FAMILY_IPV6) {
    seen.is_low = source != destination         ? source < destination
                  : source6[0] != destination6[0] ? source6[0] < destination6[0]
                                                  : source6[1] <= destination6[1];
    seen.low_ip[0] = seen.is_low ? source6[0] : destination6[0];
    seen.low_ip[1] = seen.is_low ? source6[1] : destination6[1];
    seen.high_ip[0] = seen.is_low ? destination6[0] : source6[0];
    seen.high_ip[1] = seen.is_low ? destination6[1] : source6[1];
  } else {
    seen.is_low = source != destination ? source < destination : source4 <= destination4;
    seen.addresses = seen.is_low ? source4 | (__u64)destination4 << 32 : destination4 | (__u64)source4 << 32;
  }
  seen.is_low |= wish->zero;
  seen.flags |= wish->zero;
  seen.low = seen.is_low ? source : destination;
  seen.high = seen.is_low ? destination : source;
  /* The number of an echo stands where the higher end has its port. */
  if (is_icmp) seen.high = seen.high << 16 >> 16 | (__u64)echo << 48;
  __u64 hash = SPREAD(seen.low) * wish->multipliers[0] + SPREAD(seen.high) * wish->multipliers[1] + seen.state * wish->multipliers[2];
  if (family == FAMILY_IPV6) {
    hash += seen.low_ip[0] * wish->multipliers[3] + SPREAD(seen.low_ip[1]) * wish->multipliers[4] +
            seen.high_ip[0] * wish->multipliers[5] + SPREAD(seen.high_ip[1]) * wish->multipliers[6];
    struct search search = SEARCH(buckets6, rows6, ENTRY_BITS6, hash);
    is_counted = count_in(&search, &queue6, &free6, ROWS6, &seen, 1);
  } else {
    hash += SPREAD(seen.addresses) * wish->multipliers[3];
    struct search search = SEARCH(buckets4, rows4, ENTRY_BITS4, hash);
    is_counted = count_in(&search, &queue4, &free4, ROWS4, &seen, 0);
  }
  if (is_counted) return 0;
  __u64 *counter = lookup(&lost, &zero);
  if (counter) __sync_fetch_and_add(counter, 1);
  return 0;
}
