/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PM1 control register (ACPI 6.5, 4.8.3.2), which two chips may share. Any context. */
#pragma once

#include <base/types.h>

/* Maps it; false: there is none. Called once, when the tables are listed. */
bool acpi_control_map(void);
/* Has firmware hand the chipset over (SMI_CMD); false: it does not within three seconds. */
bool acpi_control_take_over(void);
/* Tells firmware that the global lock, for which it waits, is free. */
void acpi_control_signal_release(void);
/* Enters the state with these types, of either chip; returns soon, whether it is entered or not. */
void acpi_control_sleep(unsigned type_a, unsigned type_b);
