/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals: handlers, masks, queues, what interrupts what.
 */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t calls;
static volatile sig_atomic_t last_number;
static siginfo_t last_information;

static void count_call(int number)
{
	calls++;
	last_number = number;
}

static void keep_information(int number, siginfo_t *information, void *context)
{
	(void)context;
	calls++;
	last_number = number;
	last_information = *information;
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	EXPECT_EQUAL(sigaction(number, &action, NULL), 0);
}

static void handle_with_information(int number, int flags)
{
	struct sigaction action = { .sa_sigaction = keep_information,
				    .sa_flags = flags | SA_SIGINFO };

	EXPECT_EQUAL(sigaction(number, &action, NULL), 0);
}

static sigset_t set_of(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

static void block(int number)
{
	sigset_t set = set_of(number);

	EXPECT_EQUAL(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

static void unblock(int number)
{
	sigset_t set = set_of(number);

	EXPECT_EQUAL(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

TEST(signal, handler_runs)
{
	handle(SIGUSR1, count_call, 0);
	EXPECT_EQUAL(raise(SIGUSR1), 0);
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(last_number, SIGUSR1);
	EXPECT_EQUAL(kill(getpid(), SIGUSR1), 0);
	EXPECT_EQUAL(calls, 2);
}

TEST(signal, blocked_ones_wait)
{
	sigset_t pending;

	handle(SIGUSR1, count_call, 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQUAL(calls, 0);
	EXPECT_EQUAL(sigpending(&pending), 0);
	EXPECT_EQUAL(sigismember(&pending, SIGUSR1), 1);
	EXPECT_EQUAL(sigismember(&pending, SIGUSR2), 0);
	unblock(SIGUSR1);
	EXPECT_EQUAL(calls, 1); /* ordinary signals do not queue */
	sigpending(&pending);
	EXPECT_EQUAL(sigismember(&pending, SIGUSR1), 0);
}

static volatile sig_atomic_t depth, deepest;

static void nest(int number)
{
	(void)number;
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (calls++ < 3)
		raise(SIGUSR1);
	depth--;
}

TEST(signal, is_blocked_in_its_handler)
{
	handle(SIGUSR1, nest, 0);
	raise(SIGUSR1);
	EXPECT_EQUAL(deepest, 1);
	EXPECT_EQUAL(calls, 4);
	calls = 0;
	handle(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	EXPECT_EQUAL(deepest, 4);
}

static volatile sig_atomic_t calls_inside;

static void raise_other(int number)
{
	(void)number;
	raise(SIGUSR2);
	calls_inside = calls;
}

TEST(signal, handler_mask_holds_others_back)
{
	struct sigaction action = { .sa_handler = raise_other };

	handle(SIGUSR2, count_call, 0);
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(calls_inside, 0); /* not yet during the handler */
}

TEST(signal, one_shot_handlers)
{
	struct sigaction now;

	handle(SIGUSR1, count_call, (int)SA_RESETHAND);
	raise(SIGUSR1);
	EXPECT_EQUAL(calls, 1);
	sigaction(SIGUSR1, NULL, &now);
	EXPECT(now.sa_handler == SIG_DFL);
}

TEST(signal, ignored_ones_vanish)
{
	signal(SIGUSR1, SIG_IGN);
	EXPECT_EQUAL(raise(SIGUSR1), 0);
	block(SIGUSR1);
	raise(SIGUSR1);
	handle(SIGUSR1, count_call, 0);
	signal(SIGUSR1, SIG_IGN); /* discards what is pending */
	handle(SIGUSR1, count_call, 0);
	unblock(SIGUSR1);
	EXPECT_EQUAL(calls, 0);
}

TEST(signal, some_cannot_be_caught)
{
	struct sigaction action = { .sa_handler = count_call };
	sigset_t all;

	EXPECT_ERROR(sigaction(SIGKILL, &action, NULL), EINVAL);
	EXPECT_ERROR(sigaction(SIGSTOP, &action, NULL), EINVAL);
	EXPECT_ERROR(kill(getpid(), 65), EINVAL);
	EXPECT_ERROR(kill(getpid(), -1), EINVAL);
	EXPECT_EQUAL(kill(getpid(), 0), 0);
	EXPECT_ERROR(kill(999999, SIGTERM), ESRCH);
	sigfillset(&all);
	EXPECT_EQUAL(sigprocmask(SIG_SETMASK, &all, NULL), 0);
	sigprocmask(SIG_SETMASK, NULL, &all);
	EXPECT_EQUAL(sigismember(&all, SIGKILL), 0);
	EXPECT_EQUAL(sigismember(&all, SIGSTOP), 0);
	EXPECT_ERROR(sigprocmask(77, &all, NULL), EINVAL);
}

static int raise_default(void *argument)
{
	raise(*(int *)argument);
	return 99;
}

TEST(signal, default_actions)
{
	static const int deadly[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
				      SIGBUS,  SIGFPE,  SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,
				      SIGALRM, SIGTERM, SIGXCPU, SIGSYS };
	static const int harmless[] = { SIGCHLD, SIGURG, SIGWINCH, SIGCONT };

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		int status = test_run_child(raise_default, (void *)&deadly[i]);

		EXPECT(WIFSIGNALED(status));
		EXPECT_EQUAL(WTERMSIG(status), deadly[i]);
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		EXPECT_EQUAL(WEXITSTATUS(test_run_child(raise_default, (void *)&harmless[i])), 99);
}

/* --- information --------------------------------------------------------------------------- */

TEST(signal, information_of_kill)
{
	handle_with_information(SIGUSR1, 0);
	kill(getpid(), SIGUSR1);
	EXPECT_EQUAL(last_information.si_signo, SIGUSR1);
	EXPECT_EQUAL(last_information.si_code, SI_USER);
	EXPECT_EQUAL(last_information.si_pid, getpid());
	EXPECT_EQUAL(last_information.si_uid, getuid());
	syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	EXPECT_EQUAL(last_information.si_code, SI_TKILL);
}

TEST(signal, queued_with_a_value)
{
	union sigval value = { .sival_int = 4711 };

	handle_with_information(SIGUSR1, 0);
	EXPECT_EQUAL(sigqueue(getpid(), SIGUSR1, value), 0);
	EXPECT_EQUAL(last_information.si_code, SI_QUEUE);
	EXPECT_EQUAL(last_information.si_value.sival_int, 4711);
	EXPECT_EQUAL(last_information.si_pid, getpid());
}

static int order[8];

static void keep_order(int number, siginfo_t *information, void *context)
{
	(void)number;
	(void)context;
	order[calls++] = information->si_value.sival_int;
}

TEST(signal, realtime_ones_queue_in_order)
{
	struct sigaction action = { .sa_sigaction = keep_order, .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	sigaction(SIGRTMIN, &action, NULL);
	sigaction(SIGRTMIN + 1, &action, NULL);
	block(SIGRTMIN);
	block(SIGRTMIN + 1);
	for (int i = 0; i < 3; i++)
		sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ .sival_int = 10 + i });
	for (int i = 0; i < 3; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = i });
	unblock(SIGRTMIN);
	EXPECT_EQUAL(calls, 3);
	unblock(SIGRTMIN + 1);
	EXPECT_EQUAL(calls, 6);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQUAL(order[i], i);
		EXPECT_EQUAL(order[3 + i], 10 + i);
	}
}

static sigjmp_buf fault_return;
static siginfo_t fault_information;

static void on_fault(int number, siginfo_t *information, void *context)
{
	(void)number;
	(void)context;
	fault_information = *information;
	siglongjmp(fault_return, 1);
}

static void catch_fault(int number)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	EXPECT_EQUAL(sigaction(number, &action, NULL), 0);
}

TEST(signal, information_of_a_segmentation_fault)
{
	char *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	catch_fault(SIGSEGV);
	if (sigsetjmp(fault_return, 1) == 0)
		*(volatile char *)0x1234 = 1;
	EXPECT_EQUAL(fault_information.si_signo, SIGSEGV);
	EXPECT_EQUAL(fault_information.si_code, SEGV_MAPERR);
	EXPECT_EQUAL((uintptr_t)fault_information.si_addr, 0x1234);
	if (sigsetjmp(fault_return, 1) == 0)
		*(volatile char *)(memory + 5) = 1;
	EXPECT_EQUAL(fault_information.si_code, SEGV_ACCERR);
	EXPECT(fault_information.si_addr == memory + 5);
}

TEST(signal, information_of_other_faults)
{
	char *memory;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	catch_fault(SIGFPE);
	if (sigsetjmp(fault_return, 1) == 0)
		__asm__ volatile("xor %%edx, %%edx\n\txor %%ecx, %%ecx\n\tmov $1, %%eax\n\t"
				 "div %%ecx" ::
					 : "eax", "ecx", "edx");
	EXPECT_EQUAL(fault_information.si_signo, SIGFPE);
	EXPECT_EQUAL(fault_information.si_code, FPE_INTDIV);
	catch_fault(SIGILL);
	if (sigsetjmp(fault_return, 1) == 0)
		__asm__ volatile("ud2");
	EXPECT_EQUAL(fault_information.si_signo, SIGILL);
	EXPECT(fault_information.si_addr != NULL);
	catch_fault(SIGTRAP);
	if (sigsetjmp(fault_return, 1) == 0)
		__asm__ volatile("int3");
	EXPECT_EQUAL(fault_information.si_signo, SIGTRAP);
	catch_fault(SIGBUS);
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (sigsetjmp(fault_return, 1) == 0)
		(void)*(volatile char *)memory;
	EXPECT_EQUAL(fault_information.si_signo, SIGBUS);
	EXPECT_EQUAL(fault_information.si_code, BUS_ADRERR);
	EXPECT(fault_information.si_addr == memory);
}

TEST(signal, floating_point_fault)
{
	volatile double zero = 0, result;
	unsigned control = 0x1f80 & ~0x200u; /* division by zero unmasked */

	catch_fault(SIGFPE);
	if (sigsetjmp(fault_return, 1) == 0) {
		__asm__ volatile("ldmxcsr %0" ::"m"(control));
		result = 1 / zero;
		(void)result;
	}
	if (fault_information.si_signo == 0)
		test_skip("this processor, an emulated one, raises no such fault");
	EXPECT_EQUAL(fault_information.si_signo, SIGFPE);
	EXPECT_EQUAL(fault_information.si_code, FPE_FLTDIV);
}

static int fault_blocked(void *unused)
{
	(void)unused;
	handle(SIGSEGV, count_call, 0);
	block(SIGSEGV);
	*(volatile char *)8 = 1; /* blocked or not, it must not go on */
	return 0;
}

TEST(signal, blocked_fault_kills)
{
	int status = test_run_child(fault_blocked, NULL);

	EXPECT(WIFSIGNALED(status));
	EXPECT_EQUAL(WTERMSIG(status), SIGSEGV);
}

/* --- interruption and restart --------------------------------------------------------------- */

static int ends[2];

static int signal_parent_then_write(void *unused)
{
	(void)unused;
	test_sleep(200);
	kill(getppid(), SIGUSR1);
	test_sleep(300);
	return write(ends[1], "x", 1) == 1 ? 0 : 1;
}

TEST(signal, interrupts_a_read)
{
	char byte;
	pid_t pid;

	handle(SIGUSR1, count_call, 0);
	EXPECT_EQUAL(pipe(ends), 0);
	pid = test_spawn(signal_parent_then_write, NULL);
	EXPECT_ERROR(read(ends[0], &byte, 1), EINTR);
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 1);
	EXPECT_EQUAL(test_wait(pid), 0);
}

TEST(signal, restarts_a_read)
{
	char byte;
	pid_t pid;

	handle(SIGUSR1, count_call, SA_RESTART);
	EXPECT_EQUAL(pipe(ends), 0);
	pid = test_spawn(signal_parent_then_write, NULL);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 1);
	EXPECT_EQUAL(calls, 1);
	EXPECT_EQUAL(test_wait(pid), 0);
}

TEST(signal, ignored_ones_do_not_interrupt)
{
	char byte;
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	EXPECT_EQUAL(pipe(ends), 0);
	pid = test_spawn(signal_parent_then_write, NULL);
	EXPECT_EQUAL(read(ends[0], &byte, 1), 1);
	EXPECT_EQUAL(test_wait(pid), 0);
}

static int signal_parent_soon(void *unused)
{
	(void)unused;
	test_sleep(200);
	kill(getppid(), SIGUSR1);
	test_sleep(500);
	return 0;
}

TEST(signal, interrupts_and_restarts_wait)
{
	pid_t pid;

	handle(SIGUSR1, count_call, 0);
	pid = test_spawn(signal_parent_soon, NULL);
	EXPECT_ERROR(waitpid(pid, NULL, 0), EINTR);
	test_wait(pid);
	handle(SIGUSR1, count_call, SA_RESTART);
	pid = test_spawn(signal_parent_soon, NULL);
	EXPECT_EQUAL(waitpid(pid, NULL, 0), pid);
	EXPECT_EQUAL(calls, 2);
}

TEST(signal, pause_and_suspend)
{
	sigset_t empty;
	pid_t pid;

	sigemptyset(&empty);
	handle(SIGUSR1, count_call, SA_RESTART);
	pid = test_spawn(signal_parent_soon, NULL);
	EXPECT_ERROR(pause(), EINTR);
	test_wait(pid);
	block(SIGUSR1);
	pid = test_spawn(signal_parent_soon, NULL);
	EXPECT_ERROR(sigsuspend(&empty), EINTR);
	EXPECT_EQUAL(calls, 2);
	sigprocmask(SIG_SETMASK, NULL, &empty);
	EXPECT_EQUAL(sigismember(&empty, SIGUSR1), 1); /* the old mask is back */
	test_wait(pid);
}

TEST(signal, sigtimedwait)
{
	struct timespec limit = { 0, 100000000 };
	sigset_t set = set_of(SIGUSR1);
	siginfo_t information;
	pid_t pid;

	block(SIGUSR1);
	EXPECT_ERROR(sigtimedwait(&set, &information, &limit), EAGAIN);
	raise(SIGUSR1);
	EXPECT_EQUAL(sigtimedwait(&set, &information, &limit), SIGUSR1);
	EXPECT_EQUAL(information.si_pid, getpid());
	pid = test_spawn(signal_parent_soon, NULL);
	EXPECT_EQUAL(sigwaitinfo(&set, &information), SIGUSR1);
	EXPECT_EQUAL(information.si_pid, pid);
	test_wait(pid);
}

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
