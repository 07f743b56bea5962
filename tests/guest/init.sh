#!/bin/sh
# The first program in the guest: puts a desk together on the machine's own files, then becomes systemd.
#
# The machine's root is below, read-only; what the guest writes is in memory and gone with it. The machine's services
# are not the guest's: of /etc/systemd, /var and /run it starts anew. $GUEST is the folder of this run (guest.py): what
# is written there stays.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
. "$GUEST/settings" # MODULES, PYTHON, LAYER, SHOWN

root=/mnt/root
mount -t tmpfs memory /mnt
mkdir /mnt/upper /mnt/work $root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work root $root

# Files: what belongs to the machine and not to a desk goes.
cd $root
rm -rf .dockerenv etc/systemd/system etc/init.d etc/rc?.d etc/udev/rules.d etc/alsa/conf.d etc/asound.conf etc/fstab etc/machine-id
mkdir -p etc/systemd/system/multi-user.target.wants etc/systemd/system-generators etc/udev/rules.d etc/alsa/conf.d
for generator in lib/systemd/system-generators/*; do
    ln -s /dev/null "etc/systemd/system-generators/${generator##*/}"
done
for unit in getty.target systemd-logind.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
    systemd-random-seed.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount alsa-restore.service \
    alsa-state.service systemd-ask-password-wall.path systemd-ask-password-console.path; do
    ln -s /dev/null "etc/systemd/system/$unit"
done
ln -s /lib/systemd/system/multi-user.target etc/systemd/system/default.target
echo desk >etc/hostname
echo 0123456789abcdef0123456789abcdef >etc/machine-id
ln -sf /usr/share/zoneinfo/Asia/Shanghai etc/localtime
for empty in tmp run var; do mount -t tmpfs "$empty" $empty; done
mkdir -p opt/pi-companion "./$GUEST"
for path in $SHOWN; do # may lie in what was just hidden
    test -e "./$path" || { mkdir -p "./$path" && mount -r -t hostfs -o "$path" none "./$path"; }
done
mountpoint -q "./$GUEST" || mount -t hostfs -o "$GUEST" none "./$GUEST"
mount -t overlay -o "lowerdir=$LAYER:$PYTHON" device opt/pi-companion

# Hardware: pins, panel and sound card.
mount -t configfs configfs /sys/kernel/config
mount -t debugfs debugfs /sys/kernel/debug
pins=/sys/kernel/config/gpio-sim/pi
mkdir $pins $pins/bank0
echo 54 >$pins/bank0/num_lines
echo pinctrl-bcm2835 >$pins/bank0/label
echo 1 >$pins/live
for module in virtual_oled snd-pcm snd-aloop; do insmod "$MODULES/$module.ko"; done

cat >etc/systemd/system/live-tests.service <<END
[Unit]
Description=The tests of this boot
After=multi-user.target
[Service]
Type=exec
ExecStart=/bin/sh $GUEST/plan
END
ln -s ../live-tests.service etc/systemd/system/multi-user.target.wants/

for moved in proc sys dev; do mount -n --move /$moved $moved; done
mkdir -p old
pivot_root . old
umount -n -l old
exec /lib/systemd/systemd
