# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += ddk/kernel/device.c ddk/kernel/disk.c ddk/kernel/display.c ddk/kernel/input.c ddk/kernel/memory.c \
	ddk/kernel/serial.c ddk/kernel/stream.c ddk/kernel/sync.c
kernel-sources += ddk/kernel/monitor.c
kernel-sources += ddk/kernel/module.c ddk/kernel/parameter.c
kernel-sources += ddk/kernel/net.c
kernel-sources += ddk/kernel/handover_ktest.c
kernel-sources += ddk/kernel/handover_device_ktest.c
kernel-sources += ddk/kernel/transfer.c
