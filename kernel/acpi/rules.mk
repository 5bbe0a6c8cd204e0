# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += kernel/acpi/tables.c kernel/acpi/platform.c kernel/acpi/soft_off.c

unit-sources += $(addprefix kernel/acpi/,tables.c platform.c soft_off.c test/acpi_test.c)
$(HOST_OUT)/unit/obj/kernel/acpi/%: unit-flags += $(unit-kernel-flags)
