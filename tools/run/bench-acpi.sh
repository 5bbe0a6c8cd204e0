# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos bench acpi: what firmware's byte code costs.

print_bench_acpi_help()
{
	cat <<'END'
usage: ./cryptos bench acpi

Boots QEMU's q35 with --icount, where an instruction takes a nanosecond, and prints
"name<tab>value<tab>unit" lines:

  load                the tables loaded and initialised, all devices found
  load_operations     operations of the interpreter in that
  load_per_operation  instructions for each
  NAME                instructions for an operation in a loop of bench/acpi.asl: numbers, names,
                      calls, elements, registers, strings
  code                the interpreter's part of the kernel
END
}

# Runs in the guest: prints lines of the statistics, then for each method its time and operations.
bench_acpi_script()
{
	cat <<'END'
operations() { sed -n 's/^operations //p' /scheme/acpi/statistics; }
cat /scheme/acpi/statistics
for method in ADDS NAMS CALS ELEM REGS TEXT; do
	exec 3<>/scheme/acpi/namespace/_SB_/BNCH/$method
	before=$(operations)
	echo >&3
	read -r type value <&3
	echo $method $((value)) $(($(operations) - before))
done
END
}

bench_acpi_figures() # reads what the guest printed
{
	local name value operations load=0
	local -A names=([ADDS]=numbers [NAMS]=names [CALS]=calls [ELEM]=elements [REGS]=registers
		[TEXT]=strings)

	while read -r name value operations; do
		case $name in
		load_ns)
			load=$value
			figure load $((value / 1000)) us
			;;
		load_operations)
			figure load_operations "$value" operations
			figure load_per_operation $((load / value)) instructions
			;;
		[A-Z]*) figure "${names[$name]}" $((value * 100 / operations)) instructions ;;
		esac
	done
}

run_bench_acpi()
{
	if (($# > 0)); then
		[[ $1 == -h || $1 == --help ]] || usage_error "unknown argument \"$1\""
		print_bench_acpi_help
		return
	fi
	need "${build_tools[@]}" qemu acpica
	build_targets kernel initramfs
	make_workspace
	iasl -va -p "$workspace/bench" "$tree/bench/acpi.asl" >"$workspace/iasl" 2>&1 ||
		die 1 "iasl: $(tail -n 5 "$workspace/iasl")"
	bench_acpi_script >"$workspace/script"
	"$tree/cryptos" exec --icount --qemu-arg -acpitable --qemu-arg "file=$workspace/bench.aml" \
		--add "$workspace/script:/script" --log "$workspace/log" -- /bin/busybox sh /script \
		>"$workspace/figures" || die 1 "the machine does not run: $(tail -n 3 "$workspace/log")"
	bench_acpi_figures <"$workspace/figures"
	figure code "$(size -t "$out"/obj/lib/aml/src/*.o | awk 'END { print $1 + $2 }')" bytes
}
