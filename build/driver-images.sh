#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints assembly that holds driver objects, with their table (kernel/include/driver/image.h):
#
#   driver-images.sh FILE.drv...
set -eu

number=0
echo '	.section .rodata.driver_images, "a", @progbits'
for file; do
	name=${file##*/}
	printf '\t.balign 16\nbytes%d:\n\t.incbin "%s"\nend%d:\n' "$number" "$file" "$number"
	printf 'name%d:\n\t.asciz "%s"\n' "$number" "${name%.drv}"
	number=$((number + 1))
done
cat <<'END'
	.section .data.rel.ro.driver_images, "aw", @progbits
	.balign 8
	.globl driver_images, driver_image_count
	.hidden driver_images, driver_image_count
driver_images:
END
i=0
while [ "$i" -lt "$number" ]; do
	printf '\t.quad name%d, bytes%d, end%d - bytes%d\n' "$i" "$i" "$i" "$i"
	i=$((i + 1))
done
printf 'driver_image_count:\n\t.quad %d\n' "$number"
echo '	.section .note.GNU-stack, "", @progbits'
