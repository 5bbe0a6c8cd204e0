/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Futexes whose owner inherits the priority of who waits: the calls themselves, with words that
 * say what is not so, and the mutexes that C libraries make of them.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LOCK_PI = 6,
	UNLOCK_PI = 7,
	TRYLOCK_PI = 8,
	LOCK_PI2 = 13,
	PRIVATE = 128,
	REALTIME = 256,
};

#define WAITERS    0x80000000u
#define OWNER_DIED 0x40000000u

static long futex(volatile uint32_t *word, int operation, const struct timespec *limit)
{
	return syscall(SYS_futex, word, operation, 0, limit, NULL, 0);
}

static uint32_t self(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static pthread_t start(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	EXPECT_EQUAL(pthread_create(&thread, NULL, run, argument), 0);
	return thread;
}

static void await(volatile uint32_t *word, uint32_t bits)
{
	while (!(*word & bits))
		test_sleep(1);
}

static volatile uint32_t word;

TEST(priority_futex, takes_and_releases)
{
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
	EXPECT_EQUAL(word, self());
	EXPECT_ERROR(futex(&word, LOCK_PI | PRIVATE, NULL), EDEADLK);
	EXPECT_ERROR(futex(&word, TRYLOCK_PI | PRIVATE, NULL), EDEADLK);
	EXPECT_EQUAL(futex(&word, UNLOCK_PI | PRIVATE, NULL), 0);
	EXPECT_EQUAL(word, 0);
	EXPECT_ERROR(futex(&word, UNLOCK_PI | PRIVATE, NULL), EPERM);
	EXPECT_EQUAL(futex(&word, TRYLOCK_PI, NULL), 0);
	EXPECT_EQUAL(futex(&word, UNLOCK_PI, NULL), 0);
	/* A flag that somebody left is kept where it says something. */
	word = OWNER_DIED;
	EXPECT_EQUAL(futex(&word, LOCK_PI, NULL), 0);
	EXPECT_EQUAL(word, self() | OWNER_DIED);
	word = self() | WAITERS;
	EXPECT_EQUAL(futex(&word, UNLOCK_PI, NULL), 0);
	EXPECT_EQUAL(word, 0);
}

static void *hold_word(void *argument)
{
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
	*(volatile uint32_t *)argument = self();
	await(&word, WAITERS);
	test_sleep(20);
	EXPECT_EQUAL(futex(&word, UNLOCK_PI | PRIVATE, NULL), 0);
	return NULL;
}

TEST(priority_futex, waits_for_the_owner)
{
	struct timespec past = { 1, 0 }, soon;
	static volatile uint32_t owner;
	pthread_t thread = start(hold_word, (void *)&owner);

	await(&owner, ~0u);
	EXPECT_ERROR(futex(&word, TRYLOCK_PI | PRIVATE, NULL), EAGAIN);
	EXPECT_EQUAL(word & ~WAITERS, owner);
	EXPECT_ERROR(futex(&word, UNLOCK_PI | PRIVATE, NULL), EPERM);
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
	EXPECT_EQUAL(word & ~WAITERS, self());
	EXPECT_EQUAL(futex(&word, UNLOCK_PI | PRIVATE, NULL), 0);
	EXPECT_EQUAL(word, 0);
	pthread_join(thread, NULL);

	word = (uint32_t)getppid();
	EXPECT_ERROR(futex(&word, LOCK_PI, &past), ETIMEDOUT);
	EXPECT_EQUAL(word, (uint32_t)getppid() | WAITERS);
	clock_gettime(CLOCK_MONOTONIC, &soon);
	soon.tv_sec++;
	if (futex(&word, LOCK_PI2, &soon) < 0 && errno == ENOSYS)
		return; /* Linux before 5.14 */
	EXPECT_ERROR(futex(&word, LOCK_PI2, &past), ETIMEDOUT);
	EXPECT_ERROR(futex(&word, LOCK_PI2 | REALTIME, &past), ETIMEDOUT);
}

TEST(priority_futex, bad_words)
{
	struct timespec bad = { 0, 1000000000 };
	volatile uint32_t *read_only =
		mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t gone = fork();

	if (gone == 0)
		_exit(0);
	test_wait(gone);
	word = (uint32_t)gone;
	EXPECT_ERROR(futex(&word, LOCK_PI, NULL), ESRCH);
	word = 0x3fffffff;
	EXPECT_ERROR(futex(&word, LOCK_PI, NULL), ESRCH);
	EXPECT_ERROR(futex(&word, UNLOCK_PI, NULL), EPERM);
	word = 0;
	EXPECT_ERROR(futex(&word, LOCK_PI, &bad), EINVAL);
	EXPECT_ERROR(futex(&word, LOCK_PI | REALTIME, NULL), ENOSYS);
	EXPECT_ERROR(futex((uint32_t *)((char *)&word + 1), LOCK_PI, NULL), EINVAL);
	EXPECT_ERROR(futex((uint32_t *)4096, LOCK_PI, NULL), EFAULT);
	EXPECT_ERROR(futex((uint32_t *)0xffff800000000000, LOCK_PI, NULL), EFAULT);
	EXPECT_ERROR(futex((uint32_t *)4096, UNLOCK_PI, NULL), EFAULT);
	EXPECT_ERROR(futex(read_only, LOCK_PI, NULL), EFAULT);
}

/* A queue whose word somebody else writes to all the time. */
static volatile bool stop;

static void *scribble(void *unused)
{
	uint32_t random = 1;

	(void)unused;
	while (!stop) {
		random = random * 1664525 + 1013904223;
		word = random >> 30 == 0   ? random
		       : random >> 28 == 4 ? 0
					   : self() | (random & WAITERS);
		if (random >> 29 == 1)
			sched_yield();
	}
	return NULL;
}

static void *fumble(void *unused)
{
	(void)unused;
	for (int i = 0; i < 300; i++) {
		struct timespec limit;

		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_nsec += 1000000;
		if (limit.tv_nsec >= 1000000000)
			limit = (struct timespec){ limit.tv_sec + 1, 0 };
		futex(&word, LOCK_PI | PRIVATE, &limit);
		if (i % 2)
			word = self() | WAITERS;
		futex(&word, UNLOCK_PI | PRIVATE, NULL);
	}
	return NULL;
}

TEST(priority_futex, survives_hostile_words)
{
	pthread_t scribbler = start(scribble, NULL), threads[4];

	for (int i = 0; i < 4; i++)
		threads[i] = start(fumble, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	stop = true;
	pthread_join(scribbler, NULL);
	word = 0;
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
}

static volatile uint32_t circle[3];
static volatile int refused;

static void *close_circle(void *argument)
{
	unsigned index = (unsigned)(uintptr_t)argument;

	EXPECT_EQUAL(futex(&circle[index], LOCK_PI | PRIVATE, NULL), 0);
	while (!circle[0] || !circle[1] || !circle[2])
		sched_yield();
	if (futex(&circle[(index + 1) % 3], LOCK_PI | PRIVATE, NULL) == 0) {
		EXPECT_EQUAL(futex(&circle[(index + 1) % 3], UNLOCK_PI | PRIVATE, NULL), 0);
	} else {
		EXPECT_EQUAL(errno, EDEADLK);
		__atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
	}
	EXPECT_EQUAL(futex(&circle[index], UNLOCK_PI | PRIVATE, NULL), 0);
	return NULL;
}

TEST(priority_futex, refuses_to_close_a_circle)
{
	pthread_t threads[3];

	for (uintptr_t i = 0; i < 3; i++)
		threads[i] = start(close_circle, (void *)i);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	EXPECT(refused >= 1);
	for (int i = 0; i < 3; i++)
		EXPECT_EQUAL(circle[i] & ~WAITERS, 0);
}

static void *leave_locked(void *unused)
{
	(void)unused;
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
	await(&word, WAITERS);
	test_sleep(20);
	syscall(SYS_exit, 0);
	return NULL;
}

static int told;

static void *lock_after_death(void *unused)
{
	(void)unused;
	while (word == 0)
		test_sleep(1);
	EXPECT_EQUAL(futex(&word, LOCK_PI | PRIVATE, NULL), 0);
	EXPECT_EQUAL(word & ~(WAITERS | OWNER_DIED), self());
	if (word & OWNER_DIED)
		__atomic_add_fetch(&told, 1, __ATOMIC_SEQ_CST);
	EXPECT_EQUAL(futex(&word, UNLOCK_PI | PRIVATE, NULL), 0);
	return NULL;
}

static int be_left_by_owners(void *unused)
{
	pthread_t threads[3];

	(void)unused;
	for (int i = 0; i < 3; i++)
		threads[i] = start(lock_after_death, NULL);
	start(leave_locked, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return told == 1 ? 7 : 8; /* the first one, who can tell the others */
}

TEST(priority_futex, goes_on_when_its_owner_dies)
{
	/* The C library knows nothing of the thread's end, so this happens apart. */
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(be_left_by_owners, NULL)), 7);
}

static void *wait_for_ever(void *unused)
{
	(void)unused;
	futex(&word, LOCK_PI | PRIVATE, NULL);
	return NULL;
}

static int die_with_waiters(void *unused)
{
	(void)unused;
	futex(&word, LOCK_PI | PRIVATE, NULL);
	for (int i = 0; i < 5; i++)
		start(wait_for_ever, NULL);
	await(&word, WAITERS);
	test_let_block();
	return 9;
}

TEST(priority_futex, process_dies_with_its_waiters)
{
	EXPECT_EQUAL(WEXITSTATUS(test_run_child(die_with_waiters, NULL)), 9);
}

/* --- the mutexes of C libraries ----------------------------------------------------------------- */

static pthread_mutex_t *make_mutex(bool robust)
{
	pthread_mutex_t *mutex =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	EXPECT_EQUAL(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), 0);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (robust)
		pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	EXPECT_EQUAL(pthread_mutex_init(mutex, &attributes), 0);
	return mutex;
}

static int counter;

static void *count(void *argument)
{
	for (int i = 0; i < 1000; i++) {
		EXPECT_EQUAL(pthread_mutex_lock(argument), 0);
		counter++;
		if (i % 100 == 0)
			sched_yield();
		EXPECT_EQUAL(pthread_mutex_unlock(argument), 0);
	}
	return NULL;
}

TEST(priority_futex, mutex_excludes)
{
	pthread_mutex_t *mutex = make_mutex(false);
	pthread_t threads[6];

	for (int i = 0; i < 6; i++)
		threads[i] = start(count, mutex);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQUAL(counter, 6000);
	EXPECT_EQUAL(pthread_mutex_trylock(mutex), 0);
}

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void *answer(void *mutex)
{
	pthread_mutex_lock(mutex);
	for (int i = 0; i < 200; i++) {
		while (counter % 2 == 0)
			pthread_cond_wait(&condition, mutex);
		counter++;
		pthread_cond_broadcast(&condition);
	}
	pthread_mutex_unlock(mutex);
	return NULL;
}

TEST(priority_futex, conditions_work_with_it)
{
	pthread_mutex_t *mutex = make_mutex(false);
	pthread_t thread = start(answer, mutex);

	pthread_mutex_lock(mutex);
	for (int i = 0; i < 200; i++) {
		counter++;
		pthread_cond_broadcast(&condition);
		while (counter % 2)
			pthread_cond_wait(&condition, mutex);
	}
	pthread_mutex_unlock(mutex);
	pthread_join(thread, NULL);
	EXPECT_EQUAL(counter, 400);
}

static int lock_and_die(void *mutex)
{
	return pthread_mutex_lock(mutex);
}

static int lock_and_die_later(void *mutex)
{
	int result = pthread_mutex_lock(mutex);

	counter = 0;
	test_sleep(200);
	return result;
}

TEST(priority_futex, robust_mutex_tells_of_its_dead_owner)
{
	pthread_mutex_t *mutex = make_mutex(true);
	pid_t pid;

	EXPECT_EQUAL(test_run_child(lock_and_die, mutex), 0);
	EXPECT_EQUAL(pthread_mutex_lock(mutex), EOWNERDEAD);
	EXPECT_EQUAL(pthread_mutex_consistent(mutex), 0);
	EXPECT_EQUAL(pthread_mutex_unlock(mutex), 0);
	/* The same while it is waited for. */
	pid = test_spawn(lock_and_die_later, mutex);
	while (pthread_mutex_trylock(mutex) == 0) {
		pthread_mutex_unlock(mutex);
		test_sleep(1);
	}
	EXPECT_EQUAL(pthread_mutex_lock(mutex), EOWNERDEAD);
	EXPECT_EQUAL(pthread_mutex_consistent(mutex), 0);
	EXPECT_EQUAL(pthread_mutex_unlock(mutex), 0);
	EXPECT_EQUAL(test_wait(pid), 0);
}

/* --- what it is for -------------------------------------------------------------------------- */

static volatile int held, spinning, done;
static uint64_t waited;

static void become(int policy, int priority)
{
	struct sched_param parameter = { .sched_priority = priority };
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first) < 0)
		test_skip("CPU 0 is not for us");
	/* The calls themselves: one C library would change nothing but report ENOSYS. */
	if (syscall(SYS_sched_setscheduler, 0, policy, &parameter) < 0)
		test_skip("no privilege for real time");
}

static void *hold_slowly(void *mutex)
{
	become(SCHED_IDLE, 0);
	pthread_mutex_lock(mutex);
	held = 1;
	while (!spinning)
		test_sleep(1);
	for (volatile int i = 0; i < 100000; i++)
		continue;
	pthread_mutex_unlock(mutex);
	return NULL;
}

static void *spin_in_between(void *unused)
{
	(void)unused;
	become(SCHED_FIFO, 10);
	while (!done)
		spinning = 1;
	return NULL;
}

static void *want_urgently(void *mutex)
{
	uint64_t begin;

	become(SCHED_FIFO, 20);
	while (!spinning)
		test_sleep(1);
	begin = test_milliseconds();
	pthread_mutex_lock(mutex);
	waited = test_milliseconds() - begin;
	pthread_mutex_unlock(mutex);
	done = 1;
	return NULL;
}

TEST(priority_futex, no_priority_inversion)
{
	pthread_mutex_t *mutex = make_mutex(false);
	pthread_t threads[3];

	threads[0] = start(hold_slowly, mutex);
	while (!held)
		test_sleep(1);
	threads[2] = start(want_urgently, mutex);
	test_let_block();
	threads[1] = start(spin_in_between, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	/* Without it, the holder had to wait for the 5 % that real-time threads leave over. */
	EXPECT(waited < 500);
}
