#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks that are pulled while they are used, and plugged again: QEMU's device1 is NVMe of 80 MiB,
# device2 an AHCI controller with a disk of 81 MiB, disk3 AHCI of 64 MiB, which shrinks.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area=hotplug
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
# shellcheck source=tests/storage/guest/disks.sh
. /tests/disks.sh
exec 3>&1
mkdir -p /mnt /mnt2
await '[ -n "$(disk_of_size 81920)" ] && [ -n "$(disk_of_size 82944)" ] && [ -n "$(disk_of_size 65536)" ]'
nvme=$(disk_of_size 81920)
ahci=$(disk_of_size 82944)
shrinking=$(disk_of_size 65536)

# A device that is gone says so in one of these ways.
gone()
{
	sed 's/^EIO$\|^ENODEV$\|^ENXIO$/gone/'
}

is_there()
{
	there=$(disk_of_size 81920)
	[ -n "$there" ] && [ -e "${there}p1" ]
}

plug()
{
	monitor device_add nvme,drive=disk1,id=device1,bus=port1,serial=again
	await is_there
	nvme=$(disk_of_size 81920)
}

sum_of()
{
	md5sum <"$1" | cut -d" " -f1 | diff /files/sum -
}

check mounts 00 'mount -t vfat ${nvme}p1 /mnt; echo -n $?; mount -t vfat ${ahci}1 /mnt2; echo $?'
check pull_nvme gone '(sleep 1; monitor device_del device1) & io -d load $nvme 8 90 | gone; wait'
check nvme_is_gone '' 'await "[ -z \"\$(disk_of_size 81920)\" ]"; disk_of_size 81920'
check file_is_gone gone 'io read /mnt/large 5000000 4096 | sed "s/^open //; s/^ENOENT$/gone/" | gone'
check umount_gone 0 'umount /mnt; echo $?'
check no_node '' 'ls $nvme 2>/dev/null'
check other_disks_go_on '' 'sum_of /mnt2/large'
check plug_nvme there 'plug; is_there && echo there'
nvme=$(disk_of_size 81920)
check nvme_is_back '' 'mount -t vfat ${nvme}p1 /mnt && sum_of /mnt/large'
check pull_while_writing 'end 0' 'cp /mnt/large /mnt/copy 2>/dev/null & sleep 0.3; monitor device_del device1; wait; await "! is_there"; sync; umount /mnt; echo "end $?"'
check plug_again '' 'plug; mount -t vfat ${nvme}p1 /mnt && sum_of /mnt/large; umount /mnt'
check pull_ahci gone '(sleep 1; monitor device_del device2) & io -d load $ahci 8 90 | gone; wait'
check ahci_is_gone '' 'await "[ -z \"\$(disk_of_size 82944)\" ]"; disk_of_size 82944; umount /mnt2'
check shrink '4096 gone 4096' 'a=$(io -d read $shrinking 62914560 4096); monitor block_resize disk3 33554432B; sleep 1; echo $a $(io -d read $shrinking 62914560 4096 | sed "s/EINVAL/gone/; s/ENODATA/gone/; s/^0$/gone/; s/EREMOTEIO/gone/" | gone) $(io -d read $shrinking 4194304 4096)'
check pull_and_plug_often '' 'for i in 1 2 3; do monitor device_del device1; await "! is_there"; plug; is_there || echo $i; done'
nvme=$(disk_of_size 81920)
check works_in_the_end '' 'mount -t vfat ${nvme}p1 /mnt && sum_of /mnt/large; umount /mnt'
finish
