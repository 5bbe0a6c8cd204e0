/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How proc tells a process's debugger; each does nothing where there is none. Private to proc. */
#pragma once

#include <proc/debugger.h>

/* True: no signal is raised. */
bool debugger_exception(struct user_thread *self, enum trap_kind kind);
/* True: the signal is dropped. */
bool debugger_signal(struct user_thread *self, int signal, uintptr_t handler);
void debugger_ends(struct process *process, int wait_status);
void debugger_cloned(struct process *parent, struct process *child);
void debugger_ended(struct process *process);
