# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The root of the system on HMFS: a volume made of what the initramfs has, which the kernel is told to
# mount instead (root=). The workspace must exist.

root_size_mib=1024 # of a new volume; a sparse file

# Makes IMAGE a volume of all that is in the archives, one over the other.
root_make() # IMAGE MIB ARCHIVE...
{
	local image=$1 size=$2 archive stage=$workspace/root

	shift 2
	build_targets hmfs-tools
	mkdir -p "$stage"
	for archive; do
		(cd "$stage" && cpio --quiet -idmu --no-absolute-filenames) <"$archive" ||
			die 1 "cannot unpack $archive"
	done
	rm -f -- "$image"
	"$tree/build/host/bin/mkfs.hmfs" --quiet --force --root-owner --label cryptos \
		--size "${size}MiB" --from "$stage" "$image" || die 1 "cannot make $image"
	chmod -R u+rwX "$stage" && rm -rf "$stage"
}

# Sets root_uuid to that of the volume in IMAGE. Block 0 begins with "HMFS", the version, and that.
root_find_uuid() # IMAGE
{
	local digits

	[[ $(head -c 4 -- "$1") == HMFS ]] || die 1 "$1 is no HMFS volume"
	digits=$(od -An -v -tx1 -j8 -N16 -- "$1" | tr -d ' \n')
	root_uuid=${digits:0:8}-${digits:8:4}-${digits:12:4}-${digits:16:4}-${digits:20}
}
