#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The static checks that look at text; run from the root of the tree.
#
#   check-text.sh architecture   no conditionals on the architecture in shared code
#   check-text.sh licence        every text file names its licence
#   check-text.sh paths          no paths of somebody's machine
#   check-text.sh shell          the scripts pass shellcheck

set -euo pipefail

failures=0
fail()
{
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

# What git knows, and new files that it does not ignore.
mapfile -t files < <(git ls-files -co --exclude-standard |
	while read -r file; do [[ -f $file && ! -L $file ]] && echo "$file"; done)

# Where the architecture may be named: its own folders, the loader, SIMD code of libraries,
# programs and tests that run on one.
check_architecture()
{
	local file line

	for file in "${files[@]}"; do
		[[ $file == *.[chS] ]] || continue
		case $file in
		kernel/arch/*/* | kernel/abi/*/x86_64/* | boot/* | lib/*/src/*_x86_64.[cS] | \
			user/* | tests/* | bench/*) continue ;;
		esac
		while read -r line; do
			fail "$file:$line"
		done < <(grep -nE '__(x86_64|amd64|i386|aarch64|riscv)(__)?\b' "$file")
	done
}

# Exempt: the licence itself, files whose format has no comments, data.
check_licence()
{
	local file

	for file in "${files[@]}"; do
		case $file in
		LICENSE | *.md | user/root/etc/* | .gitignore | .gitattributes) continue ;;
		tests/*/corpus/* | *.bdf | *.bin | *.png | *.txt) continue ;;
		esac
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' ||
			fail "$file: no SPDX-License-Identifier in its first three lines"
	done
}

check_paths()
{
	local line

	while read -r line; do
		fail "$line"
	done < <(grep -nIE '(^|[^[:alnum:]_.$}/])/(home/[a-z]|work/|Users/|mnt/[a-z]/)' \
		-- "${files[@]}")
}

check_shell()
{
	local file
	local -a scripts=()

	for file in "${files[@]}"; do
		if [[ $file == *.sh ]] || head -c 64 "$file" | head -n 1 | grep -aq '^#!.*sh'; then
			scripts+=("$file")
		fi
	done
	shellcheck -x -P tools/run "${scripts[@]}" || failures=1
}

case ${1:-} in
architecture | licence | paths | shell) "check_$1" ;;
*)
	echo "usage: check-text.sh architecture | licence | paths | shell" >&2
	exit 2
	;;
esac
((failures == 0))
