/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A workload that knows what must be on the disk: works on PATH until it gets SIGTERM, and says then what it saw.
 *
 *	verify [-b] PATH THREADS [STATUS]
 *
 * Each thread has a part of the file or disk for itself, and there writes stretches of blocks, of which each bears its
 * place and how often it was written, and reads others and compares them with what was written last. A request that is
 * lost, answered with another's data, or done again after a later write of the same blocks, shows. Past the page
 * cache, unless -b is given. STATUS is a file whose first line is the number of requests so far.
 *
 * The last line is "requests N errors N longest N ms": the longest time in which no request completed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK          4096ul
#define PART_BLOCKS    256ul /* of each thread */
#define STRETCH_BLOCKS 16ul
#define THREADS_MAX    64
#define ERRORS_TOLD    8
#define WORD_COUNT     (BLOCK / sizeof(uint64_t))

static int file;
static atomic_bool stop;
static atomic_ulong requests, errors;
static _Atomic uint64_t last_completion, longest;

struct worker {
	pthread_t thread;
	uint64_t first; /* block */
	uint64_t random;
	uint32_t written[PART_BLOCKS]; /* how often; 0: not yet */
	char *buffer;
};

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void fail(const char *what)
{
	fprintf(stderr, "verify: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void tell_error(const char *what, uint64_t block, uint64_t wanted, uint64_t got)
{
	if (atomic_fetch_add(&errors, 1) >= ERRORS_TOLD)
		return;
	printf("%s: block %llu, wanted %llx, got %llx\n", what, (unsigned long long)block,
	       (unsigned long long)wanted, (unsigned long long)got);
	fflush(stdout);
}

static uint64_t next_random(struct worker *worker)
{
	worker->random ^= worker->random << 13;
	worker->random ^= worker->random >> 7;
	worker->random ^= worker->random << 17;
	return worker->random;
}

/* What word `index` of a block is that was written for the `count`th time. */
static uint64_t word_of(uint64_t block, uint32_t count, size_t index)
{
	return (block << 40 | (uint64_t)count << 10 | index) * 0x9e3779b97f4a7c15ull;
}

/* A request is done: it, or the end of a time in which none was. */
static void note_completion(void)
{
	uint64_t time = now(), before = atomic_exchange(&last_completion, time);
	uint64_t gap = time > before ? time - before : 0, most = atomic_load(&longest);

	while (gap > most && !atomic_compare_exchange_weak(&longest, &most, gap))
		;
	atomic_fetch_add(&requests, 1);
}

static void write_stretch(struct worker *worker, uint64_t from, size_t count)
{
	ssize_t length = (ssize_t)(count * BLOCK), done;

	for (size_t i = 0; i < count; i++) {
		uint64_t *words = (uint64_t *)(void *)(worker->buffer + i * BLOCK);
		uint32_t number = ++worker->written[from + i];

		for (size_t word = 0; word < WORD_COUNT; word++)
			words[word] = word_of(worker->first + from + i, number, word);
	}
	done = pwrite(file, worker->buffer, (size_t)length,
		      (off_t)((worker->first + from) * BLOCK));
	note_completion();
	if (done != length)
		tell_error("write failed", worker->first + from, (uint64_t)length,
			   done < 0 ? (uint64_t)errno : (uint64_t)done);
}

static void check_block(struct worker *worker, uint64_t block, const uint64_t *words)
{
	uint32_t count = worker->written[block];

	if (!count)
		return;
	for (size_t word = 0; word < WORD_COUNT; word++) {
		uint64_t wanted = word_of(worker->first + block, count, word);

		if (words[word] != wanted) {
			tell_error("wrong data", worker->first + block, wanted, words[word]);
			return;
		}
	}
}

static void read_stretch(struct worker *worker, uint64_t from, size_t count)
{
	ssize_t length = (ssize_t)(count * BLOCK), done;

	memset(worker->buffer, 0xa5, (size_t)length);
	done = pread(file, worker->buffer, (size_t)length, (off_t)((worker->first + from) * BLOCK));
	note_completion();
	if (done != length) {
		tell_error("read failed", worker->first + from, (uint64_t)length,
			   done < 0 ? (uint64_t)errno : (uint64_t)done);
		return;
	}
	for (size_t i = 0; i < count; i++)
		check_block(worker, from + i,
			    (const uint64_t *)(const void *)(worker->buffer + i * BLOCK));
}

static void *work(void *argument)
{
	struct worker *worker = argument;

	while (!atomic_load(&stop)) {
		uint64_t from = next_random(worker) % PART_BLOCKS;
		size_t count = 1 + next_random(worker) % STRETCH_BLOCKS;

		if (count > PART_BLOCKS - from)
			count = PART_BLOCKS - from;
		if (next_random(worker) & 1)
			write_stretch(worker, from, count);
		else
			read_stretch(worker, from, count);
	}
	return NULL;
}

static void start_worker(struct worker *worker, unsigned number)
{
	worker->first = number * PART_BLOCKS;
	worker->random = 0x1234567887654321ull * (number + 1);
	if (posix_memalign((void **)&worker->buffer, BLOCK, STRETCH_BLOCKS * BLOCK))
		fail("memory");
	errno = pthread_create(&worker->thread, NULL, work, worker);
	if (errno)
		fail("thread");
}

/* Tells how far it is until it gets SIGTERM. */
static void wait_for_end(int status)
{
	struct timespec moment = { .tv_nsec = 50000000 };
	sigset_t set;
	char line[32];

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	while (sigtimedwait(&set, NULL, &moment) != SIGTERM) {
		snprintf(line, sizeof(line), "%020lu\n", atomic_load(&requests));
		if (status >= 0 && pwrite(status, line, strlen(line), 0) < 0)
			fail("status");
	}
	atomic_store(&stop, true);
}

int main(int count, char **words)
{
	int flags = O_DIRECT, status = -1;
	struct worker *workers;
	unsigned threads;
	sigset_t set;

	if (count > 1 && !strcmp(words[1], "-b")) {
		flags = 0;
		count--;
		words++;
	}
	threads = count > 2 ? (unsigned)atoi(words[2]) : 0;
	if (count < 3 || threads < 1 || threads > THREADS_MAX) {
		fprintf(stderr, "usage: verify [-b] PATH THREADS [STATUS]\n");
		return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	file = open(words[1], O_RDWR | O_CLOEXEC | flags | (flags ? 0 : O_CREAT), 0644);
	if (file < 0)
		fail(words[1]);
	if (count > 3) {
		status = open(words[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (status < 0)
			fail(words[3]);
	}
	workers = calloc(threads, sizeof(*workers));
	if (!workers)
		fail("memory");
	atomic_store(&last_completion, now());
	for (unsigned i = 0; i < threads; i++)
		start_worker(&workers[i], i);
	wait_for_end(status);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	printf("requests %lu errors %lu longest %llu ms\n", atomic_load(&requests),
	       atomic_load(&errors), (unsigned long long)(atomic_load(&longest) / 1000000));
	return atomic_load(&errors) != 0;
}
