/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The device tree: finds the machine's devices and gives each to the driver that matches it
 * (ddk/driver.h). docs/drivers.md shows how the parts fit.
 */
#pragma once

struct boot_info;
struct platform;

/* Enumerates the buses that `platform` names and starts drivers, one after the other, in the
 * calling thread. Where no memory is by the map of `boot`, devices may be put. Called once, when
 * work and timers run and before the map is gone; nodes in /dev appear as they come. */
void devices_start(const struct platform *platform, const struct boot_info *boot);
