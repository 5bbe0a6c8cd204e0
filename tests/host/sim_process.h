/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes for tests that must not survive; between the C library's headers and the kernel's,
 * which do not go together.
 */
#pragma once

/* Runs run(argument) in a process of its own and returns its exit status, 0 if run() returned,
 * or -1 if a signal ended it. */
int sim_process_run(void (*run)(const void *argument), const void *argument);
/* Ends the calling process. */
_Noreturn void sim_process_exit(int status);
/* An access to memory that is not there ends the calling process with `status`. */
void sim_process_exit_on_fault(int status);
