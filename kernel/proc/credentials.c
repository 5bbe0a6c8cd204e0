/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials of processes, and who may do what to whom.
 *
 * They belong to the process; each thread works with those that were in force when its system
 * call began, so that what credentials_current() lends does not vanish meanwhile.
 */
#include "process_private.h"
#include "user_account.h"

#include <scheme/credentials.h>
#include <scheme/scheme.h>

struct credentials *process_credentials(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct credentials *credentials = process->credentials;

	credentials_get(credentials);
	spin_unlock_irqrestore(&process->lock, state);
	return credentials;
}

const struct credentials *credentials_current(void)
{
	return user_thread_current()->credentials;
}

void credentials_replace(struct user_thread *self)
{
	struct credentials *old = self->credentials;

	self->credentials = process_credentials(self->process);
	if (old)
		credentials_put(old);
}

/* Counts the threads of the process for `uid` from now on. Out of memory, the old user's
 * account goes on counting them: setuid must not fail for that. */
static void change_account(struct process *process, uint32_t uid)
{
	struct user_account *account, *old;
	irq_state_t state;

	if (user_account_uid(process->account) == uid)
		return;
	account = user_account_find(uid);
	if (!account)
		return;
	state = spin_lock_irqsave(&process->lock);
	old = process->account;
	user_account_move_threads(old, account, process->thread_count);
	process->account = account;
	spin_unlock_irqrestore(&process->lock, state);
	user_account_put(old);
}

void process_set_credentials(struct credentials *credentials)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	struct credentials *old;
	irq_state_t state = spin_lock_irqsave(&process->lock);

	old = process->credentials;
	process->credentials = credentials;
	/* What a program read as another user is not for the new one to see. */
	if (old->euid != credentials->euid || old->egid != credentials->egid)
		process->dumpable = false;
	spin_unlock_irqrestore(&process->lock, state);
	credentials_put(old);
	change_account(process, credentials->uid);
	credentials_refresh(self);
}

bool process_may_signal(struct process *process, int signal)
{
	struct process *self = process_current();
	const struct credentials *own = credentials_current();
	struct credentials *other;
	bool allowed;

	if (process == self || credentials_privileged(own))
		return true;
	if (signal == SIGCONT && process->session == self->session)
		return true;
	other = process_credentials(process);
	allowed = own->euid == other->suid || own->euid == other->uid || own->uid == other->suid ||
		  own->uid == other->uid;
	credentials_put(other);
	return allowed;
}

static bool same_namespace(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool same = process->namespace == namespace_current();

	spin_unlock_irqrestore(&process->lock, state);
	return same;
}

bool process_may_inspect(struct process *process)
{
	const struct credentials *own = credentials_current();
	struct credentials *other;
	bool allowed;

	/* What another namespace has must not be reached through its processes. */
	if (namespace_confining(namespace_current()) && !same_namespace(process))
		return false;
	if (process == process_current() || credentials_privileged(own))
		return true;
	other = process_credentials(process);
	allowed = process->dumpable && own->fsuid == other->uid && own->fsuid == other->euid &&
		  own->fsuid == other->suid && own->fsgid == other->gid &&
		  own->fsgid == other->egid && own->fsgid == other->sgid;
	credentials_put(other);
	return allowed;
}
