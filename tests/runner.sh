#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests of ./cryptos itself: runner.sh [TEST...]. Prints "PASS name" or "FAIL name: why".
#
# Each test is a function test_NAME that succeeds; what it prints on stderr is the reason if it
# fails. In it `c` is ./cryptos exec with a short time limit, and $work an empty folder.
#
# shellcheck disable=SC2317 # the tests are called by their names, which are made up at run time

set -u

tree=$(cd "$(dirname "$0")/.." && pwd -P)
cryptos=$tree/cryptos
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT

c()
{
	"$cryptos" exec --timeout 60 "$@"
}

# is WHAT GOT WANTED
is()
{
	[[ $2 == "$3" ]] && return
	echo "$1 is \"$2\", not \"$3\"" >&2
	return 1
}

contains()
{
	[[ $2 == *"$3"* ]] && return
	echo "$1 is \"$2\", without \"$3\"" >&2
	return 1
}

build_program() # NAME OPTION...: the C program on stdin
{
	gcc -O1 -x c - -o "$work/$1" "${@:2}"
}

# --- exec ------------------------------------------------------------------------------------

test_streams_and_status()
{
	local output status

	output=$(c -- /bin/busybox sh -c 'echo out; echo err >&2; exit 42' 2>"$work/errors")
	status=$?
	is stdout "$output" out && is stderr "$(<"$work/errors")" err && is status "$status" 42
}

# The runner hears of the end of the machine and of its ports at the same moment.
test_machine_that_is_killed()
{
	local runner began i

	"$cryptos" exec --timeout 60 --qemu-arg -pidfile --qemu-arg "$work/pid" -- \
		/bin/busybox sh -c 'echo up; sleep 100' >"$work/out" 2>"$work/errors" &
	runner=$!
	for ((i = 0; i < 300; i++)); do
		[[ ! -s $work/out ]] || break
		sleep 0.1
	done
	kill -STOP "$runner"
	kill -KILL "$(<"$work/pid")"
	sleep 1
	began=$SECONDS
	kill -CONT "$runner"
	wait "$runner"
	is status $? 125 && is 'late by so many tens of seconds' $(((SECONDS - began) / 10)) 0
}

test_megabytes_pass_unharmed()
{
	head -c 6000000 /dev/urandom >"$work/in"
	c -- /bin/busybox tee /dev/stderr <"$work/in" >"$work/out" 2>"$work/errors"
	is status $? 0 && cmp "$work/in" "$work/out" >&2 && cmp "$work/in" "$work/errors" >&2
}

test_stdin_ends_alone()
{
	local output

	output=$({ echo a; sleep 3; echo b; } |
		c -- /bin/busybox sh -c 'cat; sleep 0.2; echo after; echo e >&2' 2>&1)
	is output "$output" $'a\nb\nafter\ne' || is output "$output" $'a\nb\ne\nafter'
}

test_closed_streams()
{
	c -- /bin/true <&- && c -- /bin/echo x >&- && c -- /bin/cat </dev/null
}

test_signal_status()
{
	c -- /bin/busybox sh -c 'kill -SEGV $$' >&2
	is status $? 139
}

test_reader_that_goes_away()
{
	local status

	c -- /bin/busybox yes 2>/dev/null | head -n 1 >/dev/null
	status=${PIPESTATUS[0]}
	is status "$status" 141
}

test_host_program()
{
	local output

	build_program hello -static <<-'END'
	#include <stdio.h>
	int main(int count, char **arguments)
	{
		printf("%d %s\n", count, arguments[count - 1]);
		return 7;
	}
	END
	output=$(cd "$work" && c hello 'last  argument')
	is status $? 7 && is stdout "$output" '2 last  argument'
}

test_dynamic_program_is_explained()
{
	local output

	echo 'int main(void) { return 0; }' | build_program dynamic
	output=$(c "$work/dynamic" 2>&1)
	is status $? 127 && contains stderr "$output" 'interpreter'
}

test_missing_program()
{
	local output

	output=$(c no-such-program 2>&1)
	is status $? 127 && contains stderr "$output" 'no such program'
}

test_unfit_programs()
{
	touch "$work/text"
	c "$work/text" 2>/dev/null
	is status $? 126 || return
	c "$work" 2>/dev/null
	is status $? 126 || return
	printf 'no program' >"$work/text"
	chmod +x "$work/text"
	c "$work/text" 2>"$work/errors"
	is status $? 126 && contains stderr "$(<"$work/errors")" 'init: '
}

test_added_files()
{
	local output

	mkdir -p "$work/folder/sub"
	echo one >"$work/folder/sub/a"
	ln -s sub/a "$work/folder/link"
	echo two >"$work/b,c"
	output=$(c --add "$work/folder:/data/x" --add="$work/b,c:/etc/b" -- \
		/bin/busybox cat /data/x/link /etc/b)
	is status $? 0 && is stdout "$output" $'one\ntwo'
}

test_timeout()
{
	local start=$SECONDS

	"$cryptos" exec --timeout 4 -- /bin/sleep 100 2>"$work/errors"
	is status $? 124 && contains stderr "$(<"$work/errors")" 'no end within 4 seconds' &&
		((SECONDS - start < 15))
}

test_panic()
{
	echo | cpio --quiet -o -H newc >"$work/empty" 2>/dev/null
	c --initramfs "$work/empty" -- /bin/true >"$work/out" 2>"$work/errors"
	is status $? 125 && contains stderr "$(<"$work/errors")" 'kernel panic' &&
		is stdout "$(<"$work/out")" ''
}

test_program_ends_machine()
{
	local end

	for end in poweroff:'switched the machine off' 'reboot -f':'had the machine restart' \
		'halt -f':'halted the machine'; do
		# shellcheck disable=SC2086 # words
		c -- /bin/busybox ${end%%:*} >"$work/out" 2>"$work/errors"
		is "status of ${end%%:*}" $? 0 && contains stderr "$(<"$work/errors")" "${end#*:}" &&
			is stdout "$(<"$work/out")" '' || return
	done
}

test_machine_options()
{
	local output

	output=$(c --smp 3 --mem 300M --cmdline 'word other=5' -- /bin/busybox sh -c \
		'nproc; awk "/MemTotal/ { print (\$2 > 200000 && \$2 < 307200) }" /proc/meminfo')
	is stdout "$output" $'3\n1'
}

test_disks_are_attached()
{
	local type

	truncate -s 1M "$work/disk,1"
	for type in ahci nvme usb; do
		set -- "$@" --disk "$type:$work/disk,1"
		cp "$work/disk,1" "$work/disk,2"
	done
	c --disk "ahci:$work/disk,1" --disk "nvme:$work/disk,2" -- /bin/true
	is status $? 0 && c --disk "usb:$work/disk,1" -- /bin/true
	is status $? 0 && c --disk "nvme:$work/disk,1,readonly,sector=4096,hotplug" \
		--disk "ahci:$work/disk,2,hotplug" -- /bin/true
}

test_uefi()
{
	local output

	output=$(c --firmware uefi -- /bin/busybox echo booted)
	is status $? 0 && is stdout "$output" booted
}

test_icount()
{
	c --icount -- /bin/true
}

test_interrupted_runner_cleans_up()
{
	local before after runner

	mkdir "$work/temporary"
	TMPDIR=$work/temporary "$cryptos" exec -- /bin/sleep 100 2>/dev/null &
	runner=$!
	sleep 3
	kill -TERM "$runner"
	wait "$runner"
	is status $? 143 || return
	before=$(ls "$work/temporary")
	after=$(pgrep -f "$work/temporary")
	is 'temporary folder' "$before" '' && is 'left processes' "$after" ''
}

# --- wrong use -------------------------------------------------------------------------------

# refused STATUS WORDS COMMAND...: that status, those words on stderr, nothing on stdout.
refused()
{
	local status=$1 words=$2 output

	shift 2
	output=$("$cryptos" "$@" 2>"$work/errors" </dev/null)
	is "status of $*" $? "$status" && is "stdout of $*" "$output" '' &&
		contains "stderr of $*" "$(<"$work/errors")" "$words"
}

test_wrong_use_is_refused()
{
	refused 2 'usage' &&
		refused 2 'unknown command "biuld"' biuld &&
		refused 2 'unknown option "--fast"' exec --fast -- x &&
		refused 2 'which program' exec &&
		refused 2 'needs a value' exec --smp &&
		refused 2 'takes no value' exec --icount=1 -- x &&
		refused 2 '--smp is a number' exec --smp many -- x &&
		refused 2 '--mem is a size' exec --mem 5Q -- x &&
		refused 2 'uefi or pvh' exec --firmware bios -- x &&
		refused 2 'ahci, nvme or usb' exec --disk floppy:/dev/null -- x &&
		refused 1 'no such disk' exec --disk ahci:/no/such -- x &&
		refused 2 'no AHCI disks' exec --disk ahci:/dev/null,readonly -- x &&
		refused 1 'does not exist' exec --add /no/such:/x -- x &&
		refused 2 'HOST:GUEST' exec --add /etc -- x &&
		refused 2 'linux or redox' exec --abi windows -- x &&
		refused 2 'which mark' brand &&
		refused 2 'redox, linux or none' brand solaris /bin/sh &&
		refused 2 'which file' brand redox &&
		refused 1 'does not exist' brand redox /no/such &&
		refused 1 'not an ELF file' brand redox /etc/passwd &&
		refused 1 'not a file' brand redox /etc &&
		refused 2 'new, build or check' driver &&
		refused 2 'new, build or check' driver make x &&
		refused 2 "a driver's name" driver new a/b "$work" &&
		refused 2 'which sources' driver build &&
		refused 1 'cannot read' driver build /no/such.c &&
		refused 2 'gcc or clang' driver build --compiler tcc x.c &&
		refused 1 'no ELF file' driver check /etc/passwd &&
		refused 1 'no driver to read' exec --driver /no/such.drv -- x &&
		refused 1 'is named NAME.drv' exec --driver /etc/passwd -- x &&
		refused 2 'unknown suite "unti"' test unti &&
		refused 2 'unknown argument' boot fast &&
		refused 1 'there is no display' boot --display window &&
		refused 2 'unknown target' build kernle &&
		refused 1 'has no function "no_such_function"' asm no_such_function &&
		refused 2 'which target' write &&
		refused 1 'there is no /dev/no-such-stick' write /dev/no-such-stick &&
		refused 1 'neither a block device nor' write /dev/null
}

test_help()
{
	local command

	for command in '' build boot exec screenshot brand driver debug asm write test bench; do
		contains "help of \"$command\"" "$("$cryptos" ${command:+"$command"} --help)" \
			"usage: ./cryptos ${command:-COMMAND}" || return
	done
}

# --- Redox programs --------------------------------------------------------------------------

# A program without a mark and without a C library: copies a line from stdin to stdout and exits
# with the number of its arguments.
build_redox_program() # NAME
{
	build_program "$1" -static -ffreestanding -nostdlib -fno-stack-protector <<-'END'
	__asm__(".globl _start\n_start: mov %rsp, %rdi\nand $-16, %rsp\ncall begin\n");
	static long call(long number, long a, void *b, long c)
	{
		long result;
		__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c)
				 : "rcx", "r11", "memory");
		return result;
	}
	void begin(long *stack)
	{
		char line[100];
		call(0x21000004, 1, line, call(0x22000003, 0, line, sizeof(line)));
		call(1, *stack, 0, 0);
	}
	END
}

test_redox_program()
{
	local output

	build_redox_program copy
	cp "$work/copy" "$work/before"
	output=$(echo line | c --abi redox "$work/copy" a 'b c')
	is status $? 3 && is stdout "$output" line && cmp "$work/copy" "$work/before" >&2 || return
	chmod a-w "$work/copy"
	output=$(echo line | c --abi redox --add "$work/copy:/bin/prog" -- /bin/prog 1)
	is status $? 2 && is stdout "$output" line || return
	output=$(echo line | c --abi redox --add "$work/copy:/usr/sbin/prog" -- prog)
	is status $? 1 && is stdout "$output" line || return
	output=$(c --abi redox redox-hello world)
	is status $? 0 && is stdout "$output" 'Hello, world.'
}

test_wrong_abi_is_explained()
{
	local output

	output=$(c --abi linux redox-hello 2>&1)
	is status $? 126 && contains stderr "$output" 'marked as a redox program' || return
	printf '#!/bin/sh\n' >"$work/script"
	chmod +x "$work/script"
	output=$(c --abi redox "$work/script" 2>&1)
	is status $? 126 && contains stderr "$output" 'not an ELF program'
}

test_brand()
{
	local output

	build_redox_program copy
	cp "$work/copy" "$work/before"
	output=$("$cryptos" brand redox "$work/copy")
	is output "$output" "$work/copy: was not marked, is marked redox" || return
	output=$(echo line | c "$work/copy")
	is status $? 1 && is stdout "$output" line || return
	output=$(c --abi linux "$work/copy" 2>&1)
	is status $? 126 && contains stderr "$output" 'marked as a redox' || return
	output=$("$cryptos" brand none "$work/copy" "$work/before")
	is output "$output" "$work/copy: was marked redox, is not marked
$work/before: is not marked already" && cmp "$work/copy" "$work/before" >&2 || return
	"$cryptos" brand linux "$work/copy" /etc/passwd 2>/dev/null # none or all
	is status $? 1 && cmp "$work/copy" "$work/before" >&2
}

# --- drivers that are not of the tree --------------------------------------------------------

# A driver's source is on stdin; building it is refused with the words.
driver_refused() # WORDS
{
	local output

	cat >"$work/odd.c"
	output=$("$cryptos" driver build "$work/odd.c" 2>&1)
	is 'status of driver build' $? 1 && contains 'what it says' "$output" "$1"
}

test_driver()
{
	local output compiler record

	"$cryptos" driver new my-edu "$work" 2>/dev/null || return
	"$cryptos" driver new my-edu "$work" 2>/dev/null && echo 'it is written over' >&2 && return 1
	for compiler in gcc clang; do
		"$cryptos" driver build --compiler "$compiler" "$work/my-edu.c" -o "$work/edu.drv" \
			2>"$work/errors" || { cat "$work/errors" >&2 && return 1; }
		output=$("$cryptos" driver check "$work/edu.drv") || return
		contains "what $compiler made" "$output" 'driver   my-edu 1.0' &&
			contains check "$output" 'in the kernel, or in a driver host: GPL-3.0-or-later' &&
			contains check "$output" 'PCI vendor 1234 device 11e8' || return
	done
	sed 's/"GPL-3.0-or-later"/"LicenseRef-mine"/' "$work/my-edu.c" >"$work/mine.c"
	"$cryptos" driver build "$work/mine.c" && output=$("$cryptos" driver check "$work/mine.drv") &&
		contains check "$output" 'in a driver host only' || return
	record='#include <ddk/driver.h>
		DRIVER(odd) = { .name = "odd", .probe = probe };'
	driver_refused 'needs not_of_the_kit' <<<"#include <ddk/device.h>
		int not_of_the_kit(struct device *);
		static int probe(struct device *device) { return not_of_the_kit(device); }
		$record" &&
		driver_refused 'no record' <<<'int nothing;' &&
		driver_refused 'constructors' <<<"#include <ddk/device.h>
		int begun;
		__attribute__((constructor)) static void early(void) { begun = 1; }
		static int probe(struct device *device) { (void)device; return 0; }
		$record" || return
	output=$(c --driver "$work/edu.drv" -- /bin/busybox cat /lib/drivers/edu.drv | cmp - "$work/edu.drv" 2>&1)
	is 'the file in the guest' "$output" ''
}

# --- the others ------------------------------------------------------------------------------

test_write()
{
	"$cryptos" write "$work/stick" 2>"$work/errors" </dev/null || {
		cat "$work/errors" >&2
		return 1
	}
	[[ $(od -An -tx1 -j510 -N2 "$work/stick") == ' 55 aa' ]] || return
	echo no | "$cryptos" write "$work/stick" 2>"$work/errors"
	is status $? 1 && contains stderr "$(<"$work/errors")" 'nothing was written' &&
		"$cryptos" write --yes --cmdline 'a b' "$work/stick" 2>"$work/errors"
}

test_asm()
{
	local output

	output=$("$cryptos" asm symbol_lookup)
	contains output "$output" '<symbol_lookup>:' && contains output "$output" 'wanted' &&
		contains output "$output" 'ret'
}

test_debug()
{
	local output

	output=$(timeout 60 "$cryptos" debug --log "$work/log" -- -batch -ex 'hbreak symbol_lookup' \
		-ex 'hbreak log_add_sink' -ex continue -ex backtrace 2>&1 </dev/null)
	contains 'what gdb says' "$output" '#0  log_add_sink'
}

# Types at the console of an interactive boot and looks at what comes back.
test_console()
{
	local output

	output=$({
		sleep 8
		printf 'echo $((6*7)) is the answer\n'
		sleep 1
		printf 'sleep 100\n'
		sleep 1
		printf '\003'
		sleep 1
		printf 'echo status $?; tty; exit\n'
		sleep 2
		printf 'echo again; poweroff\n'
		sleep 4
	} | timeout -s KILL 60 "$cryptos" boot --firmware pvh --display serial 2>/dev/null)
	contains console "$output" '42 is the answer' && contains console "$output" 'status 130' &&
		contains console "$output" '/dev/' && contains console "$output" 'again'
}

tests=("$@")
((${#tests[@]} > 0)) || mapfile -t tests < <(compgen -A function test_ | sed 's/^test_//')
status=0
for name in "${tests[@]}"; do
	rm -rf "${work:?}"/*
	if reason=$( ("test_$name") 2>&1 >/dev/null); then
		echo "PASS $name"
	else
		reason=${reason//$'\n'/; }
		echo "FAIL $name: ${reason:0:500}"
		status=1
	fi
done
exit $status
