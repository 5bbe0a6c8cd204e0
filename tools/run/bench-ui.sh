# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench ui: what a frame of the desktop costs, as tab-separated values.

print_bench_ui_help()
{
	cat <<'END'
usage: ./cryptos bench ui [OPTION...]

Draws a whole frame of 1920 x 1080 pixels, with a background, eight windows that overlap, their shadows
and round corners, a translucent panel and the pointer (kernel/compositor/frame_ktest.c), in a machine
that counts time in instructions. For each instruction set that QEMU has, "name<tab>value<tab>unit" lines:

  frame_written_SET   pixels written to the frame buffer: 2073600, each of them once
  frame_blended_SET   blended in between, for shadows, corners and what is translucent
  frame_SET           instructions a frame
  pixel_SET           instructions a pixel

  --debug-build, --kernel FILE, --mem SIZE
                      as for exec
END
}

# The lines of the log as figures.
bench_ui_figures() # LOG
{
	sed -n -e 's/\r$//' -e 's/.*ktest: frame with \([a-z0-9]*\): \(.*\)/\1 \2/p' "$1" |
		sed -n \
			-e 's/^\([a-z0-9]*\) \([0-9]*\) pixels written, \([0-9]*\) blended$/frame_written_\1\t\2\tpixels\nframe_blended_\1\t\3\tpixels/p' \
			-e 's/^\([a-z0-9]*\) \([0-9]*\) ns, \([0-9.]*\) a pixel$/frame_\1\t\2\tinstructions\npixel_\1\t\3\tinstructions/p'
}

run_bench_ui()
{
	local -a options=()

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_bench_ui_help
			return
			;;
		--debug-build | --kernel | --mem) machine_take_option "$@" ;;
		*) usage_error "unknown argument \"$1\"" ;;
		esac
		options+=("${@:1:option_length}")
		shift "$option_length"
	done
	make_workspace
	"$tree/cryptos" exec "${options[@]}" --icount --cmdline ktest=compositor_frame --timeout 120 \
		--log "$workspace/log" -- /bin/true >/dev/null 2>&1
	bench_ui_figures "$workspace/log" >"$workspace/figures"
	[[ -s $workspace/figures ]] || die 1 "no figures: $(tail -n 3 "$workspace/log")"
	cat "$workspace/figures"
}
