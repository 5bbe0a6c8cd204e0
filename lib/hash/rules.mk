# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += lib/hash/src/crc32.c

unit-sources += lib/hash/test/crc32_test.c
