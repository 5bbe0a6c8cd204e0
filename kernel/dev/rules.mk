# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/dev/device.c kernel/dev/driver.c kernel/dev/licence.c kernel/dev/pci.c \
	kernel/dev/pci_capability.c kernel/dev/pci_config.c kernel/dev/pci_interrupt.c \
	kernel/dev/platform.c
