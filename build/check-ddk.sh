#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Compiles drivers where there is nothing but the driver kit:
#
#   check-ddk.sh CHECK FLAGS NAME: SOURCE... NAME: SOURCE...
#
# A folder gets the kit's headers, those of lib/base that belong to it, and the sources with the headers beside them;
# there each driver is compiled by gcc and by clang with FLAGS, without the system's headers, and what they make is
# given to CHECK, which says what is needed that the kit does not have. What is wrong is printed.
set -u

check=$(realpath "$1")
flags=$2
shift 2
base=(types errno string format checked bits list ring rbtree hash)
work=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The kit, and the library of virtio drivers, which some are made with.
mkdir -p "$work/include/base" "$work/parts"
cp -R ddk/include/ddk drivers/virtio/include/virtio "$work/include"
for name in "${base[@]}"; do
	cp "lib/base/include/base/$name.h" "$work/include/base"
done
cp build/driver.ld "$work"
declare -A sources
names=()
for word; do
	if [[ $word == *: ]]; then
		names+=("${word%:}")
		sources[${word%:}]=
		continue
	fi
	sources[${names[-1]}]+=" $word"
	mkdir -p "$work/${word%/*}"
	cp "$word" "$work/$word"
	cp "${word%/*}"/*.h "$work/${word%/*}" 2>/dev/null
done
cd "$work" || exit 1

compile() # COMPILER NAME
{
	local source object system
	local -a objects=()

	system=$("$1" -print-file-name=include)
	for source in ${sources[$2]}; do
		object=parts/$1-$2-${source//\//_}.o
		# shellcheck disable=SC2086 # they are words
		"$1" $flags -Wall -Wextra -Werror -nostdinc -isystem "$system" -Iinclude -c "$source" \
			-o "$object" || return
		objects+=("$object")
	done
	ld -r -T driver.ld "${objects[@]}" -o "$2-$1.drv" && "$check" --quiet "$2-$1.drv"
}

status=0
for name in "${names[@]}"; do
	compile gcc "$name" >"$name.gcc" 2>&1 &
	other=$!
	compile clang "$name" >"$name.clang" 2>&1 || status=1
	wait "$other" || status=1
	cat "$name.gcc" "$name.clang"
done
exit "$status"
