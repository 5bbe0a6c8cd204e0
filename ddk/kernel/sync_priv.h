/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers and works of drivers as the kernel has them: each lies in the opaque part of the driver's storage. */
#pragma once

#include <base/list.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <sched/work.h>
#include <time/timer.h>

/* What the kernel calls: run the driver's function. */
void ddk_expire_timer(struct timer *timer);
void ddk_run_work(struct work *work);

static inline struct ddk_timer *ddk_timer_of(const struct timer *timer)
{
	return container_of((uint64_t *)timer, struct ddk_timer, opaque[0]);
}

static inline struct ddk_work *ddk_work_of(const struct work *work)
{
	return container_of((uint64_t *)work, struct ddk_work, opaque[0]);
}
