# In the guest: gives the NVMe controller to vfio-pci and runs tests on it.
for _ in $(seq 50); do [ -b /dev/nvme0n1 ] && break; sleep 0.2; done
device=$(cat /sys/class/nvme/nvme0/address) || exit 10
[ -d "/sys/bus/pci/devices/$device/iommu_group" ] || exit 11
cd /repo || exit 13
export XDG_STATE_HOME=/tmp/state
doorbell() { /node/bin/node testkit/cli/doorbell.mjs "$@"; }

# A drive that is mounted is refused, and the mount named.
/usr/sbin/mke2fs -q -F -t ext4 -O ^has_journal,^metadata_csum /dev/nvme0n1 && mount -t ext4 /dev/nvme0n1 /mnt || exit 14
doorbell bind "$device" > /tmp/refusal 2>&1 && exit 15
grep -q /mnt /tmp/refusal || { cat /tmp/refusal; exit 16; }
umount /mnt
echo "GUEST-MOUNTED-DRIVE-REFUSED"

echo vfio-pci > "/sys/bus/pci/devices/$device/driver_override"
echo "$device" > "/sys/bus/pci/devices/$device/driver/unbind"
echo "$device" > /sys/bus/pci/drivers_probe
[ "$(basename "$(readlink "/sys/bus/pci/devices/$device/driver")")" = vfio-pci ] || exit 12
echo "GUEST-DEVICE $device"
doorbell run $(cat /share/tests) --controller "$device" --allow-drive guest $(cat /share/options) \
  --reporter json --output /share/report.json
