# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos build

print_build_help()
{
	cat <<'END'
usage: ./cryptos build [--debug-build] [--verbose] [TARGET...]

Builds the kernel, the user programs, the UEFI loader and a bootable disk image into
build/x86_64/release/ (or debug/). TARGETs are those of the Makefile: kernel, initramfs, user,
guest-tests, loader, image, hmfs-tools, clean; without any, all that booting needs, and the
tools of HMFS for this machine, in build/host/bin/ (docs/hmfs-tools.md).

  --debug-build  assertions on, less optimisation: build/x86_64/debug/
  --verbose      show the commands
END
}

run_build()
{
	local -a targets=() options=()

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_build_help
			return
			;;
		--debug-build) take_no_value && set_mode debug ;;
		--verbose) take_no_value && options+=(V=1) ;;
		-*) usage_error "unknown option \"$1\"" ;;
		kernel | initramfs | user | guest-tests | loader | image | hmfs-tools | all | clean)
			targets+=("$1")
			;;
		*) usage_error "unknown target \"$1\"" ;;
		esac
		shift
	done
	need "${build_tools[@]}" "${image_tools[@]}" "${hmfs_tools[@]}"
	make --no-print-directory -C "$tree" -j"$(nproc)" MODE="$mode" "${options[@]}" \
		"${targets[@]}" || die 1 "the build failed"
}
