# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench sched: the scheduler's token against a tick, as a table.

bench_sched_cpus='1 2 4 8'
bench_sched_modes='token tick'
bench_sched_shift=3
bench_sched_real=
bench_sched_rounds=3
bench_sched_json=
bench_sched_laps=100000
bench_sched_laps_quantum_us=1000

print_bench_sched_help()
{
	cat <<'END_OF_HELP'
usage: ./cryptos bench sched [OPTION...]

Runs the same load (bench/sched.c) with the token and with a periodic tick, on 1, 2, 4 and 8
virtual CPUs, and prints a table, and what becomes of the figures that the token is to reach.

The machines run under --icount-shift 3: guest time is instructions counted, 8 ns each for all
CPUs together. So the figures do not depend on what else this machine does and can be compared;
but N CPUs are each N times slower than one, and their caches and buses cost nothing. Devices
still answer in real time, so runs differ a little, tails of latencies more.

  --real         in real time instead: token and tick by turns, the median of the rounds. To be
                 trusted only where this machine has more idle processors than the guest has.
  --rounds N     of --real (3)
  --cpus LIST    numbers of CPUs, such as 2,4
  --json FILE    writes all figures to FILE, too
  --debug-build, --kernel FILE, --initramfs FILE, --cmdline WORDS
                 as for exec
END_OF_HELP
}

bench_sched_parse()
{
	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_bench_sched_help
			exit 0
			;;
		--real) take_no_value && bench_sched_real=1 ;;
		--rounds)
			take_value "$@"
			require_number --rounds "$value" 1 99
			bench_sched_rounds=$value
			;;
		--cpus)
			take_value "$@"
			[[ $value =~ ^[1-9][0-9]?(,[1-9][0-9]?)*$ ]] ||
				usage_error "--cpus is a list such as 2,4, not \"$value\""
			bench_sched_cpus=${value//,/ }
			;;
		--json)
			take_value "$@"
			bench_sched_json=$value
			{ : >"$bench_sched_json"; } 2>/dev/null || die 1 "cannot write $value"
			;;
		--debug-build | --kernel | --initramfs | --cmdline) machine_take_option "$@" ;;
		*) usage_error "unknown argument \"$1\"" ;;
		esac
		shift "$option_length"
	done
	[[ -n $bench_sched_real ]] || bench_sched_rounds=1
}

# Runs a guest program; its lines go to the file RESULT, what it says else to RESULT.errors.
bench_sched_run() # RESULT CPUS CMDLINE PROGRAM...
{
	local result=$1 cpus=$2 words=$3
	local -a time=(--icount-shift "$bench_sched_shift")

	shift 3
	[[ -z $bench_sched_real ]] || time=()
	"$tree/cryptos" exec --kernel "$machine_kernel" --initramfs "$machine_initramfs" \
		--smp "$cpus" "${time[@]}" --cmdline "$words$machine_cmdline" --timeout 280 \
		--log "$result.log" -- "$@" >"$result" 2>"$result.errors" </dev/null ||
		printf 'failed\t1\t\n' >>"$result"
}

# One machine with each of the modes: at the same time if their time is counted, else by turns.
bench_sched_measure_pair() # CPUS ROUND
{
	local mode

	for mode in $bench_sched_modes; do
		bench_sched_run "$workspace/$mode.$1.$2" "$1" "sched=$mode" "$out/bench/sched" &
		background+=("$!")
		[[ -z $bench_sched_real ]] || wait
	done
	wait
}

# All that is measured, as lines "CPUS MODE NAME VALUE UNIT" (tabs) in $workspace/figures.
bench_sched_measure()
{
	local cpus round mode

	for ((round = 1; round <= bench_sched_rounds; round++)); do
		for cpus in $bench_sched_cpus; do
			say "$cpus CPUs${bench_sched_real:+, round $round of $bench_sched_rounds}"
			bench_sched_measure_pair "$cpus" "$round"
		done
	done
	say "$bench_sched_laps laps; instructions of a switch"
	bench_sched_run "$workspace/laps" 4 \
		"sched_quantum_us=$bench_sched_laps_quantum_us" \
		"$out/bench/sched" laps "$bench_sched_laps" 200 &
	background+=("$!")
	"$tree/cryptos" exec --kernel "$machine_kernel" --initramfs "$machine_initramfs" --icount \
		-- "$out/bench/guest" >"$workspace/guest" 2>/dev/null </dev/null
	wait
	for cpus in $bench_sched_cpus; do
		for mode in $bench_sched_modes; do
			bench_sched_median "$cpus" "$mode"
		done
	done
	sed 's/^/4\tlaps\t/' "$workspace/laps"
	sed -n 's/\tns$/\tinstructions/; /^\(context_switch\|futex_wake_to_run\)/s/^/1\ticount\t/p' \
		"$workspace/guest"
}

# The median of each figure over the rounds.
bench_sched_median() # CPUS MODE
{
	cat "$workspace/$2.$1".? "$workspace/$2.$1".?? 2>/dev/null | sort -s -t $'\t' -k1,1 -k2,2n |
		awk -F '\t' -v OFS='\t' -v cpus="$1" -v mode="$2" '
		function finish() {
			if (count)
				print cpus, mode, name, values[int((count + 1) / 2)], unit
			count = 0
		}
		$1 != name { finish() }
		{ name = $1; unit = $3; values[++count] = $2 }
		END { finish() }'
}

# The table, and a line for each figure to reach.
bench_sched_report()
{
	awk -F '\t' -v cpus_list="$bench_sched_cpus" -v laps_wanted="$bench_sched_laps" \
		-v quantum_us=10000 -v laps_quantum_us="$bench_sched_laps_quantum_us" \
		-f "$tree/tools/run/bench-sched.awk" "$workspace/figures"
}

bench_sched_write_json()
{
	awk -F '\t' -v real="${bench_sched_real:-0}" '
		BEGIN {
			printf "{\n\"real_time\": "
			printf real ? "true" : "false"
			printf ",\n\"figures\": ["
		}
		{
			if (NR > 1)
				printf ","
			printf "\n{\"cpus\": %d, \"mode\": \"%s\", \"name\": \"%s\", ", $1, $2, $3
			printf "\"value\": %s, \"unit\": \"%s\"}", $4, $5
		}
		END { print "\n]\n}" }' "$workspace/figures" >"$bench_sched_json"
}

run_bench_sched()
{
	bench_sched_parse "$@"
	machine_prepare
	build_targets bench-programs
	make_workspace
	if [[ -n $bench_sched_real ]]; then
		echo "Real time, the median of $bench_sched_rounds rounds; this machine has" \
			"$(nproc) processors and a load of $(cut -d ' ' -f 1 /proc/loadavg)."
	else
		echo "Counted time: $((1 << bench_sched_shift)) ns per instruction, for all CPUs" \
			"together. What else this machine does has no influence."
	fi
	bench_sched_measure >"$workspace/figures"
	[[ -z $bench_sched_json ]] || bench_sched_write_json
	bench_sched_report
}
