/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the mock share. */
#pragma once

#include "mock.h"

/* How many the driver holds now. */
extern unsigned mock_locks_held, mock_mutexes_held;
/* What the driver has allocated and not freed. */
extern unsigned mock_allocations;

/* Counts an allocation; true if it is the one that fails (device.fail_after). */
bool mock_allocation_fails(void);

/* Each part starts afresh and checks at the end that nothing is left. */
void mock_start_memory(void);
void mock_finish_memory(void);
void mock_start_time(void);
void mock_finish_time(void);
void mock_start_disks(void);
void mock_finish_disks(void);
void mock_start_displays(void);
void mock_finish_displays(void);
void mock_start_nets(void);
void mock_finish_nets(void);

/* Delivers one interrupt that is raised; false: there is none, or it cannot be taken now. */
bool mock_deliver_one(void);
/* Now and then, with device.preempt: what another CPU might do just here. */
void mock_preempt(void);
