/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads and futexes.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	EXPECT_EQUAL(pthread_create(&thread, NULL, run, argument), 0);
	return thread;
}

static void *join(pthread_t thread)
{
	void *result;

	EXPECT_EQUAL(pthread_join(thread, &result), 0);
	return result;
}

static void *double_it(void *argument)
{
	return (void *)((uintptr_t)argument * 2);
}

TEST(thread, returns_a_value)
{
	for (uintptr_t i = 1; i < 50; i++)
		EXPECT_EQUAL((uintptr_t)join(start(double_it, (void *)i)), 2 * i);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int counter;

static void *count_with_mutex(void *unused)
{
	(void)unused;
	for (int i = 0; i < 5000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(thread, mutex_excludes)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		threads[i] = start(count_with_mutex, NULL);
	for (int i = 0; i < 8; i++)
		join(threads[i]);
	EXPECT_EQUAL(counter, 40000);
}

static void *count_atomically(void *argument)
{
	for (int i = 0; i < 1000; i++)
		__atomic_fetch_add((int *)argument, 1, __ATOMIC_RELAXED);
	return NULL;
}

TEST(thread, sixty_four_at_once)
{
	pthread_t threads[64];
	int count = 0;

	for (int i = 0; i < 64; i++)
		threads[i] = start(count_atomically, &count);
	for (int i = 0; i < 64; i++)
		join(threads[i]);
	EXPECT_EQUAL(count, 64000);
}

static void *answer_ball(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 1000; i++) {
		while (counter % 2 == 0)
			pthread_cond_wait(&condition, &mutex);
		counter++;
		pthread_cond_signal(&condition);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

TEST(thread, condition_ping_pong)
{
	pthread_t thread = start(answer_ball, NULL);

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 1000; i++) {
		counter++;
		pthread_cond_signal(&condition);
		while (counter % 2 == 1)
			pthread_cond_wait(&condition, &mutex);
	}
	pthread_mutex_unlock(&mutex);
	join(thread);
	EXPECT_EQUAL(counter, 2000);
}

TEST(thread, condition_times_out)
{
	struct timespec limit;
	uint64_t begin = test_milliseconds();

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_nsec += 100000000;
	if (limit.tv_nsec >= 1000000000) {
		limit.tv_sec++;
		limit.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&mutex);
	EXPECT_EQUAL(pthread_cond_timedwait(&condition, &mutex, &limit), ETIMEDOUT);
	EXPECT(test_milliseconds() - begin >= 90);
}

static void *wait_for_start(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	while (counter == 0)
		pthread_cond_wait(&condition, &mutex);
	counter++;
	pthread_mutex_unlock(&mutex);
	return NULL;
}

TEST(thread, broadcast_wakes_all)
{
	pthread_t threads[16];

	for (int i = 0; i < 16; i++)
		threads[i] = start(wait_for_start, NULL);
	test_let_block();
	pthread_mutex_lock(&mutex);
	counter = 1;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 16; i++)
		join(threads[i]);
	EXPECT_EQUAL(counter, 17);
}

static __thread int thread_local_value = 11;
static __thread char thread_local_space[5000];

static void *check_thread_locals(void *argument)
{
	if (thread_local_value != 11 || thread_local_space[4999] != 0 || errno != 0)
		return (void *)1;
	for (int i = 0; i < 50; i++) {
		thread_local_value = (int)(uintptr_t)argument;
		memset(thread_local_space, thread_local_value, sizeof(thread_local_space));
		errno = thread_local_value;
		sched_yield();
		if (thread_local_value != (int)(uintptr_t)argument || errno != thread_local_value)
			return (void *)2;
	}
	return NULL;
}

TEST(thread, thread_local_storage)
{
	pthread_t threads[16];

	for (uintptr_t i = 0; i < 16; i++)
		threads[i] = start(check_thread_locals, (void *)(i + 1));
	for (int i = 0; i < 16; i++)
		EXPECT_EQUAL((uintptr_t)join(threads[i]), 0);
	EXPECT_EQUAL(thread_local_value, 11);
}

static int destroyed;

static void count_destruction(void *value)
{
	__atomic_fetch_add(&destroyed, (int)(uintptr_t)value, __ATOMIC_RELAXED);
}

static pthread_key_t key;

static void *set_specific(void *argument)
{
	pthread_setspecific(key, argument);
	return pthread_getspecific(key);
}

TEST(thread, specific_data_is_destroyed)
{
	EXPECT_EQUAL(pthread_key_create(&key, count_destruction), 0);
	EXPECT_EQUAL((uintptr_t)join(start(set_specific, (void *)5)), 5);
	EXPECT_EQUAL((uintptr_t)join(start(set_specific, (void *)6)), 6);
	EXPECT_EQUAL(destroyed, 11);
	EXPECT(pthread_getspecific(key) == NULL);
}

static void clean_up(void *argument)
{
	*(int *)argument = 1;
}

static void *sleep_to_be_cancelled(void *argument)
{
	pthread_cleanup_push(clean_up, argument);
	for (;;)
		sleep(100);
	pthread_cleanup_pop(0);
	return NULL;
}

TEST(thread, cancellation)
{
	int cleaned = 0;
	pthread_t thread = start(sleep_to_be_cancelled, &cleaned);

	test_let_block();
	EXPECT_EQUAL(pthread_cancel(thread), 0);
	EXPECT(join(thread) == PTHREAD_CANCELED);
	EXPECT_EQUAL(cleaned, 1);
}

static void *post(void *argument)
{
	test_sleep(50);
	sem_post(argument);
	return NULL;
}

TEST(thread, semaphores)
{
	sem_t semaphore;
	pthread_t thread;

	EXPECT_EQUAL(sem_init(&semaphore, 0, 1), 0);
	EXPECT_EQUAL(sem_wait(&semaphore), 0);
	EXPECT_ERROR(sem_trywait(&semaphore), EAGAIN);
	thread = start(post, &semaphore);
	EXPECT_EQUAL(sem_wait(&semaphore), 0);
	join(thread);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int readers_inside, writers_inside, broken;

static void *read_and_write(void *argument)
{
	for (int i = 0; i < 300; i++) {
		if ((i + (int)(uintptr_t)argument) % 4 == 0) {
			pthread_rwlock_wrlock(&rwlock);
			if (__atomic_add_fetch(&writers_inside, 1, __ATOMIC_SEQ_CST) != 1 ||
			    __atomic_load_n(&readers_inside, __ATOMIC_SEQ_CST) != 0)
				broken = 1;
			__atomic_sub_fetch(&writers_inside, 1, __ATOMIC_SEQ_CST);
		} else {
			pthread_rwlock_rdlock(&rwlock);
			__atomic_add_fetch(&readers_inside, 1, __ATOMIC_SEQ_CST);
			if (__atomic_load_n(&writers_inside, __ATOMIC_SEQ_CST) != 0)
				broken = 1;
			__atomic_sub_fetch(&readers_inside, 1, __ATOMIC_SEQ_CST);
		}
		pthread_rwlock_unlock(&rwlock);
	}
	return NULL;
}

TEST(thread, read_write_lock)
{
	pthread_t threads[6];

	for (uintptr_t i = 0; i < 6; i++)
		threads[i] = start(read_and_write, (void *)i);
	for (int i = 0; i < 6; i++)
		join(threads[i]);
	EXPECT_EQUAL(broken, 0);
}

static pthread_barrier_t barrier;

static void *meet(void *argument)
{
	for (int i = 0; i < 50; i++) {
		__atomic_add_fetch((int *)argument, 1, __ATOMIC_SEQ_CST);
		pthread_barrier_wait(&barrier);
		if (__atomic_load_n((int *)argument, __ATOMIC_SEQ_CST) < 5 * (i + 1))
			return (void *)1;
	}
	return NULL;
}

TEST(thread, barrier)
{
	pthread_t threads[5];
	int count = 0;

	EXPECT_EQUAL(pthread_barrier_init(&barrier, NULL, 5), 0);
	for (int i = 0; i < 5; i++)
		threads[i] = start(meet, &count);
	for (int i = 0; i < 5; i++)
		EXPECT_EQUAL((uintptr_t)join(threads[i]), 0);
}

static void *keep_identity(void *argument)
{
	((pid_t *)argument)[0] = gettid();
	((pid_t *)argument)[1] = getpid();
	return NULL;
}

TEST(thread, identities)
{
	pid_t ids[2];

	join(start(keep_identity, ids));
	EXPECT_EQUAL(ids[1], getpid());
	EXPECT(ids[0] != getpid() && ids[0] > 0);
}

static void *spin(void *unused)
{
	for (volatile unsigned i = 0;; i++)
		(void)unused;
	return NULL;
}

static int exit_among_threads(void *unused)
{
	(void)unused;
	for (int i = 0; i < 4; i++)
		start(spin, NULL);
	start(sleep_to_be_cancelled, &counter);
	test_sleep(50);
	exit(5);
}

TEST(thread, exit_ends_all)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(exit_among_threads, NULL)), 5);
}

static int fault_among_threads(void *unused)
{
	(void)unused;
	for (int i = 0; i < 4; i++)
		start(spin, NULL);
	*(volatile char *)8 = 1;
	return 0;
}

TEST(thread, fatal_signal_ends_all)
{
	int status = test_run_child(fault_among_threads, NULL);

	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

TEST_HELPER(say_fifteen)
{
	(void)argument;
	return 15;
}

static void *exec_in_thread(void *unused)
{
	(void)unused;
	test_exec_helper("say_fifteen", "");
}

static int exec_among_threads(void *unused)
{
	(void)unused;
	for (int i = 0; i < 3; i++)
		start(spin, NULL);
	start(sleep_to_be_cancelled, &counter);
	start(exec_in_thread, NULL);
	test_sleep(60000);
	return 0;
}

TEST(thread, exec_ends_all)
{
	pid_t pid = test_spawn(exec_among_threads, NULL);

	/* The new program keeps the process's number, whichever thread started it. */
	EXPECT_EQUAL(WEXITSTATUS(test_wait(pid)), 15);
}

static void *outlive_leader(void *unused)
{
	(void)unused;
	test_sleep(200);
	exit(21);
}

static int leave_leader(void *unused)
{
	(void)unused;
	start(outlive_leader, NULL);
	pthread_exit(NULL);
}

TEST(thread, process_outlives_its_first_thread)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(leave_leader, NULL)), 21);
}

static void *fork_and_wait(void *unused)
{
	(void)unused;
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(3);
		if (pid < 0 || WEXITSTATUS(test_wait(pid)) != 3)
			return (void *)1;
	}
	return NULL;
}

TEST(thread, forking_from_many)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start(fork_and_wait, NULL);
	for (int i = 0; i < 4; i++)
		EXPECT_EQUAL((uintptr_t)join(threads[i]), 0);
}

static void *map_and_touch(void *unused)
{
	(void)unused;
	for (int i = 0; i < 100; i++) {
		size_t size = (size_t)(1 + i % 16) * 4096;
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

		if (memory == MAP_FAILED)
			return (void *)1;
		for (size_t j = 0; j < size; j += 512) {
			if (memory[j] != 0)
				return (void *)2;
			memory[j] = 1;
		}
		mprotect(memory, size, PROT_READ);
		munmap(memory, size);
	}
	return NULL;
}

TEST(thread, mapping_from_many)
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		threads[i] = start(map_and_touch, NULL);
	for (int i = 0; i < 8; i++)
		EXPECT_EQUAL((uintptr_t)join(threads[i]), 0);
}

static void *detach_and_count(void *argument)
{
	__atomic_add_fetch((int *)argument, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

TEST(thread, detached_ones_come_and_go)
{
	static int count;

	for (int i = 0; i < 300; i++) {
		pthread_t thread = start(detach_and_count, &count);

		EXPECT_EQUAL(pthread_detach(thread), 0);
	}
	while (__atomic_load_n(&count, __ATOMIC_SEQ_CST) < 300)
		test_sleep(5);
}

/* --- futexes themselves ------------------------------------------------------------------------- */

enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_PRIVATE_FLAG = 128,
};

static long futex(volatile int *word, int operation, int value, const struct timespec *limit)
{
	return syscall(SYS_futex, word, operation, value, limit, NULL, 0);
}

static volatile int word;

static void *wait_on_word(void *argument)
{
	long result;

	do {
		result = futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL);
	} while (result == 0 && word == 0 && !argument);
	return (void *)result;
}

TEST(futex, waits_only_for_the_value)
{
	struct timespec limit = { 0, 50000000 };
	uint64_t begin = test_milliseconds();

	EXPECT_ERROR(futex(&word, FUTEX_WAIT, 1, NULL), EAGAIN);
	EXPECT_ERROR(futex(&word, FUTEX_WAIT, 0, &limit), ETIMEDOUT);
	EXPECT(test_milliseconds() - begin >= 49);
	EXPECT_EQUAL(futex(&word, FUTEX_WAKE, 10, NULL), 0);
	EXPECT_ERROR(futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, NULL), EINVAL);
	EXPECT_ERROR(futex((int *)4096, FUTEX_WAIT, 0, NULL), EFAULT);
	EXPECT_ERROR(futex((int *)0xffff800000000000, FUTEX_WAIT, 0, NULL), EFAULT);
	EXPECT_ERROR(futex(&word, 99, 0, NULL), ENOSYS);
	limit.tv_nsec = 1000000000;
	EXPECT_ERROR(futex(&word, FUTEX_WAIT, 0, &limit), EINVAL);
}

TEST(futex, wakes_as_many_as_told)
{
	pthread_t threads[4];
	long woken = 0;

	for (int i = 0; i < 4; i++)
		threads[i] = start(wait_on_word, (void *)1);
	test_let_block();
	while (woken < 3)
		woken += futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL);
	EXPECT_EQUAL(woken, 3);
	while (futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 100, NULL) != 1)
		test_sleep(5);
	for (int i = 0; i < 4; i++)
		EXPECT_EQUAL((uintptr_t)join(threads[i]), 0);
}

TEST(futex, requeues)
{
	static volatile int other;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start(wait_on_word, (void *)1);
	test_sleep(300);
	EXPECT_ERROR(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 100,
			     &other, 77),
		     EAGAIN);
	EXPECT_EQUAL(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 100,
			     &other, 0),
		     4);
	EXPECT_EQUAL(futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 100, NULL), 0);
	EXPECT_EQUAL(futex(&other, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 100, NULL), 3);
	for (int i = 0; i < 4; i++)
		join(threads[i]);
}

TEST(futex, between_processes)
{
	volatile int *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();

	if (pid == 0) {
		while (*shared == 0)
			futex(shared, FUTEX_WAIT, 0, NULL);
		_exit(8);
	}
	test_let_block();
	*shared = 1;
	while (futex(shared, FUTEX_WAKE, 1, NULL) == 0 && waitpid(pid, NULL, WNOHANG | WNOWAIT))
		test_sleep(5);
	EXPECT_EQUAL(WEXITSTATUS(test_wait(pid)), 8);
}

TEST(futex, bitsets)
{
	struct timespec limit;

	clock_gettime(CLOCK_MONOTONIC, &limit);
	EXPECT_ERROR(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &limit, NULL, ~0u), ETIMEDOUT);
	EXPECT_ERROR(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &limit, NULL, 0), EINVAL);
}

static int die_with_robust_mutex(void *argument)
{
	pthread_mutex_lock(argument);
	return 0; /* without unlocking it */
}

TEST(futex, robust_mutex_tells_of_its_dead_owner)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	EXPECT_EQUAL(pthread_mutex_init(shared, &attributes), 0);
	EXPECT_EQUAL(test_run_child(die_with_robust_mutex, shared), 0);
	EXPECT_EQUAL(pthread_mutex_lock(shared), EOWNERDEAD);
	EXPECT_EQUAL(pthread_mutex_consistent(shared), 0);
	EXPECT_EQUAL(pthread_mutex_unlock(shared), 0);
}

#define KEEPERS     6
#define KEEP_ROUNDS 200
#define SET_GS      0x1001 /* arch_prctl */

/* A system call that sleeps or yields, before and after which a vector register must be the
 * same. */
static bool vector_register_survives(uint64_t pattern, long call, void *argument)
{
	uint64_t after;

	__asm__ volatile("movq %[pattern], %%xmm13\n\tsyscall\n\tmovq %%xmm13, %[after]"
			 : [after] "=&r"(after), "+a"(call)
			 : [pattern] "r"(pattern), "D"(argument), "S"(0)
			 : "rcx", "r11", "xmm13", "memory");
	return after == pattern;
}

static void *keep_registers(void *argument)
{
	static __thread uint64_t local;
	uint64_t pattern = 0x0123456789abcdef * (uintptr_t)argument, target[1] = { pattern }, found;
	struct timespec moment = { 0, 30000 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	EXPECT_EQUAL(syscall(SYS_arch_prctl, SET_GS, target), 0);
	local = pattern;
	for (unsigned i = 0; i < KEEP_ROUNDS; i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET((i / 5 + (uintptr_t)argument) % (unsigned long)cpus, &one);
		EXPECT_EQUAL(sched_setaffinity(0, sizeof(one), &one), 0);
		EXPECT(vector_register_survives(pattern + i,
						i % 3 ? SYS_nanosleep : SYS_sched_yield, &moment));
		__asm__ volatile("movq %%gs:0, %0" : "=r"(found));
		EXPECT(found == pattern && local == pattern);
	}
	return NULL;
}

/* Whether or not the CPU has run others since. */
TEST(thread, keeps_its_registers_wherever_it_runs)
{
	pthread_t threads[KEEPERS];

	for (uintptr_t i = 0; i < KEEPERS; i++)
		EXPECT_EQUAL(pthread_create(&threads[i], NULL, keep_registers, (void *)(i + 1)), 0);
	for (unsigned i = 0; i < KEEPERS; i++)
		pthread_join(threads[i], NULL);
}
