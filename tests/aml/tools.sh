#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What amlexec and amldump take, print and return. Prints "PASS name" or "FAIL name: why".

set -u

folder=${1:?usage: tools.sh FOLDER-OF-PROGRAMS}
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT

cat >"$work/first.asl" <<'END'
DefinitionBlock ("", "DSDT", 2, "CRYPT", "TOOLS", 1)
{
	External (\SECO, IntObj)
	Name (NUMB, 5)
	Name (TEXT, "a\nb")
	Device (\_SB.DEV0) { Name (PACK, Package () { 1, DEV0, Package () {} }) }
	Method (MAIN) { NUMB++ Debug = "said" Return (NUMB) }
	Method (ECHO, 1) { Return (Arg0) }
	Method (TYPE, 1) { Return (ObjectType (Arg0)) }
	Method (NONE) { }
	Method (LATE) { Return (SECO) }
}
END
cat >"$work/second.asl" <<'END'
DefinitionBlock ("", "SSDT", 2, "CRYPT", "TOOLS2", 1)
{
	Name (SECO, 0x5EC0)
}
END
for name in first second; do
	(cd "$work" && iasl -oa -ve "$name.asl" >/dev/null 2>&1)
done
first=$work/first.aml second=$work/second.aml

# expect NAME STATUS OUTPUT PROGRAM ARGUMENT...
expect()
{
	local name=$1 status=$2 wanted=$3 program=$4 output got

	shift 4
	output=$("$folder/$program" "$@" 2>"$work/said")
	got=$?
	if ((got != status)); then
		echo "FAIL $name: status $got, not $status: $(head -n 1 "$work/said")"
	elif [[ $output != "$wanted" ]]; then
		echo "FAIL $name: ${output//$'\n'/ | }"
	else
		echo "PASS $name"
	fi
}

expect default_method 0 'Integer 0x6' amlexec "$first"
grep -qx 'Debug String "said"' "$work/said" && echo "PASS debug" || echo "FAIL debug: $(<"$work/said")"
expect data 0 'String "a\nb"' amlexec --method TEXT "$first"
expect path 0 'Package 3: [Integer 0x1, Reference \_SB_.DEV0, Package 0: []]' \
	amlexec --method '\_SB.DEV0.PACK' "$first"
expect nothing 0 Nothing amlexec --method NONE "$first"
expect error 1 'Error AE_NOT_FOUND' amlexec --method '\NOPE' "$first"
expect same_machine 0 $'Integer 0x6\nInteger 0x7\nInteger 0x7' \
	amlexec --method MAIN --method MAIN --method NUMB "$first"
expect one_error_of_two 1 $'Error AE_NOT_FOUND\nInteger 0x5' amlexec --method NOPE --method NUMB "$first"
expect two_tables 0 'Integer 0x5EC0' amlexec --method LATE "$first" "$second"
cat "$first" "$second" >"$work/both.aml"
expect two_in_one_file 0 'Integer 0x5EC0' amlexec --method LATE "$work/both.aml"
expect one_is_missing 1 'Error AE_NOT_FOUND' amlexec --method LATE "$first"
expect decimal 0 'Integer 0x2A' amlexec --method ECHO --arg 42 "$first"
expect hexadecimal 0 'Integer 0x2A' amlexec --method ECHO --arg 0x2a "$first"
expect zeros_before 0 'Integer 0xA' amlexec --method ECHO --arg 010 "$first"
expect quoted 0 'String "4\"2"' amlexec --method ECHO --arg '"4\"2"' "$first"
expect bare 0 'String "some text"' amlexec --method ECHO --arg 'some text' "$first"
expect empty 0 'String ""' amlexec --method ECHO --arg '' "$first"
expect buffer 0 'Buffer 3: 01 02 FF' amlexec --method ECHO --arg '(1 02 ff)' "$first"
expect package 0 'Package 3: [Integer 0x1, String "x", Package 1: [Buffer 0:]]' \
	amlexec --method ECHO --arg '[1, "x" [()]]' "$first"
expect own_arguments 0 $'Integer 0x1\nInteger 0x2' \
	amlexec --method ECHO --arg 1 --method ECHO --arg 2 "$first"
expect not_a_number 2 '' amlexec --method ECHO --arg 42x "$first"
expect open_bracket 2 '' amlexec --method ECHO --arg '[1' "$first"
expect too_many_arguments 2 '' amlexec --arg 1 --arg 2 --arg 3 --arg 4 --arg 5 --arg 6 --arg 7 --arg 8 "$first"
expect no_table 2 '' amlexec
expect no_file 2 '' amlexec "$work/none.aml"
expect unknown_option 2 '' amlexec --nonsense "$first"
expect unknown_limit 2 '' amlexec --limit nonsense=1 "$first"

# shows NAME LINE: amldump lists it.
shows()
{
	if "$folder/amldump" "$first" "$second" 2>&1 | grep -qxF -e "$2"; then
		echo "PASS $1"
	else
		echo "FAIL $1: amldump does not list $2"
	fi
}

shows dump_integer '\NUMB Integer 0x5'
shows dump_string '\TEXT String "a\nb"'
shows dump_device '\_SB_.DEV0 Device'
shows dump_package '\_SB_.DEV0.PACK Package 3: [Integer 0x1, Reference \_SB_.DEV0, Package 0: []]'
shows dump_method '\ECHO Method 1'
shows dump_second '\SECO Integer 0x5EC0'
