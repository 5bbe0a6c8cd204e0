# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix lib/drv/src/,layout.c load.c object.c record.c relocation.c symbol.c)

unit-sources += lib/drv/test/image.c lib/drv/test/load_test.c lib/drv/test/damage_test.c
