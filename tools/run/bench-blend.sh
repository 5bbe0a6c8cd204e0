# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench blend: the pixels of lib/blend on this host, beside pixman and the C library.

print_bench_blend_help()
{
	cat <<'END_OF_HELP'
usage: ./cryptos bench blend [OPTION...]

Draws a picture of 1920 x 1080 on this host, in one thread, with each table of functions of lib/blend
that the processor can run, with pixman, and with memcpy and memset, and prints millions of pixels a
second, and how many times faster the best table is. What counts is the fastest tenth of the rounds.
Fails if a bound is missed.

  over, over_alpha, over_masked, over_colour and over_fill draw what is translucent everywhere,
  over_window a window with a shadow in front of an opaque picture.

  --rounds N          how often each draws (200)
  --tsv FILE          writes "NAME VALUE UNIT" lines to FILE, too
END_OF_HELP
}

run_bench_blend()
{
	local rounds=200 tsv=

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_bench_blend_help
			return
			;;
		--rounds)
			take_value "$@"
			require_number --rounds "$value" 1 100000
			rounds=$value
			;;
		--tsv)
			take_value "$@"
			tsv=$value
			{ : >"$tsv"; } 2>/dev/null || die 1 "cannot write $value"
			;;
		*) usage_error "unknown argument \"$1\"" ;;
		esac
		shift "$option_length"
	done
	need "${build_tools[@]}" pkg-config pixman
	make_workspace
	build_targets bench-blend
	"$tree/build/host/bench-blend/blend" "$rounds" >"$workspace/figures" || die 1 "the benchmark failed"
	[[ -z $tsv ]] || cat "$workspace/figures" >"$tsv"
	echo "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) processors, a load of" \
		"$(cut -d ' ' -f 1 /proc/loadavg); millions of pixels a second:"
	awk -f "$tree/tools/run/bench-blend.awk" "$workspace/figures"
}
