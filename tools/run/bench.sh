# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench: figures, as tab-separated values.

# shellcheck source=machine.sh
source "$tree/tools/run/machine.sh"

print_bench_help()
{
	cat <<'END'
usage: ./cryptos bench [OPTION...]
       ./cryptos bench sched [OPTION...]
       ./cryptos bench storage [OPTION...]
       ./cryptos bench hmfs [OPTION...]
       ./cryptos bench ui [OPTION...]
       ./cryptos bench blend [OPTION...]
       ./cryptos bench acpi

`bench sched` compares the scheduler's token with a tick, `bench storage` disks and files with
those of Linux, `bench hmfs` the file system with ext4 and btrfs; each has its own --help.
`bench ui` counts what a frame of the desktop costs, `bench blend` compares drawing with pixman,
`bench acpi` counts what firmware's byte code costs.

Measures and prints "name<tab>value<tab>unit" lines:

  kernel_size             the stripped kernel
  boot_to_user            guest time from the kernel's entry to the first user instruction
  exec_true               wall time of `cryptos exec -- /bin/true`, the median of five
  memory_at_prompt        memory in use while the shell waits for its first line: all of the
                          machine's but what is free and the initramfs
  idle_cpu                processor time of QEMU while it does
  NAME                    basic operations (bench/guest.c), in instructions under --icount
  redox_NAME              those of the Redox ABI (bench/redox.c)

Wall times vary with what else the machine does: compare only what was measured side by side.
Options are those of exec that choose the kernel and the machine:

END
	machine_options_help
}

figure() # NAME VALUE UNIT
{
	printf '%s\t%s\t%s\n' "$1" "${2:--}" "$3"
}

bench_exec_true()
{
	local start i
	local -a times=()

	for ((i = 0; i < 5; i++)); do
		start=${EPOCHREALTIME/[.,]/}
		"$tree/cryptos" exec "${bench_options[@]}" --log "$workspace/log" -- /bin/true ||
			die 1 "exec failed"
		times+=($(((${EPOCHREALTIME/[.,]/} - start) / 1000)))
	done
	mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
	figure boot_to_user "$(sed -n 's/.*first user instruction at \([0-9]*\) us.*/\1/p' \
		"$workspace/log")" us
	figure exec_true "${times[2]}" ms
}

# Waits until the console has said the words.
await() # WORDS
{
	local text='' more

	while IFS= read -rt 60 -d '' -n 1 more <&"$console"; do
		text+=$more
		[[ $text == *"$1" ]] && return
	done
	die 1 "the console never said \"$1\" but: ${text: -300}"
}

processor_ticks() # PROCESS
{
	local -a fields

	read -ra fields <"/proc/$1/stat"
	echo $((fields[13] + fields[14]))
}

# The size of the machine's memory in KiB, from QEMU's notation.
machine_memory_kib()
{
	numfmt --from=iec --to-unit=1024 "$machine_memory"
}

# At the prompt: memory in use, and what an idle machine costs.
bench_prompt()
{
	local qemu console keyboard before seconds=10 line free

	machine_arguments "$machine_cmdline"
	mkfifo "$workspace"/{keyboard,console}
	"${machine[@]}" -display none -monitor none -chardev stdio,id=console,signal=off \
		-serial chardev:console <"$workspace/keyboard" >"$workspace/console" 2>/dev/null &
	qemu=$!
	background=("$qemu")
	exec {keyboard}>"$workspace/keyboard" {console}<"$workspace/console"
	await '# '
	sleep 2
	before=$(processor_ticks "$qemu")
	sleep "$seconds"
	figure idle_cpu "$(awk -v ticks=$(($(processor_ticks "$qemu") - before)) \
		-v rate="$(getconf CLK_TCK)" -v seconds="$seconds" \
		'BEGIN { printf "%.2f", 100 * ticks / rate / seconds }')" '% of a processor'
	echo 'grep MemFree /proc/meminfo; echo "en""d"' >&"$keyboard"
	while IFS= read -rt 60 line <&"$console"; do
		line=${line//$'\r'/}
		case $line in
		MemFree*) free=${line//[^0-9]/} ;;
		end) break ;;
		esac
	done
	# Of all the machine has: kernel image, frame table and firmware's part included.
	figure memory_at_prompt "$(($(machine_memory_kib) - ${free:-0} - \
		$(stat -c %s "$machine_initramfs") / 1024))" KiB
	kill -KILL "$qemu"
	wait "$qemu" 2>/dev/null
	exec {keyboard}>&- {console}<&-
}

bench_operations() # PROGRAM
{
	"$tree/cryptos" exec "${bench_options[@]}" --icount -- "$1" | sed 's/\tns$/\tinstructions/'
	return "${PIPESTATUS[0]}"
}

run_bench()
{
	local -a bench_options=()

	if [[ ${1:-} == sched ]]; then
		# shellcheck source=bench-sched.sh
		source "$tree/tools/run/bench-sched.sh"
		run_bench_sched "${@:2}"
		return
	fi
	if [[ ${1:-} == storage ]]; then
		# shellcheck source=bench-storage.sh
		source "$tree/tools/run/bench-storage.sh"
		run_bench_storage "${@:2}"
		return
	fi
	if [[ ${1:-} == hmfs ]]; then
		# shellcheck source=bench-hmfs.sh
		source "$tree/tools/run/bench-hmfs.sh"
		run_bench_hmfs "${@:2}"
		return
	fi
	if [[ ${1:-} == ui ]]; then
		# shellcheck source=bench-ui.sh
		source "$tree/tools/run/bench-ui.sh"
		run_bench_ui "${@:2}"
		return
	fi
	if [[ ${1:-} == blend ]]; then
		# shellcheck source=bench-blend.sh
		source "$tree/tools/run/bench-blend.sh"
		run_bench_blend "${@:2}"
		return
	fi
	if [[ ${1:-} == acpi ]]; then
		# shellcheck source=bench-acpi.sh
		source "$tree/tools/run/bench-acpi.sh"
		run_bench_acpi "${@:2}"
		return
	fi
	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_bench_help
			return
			;;
		*) machine_take_option "$@" || usage_error "unknown argument \"$1\"" ;;
		esac
		bench_options+=("${@:1:option_length}")
		shift "$option_length"
	done
	machine_prepare
	build_targets bench-programs
	make_workspace
	figure kernel_size "$(stat -Lc %s "$machine_kernel")" bytes
	bench_exec_true
	bench_prompt
	bench_operations "$out/bench/guest" && bench_operations "$out/bench/redox"
}
