/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals: handlers, masks, queues, what interrupts what.
 */
#include "signal_help.h"
#include "test.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
