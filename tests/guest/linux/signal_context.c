/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals and what they meet: stacks, registers, timers, children, threads.
 */
#include "signal_help.h"
#include "test.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- stacks and contexts ---------------------------------------------------------------------- */

static char other_stack[65536];
static volatile bool on_other_stack;

static void look_at_stack(int number)
{
	char here;

	(void)number;
	on_other_stack = &here >= other_stack && &here < other_stack + sizeof(other_stack);
	calls++;
}

TEST(signal, alternate_stack)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) }, now;

	EXPECT_EQUAL(sigaltstack(&stack, NULL), 0);
	handle(SIGUSR1, look_at_stack, SA_ONSTACK);
	raise(SIGUSR1);
	EXPECT(on_other_stack);
	handle(SIGUSR1, look_at_stack, 0);
	raise(SIGUSR1);
	EXPECT(!on_other_stack);
	EXPECT_EQUAL(sigaltstack(NULL, &now), 0);
	EXPECT(now.ss_sp == other_stack && now.ss_size == sizeof(other_stack));
	EXPECT_EQUAL(now.ss_flags, 0);
	stack.ss_size = 100;
	EXPECT_ERROR(sigaltstack(&stack, NULL), ENOMEM);
	stack.ss_size = sizeof(other_stack);
	stack.ss_flags = 0x1234;
	EXPECT_ERROR(sigaltstack(&stack, NULL), EINVAL);
	stack.ss_flags = SS_DISABLE;
	EXPECT_EQUAL(sigaltstack(&stack, NULL), 0);
}

static void exit_nine(int number)
{
	(void)number;
	_exit(9);
}

static int overflow(volatile int *depth_counter)
{
	volatile char space[1024];

	space[0] = 1;
	++*depth_counter;
	return overflow(depth_counter) + space[0];
}

static int overflow_stack(void *unused)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
	volatile int counter = 0;

	(void)unused;
	sigaltstack(&stack, NULL);
	handle(SIGSEGV, exit_nine, SA_ONSTACK);
	return overflow(&counter);
}

TEST(signal, stack_overflow_is_handled_on_another_stack)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(overflow_stack, NULL)), 9);
}

static void clobber_registers(int number)
{
	(void)number;
	calls++;
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm7, %%xmm7\n\t"
			 "pcmpeqd %%xmm15, %%xmm15\n\tfninit\n\tfldpi" ::
				 : "xmm0", "xmm7", "xmm15");
}

TEST(signal, registers_survive_a_handler)
{
	uint64_t in[4] = { 0x1111222233334444, 0x5555666677778888, 0x9999aaaabbbbcccc,
			   0xddddeeeeffff0000 };
	uint64_t out[4] = { 0 };
	long pid = getpid(), result;

	handle(SIGUSR1, clobber_registers, 0);
	/* kill(pid, SIGUSR1) with values in vector and callee-saved registers. */
	__asm__ volatile("movups (%[in]), %%xmm7\n\t"
			 "movups 16(%[in]), %%xmm15\n\t"
			 "mov $0x123456789abcdef, %%r13\n\t"
			 "mov $0xfedcba987654321, %%r12\n\t"
			 "mov %[pid], %%rdi\n\t"
			 "mov $10, %%esi\n\t"
			 "mov $62, %%eax\n\t"
			 "syscall\n\t"
			 "movups %%xmm7, (%[out])\n\t"
			 "movups %%xmm15, 16(%[out])\n\t"
			 "add %%r12, %%r13\n\t"
			 "mov %%r13, %[result]"
			 : [result] "=r"(result)
			 : [in] "r"(in), [out] "r"(out), [pid] "r"(pid)
			 : "rax", "rdi", "rsi", "rcx", "r11", "r12", "r13", "xmm7", "xmm15",
			   "memory");
	EXPECT_EQUAL(calls, 1);
	EXPECT(memcmp(in, out, sizeof(in)) == 0);
	EXPECT_EQUAL(result, 0x123456789abcdef + 0xfedcba987654321);
}

TEST(signal, red_zone_survives_a_handler)
{
	uint64_t value = 0;
	long pid = getpid();

	handle(SIGUSR1, clobber_registers, 0);
	__asm__ volatile("movq $0x5a5a5a5a, -8(%%rsp)\n\t"
			 "movq $0x12121212, -128(%%rsp)\n\t"
			 "mov %[pid], %%rdi\n\t"
			 "mov $10, %%esi\n\t"
			 "mov $62, %%eax\n\t"
			 "syscall\n\t"
			 "mov -8(%%rsp), %[value]\n\t"
			 "xor -128(%%rsp), %[value]"
			 : [value] "=&r"(value)
			 : [pid] "r"(pid)
			 : "rax", "rdi", "rsi", "rcx", "r11", "memory");
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(value, 0x5a5a5a5a ^ 0x12121212);
}

static sigjmp_buf jump;

static void jump_out(int number)
{
	(void)number;
	siglongjmp(jump, 1);
}

TEST(signal, jumping_out_of_handlers)
{
	volatile int rounds = 0;

	handle(SIGUSR1, jump_out, 0);
	for (int i = 0; i < 100; i++) {
		if (sigsetjmp(jump, 1) == 0)
			raise(SIGUSR1);
		else
			rounds++;
	}
	EXPECT_EQUAL(rounds, 100);
}

/* --- timers ------------------------------------------------------------------------------------ */

TEST(signal, alarm)
{
	uint64_t start = test_milliseconds();

	handle(SIGALRM, count_call, 0);
	EXPECT_EQUAL(alarm(100), 0);
	EXPECT_EQUAL(alarm(1), 100);
	pause();
	EXPECT(test_milliseconds() - start >= 990);
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(alarm(0), 0);
}

TEST(signal, interval_timer_repeats)
{
	struct itimerval timer = { { 0, 20000 }, { 0, 20000 } }, now;
	uint64_t start = test_milliseconds();

	handle(SIGALRM, count_call, 0);
	EXPECT_EQUAL(setitimer(ITIMER_REAL, &timer, NULL), 0);
	while (calls < 5)
		pause();
	EXPECT(test_milliseconds() - start >= 95);
	EXPECT_EQUAL(getitimer(ITIMER_REAL, &now), 0);
	EXPECT_EQUAL(now.it_interval.tv_usec, 20000);
	memset(&timer, 0, sizeof(timer));
	EXPECT_EQUAL(setitimer(ITIMER_REAL, &timer, NULL), 0);
	timer.it_value.tv_usec = 1000000;
	EXPECT_ERROR(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
	EXPECT_ERROR(setitimer(55, &timer, NULL), EINVAL);
}

/* --- children ----------------------------------------------------------------------------------- */

static int exit_seven(void *unused)
{
	(void)unused;
	return 7;
}

TEST(signal, child_ends)
{
	pid_t pid;

	handle_with_information(SIGCHLD, 0);
	pid = test_spawn(exit_seven, NULL);
	while (calls == 0)
		test_sleep(5);
	EXPECT_EQUAL(last_information.si_code, CLD_EXITED);
	EXPECT_EQUAL(last_information.si_pid, pid);
	EXPECT_EQUAL(last_information.si_status, 7);
	EXPECT_EQUAL(WEXITSTATUS(test_wait(pid)), 7);
}

TEST(signal, children_of_the_careless_leave_no_zombies)
{
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 10; i++)
		test_spawn(exit_seven, NULL);
	EXPECT_ERROR(waitpid(-1, NULL, 0), ECHILD); /* waits for all, gets none */
}

/* --- threads ------------------------------------------------------------------------------------- */

static volatile pid_t handling_thread;

static void keep_thread(int number)
{
	(void)number;
	handling_thread = gettid();
	calls++;
}

static void *wait_in_thread(void *argument)
{
	*(pid_t *)argument = gettid();
	while (calls == 0)
		test_sleep(5);
	return NULL;
}

TEST(signal, goes_to_a_thread_that_takes_it)
{
	pthread_t thread;
	volatile pid_t other = 0;

	handle(SIGUSR1, keep_thread, 0);
	EXPECT_EQUAL(pthread_create(&thread, NULL, wait_in_thread, (void *)&other), 0);
	while (other == 0)
		test_sleep(1);
	block(SIGUSR1); /* here, not there */
	kill(getpid(), SIGUSR1);
	EXPECT_EQUAL(pthread_join(thread, NULL), 0);
	EXPECT_EQUAL(handling_thread, other);
}

TEST(signal, goes_to_the_thread_that_is_named)
{
	pthread_t thread;
	volatile pid_t other = 0;

	handle(SIGUSR1, keep_thread, 0);
	EXPECT_EQUAL(pthread_create(&thread, NULL, wait_in_thread, (void *)&other), 0);
	while (other == 0)
		test_sleep(1);
	EXPECT_EQUAL(pthread_kill(thread, SIGUSR1), 0);
	EXPECT_EQUAL(pthread_join(thread, NULL), 0);
	EXPECT_EQUAL(handling_thread, other);
	EXPECT_ERROR(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1), ESRCH);
	EXPECT_ERROR(syscall(SYS_tgkill, -1, gettid(), SIGUSR1), EINVAL);
}

static int signal_storm(void *unused)
{
	(void)unused;
	for (int i = 0; i < 2000; i++)
		kill(getppid(), SIGUSR1);
	return 0;
}

TEST(signal, storm)
{
	volatile uint64_t work = 0;
	pid_t first, second;

	handle(SIGUSR1, count_call, SA_RESTART);
	first = test_spawn(signal_storm, NULL);
	second = test_spawn(signal_storm, NULL);
	for (int i = 0; i < 1000000; i++)
		work += (uint64_t)i;
	EXPECT_EQUAL(test_wait(first), 0);
	EXPECT_EQUAL(test_wait(second), 0);
	EXPECT_EQUAL(work, 499999500000);
	EXPECT(calls > 0);
}
