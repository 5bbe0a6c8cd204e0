/* SPDX-License-Identifier: GPL-3.0-or-later */
/* epoll, eventfd, timerfd, signalfd, POSIX timers, pidfd. */
#include "../test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void watch(int queue, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	EXPECT(epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* The only event that is ready now, or 0. */
static uint32_t ready(int queue, int fd)
{
	struct epoll_event events[4];
	int count = epoll_wait(queue, events, 4, 0);

	EXPECT(count == 0 || count == 1);
	if (count)
		EXPECT_EQUAL(events[0].data.fd, fd);
	return count ? events[0].events : 0;
}

TEST(eventfd, counts)
{
	uint64_t value = 3;
	int fd = eventfd(2, EFD_NONBLOCK);

	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, &value, 8), 8);
	EXPECT_EQUAL(read(fd, &value, 8), 8);
	EXPECT_EQUAL(value, 5);
	EXPECT_ERROR(read(fd, &value, 8), EAGAIN);
	EXPECT_ERROR(read(fd, &value, 4), EINVAL);
	value = UINT64_MAX;
	EXPECT_ERROR(write(fd, &value, 8), EINVAL);
	value = UINT64_MAX - 1;
	EXPECT_EQUAL(write(fd, &value, 8), 8);
	value = 1;
	EXPECT_ERROR(write(fd, &value, 8), EAGAIN);
	EXPECT_ERROR(read(fd, (void *)8, 8), EFAULT);
	EXPECT_ERROR(eventfd(0, 0x40), EINVAL);
}

TEST(eventfd, semaphore)
{
	int fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	uint64_t value;

	EXPECT(read(fd, &value, 8) == 8 && value == 1);
	EXPECT(read(fd, &value, 8) == 8 && value == 1);
	EXPECT_ERROR(read(fd, &value, 8), EAGAIN);
}

static void *wake_later(void *argument)
{
	uint64_t one = 1;

	test_sleep(50);
	EXPECT(write(*(int *)argument, &one, 8) == 8);
	return NULL;
}

TEST(eventfd, wakes_readers_and_pollers)
{
	int fd = eventfd(0, 0);
	struct pollfd poller = { fd, POLLIN, 0 };
	pthread_t thread;
	uint64_t value;

	EXPECT(pthread_create(&thread, NULL, wake_later, &fd) == 0);
	EXPECT(read(fd, &value, 8) == 8 && value == 1);
	pthread_join(thread, NULL);
	EXPECT(pthread_create(&thread, NULL, wake_later, &fd) == 0);
	EXPECT_EQUAL(poll(&poller, 1, 5000), 1);
	pthread_join(thread, NULL);
	EXPECT_EQUAL(poller.revents, POLLIN);
}

TEST(epoll, level_edge_and_one_shot)
{
	int level = epoll_create1(EPOLL_CLOEXEC), edge = epoll_create1(0), once = epoll_create(1);
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	int ends[2];
	char bytes[8];

	EXPECT(pipe(ends) == 0);
	watch(level, ends[0], EPOLLIN);
	watch(edge, ends[0], EPOLLIN | EPOLLET);
	watch(once, ends[0], EPOLLIN | EPOLLONESHOT);
	EXPECT_EQUAL(ready(level, ends[0]), 0);
	EXPECT(write(ends[1], "ab", 2) == 2);
	EXPECT_EQUAL(ready(level, ends[0]), EPOLLIN);
	EXPECT_EQUAL(ready(level, ends[0]), EPOLLIN);
	EXPECT_EQUAL(ready(edge, ends[0]), EPOLLIN);
	EXPECT_EQUAL(ready(edge, ends[0]), 0);
	EXPECT(write(ends[1], "c", 1) == 1);
	EXPECT_EQUAL(ready(edge, ends[0]), EPOLLIN);
	EXPECT_EQUAL(ready(once, ends[0]), EPOLLIN);
	EXPECT(write(ends[1], "d", 1) == 1);
	EXPECT_EQUAL(ready(once, ends[0]), 0);
	event.data.fd = ends[0];
	EXPECT(epoll_ctl(once, EPOLL_CTL_MOD, ends[0], &event) == 0);
	EXPECT_EQUAL(ready(once, ends[0]), EPOLLIN);
	EXPECT(read(ends[0], bytes, 8) == 4);
	EXPECT_EQUAL(ready(level, ends[0]), 0);
	close(ends[1]);
	EXPECT_EQUAL(ready(level, ends[0]), EPOLLHUP);
}

TEST(epoll, refuses_what_is_wrong)
{
	int queue = epoll_create1(0), file = open("f", O_CREAT | O_RDWR, 0600);
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2];

	EXPECT(pipe(ends) == 0);
	EXPECT_ERROR(epoll_create1(1), EINVAL);
	EXPECT_ERROR(syscall(SYS_epoll_create, 0), EINVAL);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_ADD, file, &event), EPERM);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_ADD, queue, &event), EINVAL);
	EXPECT_ERROR(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event), EINVAL);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_ADD, 999, &event), EBADF);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_MOD, ends[0], &event), ENOENT);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_DEL, ends[0], &event), ENOENT);
	EXPECT_ERROR(syscall(SYS_epoll_ctl, queue, EPOLL_CTL_ADD, ends[0], 8), EFAULT);
	EXPECT(epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event) == 0);
	EXPECT_ERROR(epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event), EEXIST);
	EXPECT_ERROR(epoll_wait(queue, &event, 0, 0), EINVAL);
	EXPECT_ERROR(epoll_wait(ends[0], &event, 1, 0), EINVAL);
	EXPECT(write(ends[1], "x", 1) == 1);
	EXPECT_ERROR(syscall(SYS_epoll_wait, queue, 4096, 1, 0), EFAULT);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 1);
}

TEST(epoll, forgets_files_that_are_closed)
{
	int queue = epoll_create1(0), copy;
	struct epoll_event event;
	int ends[2];

	EXPECT(pipe(ends) == 0);
	watch(queue, ends[0], EPOLLIN);
	copy = dup(ends[0]);
	EXPECT(write(ends[1], "x", 1) == 1);
	close(ends[0]);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 1);
	close(copy);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 0);
	/* Being watched does not keep a pipe open. */
	EXPECT(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	EXPECT_ERROR(write(ends[1], "x", 1), EPIPE);
}

TEST(epoll, queues_watch_queues)
{
	int queues[7], ends[2];
	struct epoll_event event = { .events = EPOLLIN };

	EXPECT(pipe(ends) == 0);
	for (int i = 0; i < 7; i++)
		queues[i] = epoll_create1(0);
	watch(queues[0], ends[0], EPOLLIN);
	for (int i = 1; i < 5; i++)
		watch(queues[i], queues[i - 1], EPOLLIN);
	EXPECT_ERROR(epoll_ctl(queues[5], EPOLL_CTL_ADD, queues[4], &event), ELOOP);
	EXPECT_ERROR(epoll_ctl(queues[0], EPOLL_CTL_ADD, queues[4], &event), ELOOP);
	EXPECT_EQUAL(ready(queues[4], queues[3]), 0);
	EXPECT(write(ends[1], "x", 1) == 1);
	EXPECT_EQUAL(ready(queues[4], queues[3]), EPOLLIN);
	EXPECT(read(ends[0], &event, 8) == 1);
	EXPECT_EQUAL(ready(queues[4], queues[3]), 0);
}

static void on_signal(int signal)
{
	(void)signal;
}

TEST(epoll, waits_and_is_interrupted)
{
	int queue = epoll_create1(0), fd = eventfd(0, 0);
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct epoll_event event;
	uint64_t start = test_milliseconds();
	sigset_t mask, empty;
	pthread_t thread;

	watch(queue, fd, EPOLLIN);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 60), 0);
	EXPECT(test_milliseconds() - start >= 59);
	EXPECT(pthread_create(&thread, NULL, wake_later, &fd) == 0);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, -1), 1);
	pthread_join(thread, NULL);
	EXPECT(read(fd, &start, 8) == 8);
	EXPECT(sigaction(SIGALRM, &action, NULL) == 0);
	alarm(1);
	EXPECT_ERROR(epoll_wait(queue, &event, 1, 5000), EINTR);
	sigemptyset(&mask);
	sigemptyset(&empty);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	EXPECT_EQUAL(epoll_wait(queue, &event, 1, 0), 0);
	EXPECT_ERROR(epoll_pwait(queue, &event, 1, 5000, &empty), EINTR);
	sigprocmask(SIG_BLOCK, NULL, &empty);
	EXPECT(sigismember(&empty, SIGUSR1));
}

TEST(timerfd, counts_expirations)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec spec = { { 0, 10000000 }, { 0, 20000000 } }, now;
	struct pollfd poller = { fd, POLLIN, 0 };
	uint64_t count;

	EXPECT(fd >= 0);
	EXPECT_ERROR(read(fd, &count, 8), EAGAIN);
	EXPECT(timerfd_settime(fd, 0, &spec, NULL) == 0);
	EXPECT(timerfd_gettime(fd, &now) == 0);
	EXPECT(now.it_interval.tv_nsec == 10000000 && now.it_value.tv_nsec > 0);
	EXPECT_EQUAL(poll(&poller, 1, 5000), 1);
	test_sleep(50);
	EXPECT_EQUAL(read(fd, &count, 8), 8);
	EXPECT(count >= 4 && count < 1000);
	memset(&spec, 0, sizeof(spec));
	EXPECT(timerfd_settime(fd, 0, &spec, &now) == 0);
	EXPECT(now.it_value.tv_nsec > 0);
	EXPECT_ERROR(read(fd, &count, 8), EAGAIN);
	spec.it_value.tv_nsec = 1000000000;
	EXPECT_ERROR(timerfd_settime(fd, 0, &spec, NULL), EINVAL);
	EXPECT_ERROR(timerfd_settime(0, 0, &now, NULL), EINVAL);
	EXPECT_ERROR(timerfd_create(77, 0), EINVAL);
}

TEST(timerfd, absolute_real_time)
{
	int fd = timerfd_create(CLOCK_REALTIME, 0);
	struct itimerspec spec = { { 0, 0 }, { 0, 0 } };
	uint64_t count;

	EXPECT(clock_gettime(CLOCK_REALTIME, &spec.it_value) == 0);
	EXPECT(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0);
	EXPECT(read(fd, &count, 8) == 8 && count == 1);
	spec.it_value.tv_sec += 1;
	EXPECT(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0);
	EXPECT(read(fd, &count, 8) == 8 && count == 1);
}

TEST(signalfd, reads_signals)
{
	struct signalfd_siginfo info[3];
	struct pollfd poller = { .events = POLLIN };
	int queue = epoll_create1(0), fd;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_NONBLOCK);
	EXPECT(fd >= 0);
	watch(queue, fd, EPOLLIN);
	EXPECT_ERROR(read(fd, info, sizeof(info)), EAGAIN);
	EXPECT_ERROR(read(fd, info, 10), EINVAL);
	EXPECT_EQUAL(ready(queue, fd), 0);
	kill(getpid(), SIGUSR1);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 42 });
	poller.fd = fd;
	EXPECT_EQUAL(poll(&poller, 1, 0), 1);
	EXPECT_EQUAL(ready(queue, fd), EPOLLIN);
	EXPECT_EQUAL(read(fd, info, sizeof(info)), 2 * sizeof(info[0]));
	EXPECT_EQUAL(info[0].ssi_signo, SIGUSR1);
	EXPECT_EQUAL(info[0].ssi_pid, getpid());
	EXPECT_EQUAL(info[1].ssi_signo, SIGRTMIN);
	EXPECT_EQUAL(info[1].ssi_int, 42);
	EXPECT_EQUAL(ready(queue, fd), 0);
	sigdelset(&mask, SIGUSR1);
	EXPECT_EQUAL(signalfd(fd, &mask, 0), fd);
	kill(getpid(), SIGUSR1);
	EXPECT_ERROR(read(fd, info, sizeof(info)), EAGAIN);
	EXPECT_ERROR(signalfd(queue, &mask, 0), EINVAL);
}

static int exit_later(void *argument)
{
	(void)argument;
	test_sleep(50);
	return 3;
}

TEST(signalfd, wakes_for_children)
{
	struct signalfd_siginfo info;
	sigset_t mask;
	pid_t child;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, 0);
	child = test_spawn(exit_later, NULL);
	EXPECT_EQUAL(read(fd, &info, sizeof(info)), sizeof(info));
	EXPECT_EQUAL(info.ssi_pid, child);
	EXPECT_EQUAL(info.ssi_status, 3);
	test_wait(child);
}

TEST(pidfd, tells_of_the_end)
{
	pid_t child = test_spawn(exit_later, NULL);
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd poller = { fd, POLLIN, 0 };
	siginfo_t info = { 0 };

	EXPECT(fd >= 0);
	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT_EQUAL(poll(&poller, 1, 0), 0);
	EXPECT_EQUAL(poll(&poller, 1, 5000), 1);
	EXPECT(waitid(3 /* P_PIDFD */, fd, &info, WEXITED) == 0);
	EXPECT(info.si_pid == child && info.si_status == 3);
	EXPECT_ERROR(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
	EXPECT_ERROR(syscall(SYS_pidfd_open, child, 0), ESRCH);
	EXPECT_ERROR(syscall(SYS_pidfd_open, getpid(), 1), EINVAL);
	EXPECT_ERROR(syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0), EBADF);
}

static int pause_for_ever(void *argument)
{
	(void)argument;
	while (pause() < 0)
		;
	return 0;
}

TEST(pidfd, sends_signals)
{
	pid_t child = test_spawn(pause_for_ever, NULL);
	int fd = (int)syscall(SYS_pidfd_open, child, 0), status;

	EXPECT(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) == 0);
	status = test_wait(child);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST(posix_timer, sends_its_signal)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec spec = { { 0, 5000000 }, { 0, 5000000 } }, now;
	siginfo_t info;
	sigset_t mask;
	timer_t timer;

	sigemptyset(&mask);
	sigaddset(&mask, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	event.sigev_value.sival_int = 7;
	EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	EXPECT(timer_settime(timer, 0, &spec, NULL) == 0);
	EXPECT_EQUAL(sigwaitinfo(&mask, &info), SIGRTMIN);
	EXPECT(info.si_code == SI_TIMER && info.si_value.sival_int == 7);
	test_sleep(60);
	EXPECT_EQUAL(sigwaitinfo(&mask, &info), SIGRTMIN);
	EXPECT(info.si_overrun >= 5);
	EXPECT_EQUAL(timer_getoverrun(timer), info.si_overrun);
	EXPECT(timer_gettime(timer, &now) == 0);
	EXPECT(now.it_interval.tv_nsec == 5000000);
	EXPECT(timer_delete(timer) == 0);
	EXPECT_ERROR(syscall(SYS_timer_delete, 12345), EINVAL);
	EXPECT_ERROR(syscall(SYS_timer_create, 99, NULL, &timer), EINVAL);
}

static volatile pthread_t notified;

static void on_timer(union sigval value)
{
	notified = pthread_self();
	(void)value;
}

TEST(posix_timer, notifies_by_thread)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD };
	struct itimerspec spec = { { 0, 0 }, { 0, 1000000 } };
	timer_t timer;

	event.sigev_notify_function = on_timer;
	EXPECT(timer_create(CLOCK_REALTIME, &event, &timer) == 0);
	EXPECT(timer_settime(timer, 0, &spec, NULL) == 0);
	for (int i = 0; i < 500 && !notified; i++)
		test_sleep(10);
	EXPECT(notified && !pthread_equal(notified, pthread_self()));
	EXPECT(timer_delete(timer) == 0);
}

/* --- All of them. --- */

static void expect_no_second(int fd)
{
	char link[32];

	EXPECT(fd >= 0);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	EXPECT_ERROR(open(link, O_RDWR), ENXIO);
	EXPECT_ERROR(open(link, O_RDONLY), ENXIO);
	EXPECT_EQUAL(close(fd), 0);
}

TEST(event, files_without_names_are_not_opened_again)
{
	sigset_t none;

	sigemptyset(&none);
	expect_no_second(eventfd(0, 0));
	expect_no_second(epoll_create1(0));
	expect_no_second(timerfd_create(CLOCK_MONOTONIC, 0));
	expect_no_second(signalfd(-1, &none, 0));
}
