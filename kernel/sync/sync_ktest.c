/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of locks and counts on the running machine. */
#include <core/ktest.h>
#include <sync/refcount.h>
#include <sync/seqcount.h>
#include <sync/spinlock.h>

KTEST(sync, spinlock)
{
	struct spinlock lock;
	irq_state_t state;

	spinlock_init(&lock, RANK_LEAF, "ktest");
	ktest_expect(!in_atomic_context());
	spin_lock(&lock);
	ktest_expect(in_atomic_context());
	ktest_expect(spin_is_held(&lock));
	ktest_expect(arch_irq_enabled());
	ktest_expect(!spin_trylock(&lock));
	spin_unlock(&lock);
	ktest_expect(spin_trylock(&lock));
	spin_unlock(&lock);
	state = spin_lock_irqsave(&lock);
	ktest_expect(!arch_irq_enabled());
	spin_unlock_irqrestore(&lock, state);
	ktest_expect(arch_irq_enabled());
	ktest_expect(!in_atomic_context());
}

KTEST(sync, refcount)
{
	struct refcount count;

	refcount_init(&count, 1);
	refcount_get(&count);
	ktest_expect(refcount_try_get(&count));
	ktest_expect(refcount_read(&count) == 3);
	ktest_expect(!refcount_put(&count));
	ktest_expect(!refcount_put(&count));
	ktest_expect(refcount_put(&count));
	ktest_expect(!refcount_try_get(&count));
}

KTEST(sync, seqcount)
{
	struct seqcount count = { 0 };
	uint32_t begin = seqcount_read_begin(&count);

	ktest_expect(!seqcount_read_retry(&count, begin));
	seqcount_write_begin(&count);
	seqcount_write_end(&count);
	ktest_expect(seqcount_read_retry(&count, begin));
}

KTEST(sync, cpus)
{
	preempt_disable();
	ktest_expect(cpu_id() < cpu_count());
	ktest_expect(cpu_get(cpu_id()) == arch_this_cpu());
	preempt_enable();
	for (unsigned i = 0; i < cpu_count(); i++)
		ktest_expect(cpu_get(i)->id == i);
}
