/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals: handlers and their stack, masks, defaults, stops, faults. */
#include "signal_help.h"

#define STATUS_STOPPED(signal) ((uint64_t)(signal) << 8 | 0x7f)
#define STATUS_CONTINUED       0xffff

static volatile uint64_t handler_stack, handler_return;

/* Notes the stack pointer as it is at the first instruction, and what is there. */
void note_stack(int signal);
void noted(int signal, uint64_t stack, uint64_t top);
__asm__(".pushsection .text\n"
	".globl note_stack\n"
	"note_stack:\n"
	"	movq %rsp, %rsi\n"
	"	movq (%rsp), %rdx\n"
	"	jmp noted\n"
	".popsection\n");

__attribute__((used)) void noted(int signal, uint64_t stack, uint64_t top)
{
	handled[signal]++;
	handler_stack = stack;
	handler_return = top;
}

TEST(signal, handler_runs_before_kill_returns)
{
	set_counter(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 2);
}

TEST(signal, handlers_have_a_stack_of_their_own)
{
	uint64_t local = 0, here = (uint64_t)&local, distance;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, note_stack, 0, NULL), 0);
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(handler_stack % 16, 8);
	EXPECT_EQUAL(handler_return, (uint64_t)signal_restorer);
	distance = handler_stack > here ? handler_stack - here : here - handler_stack;
	EXPECT(distance > 65536);
}

TEST(signal, actions_come_back_as_they_were)
{
	for (int signal = 1; signal <= SIGNAL_LAST; signal++) {
		struct redox_signal_action action = {
			.handler = 0x1234500 + (uint64_t)signal,
			.mask = { ~(uint64_t)signal, UINT64_C(0x8000000000000001) + (uint64_t)signal },
			.flags = UINT64_C(0xfedcba9800000000) | (uint64_t)signal,
		}, old;

		if (signal == SIGKILL || signal == SIGSTOP) {
			EXPECT_ERROR(syscall(sigaction, signal, &action, 0, 0), EINVAL);
			continue;
		}
		EXPECT_EQUAL(syscall(sigaction, signal, &action, &old, 0x77), 0);
		EXPECT_EQUAL(old.handler, 0);
		EXPECT_EQUAL(syscall(sigaction, signal, 0, &old, 0), 0);
		EXPECT(memcmp(&action, &old, sizeof(old)) == 0);
		action.handler = (uint64_t)SIGNAL_DEFAULT;
		EXPECT_EQUAL(syscall(sigaction, signal, &action, 0, 0), 0);
	}
}

TEST(signal, bad_arguments)
{
	struct redox_signal_action action = { 0 };
	uint64_t set[2] = { 0 };
	const uint64_t bad = UINT64_C(0xffff800000000000);

	EXPECT_ERROR(syscall(sigaction, 0, &action, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(sigaction, 128, &action, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(sigaction, UINT64_C(1) << 32 | 1, &action, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(sigaction, SIGUSR1, bad, 0, 0), EFAULT);
	action.handler = 5;
	EXPECT_ERROR(syscall(sigaction, SIGUSR1, &action, 8, 0), EFAULT);
	EXPECT_EQUAL(syscall(sigaction, SIGUSR1, 0, &action, 0), 0);
	EXPECT_EQUAL(action.handler, 0);
	EXPECT_ERROR(signal_mask(3, set, NULL), EINVAL);
	EXPECT_EQUAL(signal_mask(3, NULL, set), 0);
	EXPECT_ERROR(syscall(sigprocmask, 0, bad, 0), EFAULT);
	EXPECT_ERROR(syscall(sigprocmask, 0, 0, bad), EFAULT);
	EXPECT_ERROR(syscall(sigreturn), EINVAL);
	EXPECT_ERROR(signal_send(process_id(), 127), EINVAL);
	EXPECT_ERROR(signal_send(process_id(), -1), EINVAL);
	EXPECT_ERROR(signal_send(0x7fffffff, 0), ESRCH);
	EXPECT_ERROR(signal_send(INT64_MAX, 0), ESRCH);
	EXPECT_ERROR(signal_send(INT64_MIN, 0), ESRCH);
	EXPECT_EQUAL(signal_send(process_id(), 0), 0);
}

TEST(signal, masks_hold_back)
{
	uint64_t set[2] = { 1 << (SIGUSR1 - 1) | 1 << (SIGKILL - 1), UINT64_C(1) << (100 - 65) },
		 old[2];

	set_counter(SIGUSR1);
	set_counter(100);
	EXPECT_EQUAL(signal_mask(REDOX_SIG_BLOCK, set, old), 0);
	EXPECT_EQUAL(old[0] | old[1], 0);
	raise(SIGUSR1);
	raise(100);
	EXPECT_EQUAL(handled[SIGUSR1] + handled[100], 0);
	set[1] = 0;
	EXPECT_EQUAL(signal_mask(REDOX_SIG_UNBLOCK, set, old), 0);
	EXPECT_EQUAL(old[0], 1 << (SIGUSR1 - 1));
	EXPECT_EQUAL(old[1], UINT64_C(1) << (100 - 65));
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(handled[100], 0);
	set[0] = 0;
	EXPECT_EQUAL(signal_mask(REDOX_SIG_SETMASK, set, NULL), 0);
	EXPECT_EQUAL(handled[100], 1);
}

static volatile unsigned seen_inside, mask_inside;

static void raise_other(int signal)
{
	uint64_t old[2];

	handled[signal]++;
	raise(SIGUSR2);
	raise(SIGUSR1);
	seen_inside = handled[SIGUSR2] + 16 * handled[SIGUSR1];
	signal_mask(0, NULL, old);
	mask_inside = old[0] || old[1];
}

TEST(signal, one_handler_at_a_time)
{
	EXPECT_EQUAL(signal_set_handler(SIGHUP, raise_other, 0x40000000, NULL), 0);
	set_counter(SIGUSR1);
	set_counter(SIGUSR2);
	raise(SIGHUP);
	EXPECT_EQUAL(handled[SIGHUP], 1);
	EXPECT_EQUAL(seen_inside, 0);
	EXPECT_EQUAL(mask_inside, 0);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(handled[SIGUSR2], 1);
}

TEST(signal, handlers_for_one_time)
{
	struct redox_signal_action old;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, count, 0x80000000, NULL), 0);
	raise(SIGUSR1);
	EXPECT_EQUAL(handled[SIGUSR1], 1);
	EXPECT_EQUAL(syscall(sigaction, SIGUSR1, 0, &old, 0), 0);
	EXPECT_EQUAL(old.handler, (uint64_t)SIGNAL_DEFAULT);
}

static unsigned send_itself(void *argument)
{
	raise((int)(uint64_t)argument);
	return 7;
}

TEST(signal, defaults)
{
	for (int signal = 1; signal < SIGNAL_LAST; signal++) {
		uint64_t status;

		switch (signal) {
		case SIGSTOP:
		case SIGTSTP:
		case SIGTTIN:
		case SIGTTOU:
			continue;
		default:
			status = test_run_child(send_itself, (void *)(uint64_t)signal);
			break;
		case SIGCHLD:
		case SIGCONT:
			status = test_run_child(send_itself, (void *)(uint64_t)signal);
			EXPECT_EQUAL(status, 7 << 8);
			continue;
		}
		EXPECT_EQUAL(status, signal);
	}
}

TEST(signal, ignored_ones_vanish)
{
	uint64_t set[2] = { 1 << (SIGUSR1 - 1), 0 };

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, SIGNAL_IGNORE, 0, NULL), 0);
	raise(SIGUSR1);
	/* What waits is dropped too. */
	EXPECT_EQUAL(signal_mask(REDOX_SIG_BLOCK, set, NULL), 0);
	raise(SIGUSR1);
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, SIGNAL_IGNORE, 0, NULL), 0);
	EXPECT_EQUAL(signal_set_handler(SIGUSR1, SIGNAL_DEFAULT, 0, NULL), 0);
	EXPECT_EQUAL(signal_mask(REDOX_SIG_UNBLOCK, set, NULL), 0);
}

_Noreturn static unsigned spin(void *argument)
{
	(void)argument;
	for (;;)
		__asm__ volatile("pause");
}

static void check_stop(int signal, unsigned (*run)(void *))
{
	int64_t child = test_spawn(run, NULL);
	uint64_t status = 0;

	EXPECT_EQUAL(signal_send(child, signal), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED), child);
	EXPECT_EQUAL(status, STATUS_STOPPED(signal));
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED | REDOX_WNOHANG), 0);
	EXPECT_EQUAL(signal_send(child, SIGCONT), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WCONTINUED), child);
	EXPECT_EQUAL(status, STATUS_CONTINUED);
	/* KILL ends stopped ones too. */
	EXPECT_EQUAL(signal_send(child, SIGSTOP), 0);
	EXPECT_EQUAL(process_wait(child, &status, REDOX_WUNTRACED), child);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(test_wait(child), SIGKILL);
}

TEST(signal, stops)
{
	check_stop(SIGSTOP, wait_for_ever);
	check_stop(SIGTSTP, spin);
	check_stop(SIGTTIN, wait_for_ever);
	check_stop(SIGTTOU, spin);
}

/* --- Faults. --- */

/* Not known to the compiler, which would complain. */
static volatile uintptr_t nowhere = 0x10, not_canonical = UINT64_C(0x1234567812345678);

static unsigned fault(void *argument)
{
	switch ((uint64_t)argument) {
	case 0:
		*(volatile int *)nowhere = 1;
		break;
	case 1: /* not canonical: a protection fault */
		*(volatile int *)not_canonical = 1;
		break;
	case 2: /* ... of the stack segment */
		__asm__ volatile("movq %0, %%rsp; pushq $1" : : "r"(UINT64_C(0x8000000000000000)));
		break;
	case 3:
		__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0));
		break;
	case 4:
		__asm__ volatile("ud2");
		break;
	case 5:
		__asm__ volatile("int3");
		break;
	case 6: /* single step */
		__asm__ volatile("pushfq; orl $0x100, (%rsp); popfq; nop; nop");
		break;
	case 7:
		__asm__ volatile("hlt");
		break;
	case 8: /* writing to code */
		*(volatile uint8_t *)(uintptr_t)fault = 0;
		break;
	case 9: /* a handler that is none */
		signal_set_handler(SIGUSR1, (signal_handler)UINT64_C(0xffff800000000000), 0, NULL);
		raise(SIGUSR1);
		break;
	}
	return 0;
}

TEST(signal, faults)
{
	static const int wanted[] = { SIGSEGV, SIGSEGV, SIGSEGV, SIGFPE,  SIGILL,
				      SIGTRAP, SIGTRAP, SIGSEGV, SIGSEGV, SIGSEGV };

	for (uint64_t i = 0; i < array_length(wanted); i++)
		EXPECT_EQUAL(test_run_child(fault, (void *)i), wanted[i]);
}

static void exit_from(int signal)
{
	process_exit(100 + (unsigned)signal);
}

static unsigned fault_handled(void *argument)
{
	signal_set_handler(SIGSEGV, exit_from, 0, NULL);
	signal_set_handler(SIGFPE, exit_from, 0, NULL);
	return fault(argument);
}

static void fault_again(int signal)
{
	(void)signal;
	*(volatile int *)nowhere = 1;
}

static unsigned fault_in_handler(void *argument)
{
	(void)argument;
	signal_set_handler(SIGSEGV, fault_again, 0, NULL);
	return fault(NULL);
}

TEST(signal, faults_have_handlers)
{
	EXPECT_EQUAL(test_run_child(fault_handled, (void *)0), (100 + SIGSEGV) << 8);
	/* The stack is gone; the handler has its own. */
	EXPECT_EQUAL(test_run_child(fault_handled, (void *)2), (100 + SIGSEGV) << 8);
	EXPECT_EQUAL(test_run_child(fault_handled, (void *)3), (100 + SIGFPE) << 8);
	EXPECT_EQUAL(test_run_child(fault_in_handler, NULL), SIGSEGV);
}
