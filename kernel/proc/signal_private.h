/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the signal code share. Private to proc.
 *
 * Functions with _locked need process->lock, which is always taken with interrupts off.
 */
#pragma once

#include <proc/signal.h>

struct arch_registers;
struct process;
struct user_thread;

#define SIGNALS_STOP \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

enum signal_default signal_default_action(const struct process *process, int signal);

/* signal_queue.c: one set of pending signals. */
void signal_pending_init(struct signal_pending *pending);
/* Adds; with `account` NULL or full (`limit`), the information is lost but the signal kept,
 * where `must_queue` does not forbid that (-EAGAIN). */
int signal_pending_add(struct signal_pending *pending, const struct signal_info *info,
		       struct user_account *account, uint64_t limit, bool must_queue);
/* Drops all signals of `set`. */
void signal_pending_discard(struct signal_pending *pending, signal_set_t set);
/* The one out of `set` that is delivered first, 0 if it is empty. */
int signal_pick(signal_set_t set);
/* Takes `signal`, which is pending, out. */
void signal_pending_take(struct signal_pending *pending, int signal, struct signal_info *info);

/* signal_send.c */
int signal_send_locked(struct process *process, struct user_thread *target,
		       const struct signal_info *info);
/* Takes the next one of `set` pending for the current thread; 0: none. */
int signal_take_locked(struct user_thread *self, signal_set_t set, struct signal_info *info);
/* Wakes other threads for signals of the process in `set` that `self` will not take. */
void signal_retarget_locked(struct user_thread *self, signal_set_t set);
/* True if the thread has to look in trap_return_to_user(). */
bool user_thread_has_work_locked(const struct user_thread *thread);
/* Sets thread.interrupted to what is true; of the current thread. */
void signal_recompute_locked(struct user_thread *self);
void signal_read_action(struct process *process, int signal, struct signal_action *action);

/* signal_stop.c */
/* Discards what `signal` (a stop signal or SIGCONT) undoes, and lets SIGCONT take effect. */
void signal_prepare_locked(struct process *process, int signal);
/* A stop signal's default action, in the current thread. */
void signal_stop_process(struct user_thread *self, int signal);
/* Sleeps while the process is stopped. */
void signal_stop_here(struct user_thread *self);
/* After a thread has left: have now all others stopped? */
bool signal_stop_complete_locked(struct process *process);
void signal_report_stop(struct process *process);
/* Ends the stop of every thread and interrupts it, so that it leaves. */
void signal_release_all_locked(struct process *process);
