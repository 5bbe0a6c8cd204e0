#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs as the first program, on a root of HMFS: says what it finds, which depends on what the one before
# left.

grep -q '^[^ ]* / hmfs' /proc/mounts || echo 'no HMFS at /'
if ! touch /root/writable 2>/dev/null; then
	echo 'TESTED read-only'
elif [ -e /root/kept ]; then
	cat /root/kept
	keep /root/work check </root/lines && echo 'TESTED again'
else
	mkdir /root/work
	(keep /root/work 1 | while read -r line; do
		echo "$line" >>/root/lines
	done) &
	sleep 2
	echo kept >/root/kept
	sync
	echo 'TESTED first'
fi
sleep 100
