/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes: fork, exec, exit, wait, groups and sessions.
 */
#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int exit_with(void *argument)
{
	return *(int *)argument;
}

static int kill_self(void *argument)
{
	raise(*(int *)argument);
	return 0;
}

static int sleep_long(void *unused)
{
	(void)unused;
	test_sleep(60000);
	return 0;
}

TEST(process, exit_status_reaches_the_parent)
{
	static const int values[] = { 0, 1, 42, 255 };

	for (size_t i = 0; i < 4; i++) {
		int status = test_run_child(exit_with, (void *)&values[i]);

		EXPECT(WIFEXITED(status));
		EXPECT_EQUAL(WEXITSTATUS(status), values[i]);
	}
}

TEST(process, signal_reaches_the_parent)
{
	static const int numbers[] = { SIGKILL, SIGTERM, SIGHUP, SIGUSR1, SIGALRM };

	for (size_t i = 0; i < 5; i++) {
		int status = test_run_child(kill_self, (void *)&numbers[i]);

		EXPECT(WIFSIGNALED(status));
		EXPECT_EQUAL(WTERMSIG(status), numbers[i]);
	}
}

static int fork_variable = 1;

static int change_variable(void *unused)
{
	(void)unused;
	fork_variable = 2;
	return fork_variable;
}

TEST(process, fork_copies_memory)
{
	int local = 5, status;
	char *heap = malloc(1 << 20);
	pid_t pid;

	memset(heap, 'p', 1 << 20);
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(change_variable, NULL)), 2);
	EXPECT_EQUAL(fork_variable, 1);
	pid = fork();
	if (pid == 0) {
		local = 6;
		memset(heap, 'c', 1 << 20);
		_exit(local == 6 && heap[12345] == 'c' ? 0 : 1);
	}
	status = test_wait(pid);
	EXPECT_EQUAL(status, 0);
	EXPECT_EQUAL(local, 5);
	for (int i = 0; i < 1 << 20; i++)
		EXPECT_EQUAL(heap[i], 'p');
}

TEST(process, identities)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0)
		_exit(getppid() == parent && getpid() != parent && gettid() == getpid() ? 0 : 1);
	EXPECT(pid > 0 && pid != parent);
	EXPECT_EQUAL(test_wait(pid), 0);
	EXPECT_EQUAL(gettid(), parent);
}

TEST(process, wait_without_hanging)
{
	pid_t pid = test_spawn(sleep_long, NULL);
	int status = 77;

	EXPECT_EQUAL(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQUAL(status, 77);
	EXPECT_EQUAL(kill(pid, SIGKILL), 0);
	EXPECT_EQUAL(waitpid(pid, &status, 0), pid);
	EXPECT_ERROR(waitpid(pid, &status, 0), ECHILD);
	EXPECT_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);
	EXPECT_ERROR(waitpid(-1, &status, 0x4000), EINVAL);
	EXPECT_ERROR(kill(pid, 0), ESRCH);
}

TEST(process, zombies_wait_to_be_reaped)
{
	int value = 3;
	pid_t pid = test_spawn(exit_with, &value);
	siginfo_t information = { 0 };

	test_sleep(200);
	EXPECT_EQUAL(kill(pid, 0), 0);
	EXPECT_EQUAL(waitid(P_PID, (id_t)pid, &information, WEXITED | WNOWAIT), 0);
	EXPECT_EQUAL(information.si_pid, pid);
	EXPECT_EQUAL(information.si_code, CLD_EXITED);
	EXPECT_EQUAL(information.si_status, 3);
	EXPECT_EQUAL(information.si_signo, SIGCHLD);
	EXPECT_EQUAL(WEXITSTATUS(test_wait(pid)), 3);
	EXPECT_ERROR(kill(pid, 0), ESRCH);
}

TEST(process, stops_and_continues)
{
	pid_t pid = test_spawn(sleep_long, NULL);
	int status;

	EXPECT_EQUAL(kill(pid, SIGSTOP), 0);
	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQUAL(WSTOPSIG(status), SIGSTOP);
	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED | WNOHANG), 0); /* told once */
	EXPECT_EQUAL(kill(pid, SIGTERM), 0);                         /* waits until it continues */
	EXPECT_EQUAL(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQUAL(kill(pid, SIGCONT), 0);
	EXPECT_EQUAL(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST(process, continuing_is_reported)
{
	pid_t pid = test_spawn(sleep_long, NULL);
	int status;

	kill(pid, SIGSTOP);
	EXPECT_EQUAL(waitpid(pid, &status, WUNTRACED), pid);
	kill(pid, SIGCONT);
	EXPECT_EQUAL(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT(WIFCONTINUED(status));
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL); /* ends even what is stopped */
	EXPECT(WIFSIGNALED(test_wait(pid)));
}

static int leave_orphan(void *argument)
{
	int *pipe_ends = argument;
	pid_t parent = getpid();

	if (fork() == 0) {
		int adopted;

		for (int i = 0; i < 200 && getppid() == parent; i++)
			test_sleep(10);
		adopted = getppid() != parent;
		_exit(write(pipe_ends[1], &adopted, sizeof(adopted)) < 0);
	}
	return 0;
}

TEST(process, orphans_are_adopted)
{
	int ends[2], adopted = 0;

	EXPECT_EQUAL(pipe(ends), 0);
	EXPECT_EQUAL(test_run_child(leave_orphan, ends), 0);
	EXPECT_EQUAL(read(ends[0], &adopted, sizeof(adopted)), sizeof(adopted));
	EXPECT_EQUAL(adopted, 1);
	EXPECT_ERROR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

TEST(process, many_children)
{
	enum { COUNT = 100 };
	int values[COUNT];
	unsigned sum = 0;

	for (int i = 0; i < COUNT; i++) {
		values[i] = i;
		test_spawn(exit_with, &values[i]);
	}
	for (int i = 0; i < COUNT; i++)
		sum += WEXITSTATUS(test_wait_any());
	EXPECT_EQUAL(sum, COUNT * (COUNT - 1) / 2);
	EXPECT_ERROR(waitpid(-1, NULL, 0), ECHILD);
}

static int fork_deeper(void *argument)
{
	int depth = *(int *)argument - 1;

	return depth == 0 ? 0 : WEXITSTATUS(test_run_child(fork_deeper, &depth)) + 1;
}

TEST(process, long_chain_of_forks)
{
	int depth = 30;

	EXPECT_EQUAL(WEXITSTATUS(test_run_child(fork_deeper, &depth)), 29);
}

TEST(process, vfork_shares_memory_until_exec)
{
	volatile int value = 1;
	pid_t pid = vfork();

	if (pid == 0) {
		value = 2;
		_exit(7);
	}
	EXPECT_EQUAL(value, 2);
	EXPECT_EQUAL(WEXITSTATUS(test_wait(pid)), 7);
}

static int clone_with(unsigned long flags, int (*run)(void *), void *argument)
{
	static char stack[65536] __attribute__((aligned(16)));
	int pid = clone(run, stack + sizeof(stack), (int)flags | SIGCHLD, argument);

	EXPECT(pid > 0);
	return WEXITSTATUS(test_wait(pid));
}

static int close_and_change_folder(void *argument)
{
	close(*(int *)argument);
	return chdir("/") == 0 ? 0 : 1;
}

TEST(process, clone_shares_what_it_is_told)
{
	char before[PATH_MAX], after[PATH_MAX];
	int fd = open("/dev/null", O_RDONLY);

	EXPECT(getcwd(before, sizeof(before)));
	EXPECT_EQUAL(clone_with(0, close_and_change_folder, &fd), 0);
	EXPECT(fcntl(fd, F_GETFD) >= 0);
	EXPECT(getcwd(after, sizeof(after)) && strcmp(before, after) == 0);
	EXPECT_EQUAL(clone_with(CLONE_FILES | CLONE_FS, close_and_change_folder, &fd), 0);
	EXPECT_ERROR(fcntl(fd, F_GETFD), EBADF);
	EXPECT(getcwd(after, sizeof(after)) && strcmp(after, "/") == 0);
}

static int set_to_nine(void *argument)
{
	*(volatile int *)argument = 9;
	return 0;
}

TEST(process, clone_shares_memory)
{
	int value = 1;

	EXPECT_EQUAL(clone_with(CLONE_VM | CLONE_VFORK, set_to_nine, &value), 0);
	EXPECT_EQUAL(value, 9);
	EXPECT_ERROR(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
}

/* --- exec --------------------------------------------------------------------------------- */

TEST_HELPER(return_argument)
{
	return atoi(argument);
}

static int exec_returning(void *argument)
{
	test_exec_helper("return_argument", argument);
}

TEST(exec, replaces_the_program)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(exec_returning, "33")), 33);
}

TEST_HELPER(check_environment)
{
	return getenv("TEST_WORD") && strcmp(getenv("TEST_WORD"), argument) == 0 && !getenv("HOME")
		       ? 0
		       : 1;
}

static int exec_with_environment(void *unused)
{
	char *arguments[] = { (char *)test_program(), (char[]){ "--helper" },
			      (char[]){ "check_environment" }, (char[]){ "word" }, NULL };
	char *environment[] = { (char[]){ "TEST_WORD=word" }, NULL };

	(void)unused;
	execve(test_program(), arguments, environment);
	return 1;
}

TEST(exec, passes_arguments_and_environment)
{
	EXPECT_EQUAL(test_run_child(exec_with_environment, NULL), 0);
}

TEST_HELPER(check_descriptors)
{
	return fcntl(50, F_GETFD) == 0 && fcntl(51, F_GETFD) < 0 && atoi(argument) == 1 ? 0 : 1;
}

static int exec_with_descriptors(void *unused)
{
	(void)unused;
	dup3(1, 50, 0);
	dup3(1, 51, O_CLOEXEC);
	test_exec_helper("check_descriptors", "1");
}

TEST(exec, closes_descriptors_that_are_marked)
{
	EXPECT_EQUAL(test_run_child(exec_with_descriptors, NULL), 0);
}

static void ignore_call(int number)
{
	(void)number;
}

TEST_HELPER(check_signals)
{
	struct sigaction handled, ignored;
	sigset_t mask, pending;

	(void)argument;
	sigaction(SIGUSR1, NULL, &handled);
	sigaction(SIGUSR2, NULL, &ignored);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	sigpending(&pending);
	return handled.sa_handler == SIG_DFL && ignored.sa_handler == SIG_IGN &&
			       sigismember(&mask, SIGTERM) && sigismember(&pending, SIGTERM)
		       ? 0
		       : 1;
}

static int exec_with_signals(void *unused)
{
	sigset_t mask;

	(void)unused;
	signal(SIGUSR1, ignore_call);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	raise(SIGTERM);
	test_exec_helper("check_signals", "");
}

TEST(exec, resets_handlers_keeps_masks)
{
	EXPECT_EQUAL(test_run_child(exec_with_signals, NULL), 0);
}

TEST(exec, fails_with_a_reason)
{
	char *arguments[] = { (char[]){ "x" }, NULL };

	test_write_file("text", "not a program\n");
	EXPECT_ERROR(execv("text", arguments), EACCES);
	EXPECT_EQUAL(chmod("text", 0755), 0);
	EXPECT_ERROR(execv("text", arguments), ENOEXEC);
	EXPECT_ERROR(execv("none", arguments), ENOENT);
	EXPECT_ERROR(execv(".", arguments), EACCES);
	EXPECT_ERROR(execv("text/below", arguments), ENOTDIR);
	test_write_file("empty", "");
	EXPECT_EQUAL(chmod("empty", 0755), 0);
	EXPECT_ERROR(execv("empty", arguments), ENOEXEC);
	EXPECT_ERROR(execv((char *)8, arguments), EFAULT);
	EXPECT_ERROR(execve(test_program(), (char **)8, NULL), EFAULT);
}

static int run_script(void *unused)
{
	char *arguments[] = { (char[]){ "script" }, (char[]){ "55" }, NULL };

	(void)unused;
	execv("./script", arguments);
	return 1;
}

TEST_HELPER(script) /* called as: program --helper script ./script 55 */
{
	return strcmp(argument, "./script") == 0 ? 44 : 1;
}

TEST(exec, runs_scripts)
{
	char text[PATH_MAX + 32];

	/* All that follows the interpreter is one argument: "--helper" alone fits. */
	snprintf(text, sizeof(text), "#!%s --helper\n", test_program());
	test_write_file("script", text);
	EXPECT_EQUAL(chmod("script", 0755), 0);
	/* It runs `program --helper ./script 55`: no such helper, which it reports. */
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(run_script, NULL)), 101);
	test_write_file("script", "#!/none/such\n");
	EXPECT_ERROR(execl("./script", "script", (char *)NULL), ENOENT);
	test_write_file("script", "#!\n");
	EXPECT_ERROR(execl("./script", "script", (char *)NULL), ENOEXEC);
	test_write_file("script", "#!./script\n"); /* itself */
	EXPECT_ERROR(execl("./script", "script", (char *)NULL), ELOOP);
}

TEST_HELPER(count_arguments)
{
	return (int)(strlen(argument) / 1024);
}

static int exec_with_large_argument(void *argument)
{
	test_exec_helper("count_arguments", argument);
}

TEST(exec, large_arguments)
{
	char *text = malloc(4 << 20);
	char *arguments[] = { (char *)test_program(), text, NULL };

	memset(text, 'a', 4 << 20);
	text[100 << 10] = '\0';
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(exec_with_large_argument, text)), 100);
	text[100 << 10] = 'a';
	text[(4 << 20) - 1] = '\0';
	EXPECT_ERROR(execv(test_program(), arguments), E2BIG);
}

TEST(exec, of_a_program_in_use_that_is_replaced)
{
	char *arguments[] = { (char[]){ "x" }, NULL };

	EXPECT_EQUAL(symlink(test_program(), "link"), 0);
	EXPECT_EQUAL(access("link", X_OK), 0);
	EXPECT_EQUAL(unlink("link"), 0);
	EXPECT_ERROR(execv("link", arguments), ENOENT);
}

/* --- groups and sessions ------------------------------------------------------------------ */

TEST(group, is_inherited_and_changed)
{
	pid_t pid;

	EXPECT_EQUAL(getpgrp(), getpid()); /* the harness sees to that */
	pid = test_spawn(sleep_long, NULL);
	EXPECT_EQUAL(getpgid(pid), getpid());
	EXPECT_EQUAL(setpgid(pid, pid), 0);
	EXPECT_EQUAL(getpgid(pid), pid);
	EXPECT_EQUAL(setpgid(pid, getpid()), 0);
	EXPECT_ERROR(setpgid(pid, 999999), EPERM);
	EXPECT_ERROR(setpgid(999999, 0), ESRCH);
	EXPECT_ERROR(setpgid(pid, -1), EINVAL);
	EXPECT_ERROR(getpgid(999999), ESRCH);
	kill(pid, SIGKILL);
	test_wait(pid);
}

static int start_session(void *unused)
{
	(void)unused;
	if (setsid() != getpid() || getpgrp() != getpid() || getsid(0) != getpid())
		return 1;
	if (setsid() != -1 || errno != EPERM)
		return 2;
	return setpgid(0, 0) == -1 && errno == EPERM ? 0 : 3;
}

TEST(group, sessions)
{
	EXPECT_EQUAL(test_run_child(start_session, NULL), 0);
	EXPECT_ERROR(setsid(), EPERM); /* a group leader */
	EXPECT_EQUAL(getsid(0), getsid(getppid()));
}

TEST(group, signals_reach_all_members)
{
	pid_t first = test_spawn(sleep_long, NULL), second = test_spawn(sleep_long, NULL);
	pid_t outside = test_spawn(sleep_long, NULL);

	EXPECT_EQUAL(setpgid(first, first), 0);
	EXPECT_EQUAL(setpgid(second, first), 0);
	EXPECT_EQUAL(kill(-first, SIGTERM), 0);
	EXPECT_EQUAL(WTERMSIG(test_wait(first)), SIGTERM);
	EXPECT_EQUAL(WTERMSIG(test_wait(second)), SIGTERM);
	EXPECT_EQUAL(waitpid(outside, NULL, WNOHANG), 0);
	EXPECT_ERROR(kill(-first, 0), ESRCH);
	kill(outside, SIGKILL);
	test_wait(outside);
}

TEST(group, wait_for_one_group)
{
	int value = 5;
	pid_t other = test_spawn(exit_with, &value), member = test_spawn(sleep_long, NULL);

	EXPECT_EQUAL(setpgid(member, member), 0);
	EXPECT_EQUAL(waitpid(-member, NULL, WNOHANG), 0);
	kill(member, SIGKILL);
	EXPECT_EQUAL(waitpid(-member, NULL, 0), member);
	EXPECT_ERROR(waitpid(-member, NULL, 0), ECHILD);
	EXPECT_EQUAL(waitpid(0, NULL, 0), other);
}

TEST(process, name)
{
	char name[17] = { 0 };

	EXPECT_EQUAL(prctl(PR_SET_NAME, "a-name-that-is-long"), 0);
	EXPECT_EQUAL(prctl(PR_GET_NAME, name), 0);
	EXPECT(strcmp(name, "a-name-that-is-") == 0);
}

static int exit_from_thread(void *unused)
{
	(void)unused;
	syscall(SYS_exit, 12);
	return 0;
}

TEST(process, exit_of_the_only_thread)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(exit_from_thread, NULL)), 12);
}
