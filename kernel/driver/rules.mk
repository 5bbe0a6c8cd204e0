# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/driver/holding.c
# The gate, which tools on the host ask as well.
kernel-sources += lib/drv/src/licence.c lib/drv/src/licence_table.c
unit-sources += lib/drv/test/licence_test.c
