/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the alarm of the battery-backed clock and its device. */
#pragma once

#include <power/wall_clock.h>
#include <sched/wait.h>

/* Woken when an alarm has come. */
extern struct wait_queue wall_clock_readers;
/* Whether one has, since this was last asked. */
bool wall_clock_take_alarm(void);

/* clock_device.c: makes the node. */
void wall_clock_device_start(void);
