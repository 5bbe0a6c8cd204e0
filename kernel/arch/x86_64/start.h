/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start-up pieces that only the boot path calls. */
#pragma once

#include <base/types.h>

void machine_serial_init(void);
