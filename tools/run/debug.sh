# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos debug: the kernel under gdb.

# shellcheck source=machine.sh
source "$tree/tools/run/machine.sh"

print_debug_help()
{
	cat <<'END'
usage: ./cryptos debug [OPTION...] [-- GDB-ARGUMENT...]

Boots with KASLR off, stopped before the first instruction, and runs gdb on it with the kernel's
symbols. The machine ends with gdb. Before the kernel has set up its memory use hardware
breakpoints, as in: ./cryptos debug -- -ex 'hbreak kernel_main' -ex continue

  --log FILE          where the serial console goes (build/host/serial.log)
END
	machine_options_help
}

run_debug()
{
	local log=$tree/build/host/serial.log qemu

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_debug_help
			return
			;;
		--)
			shift
			break
			;;
		--log)
			take_value "$@"
			log=$value
			;;
		*) machine_take_option "$@" || usage_error "unknown argument \"$1\"" ;;
		esac
		shift "$option_length"
	done
	build_talks=1
	need gdb
	machine_prepare
	make_workspace
	machine_arguments "nokaslr$machine_cmdline"
	quote_commas "$log"
	machine+=(-device VGA -display none -monitor none -serial "file:$quoted" -S
		-chardev "socket,id=gdb,path=$workspace/gdb,server=on,wait=off" -gdb chardev:gdb)
	# A session of its own: gdb's ^C is not for QEMU.
	setsid "${machine[@]}" </dev/null >"$workspace/qemu" 2>&1 &
	qemu=$!
	background=("$qemu")
	while [[ ! -S $workspace/gdb ]]; do
		kill -0 "$qemu" 2>/dev/null || {
			cat "$workspace/qemu" >&2
			die 1 "QEMU failed"
		}
		sleep 0.05
	done
	say "the serial console is written to $log"
	trap '' INT # gdb's
	cd "$tree" || exit # where the paths of the debug information start
	gdb -q "$out/kernel.elf" -ex 'set confirm off' -ex "target remote $workspace/gdb" "$@"
}
