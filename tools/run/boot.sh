# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos boot: the machine for people to use.

# shellcheck source=machine.sh
source "$tree/tools/run/machine.sh"

machine_firmware=uefi
boot_for_debugger=
boot_display=
boot_fresh_root=
boot_monitor=

print_boot_help()
{
	cat <<'END'
usage: ./cryptos boot [OPTION...]

Builds the system and boots it in QEMU: in a window where there is a display, else with the
serial console in this terminal and the screen on VNC. UEFI is the firmware by default.

The root of the system is an HMFS volume in build/x86_64/release/root.img (or debug/), made at the
first boot: files survive, whatever ends the machine. With --root initramfs nothing does.

  --display WHICH     window, or serial (the console here, the screen on VNC)
  --fresh-root        makes a new volume; what was in the old one is lost
  --monitor           QEMU's monitor in this terminal (see below); the serial console goes to a file
  --debug             waits for gdb on port 1234 (`./cryptos debug` does both ends), KASLR off
END
	machine_display_options_help
	machine_options_help
	cat <<'END'

Without a window, any VNC viewer shows the desktop and sends it keys and the pointer; the text
console is on the serial port as well. In the desktop, Ctrl-Alt-F1 shows the text console and
Ctrl-Alt-F2 the desktop; with --cmdline desktop=no there is only the former.

QEMU's monitor takes commands for the machine: "system_powerdown" presses its power button, upon which
CryptOS ends programs, writes its file systems and switches off; "system_reset" does what a reset button
does; "info status", "help" tell more. Where the serial console is in this terminal, Ctrl-A C changes
between it and the monitor. From a script: (sleep 60; echo system_powerdown) | ./cryptos boot --monitor
END
}

boot_parse()
{
	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_boot_help
			exit 0
			;;
		--debug) take_no_value && boot_for_debugger=1 ;;
		--fresh-root) take_no_value && boot_fresh_root=1 ;;
		--monitor) take_no_value && boot_monitor=1 ;;
		--display)
			take_value "$@"
			[[ $value == window || $value == serial ]] ||
				usage_error "--display is window or serial, not \"$value\""
			boot_display=$value
			;;
		*)
			machine_take_display_option "$@" || machine_take_option "$@" ||
				usage_error "unknown argument \"$1\""
			;;
		esac
		shift "$option_length"
	done
}

# True if a display answers at the place that the environment names.
display_is_there()
{
	local number

	if [[ -n ${WAYLAND_DISPLAY:-} ]]; then
		[[ -S $WAYLAND_DISPLAY || -S ${XDG_RUNTIME_DIR:-}/$WAYLAND_DISPLAY ]] && return
	fi
	[[ -n ${DISPLAY:-} ]] || return 1
	[[ $DISPLAY == :* ]] || return 0 # on another machine: let QEMU find out
	number=${DISPLAY#:}
	[[ -S /tmp/.X11-unix/X${number%%.*} ]]
}

# Sets window_kind to what QEMU can open a window with.
find_window_kind()
{
	local kinds

	kinds=$(qemu-system-x86_64 -display help 2>/dev/null)
	for window_kind in gtk sdl; do
		grep -qx "$window_kind" <<<"$kinds" && return
	done
	return 1
}

# Sets boot_display where the user has not.
choose_display()
{
	[[ $boot_display == serial ]] && return
	if ! display_is_there; then
		[[ -z $boot_display ]] || die 1 "there is no display (DISPLAY=\"${DISPLAY:-}\")"
		boot_display=serial
	elif ! find_window_kind; then
		[[ -z $boot_display ]] || die 1 "QEMU has neither GTK nor SDL for a window"
		say "QEMU has neither GTK nor SDL for a window"
		boot_display=serial
	else
		boot_display=window
	fi
}

# Sets vnc_number to the first VNC display that nobody uses.
find_vnc_number()
{
	for ((vnc_number = 0; vnc_number < 100; vnc_number++)); do
		(: <>"/dev/tcp/127.0.0.1/$((5900 + vnc_number))") 2>/dev/null || return 0
	done
	die 1 "VNC's ports 5900 to 5999 are all taken"
}

# The volume that is the root, made if there is none.
boot_prepare_root()
{
	local image=$out/root.img

	[[ $machine_root != initramfs ]] || return 0
	if [[ -n $boot_fresh_root || ! -e $image ]]; then
		root_make "$image" "$root_size_mib" "$machine_initramfs"
		say "the root is $image, a new volume"
	elif [[ $machine_initramfs -nt $image.made ]]; then
		say "the root, $image, was made of older programs; --fresh-root makes a new one"
	fi
	[[ -e $image.made && -z $boot_fresh_root ]] || : >"$image.made"
	machine_add_root "$image"
}

run_boot()
{
	local words='' log=$tree/build/host/serial.log

	build_talks=1
	boot_parse "$@"
	need qemu
	choose_display
	machine_prepare
	make_workspace
	boot_prepare_root
	[[ -z $boot_for_debugger ]] || words+=' nokaslr'
	[[ $boot_display == window || -n $boot_monitor ]] || words+=' console=ttyS0'
	machine_add_displays
	machine_arguments "$words$machine_cmdline"
	machine+=(-action reboot=reset)
	if [[ -n $boot_for_debugger ]]; then
		machine+=(-S -gdb tcp:127.0.0.1:1234)
		say "waiting for gdb: gdb $out/kernel.elf -ex 'target remote :1234'"
	fi
	if [[ $boot_display == window || -n $boot_monitor ]]; then
		say "the serial console is written to $log"
		machine+=(-serial "file:$log")
	fi
	if [[ -n $boot_monitor ]]; then
		say "QEMU's monitor is here: \"system_powerdown\" is the power button, \"quit\" the plug"
		machine+=(-monitor stdio)
	fi
	if [[ $boot_display == window ]]; then
		machine+=(-display "$window_kind")
	else
		find_vnc_number
		machine+=(-display none -vnc "127.0.0.1:$vnc_number")
		if [[ -n $boot_monitor ]]; then
			say "there is no display: the screen is on VNC"
		else
			say "there is no display: the screen is on VNC, the serial console here (Ctrl-A X quits," \
				"Ctrl-A C changes to QEMU's monitor and back)"
			machine+=(-serial mon:stdio)
		fi
		say "to watch and use it:  vncviewer 127.0.0.1:$((5900 + vnc_number))"
		say "from elsewhere first: ssh -L $((5900 + vnc_number)):127.0.0.1:$((5900 + vnc_number)) $(uname -n)"
	fi
	"${machine[@]}" || die 1 "QEMU failed"
}
