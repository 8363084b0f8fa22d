#!/bin/busybox sh
# The guest's init: makes a link of every kind that record.sh brought modules for, and sends what the kernel says of them to the second
# serial port. A kind that cannot be made is reported there too ("lacks"), and nothing else ends the run.
export PATH=/bin:/usr/bin:/sbin:/usr/sbin
/bin/busybox mkdir -p /proc /sys /dev /tmp /run/netns
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module" 2>&1; done
exec 3> /dev/ttyS1
stty -F /dev/ttyS1 raw 2> /dev/null

# The shell of busybox would take its own.
ip() { /usr/sbin/ip "$@"; }

made() { "$@" 2>&1 || echo "lacks $*" >&3; }
link() { made ip link add "$@"; }

# Others are made on these.
for name in low low2 low3 low4 low5 low6 port port2 port3 port4 port5 port6; do link "$name" type dummy; done
for name in low low2 low3 low4 low5 low6; do ip link set "$name" up; done
ip address add 10.0.0.1/24 dev low
ip address add fd00::1/64 dev low nodad

link vlan link low type vlan id 100
link vlan.ad link low type vlan id 7 protocol 802.1ad
link bond type bond mode active-backup miimon 100
link bond.ad type bond mode 802.3ad miimon 100
ip link set port master bond
ip link set port2 master bond
ip link set port3 master bond.ad
ip link set bond up
ip link set bond.ad up
link bridge type bridge stp_state 1 vlan_filtering 1
ip link set port4 master bridge
link red type vrf table 1001
ip link set port5 master red
link team type team
ip link set port6 master team
link vxlan type vxlan id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.2 ttl 64 dev low
link vxlan6 type vxlan id 43 dstport 4790 local fd00::1 remote fd00::2 dev low
link vxlan.ext type vxlan external dstport 4791
link geneve type geneve id 77 remote 10.0.0.2 ttl 32
link geneve6 type geneve id 78 remote fd00::2 dstport 6082
link gre type gre local 10.0.0.1 remote 10.0.0.2 ikey 5 okey 256 ttl 64
link gretap type gretap local 10.0.0.1 remote 10.0.0.2 key 9 dev low
link erspan type erspan local 10.0.0.1 remote 10.0.0.2 seq key 100 erspan_ver 1 erspan 123
link ip6gre type ip6gre local fd00::1 remote fd00::2 key 11
link ip6gretap type ip6gretap local fd00::1 remote fd00::2 dev low
link ip6erspan type ip6erspan local fd00::1 remote fd00::2 seq key 102 erspan_ver 1 erspan 124
link ipip type ipip local 10.0.0.1 remote 10.0.0.2 ttl 64 dev low
link sit type sit local 10.0.0.1 remote 10.0.0.3 ttl 64
link ip6tnl type ip6tnl local fd00::1 remote fd00::2 mode ip6ip6
link vti type vti local 10.0.0.1 remote 10.0.0.4 key 7
link vti6 type vti6 local fd00::1 remote fd00::4 key 8
link xfrm type xfrm dev low if_id 21
link macvlan link low type macvlan mode bridge
link macvlan.v link low type macvlan mode vepa
link macvtap link low type macvtap mode private
link ipvlan link low2 type ipvlan mode l3
link ipvtap link low3 type ipvtap mode l2
link macsec link low4 type macsec sci 1 encrypt on
link hsr type hsr slave1 low5 slave2 low6 version 1
link batadv type batadv
made ip link set low2 master batadv
link can type vcan
link canpair type vxcan peer name canpeer
link nlmon type nlmon
link ifb type ifb
link netkit type netkit peer name netkit.peer
link gtp type gtp role sgsn
link wg type wireguard
link wg.idle type wireguard
made ip tuntap add mode tap dev tap
made ip tuntap add mode tun dev tun
link veth type veth peer name veth.peer
ip netns add other
link away type veth peer name peer netns other
link vlan.away link low type vlan id 200
ip link set vlan.away netns other

# Keys of nobody, made of one byte, so that everybody sees that they guard nothing.
key() { for i in $(seq 32); do printf "\\$(printf %o "$1")"; done | base64; }
key 64 > /tmp/private; key 65 > /tmp/shared
key 80 > /tmp/peer-private; wg pubkey < /tmp/peer-private > /tmp/peer
key 72 > /tmp/second-private; wg pubkey < /tmp/second-private > /tmp/second
made wg set wg private-key /tmp/private listen-port 51820 fwmark 0x77 \
  peer "$(cat /tmp/peer)" preshared-key /tmp/shared endpoint 127.0.0.1:51821 persistent-keepalive 25 allowed-ips 10.7.0.2/32,fd07::2/128 \
  peer "$(cat /tmp/second)" endpoint '[fd00::9]:51822' allowed-ips 10.8.0.0/16
# More networks than fit into one message: the peer goes on in the next.
networks=$(for i in $(seq 0 5); do for j in $(seq 0 249); do printf '10.%d.%d.0/24,' "$((i + 10))" "$j"; done; done)
link wg.many type wireguard
made wg set wg.many private-key /tmp/second-private peer "$(cat /tmp/peer)" allowed-ips 10.1.0.0/16 \
  peer "$(wg pubkey < /tmp/shared)" allowed-ips "${networks%,}"
# The other side of the tunnel, for a handshake and packets.
ip link add wg.peer type wireguard
wg set wg.peer private-key /tmp/peer-private listen-port 51821 \
  peer "$(wg show wg public-key)" preshared-key /tmp/shared endpoint 127.0.0.1:51820 allowed-ips 10.7.0.1/32
ip link set lo up
ip link set wg.peer netns other
ip address add 10.7.0.1/32 dev wg
ip link set wg up
ip route add 10.7.0.2/32 dev wg
ip -n other address add 10.7.0.2/32 dev wg.peer
ip -n other link set lo up
ip -n other link set wg.peer up
ip -n other route add 10.7.0.1/32 dev wg.peer
made ping -c 3 -W 5 10.7.0.2

# SR-IOV: virtual functions of an adapter, one set up by its owner.
for numvfs in /sys/class/net/*/device/sriov_numvfs; do
  [ -e "$numvfs" ] || continue
  pf=$(echo "$numvfs" | cut -d / -f 5)
  ip link set "$pf" up
  made sh -c "echo 2 > $numvfs"
  sleep 3
  made ip link set "$pf" vf 1 mac 02:00:00:00:00:01 vlan 100 qos 3 spoofchk off
  for attribute in sriov_numvfs sriov_offset sriov_stride; do
    echo "sysfs $(basename "$(readlink "/sys/class/net/$pf/device")")/$attribute $(cat "/sys/class/net/$pf/device/$attribute")" >&3
  done
  for vf in /sys/class/net/"$pf"/device/virtfn*; do
    echo "sysfs $(basename "$(readlink "$vf")")/physfn ../$(basename "$(readlink "$vf/physfn")")" >&3
  done
done

sleep 1
echo "kernel $(uname -r)" >&3
echo "iproute2 $(ip -V | sed 's/.*iproute2-//')" >&3
ip -d -j link show | tr -d '\n' | sed 's/^/ip /' >&3
echo >&3
for name in eth0 eth1 veth; do ethtool -S "$name" | sed -n "s/^ *\(.*\): \([0-9]*\)$/counter $name \2 \1/p" >&3; done
ip netns list-id | sed 's/^/nsid /' >&3
recorder >&3
wg show all dump | sed 's/\t/ /g; s/^/wg /' >&3
echo end >&3
sync
poweroff -f
