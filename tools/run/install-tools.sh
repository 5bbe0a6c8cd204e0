# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos install-tools

print_install_tools_help()
{
	cat <<'END'
usage: ./cryptos install-tools [--prefix FOLDER] [--remove]

Builds mkfs.hmfs, fsck.hmfs, hmfs and hmfs-fuse for this machine and installs them into
FOLDER/bin (default: /usr/local for root, ~/.local for others), so that they can be called by
name. docs/hmfs-tools.md tells what they do. Without installing, they are in build/host/bin/.

  --prefix FOLDER  another place
  --remove         removes them from there again
END
}

hmfs_programs=(hmfs mkfs.hmfs fsck.hmfs hmfs-fuse)

# The name has a dash, which functions of other subcommands do not.
run_install-tools()
{
	local prefix='' remove='' folder program

	while (($# > 0)); do
		take_option "$@"
		case $option in
		-h | --help)
			print_install_tools_help
			return
			;;
		--prefix) take_value "$@" && prefix=$value ;;
		--remove) take_no_value && remove=1 ;;
		*) usage_error "unknown argument \"$1\"" ;;
		esac
		shift "$option_length"
	done
	if [[ -z $prefix ]]; then
		((EUID == 0)) && prefix=/usr/local || prefix=$HOME/.local
	fi
	folder=$prefix/bin
	if [[ -n $remove ]]; then
		rm -f "${hmfs_programs[@]/#/$folder/}" || die 1 "cannot remove them from $folder"
		return
	fi
	need "${build_tools[@]}" "${hmfs_tools[@]}"
	build_targets hmfs-tools
	mkdir -p "$folder" || die 1 "cannot make $folder"
	for program in "${hmfs_programs[@]}"; do
		# A program that runs is not overwritten but replaced.
		cp -P --remove-destination "$tree/build/host/bin/$program" "$folder/" ||
			die 1 "cannot install $program into $folder"
	done
	say "installed into $folder: ${hmfs_programs[*]}"
	[[ :$PATH: == *:$folder:* ]] || say "note: $folder is not in PATH"
}
