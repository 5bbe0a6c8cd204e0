/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Event counters (eventfd): a number that writing adds to and reading takes, 8 bytes at a time.
 * Readable when it is not 0; writing waits where it would overflow.
 */
#pragma once

#include <scheme/file.h>

/* `semaphore`: reading takes 1 rather than all. -ENOMEM. */
int must_check event_counter_create(uint64_t initial, bool semaphore, unsigned flags,
				    const struct credentials *credentials, struct file **file);
