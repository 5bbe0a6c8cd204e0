/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When memory runs out. Programs that ask get ENOMEM; a page fault cannot be answered so, and
 * somebody has to go. It is the largest process, not whoever happened to fault. Private to proc.
 */
#pragma once

#include <base/types.h>

/* True if a new process would take memory that the running ones need: fork fails a little
 * before everything else does, so that a fork bomb leaves the others alive. */
bool out_of_memory_for_fork(void);

/* A page fault of the current process found no memory: kills the largest process (not the
 * first) and waits a while for its memory. False if the current one is to go. Thread context,
 * no locks. */
bool out_of_memory_relieve(void);
