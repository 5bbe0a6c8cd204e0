# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos test: the suites. What a suite runs prints lines "PASS name", "FAIL name: why" and
# "SKIP name: why"; they are shown as "PASS suite name", and counted.

suites=(checks unit model fuzz acpi boot kernel storage hmfs sched guest peer trace drivers ui)
# Suites that leave a processor idle much of the time, and the one that then runs beside each, where
# all are run.
declare -A companions=([boot]=storage [sched]=peer)
# Parts of suites that can be named too.
subsuites=(peer-redox)
tests_passed=0
tests_failed=0

print_test_help()
{
	cat <<'END'
usage: ./cryptos test [OPTION...] [SUITE...]

Runs all suites, or those named. One line per test; the last line is "N passed, N failed". The
exit status is 1 if a test failed.

  checks   static checks: formatting, layering, headers alone, clang, cppcheck, ...
  unit     lib/ and portable kernel parts on this machine, under sanitizers
  model    the scheduler's protocols, as models that spin checks
  fuzz     every parser against random input, a few seconds each
  acpi     the interpreter of ACPI's byte code, compared with ACPICA's; power management in
           the guest
  boot     the UEFI loader and the disk image
  kernel   self tests inside the kernel
  storage  disks and file systems: images read and written, faults, damage, unplugging
  hmfs     the file system HMFS: power cuts, damage, a model, the tools, FUSE
  sched    the scheduler with 1, 2, 4 and 8 CPUs, by the token and by a tick
  guest    programs in the guest, and the runner itself
  peer     Rust programs on the Redox ABI, and the tests of the crate redox_syscall
  trace    tracepoints, and what cryptos trace makes of them
  drivers  drivers in the kernel and in driver hosts: moved, killed, hostile, damaged
  ui       keyboard and screen, as people use them

  --list   names the suites

peer-redox names the part of peer that is about the Redox ABI.
END
}

# report PASS|FAIL|SKIP SUITE NAME [WHY]
report()
{
	printf '%s %s %s%s\n' "$1" "$2" "$3" "${4:+: $4}"
	case $1 in
	PASS) tests_passed=$((tests_passed + 1)) ;;
	FAIL) tests_failed=$((tests_failed + 1)) ;;
	esac
}

# Shows and counts one line of a suite's program; false if it is something else. Sets verdict.
take_line() # SUITE LINE
{
	[[ $2 =~ ^(PASS|FAIL|SKIP)\ ([^ :]+)(:\ (.*))?$ ]] || return
	verdict=${BASH_REMATCH[1]}
	report "$verdict" "$1" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]}"
}

# Runs a program that prints such lines. Lines of other kinds are shown behind a FAIL, and all
# of them if it fails without having said which test failed.
run_lines() # SUITE NAME COMMAND...
{
	local suite=$1 name=$2 line failed=$tests_failed status verdict=
	local -a other=()

	shift 2
	while IFS= read -r line; do
		take_line "$suite" "$line" && continue
		other+=("$line")
		[[ $verdict != FAIL || $line == 'exit status '* ]] || printf '  %s\n' "$line"
	done < <("$@" 2>&1 </dev/null || echo "exit status $?")
	((${#other[@]} > 0)) && [[ ${other[-1]} =~ ^exit\ status\ ([0-9]+)$ ]] || return 0
	status=${BASH_REMATCH[1]}
	((tests_failed > failed)) && return
	report FAIL "$suite" "$name" "status $status"
	printf '  %s\n' "${other[@]: -40}"
}

# Starts such a program, which goes on beside what is run next; its lines come with show_beside.
run_lines_beside() # SUITE NAME COMMAND...
{
	beside=("$1" "$2")
	shift 2
	beside_output=$(mktemp "${TMPDIR:-/tmp}/cryptos.XXXXXX")
	{
		"$@"
		echo "status $?"
	} >"$beside_output" 2>&1 </dev/null &
	beside_process=$!
}

# Waits for it, and shows and counts what it printed.
show_beside()
{
	wait "$beside_process"
	run_lines "${beside[@]}" awk '/^status / { exit $2 } { print }' "$beside_output"
	rm -f "$beside_output"
}

# Runs a command that is one test by itself; its output is shown if it fails.
run_one() # SUITE NAME COMMAND...
{
	local suite=$1 name=$2 output

	shift 2
	if output=$("$@" 2>&1 </dev/null); then
		report PASS "$suite" "$name"
	else
		report FAIL "$suite" "$name" "status $?"
		printf '%s\n' "$output" | tail -n 40 | sed 's/^/  /'
	fi
}

in_tree()
{
	make -s --no-print-directory -C "$tree" -j"$(nproc)" "$@"
}

# --- suites ----------------------------------------------------------------------------------

suite_checks()
{
	local name

	need "${build_tools[@]}" "${image_tools[@]}" clang-format cppcheck shellcheck git libc-static
	for name in $(in_tree list-checks); do
		run_one checks "$name" in_tree "check-$name"
	done
}

suite_unit()
{
	need "${build_tools[@]}" "${image_tools[@]}" sanitizers
	run_one unit build in_tree unit-build
	run_unit_tests
}

# The simulation's, and then the tests of HMFS.
run_sim_and_hmfs() # SUITE...
{
	local status=0

	in_tree sim-test || status=$?
	in_tree unit UNIT_ARGUMENTS="$*" || status=$?
	return "$status"
}

# Those of HMFS take as long as all others.
run_unit_tests()
{
	local suites

	suites=$("$tree/build/host/unit/unit" --list | cut -d. -f1 | sort -u)
	# shellcheck disable=SC2046 # one word for each suite
	run_lines_beside unit hmfs run_sim_and_hmfs $(grep '^hmfs' <<<"$suites")
	run_lines unit unit in_tree unit UNIT_ARGUMENTS="$(grep -v '^hmfs' <<<"$suites" | xargs)"
	show_beside
}

suite_model()
{
	need "${build_tools[@]}" spin
	run_lines model model in_tree model
}

suite_fuzz()
{
	need "${build_tools[@]}" "${image_tools[@]}" # clang first: it names the next
	need clang-sanitizers
	run_one fuzz build in_tree fuzz
	run_lines fuzz fuzz in_tree fuzz-run FUZZ_SECONDS=3
}

suite_acpi()
{
	need "${build_tools[@]}" "${image_tools[@]}" sanitizers python acpica qemu ovmf libc-static
	run_one acpi build in_tree aml-tools aml-tools-test
	run_one acpi build-guest in_tree kernel initramfs loader guest-tests hmfs-tools
	# Machines that sleep, or that tests wait for, leave processors idle.
	run_lines_beside acpi acpi bash "$tree/tests/aml/run.sh"
	run_lines acpi guest bash "$tree/tests/acpi/run.sh"
	show_beside
}

suite_boot()
{
	need "${build_tools[@]}" "${image_tools[@]}" qemu ovmf
	run_one boot build in_tree kernel initramfs image
	run_lines boot loader bash "$tree/tests/boot/run.sh"
}

suite_kernel()
{
	need "${build_tools[@]}" qemu
	run_lines kernel release bash "$tree/tests/kernel.sh" release
	run_lines kernel debug bash "$tree/tests/kernel.sh" debug
	run_lines kernel diagnose bash "$tree/tests/diagnose.sh"
}

suite_storage()
{
	need "${build_tools[@]}" qemu sfdisk dosfstools mtools python
	run_one storage build in_tree kernel initramfs storage-tests
	run_lines storage storage bash "$tree/tests/storage/run.sh"
}

suite_hmfs()
{
	need "${build_tools[@]}" "${hmfs_tools[@]}" sanitizers fio attr
	need qemu
	run_one hmfs build-guest in_tree kernel initramfs hmfs-guest-tests hmfs-tools
	run_one hmfs build-debug in_tree MODE=debug kernel
	run_one hmfs build in_tree hmfs-tests hmfs-tools-test
	run_lines hmfs hmfs bash "$tree/tests/hmfs/run.sh"
}

suite_sched()
{
	need "${build_tools[@]}" qemu
	run_one sched build in_tree kernel initramfs guest-tests bench-programs
	run_one sched build-debug in_tree MODE=debug kernel
	run_lines sched sched bash "$tree/tests/sched.sh"
}

suite_guest()
{
	need "${build_tools[@]}" qemu libc-static
	run_one guest build in_tree kernel initramfs guest-tests
	# A machine rarely keeps two processors busy.
	run_lines_beside guest programs bash "$tree/tests/guest/run.sh" musl glibc shell windows-redox
	run_lines guest programs bash "$tree/tests/guest/run.sh" --but musl glibc shell windows-redox
	show_beside
	run_lines guest runner bash "$tree/tests/runner.sh"
	run_lines guest pci bash "$tree/tests/pci.sh"
}

# Other people's judgement: for the Redox ABI, the crate's tests and programs over the crate.
suite_peer()
{
	suite_peer-redox
}

suite_peer-redox()
{
	local name missing=''

	need "${build_tools[@]}" qemu
	grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release && need "${peer_tools[@]}"
	for name in "${peer_tools[@]}"; do
		have_tool "$name" || missing+=" $name"
	done
	if [[ -n $missing ]]; then
		report SKIP peer redox "needs packages of Debian 12:$missing"
		return
	fi
	run_one peer build in_tree kernel initramfs peer-programs
	run_one peer build-debug in_tree MODE=debug kernel
	run_lines_beside peer redox bash "$tree/tests/peer/run.sh"
	run_lines peer redox-debug bash "$tree/tests/peer/run.sh" --debug
	show_beside
}

suite_trace()
{
	need "${build_tools[@]}" qemu python
	run_one trace build in_tree kernel initramfs
	run_lines trace trace bash "$tree/tests/trace/run.sh"
}

suite_drivers()
{
	need "${build_tools[@]}" qemu python libc-static
	run_one drivers build in_tree kernel initramfs drivers-tests driver-check
	run_lines drivers drivers bash "$tree/tests/drivers/run.sh"
}

suite_ui()
{
	need "${build_tools[@]}" "${image_tools[@]}" qemu ovmf python
	run_one ui build in_tree kernel initramfs loader
	# People are slow: a machine that waits for them keeps no processor busy.
	run_lines_beside ui screen bash "$tree/tests/ui/run.sh" pvh uefi displays
	run_lines ui desktop bash "$tree/tests/ui/run.sh" desktop timing timing-one
	show_beside
}

# What both need is installed and built before they start, as neither can be done twice at a time.
prepare_companions()
{
	need "${build_tools[@]}" "${image_tools[@]}" qemu ovmf sfdisk dosfstools mtools python
	# Where that fails, the suites do, and say so.
	in_tree kernel initramfs image storage-tests guest-tests bench-programs >/dev/null 2>&1 &&
		in_tree MODE=debug kernel >/dev/null 2>&1
}

run_suite() # SUITE
{
	local start=$SECONDS

	"suite_$1"
	say "$1: $((SECONDS - start)) s"
}

# Runs two suites at the same time; the second's lines come when both are done.
run_suites_together() # SUITE SUITE
{
	local output

	prepare_companions
	output=$(mktemp "${TMPDIR:-/tmp}/cryptos.XXXXXX")
	run_suite "$2" >"$output" 2>&1 </dev/null &
	run_suite "$1"
	wait
	cat "$output"
	tests_passed=$((tests_passed + $(grep -c '^PASS ' "$output")))
	tests_failed=$((tests_failed + $(grep -c '^FAIL ' "$output")))
	rm -f "$output"
}

run_all_suites()
{
	local suite

	for suite in "${suites[@]}"; do
		if [[ -n ${companions[$suite]:-} ]]; then
			run_suites_together "$suite" "${companions[$suite]}"
		elif [[ " ${companions[*]} " != *" $suite "* ]]; then
			run_suite "$suite"
		fi
	done
}

run_test()
{
	local suite
	local -a wanted=()

	while (($# > 0)); do
		case $1 in
		-h | --help)
			print_test_help
			return
			;;
		--list)
			printf '%s\n' "${suites[@]}"
			return
			;;
		-*) usage_error "unknown option \"$1\"" ;;
		*)
			[[ " ${suites[*]} ${subsuites[*]} " == *" $1 "* ]] ||
				usage_error "unknown suite \"$1\" (there are: ${suites[*]})"
			wanted+=("$1")
			;;
		esac
		shift
	done
	((${#wanted[@]} > 0)) || run_all_suites
	for suite in "${wanted[@]}"; do
		run_suite "$suite"
	done
	echo "$tests_passed passed, $tests_failed failed"
	((tests_failed == 0))
}
