#!/usr/bin/env bash
# Records what a real kernel says of links of every kind, in a guest without anything of this machine. Not run by any test: it makes the
# file beside it that the tests read.
#
#   test/agent/linux/recordings/record.sh ROOT KERNEL OUT
#
# ROOT is a folder with a Debian userland (`dpkg -x` of qemu-system-x86, iproute2, ethtool, wireguard-tools, busybox-static and what they depend on),
# KERNEL one with `dpkg -x` of linux-image-VERSION-amd64, OUT the JSON to write. README.md says how both are made. Needs gcc, cpio, kmod, xz and Node.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd)
kernel=$(cd "$2" && pwd)
out=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

modules='dummy 8021q bonding bridge vrf team vxlan geneve ip_gre ip6_gre ipip sit ip6_tunnel ip_vti ip6_vti xfrm_interface macvlan macvtap ipvlan ipvtap macsec hsr batman-adv vcan vxcan nlmon ifb wireguard tun veth gtp igb igbvf'
libraries="$root/usr/lib/x86_64-linux-gnu"
loader="$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"

guest="$work/guest"
mkdir -p "$guest"/{bin,usr/sbin,lib64,usr/lib/x86_64-linux-gnu,modules,tmp}
ln -s usr/lib "$guest/lib"
cp "$root/usr/bin/busybox" "$guest/bin/busybox"
for program in usr/sbin/ip usr/sbin/ethtool usr/bin/wg; do
  cp "$root/$program" "$guest/usr/sbin/"
  "$loader" --library-path "$libraries" --list "$root/$program" | grep -o "$libraries/[^ ]*" | xargs -I{} cp -L {} "$guest/usr/lib/x86_64-linux-gnu/"
done
cp -L "$loader" "$guest/lib64/"
gcc -O1 -static -o "$guest/bin/recorder" "$here/recorder.c"
cp "$here/guest.sh" "$guest/init"
chmod +x "$guest/init"

[ -e "$kernel/lib" ] || ln -s usr/lib "$kernel/lib"
version=$(ls "$kernel/lib/modules")
depmod -b "$kernel" "$version"
for module in $modules; do
  modprobe -d "$kernel" -S "$version" --show-depends "$module" 2> /dev/null || echo "no module $module" >&2
done | awk '$1 == "insmod" { print $2 }' | awk '!seen[$0]++' | while read -r file; do
  name=$(basename "$file" .xz)
  if [[ $file == *.xz ]]; then xz -dc "$file" > "$guest/modules/$name"; else cp "$file" "$guest/modules/$name"; fi
  echo "$name" >> "$guest/modules/order"
done
(cd "$guest" && find . | cpio -o -H newc --quiet | gzip -1) > "$work/initrd"

# An adapter with SR-IOV sits behind a root port; igb needs qemu 8.
"$loader" --library-path "$libraries" "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" -L "$root/usr/lib/ipxe/qemu" \
  -machine q35 -accel tcg -cpu max -m 1024 -kernel "$kernel"/boot/vmlinuz-* -initrd "$work/initrd" \
  -append 'console=ttyS0 panic=1 net.ifnames=0' -nodefaults -nographic -no-reboot -serial "file:$work/console" -serial "file:$work/answers" \
  -netdev user,id=net,restrict=on -device pcie-root-port,id=behind -device igb,bus=behind,netdev=net,mac=02:00:00:00:01:00
if ! grep -q '^end' "$work/answers"; then
  tail -50 "$work/console" >&2
  exit 1
fi
npx tsx "$here/assemble.ts" "$work/answers" "$out"
