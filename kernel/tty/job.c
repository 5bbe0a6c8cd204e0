/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Job control: who owns a terminal, and what the others get. */
#include "tty_priv.h"

#include <base/errno.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <proc/terminal.h>

void tty_signal_foreground(struct tty *tty, int signal)
{
	struct signal_info info = { .signal = signal, .code = SIGNAL_KERNEL };
	uint32_t group = tty->foreground;

	if (group)
		(void)signal_send_group(group, &info);
}

void tty_signal_leader(uint32_t session, int signal)
{
	struct process *leader = process_find(session);

	if (!leader)
		return;
	/* The number may be another process's by now. */
	if (leader->session == session)
		signal_send_kernel(leader, signal);
	process_put(leader);
}

int tty_check_background(struct tty *tty, int signal)
{
	struct signal_info info = { .signal = signal, .code = SIGNAL_KERNEL };
	struct process *process = process_current();
	uint32_t foreground = tty->foreground, group = process->group;

	if (process->session != tty->session || foreground == 0 || group == foreground)
		return 0;
	/* A signal that would not stop the process makes reading fail, and lets writing pass. */
	if (signal_is_discarded(signal))
		return signal == SIGTTIN ? -EIO : 0;
	if (process_group_orphaned(group))
		return -EIO;
	(void)signal_send_group(group, &info);
	return -ERESTART;
}

int tty_take(struct tty *tty, bool steal)
{
	struct process *process = process_current();
	uint32_t session = tty->session;
	int error;

	if (process->pid != process->session)
		return -EPERM;
	if (session == process->session)
		return 0;
	if (session) {
		if (!steal || !credentials_privileged(credentials_current()))
			return -EPERM;
		session_clear_terminal(session);
	}
	mutex_lock(&tty->lock);
	/* Another leader may have come first, or the line may be cut. */
	if (tty->hung_up)
		error = -EIO;
	else if (tty->session != session)
		error = -EPERM;
	else
		error = process_set_terminal(tty);
	if (!error) {
		tty->session = process->session;
		tty->foreground = process->group;
	}
	mutex_unlock(&tty->lock);
	return error;
}

int tty_set_foreground(struct tty *tty, uint32_t group)
{
	struct process *process = process_current();
	struct tty *own = process_terminal(process);
	int session, error = 0;

	if (own != tty || tty->session != process->session)
		error = -ENOTTY;
	if (own)
		tty_put(own);
	if (!error)
		error = tty_check_background(tty, SIGTTOU);
	if (error)
		return error;
	if (group > INT32_MAX)
		return -EINVAL;
	session = process_group_session(group);
	if (session < 0)
		return session;
	if ((uint32_t)session != process->session)
		return -EPERM;
	tty->foreground = group;
	return 0;
}

/* The session's leader ended or gave the terminal up. */
static void leader_left(struct tty *tty, uint32_t session, bool ended)
{
	if (tty->session != session)
		return;
	tty_signal_foreground(tty, SIGHUP);
	tty_signal_foreground(tty, SIGCONT);
	mutex_lock(&tty->lock);
	if (tty->session == session) {
		tty->session = 0;
		tty->foreground = 0;
	}
	mutex_unlock(&tty->lock);
	/* Its other programs may go on, but no longer keep the master from seeing the end. */
	if (ended && tty->driver->ends_with_leader)
		tty_cut_off(tty);
}

static uint64_t device_of(struct tty *tty)
{
	return node_device(tty->device.major, tty->device.minor);
}

static uint32_t foreground_of(struct tty *tty)
{
	return tty->foreground;
}

static const struct terminal_ops terminal_ops = {
	.get = tty_get,
	.put = tty_put,
	.leader_left = leader_left,
	.device = device_of,
	.foreground = foreground_of,
};

void tty_job_init(void)
{
	process_set_terminal_ops(&terminal_ops);
}
