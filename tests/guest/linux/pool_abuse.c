/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker pools by the bare interface of the kernel: wrong use, and what becomes of it. */
#include "../test.h"

#include <fcntl.h>
#include <native/pool.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_SIZE 16384

static int source; /* where workers read */
static _Atomic unsigned done;

static int open_scheme(int flags)
{
	int fd = open("/scheme/pool", flags);

	if (fd < 0 && errno == ENOENT)
		test_skip("no scheme pool");
	EXPECT(fd >= 0);
	return fd;
}

/* Without a thread pointer a worker has no errno, so it makes its calls itself. */
static long call(long number, long first, long second, long third)
{
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(first), "S"(second), "d"(third)
		     : "rcx", "r11", "memory");
	return result;
}

__attribute__((noreturn, force_align_arg_pointer, optimize("no-stack-protector"))) static void
worker(uint64_t index, uint64_t argument)
{
	struct pool_item item;

	(void)index;
	(void)argument;
	while (call(SYS_read, source, (long)&item, sizeof(item)) == (long)sizeof(item))
		((void (*)(uint64_t))item.function)(item.argument);
	for (;;)
		call(SYS_exit, 0, 0, 0);
}

static void work(uint64_t argument)
{
	(void)argument;
	done++;
}

static struct pool_configuration good(void)
{
	static char stacks[STACK_SIZE * POOL_WORKERS_MAX] __attribute__((aligned(16)));

	return (struct pool_configuration){
		.version = POOL_VERSION,
		.entry = (uint64_t)worker,
		.stacks = (uint64_t)stacks,
		.stack_size = STACK_SIZE,
	};
}

static int start(const struct pool_configuration *configuration)
{
	int control = open_scheme(O_RDWR);

	source = open_scheme(O_RDONLY);
	EXPECT_EQUAL(write(control, configuration, sizeof(*configuration)), sizeof(*configuration));
	return control;
}

static void submit(int control, void (*function)(uint64_t argument))
{
	struct pool_item item = { .function = (uint64_t)function };

	EXPECT_EQUAL(write(control, &item, sizeof(item)), sizeof(item));
}

static void expect_refused(int control, struct pool_configuration configuration, int error)
{
	EXPECT_ERROR(write(control, &configuration, sizeof(configuration)), error);
}

#define REFUSED(control, field, value, error)               \
	do {                                                \
		struct pool_configuration changed = good(); \
                                                            \
		changed.field = (value);                    \
		expect_refused(control, changed, error);    \
	} while (0)

TEST(pool_abuse, wrong_configurations)
{
	struct pool_configuration configuration = good();
	const uint64_t kernel = 0xffffffff80000000, hole = 0x0000900000000000;
	int control = open_scheme(O_RDWR);

	REFUSED(control, version, 0, EINVAL);
	REFUSED(control, version, POOL_VERSION + 1, EINVAL);
	REFUSED(control, reserved, 1, EINVAL);
	REFUSED(control, workers, POOL_WORKERS_MAX + 1, EINVAL);
	REFUSED(control, workers, UINT32_MAX, EINVAL);
	REFUSED(control, queue_length, POOL_QUEUE_MAX + 1, EINVAL);
	REFUSED(control, stack_size, 0, EINVAL);
	REFUSED(control, stack_size, POOL_STACK_SIZE_MIN - 16, EINVAL);
	REFUSED(control, stack_size, STACK_SIZE + 8, EINVAL);
	REFUSED(control, stack_size, UINT64_MAX - 15, EFAULT);
	REFUSED(control, stacks, configuration.stacks + 8, EINVAL);
	REFUSED(control, stacks, kernel, EFAULT);
	REFUSED(control, stacks, hole, EFAULT);
	REFUSED(control, entry, 0, EFAULT);
	REFUSED(control, entry, kernel, EFAULT);
	REFUSED(control, entry, hole, EFAULT);
	REFUSED(control, thread_pointers, kernel, EFAULT);
	REFUSED(control, thread_pointer_distance, 64, EINVAL);
	configuration.thread_pointers = configuration.stacks;
	configuration.thread_pointer_distance = UINT64_MAX / 2;
	expect_refused(control, configuration, EFAULT);
	configuration = good();
	EXPECT_ERROR(write(control, &configuration, sizeof(configuration) - 1), EINVAL);
	EXPECT_ERROR(write(control, "", 1), EINVAL);
	EXPECT_ERROR(write(control, (void *)8, sizeof(configuration)), EFAULT);
	EXPECT_ERROR(fsync(control), EINVAL);
	/* None of that has harmed it. */
	source = open_scheme(O_RDONLY);
	EXPECT_EQUAL(write(control, &configuration, sizeof(configuration)), sizeof(configuration));
	submit(control, work);
	EXPECT_EQUAL(fsync(control), 0);
	EXPECT_EQUAL(done, 1);
}

TEST(pool_abuse, wrong_calls)
{
	struct pool_configuration configuration = good();
	int control = start(&configuration);
	struct pool_item items[3] = { 0 };
	struct pool_status status;
	int reader = open_scheme(O_RDONLY);

	EXPECT_ERROR(write(control, &configuration, sizeof(configuration)), EINVAL);
	EXPECT_ERROR(write(control, items, sizeof(items) - 1), EINVAL);
	EXPECT_ERROR(write(control, (void *)8, sizeof(items)), EFAULT);
	EXPECT_EQUAL(write(control, items, 0), 0);
	EXPECT_ERROR(write(reader, items, sizeof(items)), EBADF);
	EXPECT_ERROR(read(control, items, sizeof(items)), EPERM);
	EXPECT_ERROR(pwrite(control, items, sizeof(items), 0), ESPIPE);
	EXPECT_ERROR(ioctl(control, POOL_STATUS + 1, &status), ENOTTY);
	EXPECT_ERROR(ioctl(control, POOL_STATUS, (void *)8), EFAULT);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, control, 0) == MAP_FAILED);
	EXPECT_EQUAL(ioctl(control, POOL_STATUS, &status), 0);
	EXPECT_EQUAL(status.submitted, 0);
}

static int start_with(void *argument)
{
	struct pool_configuration configuration = *(struct pool_configuration *)argument;
	int control = start(&configuration);
	struct pool_item item = { .function = (uint64_t)work };

	for (;;) {
		if (write(control, &item, sizeof(item)) < 0)
			return 1;
		fsync(control);
	}
}

TEST(pool_abuse, wrong_entries_kill_the_program)
{
	static char data[16] __attribute__((aligned(16)));
	struct pool_configuration configuration = good();

	configuration.entry = 0x123456789000; /* nothing is there */
	EXPECT_EQUAL(test_run_child(start_with, &configuration), SIGSEGV);
	configuration.entry = (uint64_t)data; /* not executable */
	EXPECT_EQUAL(test_run_child(start_with, &configuration), SIGSEGV);
	configuration = good();
	configuration.stacks = 0x123456780000; /* nothing is there */
	EXPECT_EQUAL(test_run_child(start_with, &configuration), SIGSEGV);
}

static int submit_address(void *argument)
{
	struct pool_configuration configuration = good();
	int control = start(&configuration);

	submit(control, (void (*)(uint64_t))argument);
	pause();
	return 1;
}

static void touch_nothing(uint64_t argument)
{
	*(volatile char *)argument = 1;
}

static void undefined(uint64_t argument)
{
	(void)argument;
	asm volatile("ud2");
}

TEST(pool_abuse, wrong_functions_kill_the_program)
{
	EXPECT_EQUAL(close(open_scheme(O_RDWR)), 0);
	EXPECT_EQUAL(test_run_child(submit_address, (void *)0xffffffff80000000), SIGSEGV);
	EXPECT_EQUAL(test_run_child(submit_address, (void *)0x0000900000000000), SIGSEGV);
	EXPECT_EQUAL(test_run_child(submit_address, NULL), SIGSEGV);
	EXPECT_EQUAL(test_run_child(submit_address, touch_nothing), SIGSEGV);
	EXPECT_EQUAL(test_run_child(submit_address, undefined), SIGILL);
}

static void leave(uint64_t argument)
{
	(void)argument;
	call(SYS_exit, 0, 0, 0);
}

TEST(pool_abuse, workers_that_end)
{
	struct pool_configuration configuration = good();
	int control = start(&configuration);
	struct pool_item item = { .function = (uint64_t)leave };
	struct pool_status status;
	unsigned workers, ended = 0;

	EXPECT_EQUAL(ioctl(control, POOL_STATUS, &status), 0);
	workers = status.workers;
	EXPECT(workers > 0);
	while (write(control, &item, sizeof(item)) == (ssize_t)sizeof(item)) {
		EXPECT(ended++ < workers);
		EXPECT_EQUAL(fsync(control), 0);
		EXPECT_EQUAL(ioctl(control, POOL_STATUS, &status), 0);
		EXPECT_EQUAL(status.workers, workers - ended);
		EXPECT_EQUAL(status.finished, ended);
	}
	EXPECT_EQUAL(errno, ESRCH);
	EXPECT_EQUAL(ended, workers);
	EXPECT_EQUAL(fsync(control), 0);
}

TEST(pool_abuse, what_no_worker_does_is_not_waited_for)
{
	struct pool_configuration configuration = good();
	struct pool_item items[POOL_WORKERS_MAX + 10];
	int control = start(&configuration);

	for (unsigned i = 0; i < POOL_WORKERS_MAX + 10; i++)
		items[i] = (struct pool_item){ .function = (uint64_t)leave };
	EXPECT_EQUAL(write(control, items, sizeof(items)), sizeof(items));
	EXPECT_ERROR(fsync(control), ESRCH);
}

static _Atomic bool go_on;

static void wait_for_leave(uint64_t argument)
{
	(void)argument;
	while (!go_on)
		call(SYS_sched_yield, 0, 0, 0);
	done++;
}

TEST(pool_abuse, a_full_queue)
{
	struct pool_configuration configuration = good();
	struct pool_item items[20];
	struct pollfd poller = { .events = POLLIN | POLLOUT };
	struct pool_status status;
	unsigned queued;
	int control;

	configuration.queue_length = 4;
	configuration.workers = 1;
	control = start(&configuration);
	poller.fd = control;
	EXPECT_EQUAL(poll(&poller, 1, 0), 1);
	EXPECT_EQUAL(poller.revents, POLLIN | POLLOUT);
	for (unsigned i = 0; i < 20; i++)
		items[i] = (struct pool_item){ .function = (uint64_t)wait_for_leave };
	EXPECT_EQUAL(fcntl(control, F_SETFL, O_NONBLOCK), 0);
	queued = (unsigned)(write(control, items, sizeof(items)) / (ssize_t)sizeof(items[0]));
	EXPECT(queued >= 4 && queued <= 5);
	do {
		EXPECT_EQUAL(ioctl(control, POOL_STATUS, &status), 0);
	} while (!status.busy);
	if (queued == 4)
		EXPECT_EQUAL(write(control, items, sizeof(items)), sizeof(items[0]));
	EXPECT_ERROR(write(control, items, sizeof(items)), EAGAIN);
	EXPECT_EQUAL(poll(&poller, 1, 0), 0);
	go_on = true;
	EXPECT_EQUAL(poll(&poller, 1, 5000), 1);
	/* Now with waiting: all of it, in the end. */
	EXPECT_EQUAL(fcntl(control, F_SETFL, 0), 0);
	EXPECT_EQUAL(write(control, items, sizeof(items)), sizeof(items));
	EXPECT_EQUAL(fsync(control), 0);
	EXPECT_EQUAL(done, 25);
	EXPECT_EQUAL(poll(&poller, 1, 0), 1);
	EXPECT_EQUAL(poller.revents, POLLIN | POLLOUT);
}

TEST(pool_abuse, lives_as_long_as_a_descriptor)
{
	struct pool_configuration configuration = good();
	int control = start(&configuration), second = dup(control);
	uint64_t end = test_milliseconds() + 5000;

	EXPECT(second >= 0);
	EXPECT_EQUAL(close(control), 0);
	submit(second, work);
	EXPECT_EQUAL(fsync(second), 0);
	EXPECT_EQUAL(done, 1);
	EXPECT_EQUAL(close(second), 0);
	/* With the last descriptor the workers go. */
	for (;;) {
		int tasks = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
		long length = 0, total = 0;
		char entries[4096];

		EXPECT(tasks >= 0);
		while ((length = syscall(SYS_getdents64, tasks, entries, sizeof(entries))) > 0)
			total += length;
		close(tasks);
		/* ".", ".." and one more: records of 24 bytes or a little more. */
		if (total <= 96)
			break;
		EXPECT(test_milliseconds() < end);
		test_sleep(5);
	}
}

/* Workers that read through the pool's own description keep it; exit ends them all the same. */
static int read_from_the_pool_itself(void *argument)
{
	struct pool_configuration configuration = good();
	int control = open_scheme(O_RDWR);

	(void)argument;
	source = control;
	if (write(control, &configuration, sizeof(configuration)) != sizeof(configuration))
		return 1;
	submit(control, work);
	if (fsync(control) < 0 || done != 1)
		return 2;
	close(control);
	test_sleep(50);
	return 5;
}

TEST(pool_abuse, workers_that_keep_their_pool)
{
	EXPECT_EQUAL(close(open_scheme(O_RDWR)), 0);
	EXPECT_EQUAL(test_run_child(read_from_the_pool_itself, NULL), 5 << 8);
}
