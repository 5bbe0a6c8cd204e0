/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver's object can need from outside: the kit's list (ddk/exports.def). */
#include <base/bits.h>
#include <base/format.h>
#include <base/rbtree.h>
#include <base/ring.h>
#include <base/string.h>
#include <ddk/disk.h>
#include <ddk/display.h>
#include <ddk/dma.h>
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

#include "kit.h"

static const struct {
	const char *name;
	const void *address;
} exports[] = {
#define DDK_EXPORT(major, minor, name)     { #name, (const void *)&name },
#define DDK_EXPORT_OWN(major, minor, name) DDK_EXPORT(major, minor, name) /* there is one object */
#include <ddk/exports.def>
#undef DDK_EXPORT_OWN
#undef DDK_EXPORT
};

uint64_t kit_find_export(void *context, const char *name)
{
	(void)context;
	for (size_t i = 0; i < array_length(exports); i++) {
		if (strcmp(exports[i].name, name) == 0)
			return (uintptr_t)exports[i].address;
	}
	return 0;
}
