# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the subcommands of ./cryptos share: messages, packages, building, the workspace.
#
# Everything for people goes to stderr; stdout belongs to the subcommand. The variables that a
# subcommand may read: $tree (the source tree), $out (the build's outputs, after set_mode).

program_name=cryptos
jobs=

say()
{
	printf '%s: %s\n' "$program_name" "$*" >&2
}

# die STATUS MESSAGE...
die()
{
	local status=$1

	shift
	say "$*"
	exit "$status"
}

usage_error()
{
	die 2 "$*; see ./$program_name --help"
}

# Options are "--name value" or "--name=value". take_option "$@" splits the first argument:
# option is "--name", and option_has_value tells whether it brought a value of its own.
# Then `take_value "$@"` gives `value` and `option_length`, the arguments to shift.
take_option()
{
	option=$1
	option_length=1
	option_has_value=
	if [[ $option == --*=* ]]; then
		option_has_value=1
		value=${option#*=}
		option=${option%%=*}
	fi
}

take_value()
{
	[[ -n $option_has_value ]] && return
	(($# >= 2)) || usage_error "option $option needs a value"
	value=$2
	option_length=2
}

take_no_value()
{
	[[ -z $option_has_value ]] || usage_error "option $option takes no value"
}

require_number() # NAME VALUE MINIMUM MAXIMUM
{
	[[ $2 =~ ^[0-9]{1,9}$ ]] && ((10#$2 >= $3 && 10#$2 <= $4)) ||
		usage_error "$1 is a number from $3 to $4, not \"$2\""
}

# --- packages --------------------------------------------------------------------------------

# tool NAME TEST DEBIAN ARCH FEDORA; TEST is a command, or paths (globs) if it begins with a slash.
declare -A tool_test tool_apt tool_pacman tool_dnf
tool()
{
	tool_test[$1]=$2
	tool_apt[$1]=$3
	tool_pacman[$1]=$4
	tool_dnf[$1]=$5
}

tool make make make make make
tool gcc gcc gcc gcc gcc
tool libc '/usr/include/stdio.h' libc6-dev glibc glibc-devel
tool xxhash '/usr/include/xxhash.h' libxxhash-dev xxhash xxhash-devel
tool libc-static '/usr/lib*/libc.a /usr/lib/*/libc.a' libc6-dev glibc glibc-static
tool binutils objcopy binutils binutils binutils
tool musl musl-gcc musl-tools musl 'musl-gcc musl-libc-static'
tool busybox '/bin/busybox /usr/bin/busybox /usr/sbin/busybox' busybox-static busybox busybox
tool cpio cpio cpio cpio cpio
tool find find findutils findutils findutils
tool diff cmp diffutils diffutils diffutils
tool console-font '/usr/share/consolefonts/Uni2-Terminus16.psf.gz
	/usr/share/kbd/consolefonts/default8x16.psfu.gz
	/usr/lib/kbd/consolefonts/default8x16.psfu.gz' console-setup-linux kbd kbd-misc
tool freetype '/usr/include/freetype2/ft2build.h' libfreetype-dev freetype2 freetype-devel
tool vterm /usr/include/vterm.h libvterm-dev libvterm libvterm-devel
tool inter '/usr/share/fonts/opentype/inter/Inter-Regular.otf /usr/share/fonts/inter/Inter*
	/usr/share/fonts/rsms-inter-fonts/Inter*' fonts-inter inter-font rsms-inter-fonts
tool jetbrains-mono '/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf
	/usr/share/fonts/TTF/JetBrainsMono-Regular.ttf
	/usr/share/fonts/jetbrains-mono-fonts/JetBrainsMono-Regular.*' \
	fonts-jetbrains-mono ttf-jetbrains-mono jetbrains-mono-fonts
tool dejavu '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf
	/usr/share/fonts/TTF/DejaVuSansMono.ttf
	/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf' \
	fonts-dejavu-core ttf-dejavu 'dejavu-sans-fonts dejavu-sans-mono-fonts'
tool stb '/usr/include/stb/stb_image.h' libstb-dev stb stb_image-devel
tool gnu-efi '/usr/include/efi/efi.h' gnu-efi gnu-efi gnu-efi-devel
tool mtools mcopy mtools mtools mtools
tool dosfstools mkfs.fat dosfstools dosfstools dosfstools
tool e2fsprogs mkfs.ext4 e2fsprogs e2fsprogs e2fsprogs
tool btrfs-progs mkfs.btrfs btrfs-progs btrfs-progs btrfs-progs
tool sfdisk sfdisk fdisk util-linux util-linux-core
tool lld lld-link lld lld lld
tool rustc /usr/bin/rustc rustc - -
tool rust-src /usr/src/rustc-1.63.0/library/core/src/lib.rs rust-src - -
tool redox-crate '/usr/share/cargo/registry/redox_syscall-0.2.*/src/tests.rs' \
	librust-redox-syscall-dev - -
tool qemu qemu-system-x86_64 qemu-system-x86 qemu-system-x86 qemu-system-x86-core
tool ovmf '/usr/share/OVMF/OVMF_CODE*.fd /usr/share/edk2/x64/OVMF_CODE*.fd
	/usr/share/edk2-ovmf/x64/OVMF_CODE*.fd /usr/share/edk2/ovmf/OVMF_CODE*.fd' \
	ovmf edk2-ovmf edk2-ovmf
tool gdb gdb gdb gdb gdb
tool clang clang clang clang clang
tool sanitizers '/usr/lib/gcc/x86_64*/*/libasan.so /usr/lib/libasan.so /usr/lib64/libasan.so*' \
	libgcc-12-dev gcc-libs 'libasan libubsan'
tool clang-sanitizers '/usr/lib*/llvm*/lib/clang/*/lib/*/libclang_rt.fuzzer*.a
	/usr/lib*/clang/*/lib/*/libclang_rt.fuzzer*.a' \
	libclang-rt-CLANG-dev compiler-rt compiler-rt
tool clang-format clang-format clang-format clang clang-tools-extra
tool cppcheck cppcheck cppcheck cppcheck cppcheck
tool spin spin spin spin spin
tool shellcheck shellcheck shellcheck shellcheck ShellCheck
tool git git git git git
tool lsblk lsblk util-linux util-linux util-linux
tool python python3 python3 python python3
tool pkg-config pkg-config pkg-config pkgconf pkgconf-pkg-config
tool pixman '/usr/include/pixman-1/pixman.h' libpixman-1-dev pixman pixman-devel
tool libfuse /usr/include/fuse3/fuse_lowlevel.h libfuse3-dev fuse3 fuse3-devel
tool fuse fusermount3 fuse3 fuse3 fuse3
tool fio fio fio fio fio
tool acpica acpiexec acpica-tools acpica acpica-tools
tool acpi acpi acpi acpi acpi
tool sensors sensors lm-sensors lm_sensors lm_sensors
tool attr getfattr attr attr attr

have_tool()
{
	local pattern

	if [[ ${tool_test[$1]} != /* ]]; then
		# What only root's PATH holds counts too.
		command -v "${tool_test[$1]}" >/dev/null || [[ -x /usr/sbin/${tool_test[$1]} ]]
		return
	fi
	for pattern in ${tool_test[$1]}; do
		compgen -G "$pattern" >/dev/null && return
	done
	return 1
}

as_root()
{
	if ((EUID == 0)); then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die 1 "needs root for: $* (and there is no sudo)"
	fi
}

install_packages() # MANAGER PACKAGE...
{
	local manager=$1 log

	shift
	say "installing with $manager: $*"
	case $manager in
	apt-get)
		log=$({ as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "$@"; } 2>&1 </dev/null)
		;;
	pacman) log=$(as_root pacman -Sy --needed --noconfirm "$@" 2>&1 </dev/null) ;;
	dnf) log=$(as_root dnf install -y "$@" 2>&1 </dev/null) ;;
	esac || {
		printf '%s\n' "$log" | tail -n 20 >&2
		die 1 "cannot install: $*"
	}
}

# need TOOL...: installs those that are missing.
need()
{
	local name manager
	local -a missing=() packages=()
	local -n names=tool_apt

	for name; do
		have_tool "$name" || missing+=("$name")
	done
	((${#missing[@]} == 0)) && return
	for manager in apt-get pacman dnf none; do
		command -v "$manager" >/dev/null && break
	done
	case $manager in
	none) die 1 "missing: ${missing[*]}; install them (I know apt-get, pacman and dnf)" ;;
	pacman) local -n names=tool_pacman ;;
	dnf) local -n names=tool_dnf ;;
	esac
	for name in "${missing[@]}"; do
		# shellcheck disable=SC2206 # several packages may be named
		packages+=(${names[$name]})
	done
	# Debian names this one after clang's version.
	if [[ " ${packages[*]} " == *-CLANG-* ]] && command -v clang >/dev/null; then
		name=$(clang -dumpversion)
		packages=("${packages[@]/-CLANG-/-${name%%.*}-}")
	fi
	install_packages "$manager" "${packages[@]}"
	hash -r
	for name in "${missing[@]}"; do
		have_tool "$name" || die 1 "$name is still missing after installing ${names[$name]}"
	done
}

# --- building --------------------------------------------------------------------------------

build_tools=(make gcc libc xxhash binutils musl busybox cpio find diff console-font)
build_tools+=(pkg-config freetype inter jetbrains-mono dejavu)
build_tools+=(stb)
build_tools+=(vterm)
hmfs_tools=(pkg-config libfuse fuse)
peer_tools=(lld rustc rust-src redox-crate)
image_tools=(clang lld gnu-efi mtools dosfstools sfdisk)

set_mode() # release|debug
{
	mode=$1
	out=$tree/build/x86_64/$mode
}
set_mode release

[[ ${HOSTTYPE:-} == x86_64 ]] || die 1 "builds and runs on x86_64 Linux only, not on $HOSTTYPE"

# build_targets TARGET...: silent unless it fails, or with build_talks set.
build_talks=
build_targets()
{
	local log lock
	local -a make_command

	[[ -n $jobs ]] || jobs=$(nproc)
	mkdir -p "$tree/build/host" 2>/dev/null && { exec {lock}>"$tree/build/host/lock"; } \
		2>/dev/null || die 1 "cannot write to $tree/build: no permission?"
	flock "$lock"
	make_command=(make --no-print-directory -C "$tree" -j"$jobs" MODE="$mode")
	if [[ -n $build_talks ]]; then
		"${make_command[@]}" "$@" 2>&1 | { grep -v ': Nothing to be done for' >&2 || true; }
		((PIPESTATUS[0] == 0)) || die 1 "the build failed"
	elif ! log=$("${make_command[@]}" -s "$@" 2>&1); then
		printf '%s\n' "$log" >&2
		die 1 "the build failed"
	fi
	exec {lock}>&-
}

# --- workspace -------------------------------------------------------------------------------

# A private folder, removed when the script ends; and processes to end with it.
workspace=
background=()

clean_up()
{
	local process

	for process in "${background[@]}"; do
		kill -KILL "$process"
		wait "$process"
	done
	[[ -n $workspace ]] && rm -rf "$workspace"
} 2>/dev/null

make_workspace()
{
	workspace=$(mktemp -d "${TMPDIR:-/tmp}/cryptos.XXXXXX") ||
		die 1 "cannot make a folder in ${TMPDIR:-/tmp}"
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# Streams that the caller has closed would be reused for other files.
keep_streams_open()
{
	[[ -e /proc/self/fd/0 ]] || exec 0</dev/null
	[[ -e /proc/self/fd/1 ]] || exec 1>/dev/null
	[[ -e /proc/self/fd/2 ]] || exec 2>/dev/null
}
