# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos brand: marks programs for one of the ABIs.

# shellcheck source=elf.sh
source "$tree/tools/run/elf.sh"

print_brand_help()
{
	cat <<'END'
usage: ./cryptos brand redox|linux|none FILE...

Marks each FILE, an ELF program, as one for Redox's or for Linux's ABI, for good, or takes the mark
away. CryptOS tells by the mark which of its ABIs a program gets; one without a mark gets Linux's,
unless it tells otherwise itself. Linux and Redox themselves ignore the mark "redox" or "linux".

Says for each FILE what it was and is. The mark is byte 7 of the file, EI_OSABI: 0 (none),
3 (linux) or 0x52 (redox); nothing else is changed. A file that is no ELF file is refused.
`./cryptos exec --abi redox` runs a program without changing it.
END
}

# Says what is wrong, or returns quietly.
brand_check() # FILE
{
	[[ -e $1 ]] || die 1 "$1 does not exist"
	[[ -f $1 ]] || die 1 "$1 is not a file"
	[[ -r $1 ]] || die 1 "no permission to read $1"
	elf_mark "$1" >/dev/null || die 1 "$1 is not an ELF file"
	[[ -w $1 ]] || die 1 "no permission to write $1"
}

# Names a mark for people.
brand_describe() # MARK
{
	case $1 in
	none) echo "not marked" ;;
	linux | redox) echo "marked $1" ;;
	*) echo "marked $1 (of another system)" ;;
	esac
}

run_brand()
{
	local wanted file old

	[[ ${1:-} == -h || ${1:-} == --help ]] && print_brand_help && return
	[[ ${1:-} != -* ]] || usage_error "unknown option \"$1\""
	(($# > 0)) || usage_error "which mark?"
	wanted=$1
	[[ $wanted =~ ^(redox|linux|none)$ ]] ||
		usage_error "a mark is redox, linux or none, not \"$wanted\""
	shift
	[[ ${1:-} == -- ]] && shift
	(($# > 0)) || usage_error "which file?"
	for file; do # all or none
		brand_check "$file"
	done
	for file; do
		old=$(elf_mark "$file")
		if [[ $old == "$wanted" ]]; then
			echo "$file: is $(brand_describe "$wanted") already"
			continue
		fi
		elf_set_mark "$file" "$wanted" || die 1 "cannot write $file"
		echo "$file: was $(brand_describe "$old"), is $(brand_describe "$wanted")"
	done
}
