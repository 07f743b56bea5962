# Which slot starts? Run by U-Boot, the same on every board and in emulation; compiled and put on the FAT partition.
#
# The state is a U-Boot environment of one sector with a checksum, kept twice, four megabytes apart, so that no torn
# write can take both. The first good copy counts. Before a slot is started its counter is lowered by one in both; the
# running system sets it back (`rauc status mark-good`). A slot without tries left is passed over.
setenv BOOT_ORDER
setenv BOOT_A_LEFT
setenv BOOT_B_LEFT
setenv state_at ${pxefile_addr_r}
setenv state_names "BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT"

if test "${devtype}" = virtio; then
  setenv read_first "virtio dev ${devnum}; virtio read ${state_at} @FIRST@ 1"
  setenv read_second "virtio dev ${devnum}; virtio read ${state_at} @SECOND@ 1"
  setenv write_both "virtio write ${state_at} @FIRST@ 1; virtio write ${state_at} @SECOND@ 1"
else
  # A Pi: the addresses that its U-Boot suggests lie closer together than this kernel is long.
  setenv kernel_addr_r 0x04000000
  setenv ramdisk_addr_r 0x08000000
  setenv read_first "mmc dev ${devnum}; mmc read ${state_at} @FIRST@ 1"
  setenv read_second "mmc dev ${devnum}; mmc read ${state_at} @SECOND@ 1"
  setenv write_both "mmc write ${state_at} @FIRST@ 1; mmc write ${state_at} @SECOND@ 1"
fi

run read_first
if env import -c ${state_at} @STATE_BYTES@ ${state_names}; then
  echo "companion: state from the first copy"
else
  run read_second
  if env import -c ${state_at} @STATE_BYTES@ ${state_names}; then
    echo "companion: state from the second copy"
  else
    echo "companion: no state can be read"
  fi
fi
# Nothing to go by, or nothing left to try: every slot gets its tries again, in the order that is known.
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT @TRIES@
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 0
if test "${BOOT_A_LEFT}" = 0 && test "${BOOT_B_LEFT}" = 0; then
  echo "companion: no tries left, beginning again"
  setenv BOOT_A_LEFT @TRIES@
  setenv BOOT_B_LEFT @TRIES@
fi

setenv slot
for each in ${BOOT_ORDER} A B; do
  if test -z "${slot}"; then
    if test "${each}" = A && test "${BOOT_A_LEFT}" != 0; then
      setenv slot A
      setenv partition 2
      setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
    elif test "${each}" = B && test "${BOOT_B_LEFT}" != 0; then
      setenv slot B
      setenv partition 3
      setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
    fi
  fi
done
env export -c -s @STATE_BYTES@ ${state_at} ${state_names}
run write_both
echo "companion: slot ${slot}, tries left: A ${BOOT_A_LEFT}, B ${BOOT_B_LEFT}"

# A Pi 5 has its own kernel in the same slot.
setenv kernel stable
fdt addr ${fdt_addr}
if fdt get value soc /soc@107c000000 compatible; then
  setenv kernel pi5
fi
setenv bootargs "root=PARTUUID=@DISK@-0${partition} rootfstype=ext4 ro rootwait rauc.slot=${slot} panic=10 @ARGUMENTS@"
if test "${devtype}" = virtio; then
  setenv bootargs "${bootargs} console=ttyAMA0"
else
  setenv bootargs "${bootargs} console=tty1"
fi
if load ${devtype} ${devnum}:${partition} ${kernel_addr_r} /boot/${kernel}/vmlinuz; then
  if load ${devtype} ${devnum}:${partition} ${ramdisk_addr_r} /boot/${kernel}/initrd.img; then
    booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
  fi
fi
echo "companion: slot ${slot} cannot be started"
sleep 3
reset
