# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos screenshot: what the machine shows, as a picture.

# shellcheck source=machine.sh
source "$tree/tools/run/machine.sh"

print_screenshot_help()
{
	cat <<'END'
usage: ./cryptos screenshot [OPTION...] FILE.png

Boots the system in QEMU, without a window, waits until the desktop is complete, and saves what
the screen shows. The root is the initramfs, unless --disk and --cmdline say otherwise.

  --timeout SECONDS   if the screen is never quiet: saves it nevertheless after so long (120)
END
	machine_display_options_help
	machine_options_help
	cat <<'END'

Exit status: 0; 1 if the screen was never quiet, or this command cannot do its work; 125 if the
machine stopped, whose log is shown then.
END
}

run_screenshot()
{
	local file='' timeout=120 what=desktop status

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_screenshot_help
			return
			;;
		--timeout)
			take_value "$@"
			require_number --timeout "$value" 1 3600
			timeout=$value
			;;
		-*)
			machine_take_display_option "$@" || machine_take_option "$@" ||
				usage_error "unknown option \"$1\""
			;;
		*)
			[[ -z $file ]] || usage_error "one FILE.png, not \"$file\" and \"$1\""
			file=$1
			;;
		esac
		shift "$option_length"
	done
	[[ -n $file ]] || usage_error "which FILE.png?"
	[[ -d $(dirname -- "$file") ]] || die 1 "there is no folder $(dirname -- "$file")"
	build_talks=1
	need python
	machine_prepare
	make_workspace
	[[ " $machine_cmdline " == *' desktop=no '* ]] && what=console
	machine_add_displays
	machine_arguments "$machine_guest_words$machine_cmdline"
	PYTHONDONTWRITEBYTECODE=1 python3 "$tree/tools/run/screenshot.py" "$file" "$workspace" \
		"$timeout" "$what" "${machine[@]}"
	status=$?
	case $status in
	0) say "$file" ;;
	1) say "the screen was never quiet for long; $file shows it as it was in the end" ;;
	*)
		tail -n 30 "$workspace/serial" "$workspace/qemu.err" >&2 2>/dev/null
		die 125 "the machine stopped"
		;;
	esac
	return "$status"
}
