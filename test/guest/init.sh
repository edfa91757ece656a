#!/bb/sh
# First process of the guest: the host's /usr, its Node.js and the repository read-only, one folder to write into, then the script
# that the kernel's command line names.
export PATH=/bb:/usr/bin:/usr/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
while read -r module; do insmod "/mods/$module" 2>/dev/null; done < /mods/order
share() { mount -t 9p -o "trans=virtio,version=9p2000.L,msize=524288,$3" "$1" "$2" || echo "GUEST-MOUNT-FAILED $1"; }
share usr /usr ro,cache=loose
share node /node ro,cache=loose
share repo /repo ro,cache=loose
share share /share rw
echo "GUEST-UP $(cut -d' ' -f1 /proc/uptime) s"
sh /repo/test/guest/run.sh
echo "GUEST-RC=$?"
sync
poweroff -f
