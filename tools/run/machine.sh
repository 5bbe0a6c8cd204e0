# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The virtual machine: QEMU's arguments, the choice of accelerator, firmware, disks.
#
# machine_set_option reads the options that all commands which boot share, machine_prepare
# checks them, and machine_arguments fills the array `machine`.

machine_memory=512M
machine_cpus=
machine_firmware=pvh
machine_icount=
machine_icount_shift=
machine_timeout=300
machine_cmdline=
machine_disks=()
machine_extra=()
machine_kernel=
machine_initramfs=

# What the kernel prints when it gives up, and the words that make it stop the machine then.
panic_pattern='kernel panic'
machine_guest_words='panic=reset'

machine_options_help()
{
	cat <<'END'
  --smp N             processors (2)
  --mem SIZE          memory, such as 512M (the default) or 2G
  --cmdline WORDS     more words for the kernel command line; may be repeated
  --firmware WHICH    uefi or pvh (QEMU starts the kernel directly)
  --disk TYPE:FILE    attaches FILE as a disk; TYPE is ahci, nvme or usb; may be repeated
  --icount            one instruction per nanosecond of guest time; one processor, unless --smp
                      says otherwise: they take turns, at each pause and halt instruction
  --icount-shift N    the same with 2^N nanoseconds (0 to 10), and sleeping takes no time
  --qemu-arg ARG      passes ARG to QEMU; may be repeated
  --debug-build       the kernel with assertions (MODE=debug)
  --kernel FILE, --initramfs FILE
                      these instead of the ones of this tree
END
}

machine_add_disk() # TYPE:FILE
{
	local type=${1%%:*} file=${1#*:}

	[[ $1 == *:* ]] || usage_error "--disk is TYPE:FILE, not \"$1\""
	case $type in
	ahci | nvme | usb) ;;
	*) usage_error "a disk is ahci, nvme or usb, not \"$type\"" ;;
	esac
	[[ -e $file ]] || die 1 "no such disk: $file"
	[[ -f $file || -b $file ]] || die 1 "not a file or block device: $file"
	[[ -r $file && -w $file ]] || die 1 "no permission to read and write $file"
	machine_disks+=("$type:$file")
}

# Takes the options of machine_options_help; returns 1 for any other.
machine_take_option() # "$@", after take_option
{
	case $option in
	--icount | --debug-build) take_no_value ;;
	--smp | --mem | --cmdline | --firmware | --disk | --qemu-arg | --kernel | --initramfs | \
		--icount-shift)
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
	--qemu-arg) machine_extra+=("$value") ;;
	--kernel | --initramfs)
		[[ -r $value ]] || die 1 "cannot read $value"
		[[ $option == --kernel ]] && machine_kernel=$value || machine_initramfs=$value
		;;
	esac
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

machine_add_disks()
{
	local disk format number=0

	for disk in "${machine_disks[@]}"; do
		quote_commas "${disk#*:}"
		format=raw
		[[ $quoted == *.qcow2 ]] && format=qcow2
		number=$((number + 1))
		machine+=(-drive "if=none,id=disk$number,format=$format,file=$quoted")
		case $disk in
		ahci:*) machine+=(-device "ide-hd,drive=disk$number,bus=ide.$number") ;;
		nvme:*) machine+=(-device "nvme,drive=disk$number,serial=cryptos$number") ;;
		usb:*)
			[[ " ${machine[*]} " == *' qemu-xhci,id=usb '* ]] ||
				machine+=(-device qemu-xhci,id=usb)
			machine+=(-device "usb-storage,bus=usb.0,drive=disk$number")
			;;
		esac
	done
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
		machine+=(-cpu max -smp "${machine_cpus:-2}" -accel tcg,thread=multi)
	fi
	machine_add_firmware "$1"
	machine_add_disks
	machine+=("${machine_extra[@]}")
}
