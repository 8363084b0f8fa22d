/*
 * Prints what a kernel answers, byte by byte, as hex: the links of this namespace (rtnetlink), what ethtool tells of each, and its
 * WireGuard devices (generic netlink). One line for each answer. Built statically and run in a guest by record.sh.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/wireguard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static char names[512][IFNAMSIZ];
static char kinds[512][IFNAMSIZ];
static int count;

static void hex(const void *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", ((const unsigned char *)bytes)[i]);
}

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static int open_netlink(int protocol) {
  struct sockaddr_nl self = {.nl_family = AF_NETLINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), on = 1;
  if (fd < 0 || bind(fd, (void *)&self, sizeof self) < 0) fail("netlink");
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  return fd;
}

static char request[1024];

static void *begin(int type, int flags, size_t header) {
  struct nlmsghdr *message = (void *)request;
  memset(request, 0, sizeof request);
  message->nlmsg_len = NLMSG_LENGTH(header);
  message->nlmsg_type = type;
  message->nlmsg_flags = NLM_F_REQUEST | flags;
  return NLMSG_DATA(message);
}

static void add(int type, const void *value, size_t length) {
  struct nlmsghdr *message = (void *)request;
  struct nlattr *attribute = (void *)(request + NLMSG_ALIGN(message->nlmsg_len));
  attribute->nla_type = type;
  attribute->nla_len = NLA_HDRLEN + length;
  memcpy((char *)attribute + NLA_HDRLEN, value, length);
  message->nlmsg_len = NLMSG_ALIGN(message->nlmsg_len) + NLA_ALIGN(attribute->nla_len);
}

/* Sends the request, and calls for each answer until the last one. */
static void ask(int fd, void (*visit)(struct nlmsghdr *)) {
  static char answer[1 << 18];
  struct nlmsghdr *sent = (void *)request;
  sent->nlmsg_flags |= NLM_F_ACK;
  if (send(fd, request, sent->nlmsg_len, 0) < 0) fail("send");
  for (;;) {
    ssize_t length = recv(fd, answer, sizeof answer, 0);
    if (length < 0) fail("recv");
    for (struct nlmsghdr *message = (void *)answer; NLMSG_OK(message, length); message = NLMSG_NEXT(message, length)) {
      if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) return;
      visit(message);
    }
  }
}

static void link_answer(struct nlmsghdr *message) {
  struct ifinfomsg *info = NLMSG_DATA(message);
  struct rtattr *attribute = IFLA_RTA(info);
  int length = IFLA_PAYLOAD(message);
  strcpy(names[count], "?");
  kinds[count][0] = 0;
  for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
    if (attribute->rta_type == IFLA_IFNAME) strcpy(names[count], RTA_DATA(attribute));
    if (attribute->rta_type != IFLA_LINKINFO) continue;
    struct rtattr *inner = RTA_DATA(attribute);
    int rest = RTA_PAYLOAD(attribute);
    for (; RTA_OK(inner, rest); inner = RTA_NEXT(inner, rest))
      if (inner->rta_type == IFLA_INFO_KIND) snprintf(kinds[count], IFNAMSIZ, "%s", (char *)RTA_DATA(inner));
  }
  printf("link %s ", names[count++]);
  hex(NLMSG_DATA(message), message->nlmsg_len - NLMSG_HDRLEN);
  printf("\n");
}

static void functions_answer(struct nlmsghdr *message) {
  printf("functions %s ", names[count]);
  hex(NLMSG_DATA(message), message->nlmsg_len - NLMSG_HDRLEN);
  printf("\n");
}

static int family;

static void family_answer(struct nlmsghdr *message) {
  struct nlattr *attribute = (void *)((char *)NLMSG_DATA(message) + GENL_HDRLEN);
  char *end = (char *)message + message->nlmsg_len;
  for (; (char *)attribute < end; attribute = (void *)((char *)attribute + NLA_ALIGN(attribute->nla_len)))
    if (attribute->nla_type == CTRL_ATTR_FAMILY_ID) family = *(unsigned short *)((char *)attribute + NLA_HDRLEN);
  printf("family wireguard ");
  hex(NLMSG_DATA(message), message->nlmsg_len - NLMSG_HDRLEN);
  printf("\n");
}

static void wireguard_answer(struct nlmsghdr *message) {
  printf("wireguard %s ", names[count]);
  hex(NLMSG_DATA(message), message->nlmsg_len - NLMSG_HDRLEN);
  printf("\n");
}

static int ethtool(int fd, const char *name, void *data) {
  struct ifreq ask = {.ifr_data = data};
  strcpy(ask.ifr_name, name);
  return ioctl(fd, SIOCETHTOOL, &ask);
}

static void statistics(int fd, const char *name) {
  struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
  if (ethtool(fd, name, &driver) < 0) return;
  printf("driver %s ", name);
  hex(&driver, sizeof driver);
  printf("\n");
  struct { struct ethtool_sset_info info; unsigned count; } set = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS}};
  if (ethtool(fd, name, &set) < 0 || set.info.sset_mask == 0 || set.count == 0) return;
  struct ethtool_gstrings *strings = calloc(1, sizeof *strings + 2 * set.count * ETH_GSTRING_LEN);
  struct ethtool_stats *values = calloc(1, sizeof *values + 2 * set.count * 8);
  strings->cmd = ETHTOOL_GSTRINGS;
  strings->string_set = ETH_SS_STATS;
  strings->len = set.count;
  values->cmd = ETHTOOL_GSTATS;
  values->n_stats = set.count;
  if (ethtool(fd, name, strings) < 0 || ethtool(fd, name, values) < 0) return;
  printf("sset %s ", name);
  hex(&set, sizeof set);
  printf("\nstrings %s ", name);
  hex(strings, sizeof *strings + strings->len * ETH_GSTRING_LEN);
  printf("\nstats %s ", name);
  hex(values, sizeof *values + values->n_stats * 8);
  printf("\n");
}

int main(void) {
  int route = open_netlink(NETLINK_ROUTE), generic = open_netlink(NETLINK_GENERIC), any = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned without_statistics = RTEXT_FILTER_SKIP_STATS, with_functions = RTEXT_FILTER_SKIP_STATS | RTEXT_FILTER_VF;
  begin(RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg));
  add(IFLA_EXT_MASK, &without_statistics, 4);
  ask(route, link_answer);
  int links = count;
  for (count = 0; count < links; count++) {
    statistics(any, names[count]);
    if (kinds[count][0] != 0) continue;
    struct ifinfomsg *which = begin(RTM_GETLINK, 0, sizeof *which);
    add(IFLA_IFNAME, names[count], strlen(names[count]) + 1);
    add(IFLA_EXT_MASK, &with_functions, 4);
    ask(route, functions_answer);
  }
  struct genlmsghdr *header = begin(GENL_ID_CTRL, 0, GENL_HDRLEN);
  header->cmd = CTRL_CMD_GETFAMILY;
  header->version = 1;
  add(CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME, sizeof WG_GENL_NAME);
  ask(generic, family_answer);
  for (count = 0; count < links && family != 0; count++) {
    if (strcmp(kinds[count], "wireguard") != 0) continue;
    header = begin(family, NLM_F_DUMP, GENL_HDRLEN);
    header->cmd = WG_CMD_GET_DEVICE;
    header->version = WG_GENL_VERSION;
    add(WGDEVICE_A_IFNAME, names[count], strlen(names[count]) + 1);
    ask(generic, wireguard_answer);
  }
  return 0;
}
