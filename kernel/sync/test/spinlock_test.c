/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spinlocks: their effect on preemption and interrupts, and what the checks find. */
#include "sim_test.h"

#include <core/panic.h>
#include <sync/spinlock.h>

static struct spinlock low = SPINLOCK_INIT(RANK_DRIVER, "low");
static struct spinlock middle = SPINLOCK_INIT(RANK_SLAB, "middle");
static struct spinlock middle_too = SPINLOCK_INIT(RANK_SLAB, "middle too");
static struct spinlock high = SPINLOCK_INIT(RANK_LEAF, "high");

static void start(void)
{
	sim_start(&(struct sim_configuration){ .cpus = 2 });
	arch_irq_enable();
}

/* Lets run() run as an interrupt handler does. */
static void in_handler(void (*run)(void))
{
	bool enabled = arch_irq_enabled();

	arch_irq_disable();
	sim_this_cpu()->irq_depth++;
	run();
	sim_this_cpu()->irq_depth--;
	if (enabled)
		arch_irq_enable();
}

UNIT_TEST(spinlock, state)
{
	irq_state_t outer, inner;

	start();
	EXPECT(!in_atomic_context());
	spin_lock(&low);
	EXPECT(in_atomic_context() && arch_irq_enabled() && spin_is_held(&low));
	EXPECT(!spin_trylock(&low));
	spin_unlock(&low);
	EXPECT(!in_atomic_context());
	outer = spin_lock_irqsave(&middle);
	EXPECT(!arch_irq_enabled());
	inner = spin_lock_irqsave(&high);
	spin_unlock_irqrestore(&high, inner);
	EXPECT(!arch_irq_enabled());
	spin_unlock_irqrestore(&middle, outer);
	EXPECT(arch_irq_enabled() && !in_atomic_context());
	EXPECT(spin_trylock(&low));
	EXPECT_EQUAL(sim_this_cpu()->preempt_count, 1);
	spin_unlock(&low);
	EXPECT_EQUAL(sim_this_cpu()->preempt_count, 0);
}

UNIT_TEST(spinlock, tickets_wrap)
{
	start();
	for (unsigned i = 0; i < 200000; i++) {
		spin_lock(&low);
		EXPECT(!spin_trylock(&low));
		spin_unlock(&low);
	}
	EXPECT_EQUAL(low.next, 200000 & 0xffff);
}

static void take_high_then_low(void)
{
	spin_lock(&high);
	spin_lock(&low);
}

static void take_equal(void)
{
	spin_lock(&middle);
	spin_lock(&middle_too);
}

static void take_twice(void)
{
	spin_lock(&low);
	spin_lock(&low);
}

static void take_twice_nested(void)
{
	spin_lock(&low);
	spin_lock_nested(&low);
}

static void release_free(void)
{
	spin_unlock(&low);
}

static void release_others(void)
{
	spin_lock(&low);
	sim_become_cpu(1);
	spin_unlock(&low);
}

/* The order is checked against all that is held, not only the last. */
static void take_below_inner(void)
{
	spin_lock(&high);
	if (spin_trylock(&low))
		spin_lock(&middle);
}

UNIT_TEST(spinlock, order)
{
	start();
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	EXPECT_PANIC(take_high_then_low, "taking low (rank 70) while holding high (rank 100)");
	EXPECT_PANIC(take_equal, "taking middle too (rank 90) while holding middle (rank 90)");
	EXPECT_PANIC(take_below_inner, "taking middle (rank 90) while holding high (rank 100)");
	EXPECT_PANIC(take_twice, "lock low is taken twice by CPU 0");
	EXPECT_PANIC(take_twice_nested, "lock low is taken twice by CPU 0");
	EXPECT_PANIC(release_free, "released by CPU 0, which does not hold it");
	EXPECT_PANIC(release_others, "released by CPU 1, which does not hold it");
}

UNIT_TEST(spinlock, order_allowed)
{
	start();
	spin_lock(&low);
	spin_lock(&middle);
	spin_lock_nested(&middle_too);
	spin_lock(&high);
	/* Not in reverse order. */
	spin_unlock(&middle);
	spin_unlock(&low);
	spin_unlock(&high);
	spin_unlock(&middle_too);
	/* Nothing is held any more. */
	spin_lock(&low);
	spin_unlock(&low);
	spin_lock(&high);
	EXPECT(spin_trylock(&low));
	spin_unlock(&low);
	spin_unlock(&high);
}

static void take_low_irqsave(void)
{
	irq_state_t state = spin_lock_irqsave(&low);

	spin_unlock_irqrestore(&low, state);
}

static void take_low(void)
{
	spin_lock(&low);
	spin_unlock(&low);
}

/* A handler takes a lock, others leave interrupts on with it. */
static void open_after_handler(void)
{
	in_handler(take_low_irqsave);
	take_low();
}

static void handler_after_open(void)
{
	take_low();
	in_handler(take_low_irqsave);
}

static void take_both_irqsave(void)
{
	irq_state_t state = spin_lock_irqsave(&low);

	spin_lock(&high);
	spin_unlock(&high);
	spin_unlock_irqrestore(&low, state);
}

/* `high` is only reached from the handler through `low`. */
static void open_below_handler(void)
{
	in_handler(take_low_irqsave);
	take_both_irqsave();
	spin_lock(&high);
}

static void handler_above_open(void)
{
	spin_lock(&high);
	spin_unlock(&high);
	take_both_irqsave();
	in_handler(take_low_irqsave);
	take_both_irqsave();
}

UNIT_TEST(spinlock, interrupt_usage)
{
	start();
	if (!CONFIG_DEBUG)
		unit_skip("checked in debug builds only");
	EXPECT_PANIC(open_after_handler, "lock low is taken with interrupts on");
	EXPECT_PANIC(handler_after_open, "lock low is taken with interrupts on");
	EXPECT_PANIC(open_below_handler, "lock high is taken with interrupts on");
	EXPECT_PANIC(handler_above_open, "under low");
}

/* A handler may take a lock of lower rank than what it interrupted holds. */
UNIT_TEST(spinlock, interrupt_order)
{
	start();
	spin_lock(&high);
	in_handler(take_low_irqsave);
	spin_unlock(&high);
	take_low_irqsave();
}
