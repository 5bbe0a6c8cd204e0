/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deferred work: functions that interrupt handlers and others want run soon in a thread, where
 * they may sleep. One work never runs twice at the same time.
 */
#pragma once

#include <base/types.h>

struct ddk_work {
	void (*run)(struct ddk_work *work);
	uint64_t opaque[6];
};

void ddk_work_init(struct ddk_work *work, void (*run)(struct ddk_work *work));
/* Queues it unless it is queued already and has not begun. Any context. */
void ddk_work_queue(struct ddk_work *work);
/* Waits until it is neither queued nor running. Thread context, not from the work itself. */
void ddk_work_flush(struct ddk_work *work);
