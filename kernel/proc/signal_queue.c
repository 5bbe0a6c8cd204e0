/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of pending signals, with what is known of each. */
#include "signal_private.h"
#include "user_account.h"

#include <base/bits.h>
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <proc/personality.h>
#include <proc/process.h>

/* Signals of faults go before others, so that a handler sees the registers of the fault. */
#define SIGNALS_SYNCHRONOUS                                                                    \
	(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGTRAP) | \
	 signal_bit(SIGFPE) | signal_bit(SIGSYS))

enum signal_default signal_default_action(const struct process *process, int signal)
{
	const struct personality *personality = process->personality;

	if (personality && personality->default_action)
		return personality->default_action(signal);
	switch (signal) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
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

void signal_pending_init(struct signal_pending *pending)
{
	pending->set = 0;
	list_init(&pending->queue);
}

static void entry_free(struct signal_entry *entry)
{
	user_account_drop_signal(entry->account);
	user_account_put(entry->account);
	kfree(entry);
}

static struct signal_entry *entry_create(struct user_account *account, uint64_t limit)
{
	struct signal_entry *entry;

	if (!account || !user_account_add_signal(account, limit))
		return NULL;
	entry = kmalloc(sizeof(*entry));
	if (!entry) {
		user_account_drop_signal(account);
		return NULL;
	}
	user_account_get(account);
	entry->account = account;
	list_node_init(&entry->node);
	return entry;
}

/* A timer's signal that is still pending counts further expirations instead of queueing. */
static bool merge_timer(struct signal_pending *pending, const struct signal_info *info)
{
	struct list_node *node;

	if (info->code != SIGNAL_TIMER)
		return false;
	list_for_each (node, &pending->queue) {
		struct signal_entry *entry = container_of(node, struct signal_entry, node);

		if (entry->info.code == SIGNAL_TIMER && entry->info.signal == info->signal &&
		    entry->info.timer_id == info->timer_id) {
			entry->info.overrun += info->overrun + 1;
			return true;
		}
	}
	return false;
}

int signal_pending_add(struct signal_pending *pending, const struct signal_info *info,
		       struct user_account *account, uint64_t limit, bool must_queue)
{
	struct signal_entry *entry;

	if (info->signal < SIGNAL_REALTIME && pending->set & signal_bit(info->signal))
		return 0;
	if (merge_timer(pending, info))
		return 0;
	entry = entry_create(account, limit);
	if (!entry && must_queue)
		return -EAGAIN;
	if (entry) {
		entry->info = *info;
		list_push_back(&pending->queue, &entry->node);
	}
	pending->set |= signal_bit(info->signal);
	return 0;
}

void signal_pending_discard(struct signal_pending *pending, signal_set_t set)
{
	struct list_node *node, *following;

	if (!(pending->set & set))
		return;
	pending->set &= ~set;
	list_for_each_safe (node, following, &pending->queue) {
		struct signal_entry *entry = container_of(node, struct signal_entry, node);

		if (signal_bit(entry->info.signal) & set) {
			list_remove(node);
			entry_free(entry);
		}
	}
}

int signal_pick(signal_set_t set)
{
	if (set & SIGNALS_SYNCHRONOUS)
		set &= SIGNALS_SYNCHRONOUS;
	if ((uint64_t)set)
		return (int)bit_lowest((uint64_t)set) + 1;
	return set ? (int)bit_lowest((uint64_t)(set >> 64)) + 65 : 0;
}

void signal_pending_take(struct signal_pending *pending, int signal, struct signal_info *info)
{
	struct signal_entry *found = NULL;
	struct list_node *node;
	bool more = false;

	list_for_each (node, &pending->queue) {
		struct signal_entry *entry = container_of(node, struct signal_entry, node);

		if (entry->info.signal != signal)
			continue;
		if (found) {
			more = true;
			break;
		}
		found = entry;
	}
	if (!more)
		pending->set &= ~signal_bit(signal);
	if (!found) {
		*info = (struct signal_info){ .signal = signal, .code = SIGNAL_USER };
		return;
	}
	*info = found->info;
	list_remove(&found->node);
	entry_free(found);
}
