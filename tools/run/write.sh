# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos write: a bootable stick, or a file like one.

# shellcheck source=root.sh
source "$tree/tools/run/root.sh"

print_write_help()
{
	cat <<'END'
usage: ./cryptos write [OPTION...] TARGET

Writes a bootable image to TARGET: a whole block device such as /dev/sdX, or a plain file. What
is on TARGET is lost; it is shown first, and a question asked. A device that is in use (mounted,
swap) is refused.

  --yes            do not ask
  --size MIB       size of the boot partition
  --root WHICH     hmfs: a partition with the system, where files stay (the default); or
                   initramfs: none, all is in memory
  --root-size MIB  of that partition (1024)
  --cmdline WORDS  the kernel command line
  --debug-build    the kernel with assertions
END
}

# Says why the block device may not be written, or returns quietly.
check_device() # DEVICE
{
	local device=$1 type used

	type=$(lsblk -dno TYPE "$device" 2>/dev/null) || die 1 "lsblk does not know $device"
	case $type in
	disk | loop) ;;
	part) die 1 "$device is a partition; name the whole device" ;;
	*) die 1 "$device is not a disk but a \"$type\"" ;;
	esac
	[[ $(lsblk -dno RO "$device") == *0* ]] || die 1 "$device is write-protected"
	used=$(lsblk -nro NAME,MOUNTPOINT "$device" | awk 'NF > 1')
	[[ -z $used ]] || die 1 "$device is in use; unmount it first:"$'\n'"$used"
	used=$(lsblk -nro NAME,TYPE "$device" | awk '$2 !~ /^(disk|part|loop)$/')
	[[ -z $used ]] || die 1 "$device is in use by:"$'\n'"$used"
}

show_target() # TARGET
{
	if [[ -b $1 ]]; then
		echo "$1 and all that is on it will be erased:"
		lsblk -o NAME,SIZE,TYPE,FSTYPE,LABEL,MODEL "$1"
	else
		echo "$1 will be overwritten:"
		ls -l -- "$1"
	fi >&2
}

confirm()
{
	local answer

	printf 'Go on? Type yes: ' >&2
	read -r answer || answer=
	[[ $answer == yes ]] || die 1 "nothing was written"
}

run_write()
{
	local target='' yes='' cmdline='' resolved
	local root=hmfs
	local -a size=() runner=() partition=()

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_write_help
			return
			;;
		--yes) take_no_value && yes=1 ;;
		--debug-build) take_no_value && set_mode debug ;;
		--cmdline)
			take_value "$@"
			cmdline=$value
			;;
		--size)
			take_value "$@"
			require_number --size "$value" 1 1000000
			size=(--size "$value")
			;;
		--root)
			take_value "$@"
			[[ $value == hmfs || $value == initramfs ]] ||
				usage_error "--root is hmfs or initramfs, not \"$value\""
			root=$value
			;;
		--root-size)
			take_value "$@"
			require_number --root-size "$value" 64 10000000
			root_size_mib=$value
			;;
		-*) usage_error "unknown option \"$1\"" ;;
		*)
			[[ -z $target ]] || usage_error "one target only"
			target=$1
			;;
		esac
		shift "$option_length"
	done
	[[ -n $target ]] || usage_error "which target?"
	resolved=$(realpath -m -- "$target")
	if [[ -e $target && ! -b $target && ! -f $target ]]; then
		die 1 "$target is neither a block device nor a plain file"
	elif [[ ! -e $target && $resolved == /dev/* ]]; then
		die 1 "there is no $target; is the stick plugged in?"
	elif [[ ! -e $target && ! -w $(dirname -- "$resolved") ]]; then
		die 1 "no permission to create $target"
	elif [[ -f $target && ! -w $target ]]; then
		die 1 "no permission to write $target"
	fi
	build_talks=1
	need "${build_tools[@]}" "${image_tools[@]}" lsblk
	[[ -b $target ]] && check_device "$resolved"
	if [[ -e $target ]]; then
		show_target "$resolved"
		[[ -n $yes ]] || confirm
	fi
	build_targets kernel initramfs loader
	if [[ $root == hmfs ]]; then
		make_workspace
		root_make "$workspace/root.img" "$root_size_mib" "$out/initramfs.cpio"
		root_find_uuid "$workspace/root.img"
		cmdline+="${cmdline:+ }root=UUID=$root_uuid"
		partition=(--root "$workspace/root.img")
	fi
	[[ -b $target && ! -w $target ]] && runner=(as_root)
	"${runner[@]}" "$tree/tools/image/make-image.sh" --kernel "$out/kernel" \
		--initramfs "$out/initramfs.cpio" --loader "$out/BOOTX64.EFI" \
		--cmdline "$cmdline" --output "$resolved" "${size[@]}" "${partition[@]}" >&2 ||
		die 1 "writing $target failed"
	say "$target is written and can be booted"
}
