/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up pieces that only the boot path calls. */
#pragma once

#include <base/types.h>

struct boot_info;

void machine_serial_init(void);
/* Notes what waking depends on. */
void machine_suspend_init(const struct boot_info *info);
