#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the initramfs, the same bytes from the same files.
#
#   initramfs.sh OUTPUT BUSYBOX INIT SKELETON [PROGRAM...]
#
# OUTPUT is a newc archive of: BUSYBOX as /bin/busybox with a link for each applet, INIT as
# /sbin/init, the files of the folder SKELETON, each PROGRAM (or link) in /bin, or where programs look
# for them if it is the atlas of a font (*.atlas) or a picture (*.jpg, *.png), and the folders that the
# system mounts things on.
# OUTPUT.list is the list of the paths in it.

set -euo pipefail

if (($# < 4)); then
	echo "usage: initramfs.sh OUTPUT BUSYBOX INIT SKELETON [PROGRAM...]" >&2
	exit 2
fi
output=$1 busybox=$2 init=$3 skeleton=$4
shift 4

if LC_ALL=C readelf -lW "$busybox" | grep -q INTERP; then
	echo "initramfs.sh: $busybox is not static; install busybox-static" >&2
	exit 1
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
umask 022
cd "$stage"
mkdir -p bin sbin usr/bin usr/sbin dev proc sys tmp scheme root etc mnt
chmod 1777 tmp
chmod 0700 root
cd "$OLDPWD"
cp -R "$skeleton/." "$stage"
install -m 0755 "$busybox" "$stage/bin/busybox"
install -s -m 0755 "$init" "$stage/sbin/init"
while read -r applet; do
	[[ $applet == busybox || -e $stage/bin/$applet ]] || echo "$applet"
done < <("$busybox" --list) | (cd "$stage/bin" && xargs -n1 ln -s busybox)
for program; do
	if [[ $program == *.atlas ]]; then
		install -D -m 0644 "$program" "$stage/usr/share/fonts/cryptos/${program##*/}"
	elif [[ $program == *.jpg || $program == *.png ]]; then
		install -D -m 0644 "$program" "$stage/usr/share/pictures/${program##*/}"
	elif [[ -L $program ]]; then # another name of one of the others
		cp -P "$program" "$stage/bin/"
	else
		install -s -m 0755 "$program" "$stage/bin/"
	fi
done

find "$stage" -exec touch -h -d @0 {} +
find "$stage" -mindepth 1 -printf '%P\n' | LC_ALL=C sort >"$stage.list"
(cd "$stage" && cpio --quiet -o -H newc --reproducible -R 0:0) <"$stage.list" >"$output"
sed 's|^|/|' "$stage.list" >"$output.list"
rm -f "$stage.list"
