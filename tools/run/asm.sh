# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos asm: the kernel's assembly beside its source.

print_asm_help()
{
	cat <<'END'
usage: ./cryptos asm [--debug-build] [FUNCTION | FILE]...

Shows the kernel's assembly with its source between the instructions: of each FUNCTION (parts
that the compiler split off included), of each FILE (a source file of the kernel or of a driver), or
of all the kernel's.
END
}

# Disassembles the named functions of the kernel, or of drivers.
asm_function() # NAME
{
	local file symbol found=

	for file in "$out/kernel.elf" "$out"/drivers/*.debug; do
		while read -r _ _ symbol; do
			found=1
			objdump -dSl --no-show-raw-insn --disassemble="$symbol" "$file" |
				sed '/^$/N;/^\nDisassembly of section/d'
		done < <(nm --defined-only "$file" |
			awk -v name="$1" '$3 == name || index($3, name ".") == 1' | sort -u -k3)
		[[ -z $found ]] || return 0
	done
	die 1 "the kernel has no function \"$1\" (was it inlined?)"
}

asm_show()
{
	local name file object

	(($# > 0)) || objdump -dS --no-show-raw-insn "$out/kernel.elf"
	for name; do
		if [[ $name != */* && $name != *.[cS] ]]; then
			asm_function "$name"
			continue
		fi
		file=$(realpath -m --relative-to="$tree" "$name")
		for object in "$out"/{,drivers/}obj/{"$file","$name"}.o; do
			[[ ! -f $object ]] || break
		done
		[[ -f $object ]] || die 1 "not a source file of the kernel: $name"
		objdump -dSr --no-show-raw-insn "$object"
	done
}

run_asm()
{
	while [[ ${1:-} == -* ]]; do
		case $1 in
		-h | --help)
			print_asm_help
			return
			;;
		--debug-build) set_mode debug ;;
		*) usage_error "unknown option \"$1\"" ;;
		esac
		shift
	done
	build_talks=1
	need "${build_tools[@]}"
	build_targets kernel
	cd "$tree" || exit # the paths in the debug information start here
	if [[ -t 1 ]]; then
		asm_show "$@" | ${PAGER:-less}
		return "${PIPESTATUS[0]}"
	fi
	asm_show "$@"
}
