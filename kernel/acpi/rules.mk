# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += kernel/acpi/tables.c kernel/acpi/platform.c kernel/acpi/soft_off.c
