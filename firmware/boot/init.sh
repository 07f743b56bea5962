#!/bin/sh
# The first program after the kernel: finds the slot that U-Boot named and hands over to it, or restarts. Nothing here
# asks anybody anything.
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
again() {
    echo "initrd: $*; restarting"
    sleep 5
    reboot -f
}
for module in /modules/*; do insmod "$module" 2>/dev/null; done

read -r words </proc/cmdline
for word in $words; do
    case $word in root=PARTUUID=*) wanted=${word#root=PARTUUID=} ;; esac
done

# The card is the disk whose MBR has our number; drivers take their time to find it.
found=''
tries=300
while [ -z "$found" ] && [ $tries -gt 0 ]; do
    for disk in /sys/block/*; do
        name=${disk##*/}
        case $name in loop* | ram* | zram*) continue ;; esac
        id=$(dd if=/dev/"$name" bs=4 skip=110 count=1 2>/dev/null | hexdump -v -e '1/4 "%08x"')
        [ "$id" = "${wanted%-*}" ] || continue
        for partition in "$disk/$name"*; do
            [ "$(cat "$partition/partition")" = "${wanted#*-0}" ] && found=/dev/${partition##*/}
        done
    done
    tries=$((tries - 1))
    [ -n "$found" ] || sleep 0.1
done
[ -n "$found" ] || again "no partition $wanted"
mount -t ext4 -o ro "$found" /slot || again "$found cannot be mounted"
for each in dev proc sys; do mount -o move "/$each" "/slot/$each"; done
exec switch_root /slot /sbin/init
