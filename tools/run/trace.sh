# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos trace: exec, with the kernel's tracepoints on. What was recorded leaves the guest on
# two more virtio ports, and tools/trace/convert.py makes something of it.

# shellcheck source=exec.sh
source "$tree/tools/run/exec.sh"

trace_output=trace
trace_kinds=on
trace_records=8192

print_trace_help()
{
	cat <<'END'
usage: ./cryptos trace [OPTION...] [--] PROGRAM [ARGUMENT...]

Runs PROGRAM as `cryptos exec` does, with what the CPUs do meanwhile recorded, and writes

  trace.json   Chrome's trace format: chrome://tracing and ui.perfetto.dev show it
  trace.svg    a picture of who ran where and when
  trace.png    the same, where rsvg-convert is installed
  trace.bin    the records themselves (abi/native/trace.h)

  --output PREFIX     another name than "trace", or a path
  --kinds WORDS       only these: switch wake token fault syscall irq timer ipi block
  --records N         how many each CPU keeps, the latest ones (8192; 16 to 262144)

All options of exec are taken, too (./cryptos exec --help). Exit status: as exec's; 1 if there is
no trace.
END
}

trace_take_option() # "$@", after take_option
{
	local kind

	case $option in
	-h | --help)
		print_trace_help
		exit 0
		;;
	--output)
		take_value "$@"
		[[ -n $value && $value != */ ]] || usage_error "--output is a file's name"
		trace_output=$value
		;;
	--kinds)
		take_value "$@"
		for kind in $value; do
			[[ " switch wake token fault syscall irq timer ipi block " == *" $kind "* ]] ||
				usage_error "no such kind: \"$kind\""
		done
		[[ -n $value ]] || usage_error "--kinds names none"
		trace_kinds=$value
		;;
	--records)
		take_value "$@"
		require_number --records "$value" 16 262144
		trace_records=$value
		;;
	*) exec_take_option "$@" ;;
	esac
}

# Makes the files. They tell more than the program's exit status when the machine went down.
trace_convert()
{
	local trace=$workspace/trace

	[[ -s $trace ]] || return
	cp "$trace" "$trace_output.bin" || die 1 "cannot write $trace_output.bin"
	python3 "$tree/tools/trace/convert.py" --threads "$workspace/threads" \
		--json "$trace_output.json" --svg "$trace_output.svg" "$trace" >"$workspace/said" ||
		die 1 "the trace cannot be converted"
	if command -v rsvg-convert >/dev/null; then
		rsvg-convert "$trace_output.svg" -o "$trace_output.png" ||
			die 1 "cannot make $trace_output.png"
	fi
	say "$trace_output.json, $trace_output.svg: $(<"$workspace/said")"
}

run_trace()
{
	keep_streams_open
	exec_parse trace_take_option "$@"
	{ : >>"$trace_output.json"; } 2>/dev/null || die 1 "cannot write $trace_output.json"
	machine_prepare
	need python
	exec_find_program
	exec_adds+=("$tree/tools/trace/guest.sh" /usr/bin/cryptos-trace)
	exec_command=(/bin/sh /usr/bin/cryptos-trace "$trace_records" "$trace_kinds"
		"${exec_command[@]}")
	exec_ports+=(trace:trace threads:threads)
	exec_set_up
	exec_run_machine
	trace_convert
	if [[ ! -s $workspace/trace ]] && grep -qam1 '^exit' "$workspace/status" 2>/dev/null; then
		die 1 "the machine gave no trace"
	fi
	exec_finish
}
