#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints assembly with the table of the kernel's functions, which backtraces read.
#
#   symbols.sh NM KERNEL.ELF   the functions of KERNEL.ELF, listed with NM
#   symbols.sh                 an empty table, for the first link
#
# The table is section .symbols, from kernel_symbols_start to kernel_symbols_end. It holds
# numbers alone, so it needs no relocation:
#
#   uint32_t count        number of entries
#   uint32_t end          offset of the first byte after the last function
#   count times:          sorted by address, each address once
#     uint32_t address    offset of the function from kernel_image_start
#     uint32_t name       offset of its name from the end of the entries
#   the names, each ended by a zero byte
#
# kernel/main/symbols.c reads it.

set -eu

print_table()
{
	LC_ALL=C awk '
	function hex(text,    value, i) {
		value = 0
		for (i = 1; i <= length(text); i++)
			value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		return value
	}
	# The image is smaller than 4 GiB: the low halves of addresses suffice.
	function low(address) {
		return hex(substr(address, length(address) - 7))
	}
	NF < 3 {
		next
	}
	$NF == "kernel_image_start" {
		base = low($1)
		based = 1
	}
	$(NF - 1) ~ /^[tTwW]$/ {
		size = NF == 4 ? hex($2) : 0
		address = low($1)
		# Of several names for an address the one that has a size is the function.
		if (count == 0 || addresses[count] != address)
			count++
		else if (sizes[count] > 0)
			next
		addresses[count] = address
		sizes[count] = size
		names[count] = $NF
	}
	END {
		if (count > 0 && !based) {
			print "symbols.sh: the kernel has no kernel_image_start" > "/dev/stderr"
			exit 1
		}
		for (i = 1; i <= count; i++) {
			last = addresses[i] - base + (sizes[i] > 0 ? sizes[i] : 1)
			if (last > end)
				end = last
		}
		print "\t.section .symbols, \"a\", @progbits"
		print "\t.balign 8"
		print "\t.globl kernel_symbols_start, kernel_symbols_end"
		print "\t.hidden kernel_symbols_start, kernel_symbols_end"
		print "kernel_symbols_start:"
		printf "\t.long %d, %d\n", count, end
		for (i = 1; i <= count; i++) {
			printf "\t.long %d, %d\n", addresses[i] - base, offset
			offset += length(names[i]) + 1
		}
		for (i = 1; i <= count; i++)
			printf "\t.asciz \"%s\"\n", names[i]
		print "kernel_symbols_end:"
		print "\t.section .note.GNU-stack, \"\", @progbits"
	}'
}

case $# in
0) print_table </dev/null ;;
2)
	list=$("$1" -n -S --defined-only "$2")
	print_table <<-END
	$list
	END
	;;
*)
	echo "usage: symbols.sh [NM KERNEL.ELF]" >&2
	exit 2
	;;
esac
