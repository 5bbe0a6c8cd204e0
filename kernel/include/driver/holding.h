/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What drivers hold for their devices: memory that the device uses, mapped registers, objects of classes. The kit's
 * back end notes each when it is acquired and forgets it when it is released, so that what a driver leaves behind
 * when it has let go of the device is found, told, and released.
 *
 * Interrupts are kept with their device (device->irqs), a driver's own memory with its object (module.h).
 */
#pragma once

#include <base/types.h>

struct device;

enum driver_holding_kind {
	DRIVER_HOLDS_DMA,        /* key: the memory */
	DRIVER_HOLDS_DMA_BUFFER, /* key: the memory */
	DRIVER_HOLDS_REGION,     /* key: the first byte, as mapped */
	DRIVER_HOLDS_CLASS,      /* key: the object; nobody but the driver can release it */
	DRIVER_HOLDINGS,
};

/* Notes it; `key` is not noted yet. Any context, under locks of rank < RANK_SLAB. -ENOMEM. */
int must_check driver_hold(struct device *device, enum driver_holding_kind kind,
			   const volatile void *key, size_t size);
/* Forgets it. The device that it was held for; NULL: it is not noted. Any context. */
struct device *driver_unhold(enum driver_holding_kind kind, const volatile void *key);
/* Releases and tells what is noted for the device, whose driver (`name`) has let go of it: does no DMA, and
 * no interrupt of it is connected. The number of what cannot be released. Thread context. */
unsigned driver_release_holdings(struct device *device, const char *name);
/* How many of a kind are noted for the device. */
unsigned driver_count_holdings(const struct device *device, enum driver_holding_kind kind);
