/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small hash of accounts by uid; an account lives while somebody refers to it. */
#include "user_account.h"

#include <base/list.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define ACCOUNT_BUCKETS 64

struct user_account {
	struct list_node node;
	uint32_t uid;
	/* Who holds: processes, queued signals. */
	uint32_t references;
	uint64_t threads, signals;
};

/* Protects the table and all accounts. Taken in interrupts. */
static struct spinlock accounts_lock = SPINLOCK_INIT(RANK_LEAF, "user accounts");
static struct list buckets[ACCOUNT_BUCKETS];

static struct user_account *account_look_up(uint32_t uid)
{
	struct list_node *node;

	list_for_each (node, &buckets[uid % ACCOUNT_BUCKETS]) {
		struct user_account *account = container_of(node, struct user_account, node);

		if (account->uid == uid)
			return account;
	}
	return NULL;
}

struct user_account *user_account_find(uint32_t uid)
{
	struct user_account *spare = kzalloc(sizeof(*spare));
	irq_state_t state = spin_lock_irqsave(&accounts_lock);
	struct user_account *account = account_look_up(uid);

	if (!account && spare) {
		account = spare;
		spare = NULL;
		account->uid = uid;
		list_push_front(&buckets[uid % ACCOUNT_BUCKETS], &account->node);
	}
	if (account)
		account->references++;
	spin_unlock_irqrestore(&accounts_lock, state);
	kfree(spare);
	return account;
}

void user_account_get(struct user_account *account)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);

	account->references++;
	spin_unlock_irqrestore(&accounts_lock, state);
}

void user_account_put(struct user_account *account)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);
	bool last = --account->references == 0;

	if (last)
		list_remove(&account->node);
	spin_unlock_irqrestore(&accounts_lock, state);
	if (last)
		kfree(account);
}

uint32_t user_account_uid(const struct user_account *account)
{
	return account->uid;
}

static bool count_one(uint64_t *counter, uint64_t limit)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);
	bool fits = *counter < limit;

	if (fits)
		++*counter;
	spin_unlock_irqrestore(&accounts_lock, state);
	return fits;
}

bool user_account_add_thread(struct user_account *account, uint64_t limit)
{
	return count_one(&account->threads, limit);
}

bool user_account_add_signal(struct user_account *account, uint64_t limit)
{
	return count_one(&account->signals, limit);
}

void user_account_drop_threads(struct user_account *account, unsigned count)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);

	account->threads -= count;
	spin_unlock_irqrestore(&accounts_lock, state);
}

void user_account_drop_signal(struct user_account *account)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);

	account->signals--;
	spin_unlock_irqrestore(&accounts_lock, state);
}

void user_account_move_threads(struct user_account *from, struct user_account *to, unsigned count)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);

	from->threads -= count;
	to->threads += count;
	spin_unlock_irqrestore(&accounts_lock, state);
}

uint64_t user_account_signals(const struct user_account *account)
{
	irq_state_t state = spin_lock_irqsave(&accounts_lock);
	uint64_t signals = account->signals;

	spin_unlock_irqrestore(&accounts_lock, state);
	return signals;
}

void user_account_init(void)
{
	for (size_t i = 0; i < ACCOUNT_BUCKETS; i++)
		list_init(&buckets[i]);
}
