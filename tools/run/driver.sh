# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos driver: drivers that are no part of this tree.

print_driver_help()
{
	cat <<'END'
usage: ./cryptos driver new NAME FOLDER
       ./cryptos driver build [OPTION...] FILE.c... [-o NAME.drv]
       ./cryptos driver check FILE.drv...

new    makes FOLDER/NAME.c, a small driver to begin with.

build  compiles sources against the driver kit and links them into one object, by default named
       after the first source. The object is then checked.
         -o FILE            the object
         --compiler WHICH   gcc (the default) or clang
         -I..., -D..., -W..., -O..., -std=...
                            are passed to the compiler

check  says what the record of an object tells; where it may run, by its licence, and why; and
       whether it needs something that the kit does not have. Exit status 1 if it cannot be loaded.

docs/ddk.md leads from an empty file to a driver that works. `./cryptos exec --driver FILE.drv` and
`./cryptos boot --driver FILE.drv` put objects into the machine.
END
}

# The driver to begin with, for QEMU's device for learners.
driver_print_new() # NAME
{
	local symbol=${1//-/_}

	sed -e "s/NAME/$1/g" -e "s/SYMBOL/$symbol/g" <<'END'
/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAME: finds QEMU's edu device, and says so. */
#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/io.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#define IDENTIFICATION 0x00 /* 0xRRrr00ed: major and minor version, and what it is */

struct SYMBOL {
	struct device *device;
	struct ddk_region registers;
};

static int SYMBOL_probe(struct device *device)
{
	struct SYMBOL *state = ddk_allocate(sizeof(*state));
	uint32_t identification;
	int error;

	if (!state)
		return -ENOMEM;
	state->device = device;
	error = ddk_region_map(device, 0, 0, 0, DDK_REGION_UNCACHED, &state->registers);
	if (error) {
		ddk_free(state);
		return error;
	}
	identification = ddk_read32(&state->registers, IDENTIFICATION);
	if ((identification & 0xff) != 0xed) {
		ddk_region_unmap(&state->registers);
		ddk_free(state);
		return -ENODEV;
	}
	ddk_device_set_state(device, state);
	ddk_info(device, "edu %u.%u", identification >> 24, identification >> 16 & 0xff);
	return 0;
}

static void SYMBOL_remove(struct device *device)
{
	struct SYMBOL *state = ddk_device_state(device);

	ddk_region_unmap(&state->registers);
	ddk_device_set_state(device, NULL);
	ddk_free(state);
}

static const struct driver_match SYMBOL_matches[] = {
	MATCH_PCI(0x1234, 0x11e8),
};

DRIVER(SYMBOL) = {
	.name = "NAME",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = SYMBOL_matches,
	.match_count = array_length(SYMBOL_matches),
	.probe = SYMBOL_probe,
	.remove = SYMBOL_remove,
};
END
}

driver_new() # NAME FOLDER
{
	local name=${1:-} folder=${2:-}

	(($# == 2)) || usage_error "new takes a name and a folder"
	[[ $name =~ ^[A-Za-z][A-Za-z0-9_-]{0,30}$ ]] ||
		usage_error "a driver's name is up to 31 letters, digits, '_' and '-', and begins with a letter"
	mkdir -p "$folder" || die 1 "cannot make $folder"
	[[ ! -e $folder/$name.c ]] || die 1 "$folder/$name.c is there already"
	driver_print_new "$name" >"$folder/$name.c" || die 1 "cannot write $folder/$name.c"
	say "$folder/$name.c; build it: ./cryptos driver build $folder/$name.c -o $folder/$name.drv"
}

driver_build()
{
	local compiler=gcc object='' source flags number=0
	local -a sources=() passed=() parts=()

	while (($# > 0)); do
		case $1 in
		-o)
			(($# >= 2)) || usage_error "-o needs a file"
			object=$2
			shift
			;;
		-I | -D | -include)
			(($# >= 2)) || usage_error "$1 needs a value"
			passed+=("$1" "$2")
			shift
			;;
		-I* | -D* | -W* | -O* | -std=*) passed+=("$1") ;;
		--compiler | --compiler=*)
			take_option "$@"
			take_value "$@"
			[[ $value == gcc || $value == clang ]] ||
				usage_error "--compiler is gcc or clang, not \"$value\""
			compiler=$value
			shift "$((option_length - 1))"
			;;
		-*) usage_error "unknown option \"$1\"" ;;
		*.c | *.S | *.o) sources+=("$1") ;;
		*) usage_error "not a source: \"$1\" (NAME.c)" ;;
		esac
		shift
	done
	((${#sources[@]} > 0)) || usage_error "which sources?"
	: "${object:=${sources[0]%.*}.drv}"
	need "${build_tools[@]}"
	[[ $compiler == gcc ]] || need clang
	for source in "${sources[@]}"; do
		[[ -r $source ]] || die 1 "cannot read $source"
	done
	build_targets driver-check
	flags=$(make --no-print-directory -s -C "$tree" driver-flags) || die 1 "make driver-flags failed"
	make_workspace
	for source in "${sources[@]}"; do
		number=$((number + 1))
		parts+=("$workspace/$number.o")
		if [[ $source == *.o ]]; then
			cp "$source" "$workspace/$number.o" || die 1 "cannot read $source"
			continue
		fi
		# shellcheck disable=SC2086 # they are words
		"$compiler" $flags -Wall -Wextra -I"$tree/ddk/include" -I"$tree/lib/base/include" \
			-I"$tree/drivers/virtio/include" "${passed[@]}" -c "$source" \
			-o "$workspace/$number.o" >&2 || die 1 "$source cannot be compiled"
	done
	ld -r -T "$tree/build/driver.ld" "${parts[@]}" -o "$workspace/object" >&2 &&
		objcopy --strip-debug "$workspace/object" >&2 || die 1 "the parts cannot be linked"
	cp "$workspace/object" "$object" || die 1 "cannot write $object"
	"$tree/build/host/bin/driver-check" --quiet "$object" >&2 || die 1 "$object cannot be loaded"
}

driver_check()
{
	(($# > 0)) || usage_error "which objects?"
	need "${build_tools[@]}"
	build_targets driver-check
	"$tree/build/host/bin/driver-check" "$@"
}

run_driver()
{
	local what=${1:-}

	[[ -n $what ]] || usage_error "new, build or check?"
	shift
	[[ ${1:-} != -h && ${1:-} != --help ]] || what=--help
	case $what in
	-h | --help) print_driver_help ;;
	new) driver_new "$@" ;;
	build) driver_build "$@" ;;
	check) driver_check "$@" ;;
	*) usage_error "new, build or check, not \"$what\"" ;;
	esac
}
