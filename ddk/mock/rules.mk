# SPDX-License-Identifier: GPL-3.0-or-later

unit-sources += ddk/mock/mock.c ddk/mock/memory.c ddk/mock/pci.c ddk/mock/time.c
unit-sources += ddk/mock/disk.c ddk/mock/input.c ddk/mock/stream.c
unit-sources += ddk/mock/test/disk_test.c
unit-sources += ddk/mock/display.c
unit-sources += ddk/mock/net.c
