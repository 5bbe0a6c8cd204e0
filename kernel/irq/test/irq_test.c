/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of interrupt lines in the simulation, on a controller that only records. */
#include <arch/irq.h>
#include <arch/trap.h>
#include <base/errno.h>
#include <irq/irq.h>
#include <sched/thread.h>
#include <sync/cpu.h>

#include "sim_test.h"

#include <stdatomic.h>

#define PIN 9

static struct {
	bool masked[ARCH_IRQ_MAX];
	unsigned target[ARCH_IRQ_MAX];
	unsigned routed, messages;
	int error; /* what routing answers */
} controller;

int arch_irq_route(unsigned irq, unsigned cpu, bool level, bool active_low)
{
	controller.target[irq] = cpu;
	(void)level;
	(void)active_low;
	controller.masked[irq] = true;
	controller.routed++;
	return controller.error;
}

void arch_irq_retarget(unsigned irq, unsigned cpu)
{
	controller.target[irq] = cpu;
}

void arch_irq_msi_message(unsigned irq, unsigned cpu, uint64_t *address, uint32_t *data)
{
	*address = 0xfee00000 | cpu << 12;
	*data = irq;
}

void arch_irq_mask(unsigned irq)
{
	controller.masked[irq] = true;
}

void arch_irq_unmask(unsigned irq)
{
	controller.masked[irq] = false;
}

void arch_irq_isa(unsigned line, unsigned *irq, bool *level, bool *active_low)
{
	*irq = line == 0 ? 2 : line;
	*level = false;
	*active_low = false;
}

int arch_irq_msi_allocate(unsigned cpu, unsigned *irq, uint64_t *address, uint32_t *data)
{
	*irq = ARCH_IRQ_MSI_BASE + controller.messages++;
	*address = 0xfee00000 | cpu << 12;
	*data = *irq;
	return controller.error;
}

void arch_irq_msi_free(unsigned irq)
{
	EXPECT(irq >= ARCH_IRQ_MSI_BASE && controller.masked[irq]);
	controller.messages--;
}

struct test_handler {
	struct irq_handler handler;
	unsigned calls;
	bool claims;
};

static bool count_call(struct irq_handler *handler)
{
	struct test_handler *test = container_of(handler, struct test_handler, handler);

	test->calls++;
	return test->claims;
}

#define TEST_HANDLER(handler_name)                                                          \
	{                                                                                   \
		.handler = { .handle = count_call, .name = (handler_name) }, .claims = true \
	}

static void interrupt(unsigned irq)
{
	unsigned long state = arch_irq_save();

	arch_this_cpu()->irq_depth++;
	if (!controller.masked[irq])
		trap_interrupt(irq);
	arch_this_cpu()->irq_depth--;
	arch_irq_restore(state);
}

static const char *name_of(unsigned irq)
{
	static char name[16];

	return irq_name(irq, name, sizeof(name)) ? name : NULL;
}

UNIT_TEST(irq, lines_are_shared)
{
	struct test_handler a = TEST_HANDLER("a"), b = TEST_HANDLER("b");

	sim_test_start(1, 16 * MIB);
	EXPECT(!name_of(PIN));
	EXPECT_EQUAL(irq_request(&a.handler, PIN, true, true), 0);
	EXPECT_EQUAL(irq_request(&b.handler, PIN, true, false), -EBUSY);
	EXPECT_EQUAL(irq_request(&b.handler, PIN, false, true), -EBUSY);
	EXPECT_EQUAL(irq_request(&b.handler, PIN, true, true), 0);
	EXPECT_EQUAL(controller.routed, 1);
	interrupt(PIN);
	interrupt(PIN);
	EXPECT(a.calls == 2 && b.calls == 2);
	EXPECT_EQUAL(irq_count(PIN), 2);
	EXPECT_STRING(name_of(PIN), "a");
	irq_release(&a.handler);
	interrupt(PIN);
	EXPECT(a.calls == 2 && b.calls == 3);
	EXPECT_STRING(name_of(PIN), "b");
	irq_release(&b.handler);
	EXPECT(controller.masked[PIN]);
	EXPECT(!name_of(PIN));
	/* With nobody left, it may come back in another mode. */
	EXPECT_EQUAL(irq_request(&b.handler, PIN, false, false), 0);
	EXPECT_EQUAL(irq_count(PIN), 0);
	irq_release(&b.handler);
}

UNIT_TEST(irq, lines_of_processes)
{
	struct test_handler a = TEST_HANDLER("a"), b = TEST_HANDLER("b");
	bool level;

	sim_test_start(1, 16 * MIB);
	/* Above the ISA lines they are level-triggered, and nobody else's. */
	EXPECT_EQUAL(irq_request_for_process(&a.handler, 20, &level), 0);
	EXPECT(level);
	EXPECT_EQUAL(irq_request_for_process(&b.handler, 20, &level), -EBUSY);
	EXPECT_EQUAL(irq_request(&b.handler, 20, true, true), -EBUSY);
	irq_mask(&a.handler);
	interrupt(20);
	irq_unmask(&a.handler);
	interrupt(20);
	EXPECT_EQUAL(a.calls, 1);
	irq_release(&a.handler);
	EXPECT_EQUAL(irq_request(&b.handler, 20, true, true), 0);
	EXPECT_EQUAL(irq_request_for_process(&a.handler, 20, &level), -EBUSY);
	irq_release(&b.handler);
	/* The edge-triggered are shared. */
	EXPECT_EQUAL(irq_request_isa(&a.handler, 5), 0);
	EXPECT_EQUAL(irq_request_for_process(&b.handler, 5, &level), 0);
	EXPECT(!level);
	irq_release(&a.handler);
	irq_release(&b.handler);
	EXPECT_EQUAL(irq_request_for_process(&a.handler, ARCH_IRQ_MSI_BASE, &level), -EINVAL);
}

UNIT_TEST(irq, errors_are_passed_on)
{
	struct test_handler a = TEST_HANDLER("a");
	uint64_t address;
	uint32_t data;

	sim_test_start(1, 16 * MIB);
	controller.error = -ENOSPC;
	EXPECT_EQUAL(irq_request(&a.handler, PIN, true, true), -ENOSPC);
	EXPECT_EQUAL(irq_request_msi(&a.handler, &address, &data), -ENOSPC);
	EXPECT_EQUAL(irq_request(&a.handler, ARCH_IRQ_MSI_BASE, true, true), -EINVAL);
	EXPECT_EQUAL(irq_request_isa(&a.handler, 16), -EINVAL);
	EXPECT(!name_of(PIN));
	controller.error = 0;
	EXPECT_EQUAL(irq_request_isa(&a.handler, 0), 0);
	EXPECT_STRING(name_of(2), "a");
	irq_release(&a.handler);
	trap_interrupt(ARCH_IRQ_MAX);
}

UNIT_TEST(irq, messages_go_round_the_cpus)
{
	struct test_handler handlers[4] = { TEST_HANDLER("a"), TEST_HANDLER("b"), TEST_HANDLER("c"),
					    TEST_HANDLER("d") };
	uint64_t address;
	uint32_t data;

	sim_test_start(3, 16 * MIB);
	for (unsigned i = 0; i < 4; i++) {
		EXPECT_EQUAL(irq_request_msi(&handlers[i].handler, &address, &data), 0);
		EXPECT_EQUAL(irq_cpu(data), i % 3);
		EXPECT_EQUAL(address, 0xfee00000 | i % 3 << 12);
		interrupt(data);
		EXPECT_EQUAL(handlers[i].calls, 1);
	}
	for (unsigned i = 4; i-- > 0;)
		irq_release(&handlers[i].handler);
	EXPECT_EQUAL(controller.messages, 0);
}

static uint64_t told_address;

static void note_target(struct irq_handler *handler, uint64_t address, uint32_t data)
{
	EXPECT_EQUAL(handler->irq, data);
	told_address = address;
}

UNIT_TEST(irq, lines_follow_the_online_cpus)
{
	struct test_handler pin = TEST_HANDLER("pin"), late = TEST_HANDLER("late"),
			    message = TEST_HANDLER("message"), fixed = TEST_HANDLER("fixed");
	uint64_t address;
	uint32_t data, other;

	sim_test_start(3, 16 * MIB);
	message.handler.retarget = note_target;
	EXPECT_EQUAL(irq_request(&pin.handler, PIN, true, true), 0);
	EXPECT_EQUAL(irq_request_msi(&message.handler, &address, &data), 0);
	EXPECT_EQUAL(irq_request_msi(&fixed.handler, &address, &other), 0);
	EXPECT(irq_cpu(PIN) == 0 && irq_cpu(data) == 0 && irq_cpu(other) == 1);
	irq_cpu_leave(0);
	EXPECT(irq_cpu(PIN) == 1 && irq_cpu(data) == 1 && irq_cpu(other) == 1);
	EXPECT_EQUAL(controller.target[PIN], 1);
	EXPECT_EQUAL(told_address, 0xfee01000);
	/* What is new goes where it may; and all go home. */
	EXPECT_EQUAL(irq_request(&late.handler, PIN + 1, false, false), 0);
	EXPECT_EQUAL(controller.target[PIN + 1], 1);
	irq_cpu_leave(1);
	EXPECT(irq_cpu(PIN) == 2 && irq_cpu(data) == 2 && irq_cpu(PIN + 1) == 2);
	EXPECT_EQUAL(told_address, 0xfee02000);
	irq_cpu_return(0);
	EXPECT(irq_cpu(PIN) == 0 && irq_cpu(data) == 0 && irq_cpu(PIN + 1) == 0);
	EXPECT_EQUAL(controller.target[PIN], 0);
	EXPECT_EQUAL(told_address, 0xfee00000);
	irq_cpu_return(1);
	EXPECT_EQUAL(irq_cpu(other), 1);
	interrupt(PIN);
	EXPECT_EQUAL(pin.calls, 1);
	irq_release(&pin.handler);
	irq_release(&late.handler);
	irq_release(&message.handler);
	irq_release(&fixed.handler);
}

UNIT_TEST(irq, lines_go_where_they_are_directed)
{
	struct test_handler first = TEST_HANDLER("first"), second = TEST_HANDLER("second");
	struct test_handler message = TEST_HANDLER("message");
	uint64_t address;
	uint32_t data;

	sim_test_start(4, 16 * MIB);
	message.handler.retarget = note_target;
	EXPECT_EQUAL(irq_request(&first.handler, PIN, true, true), 0);
	EXPECT_EQUAL(irq_request(&second.handler, PIN, true, true), 0);
	EXPECT_EQUAL(irq_request_msi(&message.handler, &address, &data), 0);
	irq_direct(&first.handler, 2);
	irq_direct(&second.handler, 3);
	EXPECT(irq_cpu(PIN) == 2 && controller.target[PIN] == 2);
	irq_direct(&message.handler, 7);
	EXPECT_EQUAL(irq_cpu(data), 3);
	EXPECT_EQUAL(told_address, 0xfee03000);
	/* Its CPU may be away when it is said where it belongs. */
	irq_cpu_leave(1);
	irq_direct(&message.handler, 1);
	EXPECT_EQUAL(irq_cpu(data), 2);
	irq_cpu_return(1);
	EXPECT_EQUAL(irq_cpu(data), 1);
	EXPECT_EQUAL(told_address, 0xfee01000);
	irq_release(&first.handler);
	irq_release(&second.handler);
	irq_release(&message.handler);
}

/* The same interrupt on a second CPU, while the first one's handler runs. */
static unsigned depth, runs;

static bool handle_with_another(struct irq_handler *handler)
{
	EXPECT_EQUAL(++depth, 1);
	if (++runs == 1) {
		sim_become_cpu(1);
		interrupt(handler->irq);
		interrupt(handler->irq);
		sim_become_cpu(0);
		EXPECT_EQUAL(runs, 1);
	}
	depth--;
	return true;
}

UNIT_TEST(irq, a_line_that_moves_is_handled_once_at_a_time)
{
	struct irq_handler handler = { .handle = handle_with_another, .name = "moving" };

	sim_test_start(2, 16 * MIB);
	EXPECT_EQUAL(irq_request(&handler, PIN, false, false), 0);
	interrupt(PIN);
	/* Once for what came meanwhile, be it twice: the device has no more to say. */
	EXPECT_EQUAL(runs, 2);
	interrupt(PIN);
	EXPECT_EQUAL(runs, 3);
	irq_release(&handler);
}

UNIT_TEST(irq, what_nobody_handles_is_masked)
{
	struct test_handler a = TEST_HANDLER("a");

	sim_test_start(1, 16 * MIB);
	EXPECT_EQUAL(irq_request(&a.handler, PIN, true, true), 0);
	for (unsigned i = 0; i < 150000; i++) {
		a.claims = i == 90000;
		interrupt(PIN);
	}
	EXPECT(!controller.masked[PIN]);
	for (unsigned i = 0; i < 150000; i++)
		interrupt(PIN);
	EXPECT(controller.masked[PIN]);
	EXPECT(a.calls < 200000);
}

/* A handler that is still running on another CPU when it is released. */
static _Atomic bool entered, left;

static bool handle_slowly(struct irq_handler *handler)
{
	(void)handler;
	entered = true;
	for (unsigned i = 0; i < 1000; i++)
		arch_cpu_relax();
	left = true;
	return true;
}

static void interrupt_there(void *argument)
{
	(void)argument;
	interrupt(PIN);
}

UNIT_TEST(irq, release_waits)
{
	struct irq_handler slow = { .handle = handle_slowly, .name = "slow" };
	struct test_handler other = TEST_HANDLER("other");

	sim_test_start_scheduler(2, 16 * MIB, 7);
	EXPECT_EQUAL(irq_request(&other.handler, PIN, true, true), 0);
	EXPECT_EQUAL(irq_request(&slow, PIN, true, true), 0);
	EXPECT_EQUAL(thread_set_affinity(thread_current(), 1), 0);
	EXPECT_EQUAL(thread_spawn("there", interrupt_there, NULL), 0);
	while (!entered)
		arch_cpu_relax();
	EXPECT(!left);
	irq_release(&slow);
	EXPECT(left);
	irq_release(&other.handler);
}
