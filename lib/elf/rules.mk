# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += lib/elf/src/load.c lib/elf/src/note.c

unit-sources += lib/elf/test/elf_test.c
