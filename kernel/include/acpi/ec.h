/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Embedded controllers (ACPI 6.5, chapter 12): small processors that look after batteries, lids, fans and
 * hotkeys. Firmware's methods reach their memory through operation regions; what they want the host to
 * know they say by events, for which firmware has methods _Qxx.
 */
#pragma once

#include <base/types.h>

/* Serves the controller that the ECDT describes, if any, so that initialisation may use it. Called once
 * by acpi_start(), when tables are loaded and nothing is initialised. */
void acpi_ec_start_early(void);
/* Serves all controllers of the name space. Called once by acpi_start(), when devices are listed and
 * events are taken over. Those that come later are found by the drivers' thread. */
void acpi_ec_start(void);
