# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The parts of the storage tests, on this machine's side.

parts=(read mounting write_nvme write_ahci sectors faults_nvme faults_ahci hotplug memory killed damaged
	programs left silent)

# Names and sizes in KiB, as /proc/partitions has them, sorted.
list_partitions() # NAME FILE PREFIX
{
	echo "$(($(stat -c %s "$2") / 1024)) $1"
	sfdisk -d "$2" | sed -n 's/^.*[^0-9]\([0-9]*\) : start= *\([0-9]*\), size= *\([0-9]*\),.*/\1 \2 \3/p' |
		while read -r number _ sectors; do
			echo "$((sectors / 2)) $1$3$number"
		done
}

part_read()
{
	local n=$images/nvme.img a=$images/ahci.img files=$work/read.files

	mkdir "$files"
	make_gpt "$n" 96 1:60 62:2 70:24
	make_fat "$n" 1 60 -F 32 -s 1 -n LABEL
	make_fat "$n" 70 24 -F 16
	make_tree "$images/nvme" 512
	copy_in "$n" 1 "$images/nvme"
	truncate -s 64M "$a"
	printf 'label: dos\nstart=2048, size=83968, type=c\nstart=86016, type=5\nstart=88064, size=8192, type=1\nstart=98304, size=20480, type=6\n' |
		sfdisk -q "$a" >&2
	make_fat "$a" 1 41 -F 32 -s 1
	make_tree "$images/ahci" 1024
	copy_in "$a" 1 "$images/ahci"
	{
		list_partitions nvme0n1 "$n" p
		list_partitions sda "$a" ''
	} | sed 's/^\(.*\) \(sda2\)$/1 \2/' | LC_ALL=C sort >"$files/partitions"
	sums_of "$images/nvme" >"$files/nvme.sums"
	sums_of "$images/ahci" >"$files/ahci.sums"
	{
		echo "$(md5sum <"$n" | cut -d' ' -f1) /dev/nvme0n1"
		echo "$(md5sum <"$a" | cut -d' ' -f1) /dev/sda"
		echo "$(dd if="$n" bs=1M skip=70 count=24 status=none | md5sum | cut -d' ' -f1) /dev/nvme0n1p3"
		echo "$(dd if="$a" bs=512 skip=88064 count=8192 status=none | md5sum | cut -d' ' -f1) /dev/sda5"
	} >"$files/raw.sums"
	options=(--disk "nvme:$n" --disk "ahci:$a")
	run_machine read.sh
	expect fsck_nvme is_clean_fat "$n" 1 60
	expect fsck_ahci is_clean_fat "$a" 1 41
}

part_mounting()
{
	local disk=$images/disk.img

	# It is about CryptOS' own programs and schemes all over.
	[[ $system == cryptos ]] || return 0
	make_gpt "$disk" 64 1:20 50:10
	make_fat "$disk" 1 20 -F 16 -n MOUNTED
	make_fat "$disk" 50 10 -F 16 -n SECOND
	printf damage | dd of="$disk" bs=1 seek=600 conv=notrunc status=none
	options=(--disk "nvme:$disk")
	run_machine mounting.sh
}

# What was written is in order, and is what KEEP told of.
check_written() # FILE START MIB
{
	expect fsck is_clean_fat "$1" "$2" "$3"
	copy_out "$1" "$2" "$images/out"
	expect contents diff <(LC_ALL=C sort "$work/$part.kept") <(sums_of "$images/out" | LC_ALL=C sort)
}

# On a disk of TYPE, named NAME, whose partitions have PREFIX.
write_to() # TYPE NAME PREFIX
{
	local disk=$images/disk.img

	make_gpt "$disk" 112 1:90 92:1 94:4
	make_fat "$disk" 1 90 -F 32 -s 2
	make_fat "$disk" 92 1 -F 12
	cp "$disk" "$images/before"
	options=(--disk "$1:$disk")
	run_machine write.sh "$2" "$3"
	check_written "$disk" 1 90
	expect fsck_full is_clean_fat "$disk" 92 1
	expect raw_contents is "$(dd if="$disk" bs=1M skip=94 count=1 status=none | md5sum)" \
		"$(for i in {0..1023}; do printf '%-1023s\n' "line $i"; done | md5sum)"
	expect nothing_between cmp <(outside_of "$images/before") <(outside_of "$disk")
}

# What belongs to no partition.
outside_of() # FILE
{
	head -c 1M "$1"
	dd if="$1" bs=1M skip=91 count=1 status=none
	dd if="$1" bs=1M skip=93 count=1 status=none
	tail -c +$((98 * 1048576 + 1)) "$1"
}

part_write_nvme()
{
	write_to nvme nvme0n1 p
}

part_write_ahci()
{
	write_to ahci sda ''
}

part_sectors()
{
	local disk=$images/4096.img files=$work/sectors.files

	mkdir "$files"
	python3 "$here/damage.py" gpt "$disk" 4096 $((300 * 1048576)) $((1048576)) $((280 * 1048576))
	mkfs.fat -F 32 -S 4096 -s 1 -C "$images/fat" $((280 * 1024)) >&2
	make_tree "$images/tree" 4096
	LC_ALL=C.UTF-8 mcopy -s -i "$images/fat" "$images/tree"/* :: >&2
	dd if="$images/fat" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
	sums_of "$images/tree" >"$files/sums"
	truncate -s 32M "$images/read-only.img"
	mkfs.fat "$images/read-only.img" >&2
	echo file | mcopy -i "$images/read-only.img" - ::file
	options=(--disk "nvme:$disk,sector=4096" --disk "nvme:$images/read-only.img,readonly")
	run_machine sectors.sh
	expect fsck is_clean_fat "$disk" 1 280
}

# Arguments of QEMU for a raw image with faults: RULEs are blkdebug's, in pairs of names and values.
faulty_disk() # NODE FILE RULE...
{
	local node=$1 text="driver=raw,node-name=$1,file.driver=blkdebug,file.image.driver=file"

	text+=",file.image.filename=$2"
	shift 2
	while (($# > 0)); do
		text+=",file.inject-error.$1"
		shift
	done
	options+=(--qemu-arg -blockdev --qemu-arg "$text")
}

# The DEVICEs are QEMU's, for the drives "bad" and "flushless".
faults_of() # DEVICE DEVICE
{
	local disk=$images/bad.img files=$work/$part.files sector
	local any='event=none'

	mkdir "$files"
	make_gpt "$disk" 96 40:50
	make_fat "$disk" 40 50 -F 32 -s 1
	{
		head -c 8192 /dev/urandom
		echo THE-BAD-ONE
		head -c 100000 /dev/urandom
	} >"$images/bad"
	head -c 3000000 /dev/urandom >"$images/good"
	mcopy -i "$(at "$disk" 40)" "$images/bad" "$images/good" ::
	md5sum <"$images/good" | cut -d' ' -f1 >"$files/good"
	sector=$(($(grep -abo THE-BAD-ONE "$disk" | cut -d: -f1) / 512))
	truncate -s 32M "$images/flushless.img"
	faulty_disk bad "$disk" 0.$any 0.iotype=read 0.sector=20480 1.$any 1.iotype=write \
		1.sector=40960 2.$any 2.iotype=read 2.sector=61440 2.once=on \
		3.$any 3.iotype=read "3.sector=$sector"
	faulty_disk flushless "$images/flushless.img" 0.$any 0.iotype=flush
	options+=(--qemu-arg -device --qemu-arg "$1" --qemu-arg -device --qemu-arg "$2")
	run_machine faults.sh
	expect fsck is_clean_fat "$disk" 40 50
}

part_faults_nvme()
{
	faults_of nvme,drive=bad,serial=bad,id=bad \
		nvme,drive=flushless,serial=flushless,id=flushless
}

part_faults_ahci()
{
	faults_of ide-hd,drive=bad,bus=ide.0,id=bad \
		ide-hd,drive=flushless,bus=ide.1,id=flushless
}

part_hotplug()
{
	local name

	mkdir "$work/hotplug.files"
	head -c 20000000 /dev/urandom >"$images/large"
	md5sum <"$images/large" | cut -d' ' -f1 >"$work/hotplug.files/sum"
	for name in 1 2; do
		make_gpt "$images/$name.img" $((79 + name)) 1:70
		make_fat "$images/$name.img" 1 70 -F 32 -s 1
		mcopy -i "$(at "$images/$name.img" 1)" "$images/large" ::
	done
	truncate -s 64M "$images/3.img"
	options=(--disk "nvme:$images/1.img,hotplug" --disk "ahci:$images/2.img,hotplug"
		--disk "ahci:$images/3.img" --cmdline pci.button-ms=100)
	run_machine hotplug.sh
}

part_memory()
{
	local disk=$images/disk.img

	mkdir "$work/memory.files"
	make_gpt "$disk" 640 1:630
	make_fat "$disk" 1 630 -F 32 -s 8
	head -c 150000000 /dev/urandom >"$images/large"
	md5sum <"$images/large" | cut -d' ' -f1 >"$work/memory.files/sum"
	mcopy -i "$(at "$disk" 1)" "$images/large" ::
	options=(--disk "nvme:$disk" --mem "$([[ $system == linux ]] && echo 192M || echo 96M)")
	run_machine memory.sh
	expect fsck is_clean_fat "$disk" 1 630
}

# fsck.fat may find clusters that belong to nobody, the mark of a file system that was in use, and a
# count of free clusters that is wrong; nothing else.
only_lost_clusters() # FILE START MIB
{
	local output

	dd if="$1" of="$1.part" bs=1M skip="$2" count="$3" status=none
	output=$(fsck.fat -n "$1.part" | grep -v '^fsck.fat \|Dirty bit is set\|Reclaimed .* unused\|Free cluster summary wrong\|^ *Automatically removing dirty\|^Leaving filesystem unchanged\|files, .* clusters$\|not properly unmounted\|^  Auto-\|^Filesystem was\|differences between boot sector\|mostly harmless\|^  65:01/00\|Not automatically fixing\|^$')
	is "$output" ''
}

part_killed()
{
	local disk=$images/disk.img killing=1 sum name lost=''

	make_gpt "$disk" 112 1:100
	make_fat "$disk" 1 100 -F 32 -s 1
	options=(--disk "nvme:$disk")
	run_machine killed.sh
	expect wrote_some test -s "$work/$part.kept"
	expect only_lost_clusters only_lost_clusters "$disk" 1 100
	while read -r sum name; do
		[[ $(mtype -i "$(at "$disk" 1)" "::$name" | md5sum) == "$sum "* ]] || lost+="$name "
	done < <(head -n -1 "$work/$part.kept")
	expect synced_files_are_there is "$lost" ''
	killing=''
	run_machine remount.sh
	expect fsck_after_remount only_lost_clusters "$disk" 1 100
}

part_damaged()
{
	local name number=0 controller

	mkdir "$work/damaged.files"
	python3 "$here/damage.py" all "$images" >"$work/damaged.files/list"
	for controller in 0 1; do
		options+=(--qemu-arg -device
			--qemu-arg "nvme,id=nvme$controller,serial=damaged$controller")
	done
	while read -r name _; do
		cp "$images/$name" "$images/$name.before"
		# As many as guest/damaged.sh expects of one controller.
		controller=nvme$((number / 60)),nsid=$((number % 60 + 1))
		number=$((number + 1))
		options+=(--qemu-arg -drive
			--qemu-arg "if=none,id=d$number,format=raw,file=$images/$name"
			--qemu-arg -device --qemu-arg "nvme-ns,drive=d$number,bus=$controller")
	done <"$work/damaged.files/list"
	run_machine damaged.sh
	while read -r name _; do
		[[ $name == mbr* || $name == gpt* ]] ||
			expect "$name.nothing_outside" is_same_outside "$images/$name"
	done <"$work/damaged.files/list"
}

# The partition begins at 1 MiB; behind it are 3 MiB.
is_same_outside() # FILE
{
	cmp -n 1048576 "$1" "$1.before" && cmp <(tail -c 3M "$1") <(tail -c 3M "$1.before")
}

part_programs()
{
	local disk=$images/disk.img

	make_gpt "$disk" 112 1:100
	make_fat "$disk" 1 100 -F 32 -s 1
	options=(--disk "nvme:$disk" --add "$programs/linux-musl:/bin/linux-musl")
	run_machine programs.sh
	expect fsck is_clean_fat "$disk" 1 100
}

# What nobody synced or unmounted is on the disk nevertheless once the machine is off.
part_left()
{
	local disk=$images/disk.img

	# Linux' init would have to do it; only its kernel runs here.
	[[ $system == cryptos ]] || return 0
	make_gpt "$disk" 96 1:40 42:40 90:4
	make_fat "$disk" 1 40 -F 32 -s 1
	make_fat "$disk" 42 40 -F 32 -s 1
	options=(--disk "nvme:$disk")
	run_machine left.sh
	expect fsck is_clean_fat "$disk" 1 40
	expect fsck_detached only_lost_clusters "$disk" 42 40
	expect mounted is "$(contents_of 1 file held log | md5sum)" \
		"$({ seq 20000; seq 10000; seq 5000; } | md5sum)"
	expect detached is "$(contents_of 42 detached | md5sum)" \
		"$({ seq 10000; echo last; } | md5sum)"
	expect raw is "$(dd if="$disk" bs=1M skip=90 count=4 status=none | tr -d '\0' | md5sum)" \
		"$(seq 30000 | md5sum)"
	# The machine goes off before the program ends.
	killing=1
	run_machine left.sh off
	expect off is "$(contents_of 1 off | md5sum)" "$(seq 15000 | md5sum)"
	expect off_detached is "$(contents_of 42 later)" later
	expect fsck_off only_lost_clusters "$disk" 1 40
	expect fsck_off_detached only_lost_clusters "$disk" 42 40
}

contents_of() # START FILE...
{
	local start=$1

	shift
	for name; do
		mtype -i "$(at "$disk" "$start")" "::$name"
	done
}

went_off() # of itself
{
	grep -q 'the machine is switched off' "$work/$part.log" &&
		! grep -q 'no end within' "$work/$part.errors"
}

# A disk that does not answer any more; the machine must go off nevertheless.
part_silent()
{
	local disk=$images/disk.img timeout=120

	[[ $system == cryptos ]] || return 0
	make_gpt "$disk" 96 1:40 42:40
	make_fat "$disk" 1 40 -F 32 -s 1
	make_fat "$disk" 42 40 -F 32 -s 1
	options=(--disk "nvme:$disk")
	run_machine silent.sh
	expect goes_off went_off
	expect fsck only_lost_clusters "$disk" 1 40
	expect fsck_other is_clean_fat "$disk" 42 40
}
