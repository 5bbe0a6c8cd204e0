/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Switching off. */
#pragma once

struct platform;

/* Remembers the ports that the FADT names. */
void machine_power_init(const struct platform *platform);
