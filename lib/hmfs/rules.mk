# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lists by part: the maps, the space, the volume, objects, contents, checking.
unit-sources += lib/hmfs/test/memory_device.c
