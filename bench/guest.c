/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What basic operations cost. Prints "name<tab>value<tab>unit" lines; values are nanoseconds of
 * CLOCK_MONOTONIC per operation, the lowest of several rounds. Under `cryptos exec --icount` one
 * nanosecond is one instruction, kernel and program together, and the figures repeat.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5
#define PAGES  256

static int request[2], reply[2];
static char block[4096];

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void null_call(int count)
{
	while (count-- > 0)
		syscall(SYS_getppid);
}

static void fork_exit_wait(int count)
{
	while (count-- > 0) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			fail("fork");
	}
}

static void fork_exec_wait(int count)
{
	while (count-- > 0) {
		pid_t pid = vfork();

		if (pid == 0) {
			execl("/proc/self/exe", "guest", "--nothing", (char *)NULL);
			_exit(1);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			fail("vfork");
	}
}

/* A byte there and back between two processes. */
static void pipe_round_trip(int count)
{
	char byte = 0;

	while (count-- > 0)
		if (write(request[1], &byte, 1) != 1 || read(reply[0], &byte, 1) != 1)
			fail("pipe");
}

static pid_t start_echo(void)
{
	pid_t pid;
	char byte;

	if (pipe(request) < 0 || pipe(reply) < 0)
		fail("pipe");
	pid = fork();
	if (pid == 0) {
		close(request[1]);
		close(reply[0]);
		while (read(request[0], &byte, 1) == 1)
			if (write(reply[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	return pid;
}

/* Per page of PAGES, with the cost of mapping spread over them. */
static void page_fault(int count)
{
	while (count > 0) {
		char *memory = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED)
			fail("mmap");
		for (int i = 0; i < PAGES; i++)
			memory[i * 4096] = 1;
		munmap(memory, PAGES * 4096);
		count -= PAGES;
	}
}

static void map_and_unmap(int count)
{
	while (count-- > 0) {
		void *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		munmap(memory, 4096);
	}
}

static void *nothing(void *argument)
{
	return argument;
}

static void thread_create_join(int count)
{
	while (count-- > 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, nothing, NULL))
			fail("pthread_create");
		pthread_join(thread, NULL);
	}
}

/* Two threads of this process on one CPU. */

#define SWITCHES           10000
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

static pthread_t start_partner(void *(*run)(void *), int count)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, (void *)(intptr_t)count))
		fail("pthread_create");
	return thread;
}

static volatile int running;   /* 0 or 1: who ran last */
static volatile long switches; /* seen by whoever runs then */

static void yield_often(int self, int count)
{
	while (count-- > 0) {
		if (running != self) {
			running = self;
			switches++;
		}
		sched_yield();
	}
}

static void *yield(void *count)
{
	yield_often(1, (int)(intptr_t)count);
	return NULL;
}

/* `count` yields in each of the two threads, most of which lead to the other one. */
static void yield_in_turns(int count)
{
	pthread_t partner = start_partner(yield, count);

	switches = 0;
	yield_often(0, count);
	pthread_join(partner, NULL);
}

static int turn; /* whose it is: 0 or 1 */

static void pass_turn(int from)
{
	__atomic_store_n(&turn, !from, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != from)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !from, NULL);
}

static void *pass_back(void *count)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != 1)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 0, NULL);
	for (int i = (int)(intptr_t)count; i > 1; i--)
		pass_turn(1);
	__atomic_store_n(&turn, 0, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1);
	return NULL;
}

/* Each wakes the other and sleeps: an operation is two wake-ups, from before the call that wakes
 * to after the one that slept. */
static void wake_in_turns(int count)
{
	pthread_t partner = start_partner(pass_back, count);

	for (int i = count; i > 0; i--)
		pass_turn(0);
	pthread_join(partner, NULL);
}

#define ALARMS 200

static struct {
	int rung, heard;
	uint64_t rung_at, total;
} alarms;

static void *hear_alarms(void *argument)
{
	(void)argument;
	for (int i = 1; i <= ALARMS; i++) {
		while (__atomic_load_n(&alarms.rung, __ATOMIC_SEQ_CST) != i)
			syscall(SYS_futex, &alarms.rung, FUTEX_WAIT_PRIVATE, i - 1, NULL);
		alarms.total += now() - alarms.rung_at;
		__atomic_store_n(&alarms.heard, i, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* From before a call that wakes a thread to after the call in which that thread slept, where it
 * preempts the waker at once, as it does if that has run for a while. Without reading the clock. */
static double wake_to_run(void)
{
	pthread_t partner;
	uint64_t clock, end;

	alarms.rung = alarms.heard = 0;
	alarms.total = 0;
	if (pthread_create(&partner, NULL, hear_alarms, NULL))
		fail("pthread_create");
	for (int i = 1; i <= ALARMS; i++) {
		for (end = now() + 200000; now() < end;)
			;
		alarms.rung_at = now();
		__atomic_store_n(&alarms.rung, i, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &alarms.rung, FUTEX_WAKE_PRIVATE, 1);
		while (__atomic_load_n(&alarms.heard, __ATOMIC_SEQ_CST) != i)
			sched_yield();
	}
	pthread_join(partner, NULL);
	clock = now();
	for (int i = 0; i < ALARMS; i++)
		end = now();
	return ((double)alarms.total - (double)(end - clock)) / ALARMS;
}

static void open_close(int count)
{
	while (count-- > 0)
		close(open("/tmp/bench", O_RDONLY));
}

static void stat_path(int count)
{
	struct stat information;

	while (count-- > 0)
		stat("/tmp/bench", &information);
}

static void read_4k(int count)
{
	int fd = open("/tmp/bench", O_RDONLY);

	while (count-- > 0)
		if (pread(fd, block, sizeof(block), 0) != sizeof(block))
			fail("read");
	close(fd);
}

static void write_4k(int count)
{
	int fd = open("/tmp/bench", O_WRONLY);

	while (count-- > 0)
		if (pwrite(fd, block, sizeof(block), 0) != sizeof(block))
			fail("write");
	close(fd);
}

/* Nanoseconds per operation. */
static double best_of_rounds(void (*run)(int), int count)
{
	uint64_t best = UINT64_MAX;

	run(count / 10 + 1); /* warms caches and allocators */
	for (int round = 0; round < ROUNDS; round++) {
		uint64_t start = now();

		run(count);
		if (now() - start < best)
			best = now() - start;
	}
	return (double)best / count;
}

static void report(const char *name, double ns)
{
	printf("%s\t%.1f\tns\n", name, ns);
	fflush(stdout);
}

static void measure(const char *name, void (*run)(int), int count)
{
	report(name, best_of_rounds(run, count));
}

/* What a yield that switches threads takes longer than a call that does nothing; making and
 * joining the partner is spread over many. And what futexes take: from waking to running, and in a
 * loop in which two threads wake each other and sleep. */
static void measure_switches(void)
{
	double call = best_of_rounds(null_call, 2000), yields;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		fail("sched_setaffinity");
	yields = best_of_rounds(yield_in_turns, SWITCHES) - 2 * call;
	report("context_switch", yields * SWITCHES / (double)switches);
	report("futex_wake_to_run", wake_to_run());
	report("futex_hand_over", best_of_rounds(wake_in_turns, SWITCHES) / 2);
}

int main(int count, char **arguments)
{
	int fd;
	pid_t echo;

	if (count > 1 && strcmp(arguments[1], "--nothing") == 0)
		return 0;
	fd = open("/tmp/bench", O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || write(fd, block, sizeof(block)) != sizeof(block))
		fail("/tmp/bench");
	close(fd);
	measure("null_system_call", null_call, 2000);
	measure("fork_exit_wait", fork_exit_wait, 50);
	measure("fork_exec_wait", fork_exec_wait, 30);
	measure("thread_create_join", thread_create_join, 100);
	echo = start_echo();
	measure("pipe_round_trip", pipe_round_trip, 500);
	close(request[1]);
	waitpid(echo, NULL, 0);
	measure("page_fault", page_fault, 4 * PAGES);
	measure("map_unmap", map_and_unmap, 1000);
	measure("open_close", open_close, 1000);
	measure("stat", stat_path, 1000);
	measure("read_4k", read_4k, 1000);
	measure("write_4k", write_4k, 1000);
	measure_switches();
	return 0;
}
