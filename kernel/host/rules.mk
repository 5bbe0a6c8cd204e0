# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/host/,host.c program.c personality.c calls_process.c calls_memory.c calls_thread.c)
kernel-sources += $(addprefix kernel/host/,calls_device.c region.c memory.c dma.c interrupt.c)
kernel-sources += $(addprefix kernel/host/,channel.c ask.c wait.c object.c classes.c)
kernel-sources += $(addprefix kernel/host/,service.c supervise.c watch.c end.c)
kernel-sources += kernel/host/class.c kernel/host/disk.c kernel/host/net.c
