/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of kernel/power that serve requests. */
#pragma once

#include <power/power.h>

/* Ends all programs but init, which is not up to it: they get SIGTERM, and a while later SIGKILL. */
void power_end_programs(void);
/* Fixed buttons become input devices. */
void power_buttons_start(void);
