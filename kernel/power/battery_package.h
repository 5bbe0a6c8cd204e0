/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What batteries' methods return (ACPI 6.5, 10.2.2): numbers and texts of any quality, made into what the
 * rest of the kernel can rely on. */
#pragma once

#include <power/supply.h>

#include "package.h"

/* _BIX if `extended`, else _BIF. -EIO: it is none. */
int must_check battery_read_information(const struct aml_object *package, bool extended,
					struct supply_information *information);
/* _BST, of a battery with reading->information. `online`: an adapter has current. -EIO. */
int must_check battery_read_status(const struct aml_object *package, bool online,
				   struct supply_reading *reading);
