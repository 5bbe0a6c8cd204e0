/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What drivers in the kernel are linked against: the driver kit's exports, and nothing else. */
#include "driver_priv.h"

#include <base/bits.h>
#include <base/format.h>
#include <base/rbtree.h>
#include <base/ring.h>
#include <base/string.h>
#include <ddk/disk.h>
#include <ddk/display.h>
#include <ddk/dma.h>
#include <ddk/driver.h>
#include <ddk/input.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/monitor.h>
#include <ddk/net.h>
#include <ddk/parameter.h>
#include <ddk/pci.h>
#include <ddk/serial.h>
#include <ddk/stream.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>

struct export
{
	const char *name;
	uintptr_t address;
};

#define DDK_EXPORT(major, minor, symbol) { #symbol, (uintptr_t)(symbol) },
#define DDK_EXPORT_OWN(major, minor, symbol)

static const struct export exports[] = {
#include <ddk/exports.def>
};

#undef DDK_EXPORT
#undef DDK_EXPORT_OWN

uintptr_t driver_export_find(const char *name)
{
	for (size_t i = 0; i < array_length(exports); i++)
		if (strcmp(exports[i].name, name) == 0)
			return exports[i].address;
	return 0;
}
