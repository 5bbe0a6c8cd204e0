/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system's names. */
#include <proc/uname.h>

#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <sync/spinlock.h>

/* Protects `names`. */
static struct spinlock names_lock = SPINLOCK_INIT(RANK_LEAF, "uname");
static struct uname_data names = {
	.system = "CryptOS",
	.node = "cryptos",
	.release = "6.1.0-cryptos",
	.version = "#1 SMP PREEMPT CryptOS 0.1",
	.machine = ARCH_NAME,
	.domain = "(none)",
};

void uname_read(struct uname_data *data)
{
	irq_state_t state = spin_lock_irqsave(&names_lock);

	*data = names;
	spin_unlock_irqrestore(&names_lock, state);
}

static int set_name(char *name, const char *value, size_t length)
{
	irq_state_t state;

	if (length >= UNAME_LENGTH)
		return -EINVAL;
	state = spin_lock_irqsave(&names_lock);
	memset(name, 0, UNAME_LENGTH);
	memcpy(name, value, length);
	spin_unlock_irqrestore(&names_lock, state);
	return 0;
}

int uname_set_node(const char *name, size_t length)
{
	return set_name(names.node, name, length);
}

int uname_set_domain(const char *name, size_t length)
{
	return set_name(names.domain, name, length);
}

int uname_set_system(const char *name, size_t length)
{
	return set_name(names.system, name, length);
}

void uname_init(void)
{
	char name[UNAME_LENGTH];

	if (command_line_get("sysname", name, sizeof(name)))
		string_copy(names.system, name, sizeof(names.system));
}
