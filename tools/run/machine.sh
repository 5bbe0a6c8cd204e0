# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The virtual machine: QEMU's arguments, the choice of accelerator, firmware, disks.
#
# machine_set_option reads the options that all commands which boot share, machine_prepare
# checks them, and machine_arguments fills the array `machine`.

# shellcheck source=root.sh
source "$tree/tools/run/root.sh"

machine_memory=512M
machine_cpus=
machine_firmware=pvh
machine_icount=
machine_icount_shift=
machine_timeout=300
machine_cmdline=
machine_disks=()
machine_extra=()
machine_drivers=()
machine_gpus=()
machine_screen=
machine_displays=()
machine_kernel=
machine_initramfs=
machine_root=
machine_iommu=

# What the kernel prints when it gives up, and the words that make it stop the machine then.
panic_pattern='kernel panic'
# And when it goes down: "is switched off", "restarts" or "is halted" follows.
# shellcheck disable=SC2034
power_pattern='<5>power: the machine '
machine_guest_words='panic=reset'

machine_options_help()
{
	cat <<'END'
  --smp N             processors (2)
  --mem SIZE          memory, such as 512M (the default) or 2G
  --cmdline WORDS     more words for the kernel command line; may be repeated
  --firmware WHICH    uefi or pvh (QEMU starts the kernel directly)
  --disk TYPE:FILE[,OPTION...]
                      attaches FILE as a disk; TYPE is ahci, nvme or usb; may be repeated. FILE
                      is a raw image, or what its name says: NAME.qcow2. OPTION is readonly,
                      sector=4096 (nvme and usb both), or hotplug (ahci, nvme: disk N, counted
                      from 1, can be pulled by QEMU's `device_del deviceN`)
  --icount            one instruction per nanosecond of guest time; one processor, unless --smp
                      says otherwise: they take turns, at each pause and halt instruction
  --icount-shift N    the same with 2^N nanoseconds (0 to 10), and sleeping takes no time
  --driver FILE.drv   puts a driver (see ./cryptos driver) into /lib/drivers; may be repeated
  --iommu             an Intel IOMMU, behind which all devices are; drivers run in user mode with it
  --root WHICH        the root of the system: initramfs, or hmfs, a volume on a disk of its own
  --qemu-arg ARG      passes ARG to QEMU; may be repeated
  --debug-build       the kernel with assertions (MODE=debug)
  --kernel FILE, --initramfs FILE
                      these instead of the ones of this tree
END
}

# How virtual CPUs share threads of QEMU. Its TCG (before version 8) crashes if a device goes, and the
# memory map with it, while the thread of another CPU is about to access any device.
machine_threads()
{
	case " ${machine_disks[*]} " in
	*,hotplug,*) echo single ;;
	*) echo multi ;;
	esac
}

# Splits the options off FILE[,OPTION...], unless that is a file's name as a whole. Sets disk_file
# and disk_options, the latter with commas around each.
machine_split_disk() # FILE[,OPTION...]
{
	disk_file=$1 disk_options=,
	while [[ ! -e $disk_file && $disk_file =~ ^(.+),(readonly|sector=4096|hotplug)$ ]]; do
		disk_file=${BASH_REMATCH[1]}
		disk_options+=${BASH_REMATCH[2]},
	done
}

machine_check_disk_options() # TYPE OPTIONS
{
	case $1$2 in
	ahci*,readonly,* | ahci*,sector=4096,*)
		usage_error "QEMU has no AHCI disks that are readonly or have sectors of 4096 bytes"
		;;
	usb*,hotplug,*) usage_error "hotplug is for disks of PCI Express: ahci and nvme" ;;
	esac
}

machine_add_disk() # TYPE:FILE[,OPTION...]
{
	local type=${1%%:*}

	[[ $1 == *:* ]] || usage_error "--disk is TYPE:FILE, not \"$1\""
	case $type in
	ahci | nvme | usb) ;;
	*) usage_error "a disk is ahci, nvme or usb, not \"$type\"" ;;
	esac
	machine_split_disk "${1#*:}"
	machine_check_disk_options "$type" "$disk_options"
	[[ -e $disk_file ]] || die 1 "no such disk: $disk_file"
	[[ -f $disk_file || -b $disk_file ]] || die 1 "not a file or block device: $disk_file"
	[[ -r $disk_file ]] && [[ $disk_options == *,readonly,* || -w $disk_file ]] ||
		die 1 "no permission to read and write $disk_file"
	machine_disks+=("$type:$disk_options:$disk_file")
}

# Takes the options of machine_options_help; returns 1 for any other.
machine_take_option() # "$@", after take_option
{
	case $option in
	--icount | --debug-build | --iommu) take_no_value ;;
	--smp | --mem | --cmdline | --firmware | --disk | --qemu-arg | --kernel | --initramfs | \
		--icount-shift | --root | --driver)
		take_value "$@"
		;;
	*) return 1 ;;
	esac
	case $option in
	--icount) machine_icount=1 ;;
	--icount-shift)
		require_number --icount-shift "$value" 0 10
		machine_icount=1
		machine_icount_shift=$value
		;;
	--debug-build) set_mode debug ;;
	--iommu) machine_iommu=1 ;;
	--smp)
		require_number --smp "$value" 1 64
		machine_cpus=$value
		;;
	--mem)
		[[ $value =~ ^[1-9][0-9]{0,6}[KMGkmg]?$ ]] ||
			usage_error "--mem is a size such as 512M, not \"$value\""
		machine_memory=$value
		;;
	--cmdline) machine_cmdline+=" $value" ;;
	--firmware)
		[[ $value == uefi || $value == pvh ]] ||
			usage_error "--firmware is uefi or pvh, not \"$value\""
		machine_firmware=$value
		;;
	--disk) machine_add_disk "$value" ;;
	--root)
		[[ $value == hmfs || $value == initramfs ]] ||
			usage_error "--root is hmfs or initramfs, not \"$value\""
		machine_root=$value
		;;
	--qemu-arg) machine_extra+=("$value") ;;
	--driver)
		[[ -f $value && -r $value ]] || die 1 "no driver to read: $value"
		[[ $value == *.drv ]] || die 1 "a driver's file is named NAME.drv, not $value"
		machine_drivers+=("$value")
		;;
	--kernel | --initramfs)
		[[ -r $value ]] || die 1 "cannot read $value"
		[[ $option == --kernel ]] && machine_kernel=$value || machine_initramfs=$value
		;;
	esac
}

machine_display_options_help()
{
	cat <<'END'
  --gpu WHICH         the display: std (QEMU's standard VGA, the default), bochs (the same
                      without VGA), or virtio; may be repeated for more than one display
  --screen WxH        its size in pixels, such as 1920x1080 (1280x800)
END
}

# Takes the options of machine_display_options_help; returns 1 for any other.
machine_take_display_option() # "$@", after take_option
{
	case $option in
	--gpu)
		take_value "$@"
		[[ $value =~ ^(std|bochs|virtio)$ ]] ||
			usage_error "--gpu is std, bochs or virtio, not \"$value\""
		machine_gpus+=("$value")
		;;
	--screen)
		take_value "$@"
		[[ $value =~ ^[1-9][0-9]{2,4}x[1-9][0-9]{2,4}$ ]] ||
			usage_error "--screen is a size such as 1920x1080, not \"$value\""
		machine_screen=$value
		;;
	*) return 1 ;;
	esac
}

# Attaches the displays. Before machine_arguments.
machine_add_displays()
{
	local gpu size='' first=1 device

	((${#machine_gpus[@]} > 0)) || machine_gpus=(std)
	if [[ -n $machine_screen ]]; then
		size=,xres=${machine_screen%x*},yres=${machine_screen#*x}
		machine_cmdline+=" video=$machine_screen"
	fi
	for gpu in "${machine_gpus[@]}"; do
		# One device of a machine may have VGA's ports.
		case $gpu${first:+,first} in
		std,first) device=VGA,vgamem_mb=64 ;;
		std) device=secondary-vga,vgamem_mb=64 ;;
		bochs*) device=bochs-display,vgamem=64M ;;
		virtio,first) device=virtio-vga ;;
		virtio) device=virtio-gpu-pci ;;
		esac
		machine_displays+=(-device "$device$size")
		first=
	done
}

# Installs and builds what booting takes.
machine_prepare()
{
	local -a targets=()

	need "${build_tools[@]}" qemu
	[[ $machine_firmware == uefi ]] && need "${image_tools[@]}" ovmf
	[[ -n $machine_kernel ]] || targets+=(kernel)
	[[ -n $machine_initramfs ]] || targets+=(initramfs)
	[[ $machine_firmware == uefi ]] && targets+=(loader)
	((${#targets[@]} > 0)) && build_targets "${targets[@]}"
	: "${machine_kernel:=$out/kernel}" "${machine_initramfs:=$out/initramfs.cpio}"
}

# A /dev/kvm that merely exists proves nothing: a trial guest, a ROM that writes 0x10 to QEMU's
# exit device in its first instructions, must answer within two seconds.
kvm_works()
{
	local verdict=$tree/build/host/kvm boot rom status

	grep -qwm1 'vmx\|svm' /proc/cpuinfo && [[ -r /dev/kvm && -w /dev/kvm ]] || return 1
	boot=$(</proc/sys/kernel/random/boot_id)
	if [[ -r $verdict ]]; then
		read -r rom status <"$verdict"
		[[ $rom == "$boot" ]] && return "$status"
	fi
	rom=$workspace/kvm.rom
	{ # mov al, 0x10; out 0xf4, al; hlt, at the reset vector, 16 bytes below the end
		head -c 65520 /dev/zero
		printf '\xb0\x10\xe6\xf4\xf4'
		head -c 11 /dev/zero
	} >"$rom"
	timeout -s KILL 2 qemu-system-x86_64 -accel kvm -nodefaults -display none -m 16M \
		-bios "$rom" -device isa-debug-exit,iobase=0xf4,iosize=4 >/dev/null 2>&1 </dev/null
	status=$(($? != (0x10 << 1 | 1)))
	echo "$boot $status" >"$verdict"
	return "$status"
}

find_firmware() # CODE|VARS: the path of OVMF's half
{
	local folder name

	for folder in /usr/share/OVMF /usr/share/edk2/x64 /usr/share/edk2-ovmf/x64 \
		/usr/share/edk2/ovmf; do
		for name in "OVMF_${1}_4M.fd" "OVMF_$1.4m.fd" "OVMF_$1.fd"; do
			if [[ -r $folder/$name ]]; then
				firmware=$folder/$name
				return
			fi
		done
	done
	die 1 "cannot find OVMF's $1 file"
}

# QEMU wants commas in file names doubled.
quote_commas()
{
	quoted=${1//,/,,}
}

machine_add_firmware() # CMDLINE
{
	if [[ $machine_firmware == pvh ]]; then
		machine+=(-kernel "$machine_kernel" -initrd "$machine_initramfs" -append "$1")
		return
	fi
	"$tree/tools/image/make-image.sh" --kernel "$machine_kernel" \
		--initramfs "$machine_initramfs" --loader "$out/BOOTX64.EFI" --cmdline "$1" \
		--output "$workspace/boot.img" >"$workspace/image.log" 2>&1 || {
		cat "$workspace/image.log" >&2
		die 1 "cannot make the boot image"
	}
	find_firmware CODE
	machine+=(-drive "if=pflash,format=raw,readonly=on,file=$firmware")
	find_firmware VARS
	cp "$firmware" "$workspace/firmware.vars"
	chmod u+w "$workspace/firmware.vars"
	machine+=(-drive "if=pflash,format=raw,file=$workspace/firmware.vars"
		-drive "if=none,id=boot,format=raw,file=$workspace/boot.img"
		-device ide-hd,drive=boot,bus=ide.0,bootindex=0)
}

# Sets disk_format. What is in a file decides only where its name says qcow2: a guest that writes
# such a header into a raw disk does not get to name files of this machine.
machine_find_disk_format() # FILE
{
	local magic

	disk_format=raw
	[[ $1 == *.qcow2 ]] || return 0
	magic=$(head -c 4 -- "$1" | od -An -tx1)
	[[ $magic == ' 51 46 49 fb' ]] || die 1 "$1 is no qcow2 image, though its name says so"
	disk_format=qcow2
}

# The device for drive diskN: PCI Express devices that can be pulled out sit below root ports.
machine_add_disk_device() # TYPE OPTIONS N
{
	local sizes='' bus=''

	[[ $2 != *,sector=4096,* ]] || sizes=,logical_block_size=4096,physical_block_size=4096
	if [[ $2 == *,hotplug,* ]]; then
		# The slots' own hotplug, not that of ACPI's byte code.
		machine+=(-global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
			-device "pcie-root-port,id=port$3,chassis=$3,slot=$3")
		bus=,bus=port$3
	fi
	case $1$bus in
	ahci)
		((++ahci_disks < 6)) || die 1 "the machine has ports for five AHCI disks"
		machine+=(-device "ide-hd,drive=disk$3,bus=ide.$ahci_disks")
		;;
	ahci,*)
		machine+=(-device "ich9-ahci,id=device$3$bus"
			-device "ide-hd,drive=disk$3,bus=device$3.0")
		;;
	nvme*) machine+=(-device "nvme,drive=disk$3,id=device$3,serial=cryptos$3$sizes$bus") ;;
	usb)
		[[ " ${machine[*]} " == *' qemu-xhci,id=usb '* ]] ||
			machine+=(-device qemu-xhci,id=usb)
		machine+=(-device "usb-storage,bus=usb.0,drive=disk$3$sizes")
		;;
	esac
}

machine_add_disks()
{
	local disk type options file number=0 ahci_disks=0

	for disk in "${machine_disks[@]}"; do
		type=${disk%%:*} file=${disk#*:}
		options=${file%%:*} file=${file#*:}
		machine_find_disk_format "$file"
		quote_commas "$file"
		number=$((number + 1))
		file=$quoted
		[[ $options != *,readonly,* ]] || file+=,readonly=on
		machine+=(-drive "if=none,id=disk$number,format=$disk_format,file=$file")
		machine_add_disk_device "$type" "$options" "$number"
	done
}

# Attaches the volume IMAGE as the root. Before machine_arguments.
machine_add_root() # IMAGE
{
	root_find_uuid "$1"
	machine_disks+=("nvme:,:$1")
	machine_cmdline+=" root=UUID=$root_uuid"
}

# Appends an archive with the drivers to the initramfs.
machine_add_drivers()
{
	local stage=$workspace/drivers

	((${#machine_drivers[@]} > 0)) || return 0
	install -d -m 755 "$stage" "$stage/lib" "$stage/lib/drivers" &&
		install -m 644 "${machine_drivers[@]}" "$stage/lib/drivers" ||
		die 1 "cannot add the drivers"
	(cd "$stage" && find . -mindepth 1 -printf '%P\n' |
		cpio --quiet -o -H newc --reproducible -R 0:0) | cat "$machine_initramfs" - \
		>"$workspace/initramfs.drivers" || die 1 "no space for the image in $workspace?"
	machine_initramfs=$workspace/initramfs.drivers
}

# Fills the array `machine` with QEMU's command. The workspace must exist.
machine_arguments() # CMDLINE
{
	machine=(qemu-system-x86_64 -machine q35 -m "$machine_memory" -nodefaults -no-user-config
		-no-reboot)
	if [[ -n $machine_icount ]]; then
		machine+=(-cpu max -smp "${machine_cpus:-1}" -accel tcg,thread=single -icount
			"shift=${machine_icount_shift:-0}${machine_icount_shift:+,sleep=off}")
	elif kvm_works; then
		machine+=(-cpu max -smp "${machine_cpus:-2}" -accel kvm)
	else
		machine+=(-cpu max -smp "${machine_cpus:-2}" -accel "tcg,thread=$(machine_threads)")
	fi
	# Before the devices that it is for.
	[[ -z $machine_iommu ]] || machine+=(-machine q35,kernel-irqchip=split
		-device intel-iommu,intremap=on)
	machine_add_drivers
	machine_add_firmware "$1"
	machine_add_disks
	machine+=("${machine_displays[@]}" "${machine_extra[@]}")
}
