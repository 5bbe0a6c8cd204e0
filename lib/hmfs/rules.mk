# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lists by part: the maps, the space, the volume, objects, contents, checking.
unit-sources += lib/hmfs/test/memory_device.c
kernel-sources += $(addprefix lib/hmfs/src/,newest.c map.c cursor.c)
unit-sources += lib/hmfs/test/newest_test.c
