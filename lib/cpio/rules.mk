# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += lib/cpio/src/cpio.c

unit-sources += lib/cpio/test/cpio_test.c
