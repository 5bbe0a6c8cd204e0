#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Writes what this machine's tools read afterwards: write.sh DISK PREFIX. Partition 1 is FAT32, 2 a
# small FAT12, 3 holds no file system. Every file that is there in the end is told by KEEP.
#
# shellcheck disable=SC2012,SC2317 # what checks call is in their strings

area='write'
# shellcheck source=tests/guest/check.sh
. /tests/check.sh
part=/dev/$1$2
mkdir -p /mnt

sums()
{
	(cd "$1" && find . -type f -print0 | sort -z | xargs -0 md5sum)
}

check mount 0 'mount -t vfat ${part}1 /mnt; echo $?'
cd /mnt || exit 1
check sizes '' 'mkdir sizes; for n in 0 1 511 512 513 4095 4096 4097 8191 65536 1000003; do
	head -c $n /dev/urandom >/tmp/f; cat /tmp/f >sizes/$n; cmp /tmp/f sizes/$n; done'
check large '' 'head -c 10000000 /dev/urandom >/tmp/large; cp /tmp/large large; cmp /tmp/large large'
check small_pieces '' 'dd if=/tmp/large of=pieces bs=700 count=3000 2>/dev/null; dd if=/tmp/large bs=700 count=3000 2>/dev/null | cmp - pieces'
check direct_write '' 'dd if=/tmp/large of=direct bs=64k count=100 oflag=direct 2>/dev/null; dd if=/tmp/large bs=64k count=100 2>/dev/null | cmp - direct'
check append 'abc' 'echo -n a >append; echo -n b >>append; echo -n c >>append; cat append'
check overwrite 'aXc' 'echo -n abc >over; echo -n X | dd of=over bs=1 seek=1 conv=notrunc 2>/dev/null; cat over'
check truncate '3 5 abc' 'echo -n abcdefg >cut; truncate -s 3 cut; stat -c %s cut | tr "\n" " "; truncate -s 5 cut; stat -c %s cut | tr "\n" " "; tr "\0" "." <cut | sed "s/\.*$//"'
check grow_reads_zeros 1000000 'truncate -s 1000000 grown; tr -d "\1-\377" <grown | wc -c'
check gap_reads_zeros 'x 300001' 'echo -n x | dd of=gap bs=1 seek=300000 2>/dev/null; tr -d "\0" <gap; wc -c <gap | sed "s/^/ /"'
check gap_inside '' 'head -c 5000 /dev/urandom >/tmp/h; cat /tmp/h >gap2; echo -n y | dd of=gap2 bs=1 seek=20000 conv=notrunc 2>/dev/null
	{ cat /tmp/h; head -c 15000 /dev/zero; echo -n y; } | cmp - gap2'
check mapped '0 0' 'io map-write mapped 100000 65'
check mapped_reads 100000 'tr -cd A <mapped | wc -c'
check mapped_cut SIGBUS 'cp mapped m2; io cut m2 5000; rm m2'
check fsync '12 0 0' 'io write synced 0 12 66'
check names '' 'long=$(head -c 240 /dev/zero | tr "\0" n).txt; mkdir names
	for n in "With blanks.and dots" UPPER.TXT lower.txt Mixed.Txt "größer als Ä" 文件名 +,=[] .hidden a~1.txt "$long" abcdefgh.ijk; do
	echo "$n" >"names/$n" || echo "$n"; [ "$(cat "names/$n")" = "$n" ] || echo "$n"; done; ls -A names | wc -l | grep -v "^11$"'
check similar_names 40 'mkdir similar; for i in $(seq 40); do echo $i >"similar/similar name $i.txt"; done; ls similar | wc -l'
check forbidden_names '' 'for n in "a:b" "a*b" "a?b" "a<b" "a|b"; do (echo x >"names/$n") 2>/dev/null && echo "$n"; done'
check case_of_names 'one 1' 'echo one >Case.txt; echo $(cat cASE.TXT) $(ls | grep -ic "^case.txt$")'
check rename 'one' 'mv Case.txt renamed.txt; [ -e Case.txt ] || cat renamed.txt'
check rename_over 'new' 'echo old >target; echo new >source; mv source target; cat target; ls | grep source'
check rename_directory 'in' 'mkdir -p d1/d2 d3; echo in >d1/d2/f; mv d1/d2 d3/d4; cat d3/d4/f; ls d1'
check rename_into_itself 1 'mkdir loop; mv loop loop/in 2>/dev/null; echo $?'
check parent_after_rename 'f' 'cd d3/d4/.. && cd d4/../.. && ls d3/d4'
check deep 'bottom' 'd=deep; for i in $(seq 15); do d="$d/level $i"; done; mkdir -p "$d"; echo bottom >"$d/f"; cat "$d/f"'
check many 400 'mkdir many; for i in $(seq 400); do echo $i >"many/file number $i"; done; ls many | wc -l'
check remove_some 200 'for i in $(seq 1 2 400); do rm "many/file number $i"; done; ls many | wc -l'
check remove_tree gone 'mkdir -p tree/a/b; echo x >tree/a/b/c; rm -r tree; [ -e tree ] || echo gone'
check rmdir_full 1 'rmdir many 2>/dev/null; echo $?'
check unlinked_while_open 'still' 'echo still >open; exec 7<open; rm open; cat <&7; exec 7<&-'
check links_refused 1 'ln append link 2>/dev/null; echo $?'
check time_of_files ok 'touch -d "2001-02-03 04:05:06" touched; [ "$(date -r touched +%Y%m%d%H%M%S)" = 20010203040506 ] && echo ok'
cd /
check remount 00 'umount /mnt; echo -n $?; mount -t vfat ${part}1 /mnt; echo $?'
check still_there '' 'cmp /tmp/large /mnt/large'
sums /mnt | sed 's/^/KEEP /'

check fill_up ENOSPC 'umount /mnt; mount -t vfat ${part}2 /mnt; echo first >/mnt/first; dd if=/dev/zero of=/mnt/full bs=10000 2>&1 | grep -o "No space" | sed "s/.*/ENOSPC/"; dd if=/dev/zero bs=512 2>/dev/null >>/mnt/full'
check full_file_makes_sense ok '[ $(stat -c %s /mnt/full) -gt 900000 ] && echo ok'
check full_directory ENOSPC 'mkdir /mnt/new 2>&1 | grep -o "No space" | sed "s/.*/ENOSPC/"'
check full_but_readable first 'cat /mnt/first'
check room_again '0' 'rm /mnt/full; head -c 500000 /dev/zero >/mnt/again; echo $?'
check full_unmount 0 'umount /mnt; echo $?'

check raw_buffered '' 'head -c 700000 /tmp/large >/tmp/raw; dd if=/tmp/raw of=${part}3 bs=3000 2>/dev/null; sync; head -c 700000 ${part}3 | cmp - /tmp/raw'
check raw_direct '' 'dd if=/tmp/large of=${part}3 bs=64k count=8 seek=16 oflag=direct conv=notrunc 2>/dev/null; dd if=${part}3 bs=64k skip=16 count=8 2>/dev/null | cmp -n 524288 - /tmp/large'
check raw_coherent '4096 0 0 Z' 'io read ${part}3 3145728 4096 >/dev/null; io -d write ${part}3 3145728 4096 90 | tr "\n" " "; dd if=${part}3 bs=4096 skip=768 count=1 2>/dev/null | tr -s Z'
check raw_past_end ENOSPC 'dd if=/dev/zero of=${part}3 bs=1M count=99 2>&1 | grep -o "No space" | sed "s/.*/ENOSPC/"'
check raw_pattern '1' 'i=0; while [ $i -lt 1024 ]; do printf "%-1023s\n" "line $i"; i=$((i + 1)); done >${part}3 && echo 1'
check sync 0 'sync; echo $?'
finish
