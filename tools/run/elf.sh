# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The mark in a program that tells which ABI it is for: byte 7 of an ELF file (EI_OSABI), of which
# CryptOS gave one value to Redox, whose programs bear none of their own (abi/redox/flags.h).

declare -A elf_marks=([none]=0 [linux]=3 [redox]=82)

# Prints the mark of a file: none, linux, redox or a number; false if it is no ELF file.
elf_mark() # FILE
{
	local bytes name
	local -a byte

	bytes=$(od -An -v -tu1 -N16 -- "$1" 2>/dev/null) || return
	read -rd '' -a byte <<<"$bytes"
	[[ ${#byte[@]} == 16 && "${byte[*]:0:4}" == '127 69 76 70' ]] || return
	for name in "${!elf_marks[@]}"; do
		((byte[7] == elf_marks[$name])) && echo "$name" && return
	done
	echo "${byte[7]}"
}

# Marks an ELF file. False, with what the system says on stderr, if it cannot be written.
elf_set_mark() # FILE none|linux|redox
{
	# shellcheck disable=SC2059 # the format is the byte
	printf "\\$(printf '%03o' "${elf_marks[$2]}")" |
		dd of="$1" bs=1 seek=7 conv=notrunc status=none
}
