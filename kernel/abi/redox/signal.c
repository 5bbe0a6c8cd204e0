/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls about signals: what is done with them, which ones wait, and sending. */
#include "redox.h"

#include <limits.h>
#include <proc/process.h>
#include <scheme/credentials.h>

/* kill takes fewer than sigaction. */
#define SIGNAL_SENT_MAX 126
#define SPARED_PID_MAX  2 /* kill(-1) begins behind it */

enum signal_default redox_default_action(int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
		return SIGNAL_DEFAULT_IGNORE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return SIGNAL_DEFAULT_STOP;
	default:
		return SIGNAL_DEFAULT_TERMINATE;
	}
}

/* Sets are two words, the low one first. */
static signal_set_t set_of_words(const uint64_t words[2])
{
	return (signal_set_t)words[1] << 64 | words[0];
}

static void words_of_set(uint64_t words[2], signal_set_t set)
{
	words[0] = (uint64_t)set;
	words[1] = (uint64_t)(set >> 64);
}

/* An optional structure that is read, and one that is written: both, or -EFAULT. */
static int get_and_check(void *to, uint64_t from, uint64_t old, size_t size)
{
	int error = old ? redox_check_user(old, size, true) : 0;

	if (!error && from)
		error = redox_get(to, from, size);
	return error;
}

int64_t redox_sigaction(const struct redox_call *call)
{
	uint64_t signal = call->argument[0], from = call->argument[1], old_at = call->argument[2];
	struct redox_signal_action given;
	struct signal_action action, old;
	int error = get_and_check(&given, from, old_at, sizeof(given));

	if (error)
		return error;
	if (signal < 1 || signal > REDOX_SIGNAL_MAX)
		return -EINVAL;
	if (from)
		action = (struct signal_action){
			.handler = given.handler,
			.flags = given.flags,
			.restorer = call->argument[3],
			.mask = set_of_words(given.mask),
		};
	error = signal_set_action((int)signal, from ? &action : NULL, &old);
	if (error || !old_at)
		return error;
	given.handler = old.handler;
	given.flags = old.flags;
	words_of_set(given.mask, old.mask);
	return redox_put(old_at, &given, sizeof(given));
}

int64_t redox_sigprocmask(const struct redox_call *call)
{
	uint64_t from = call->argument[1], old_at = call->argument[2], words[2];
	signal_set_t old = redox_signal_mask(), set;
	int error = get_and_check(words, from, old_at, sizeof(words));

	if (error)
		return error;
	if (from) {
		set = set_of_words(words);
		switch (call->argument[0]) {
		case REDOX_SIG_BLOCK:
			redox_set_signal_mask(old | set);
			break;
		case REDOX_SIG_UNBLOCK:
			redox_set_signal_mask(old & ~set);
			break;
		case REDOX_SIG_SETMASK:
			redox_set_signal_mask(set);
			break;
		default:
			return -EINVAL;
		}
	}
	if (!old_at)
		return 0;
	words_of_set(words, old);
	return redox_put(old_at, words, sizeof(words));
}

static bool may_signal(struct process *process, int signal)
{
	const struct credentials *own = credentials_current();
	struct credentials *other;
	bool allowed;

	(void)signal;
	if (own->euid == 0)
		return true;
	other = process_credentials(process);
	allowed = own->euid == other->uid || own->uid == other->uid;
	credentials_put(other);
	return allowed;
}

static bool is_spared(const struct process *process)
{
	return process->pid <= SPARED_PID_MAX || process->service;
}

int64_t redox_kill(const struct redox_call *call)
{
	static const struct signal_kill_rules rules = { may_signal, is_spared };
	int64_t pid = (int64_t)call->argument[0];
	struct signal_info info = {
		.signal = (int)call->argument[1],
		.code = SIGNAL_USER,
		.pid = process_current()->pid,
		.uid = credentials_current()->uid,
	};

	if (call->argument[1] > SIGNAL_SENT_MAX)
		return -EINVAL;
	if (pid > INT_MAX || pid < -INT_MAX)
		return -ESRCH;
	return signal_kill_by((int)pid, &info, &rules);
}
