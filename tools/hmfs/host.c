/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory, a lock, a clock and messages for the volume of this process. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "program.h"

bool program_verbose;

static pthread_mutex_t volume_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t volume_changed = PTHREAD_COND_INITIALIZER;
static const char *volume_name;
/* Set before there are threads. */
static bool is_reproducible;
static uint64_t fixed_time, random_state;

static void lock_volume(void *context)
{
	(void)context;
	pthread_mutex_lock(&volume_lock);
}

static void unlock_volume(void *context)
{
	(void)context;
	pthread_mutex_unlock(&volume_lock);
}

static void wait_for_volume(void *context)
{
	(void)context;
	pthread_cond_wait(&volume_changed, &volume_lock);
}

static void wake_waiters(void *context)
{
	(void)context;
	pthread_cond_broadcast(&volume_changed);
}

static uint64_t now(void)
{
	struct timespec time;

	if (is_reproducible)
		return fixed_time;
	clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Steele, Lea and Flood's SplitMix64. */
static uint64_t next_random(void)
{
	uint64_t value = random_state += 0x9e3779b97f4a7c15;

	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
	value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
	return value ^ (value >> 31);
}

static void fill_random(void *bytes, size_t length)
{
	uint8_t *to = bytes;
	size_t i;

	if (is_reproducible) {
		for (i = 0; i < length; i++)
			to[i] = (uint8_t)next_random();
		return;
	}
	while (length > 0) {
		ssize_t got = getrandom(to, length, 0);

		if (got < 0 && errno != EINTR)
			die("no random numbers: %s", strerror(errno));
		if (got > 0) {
			to += got;
			length -= (size_t)got;
		}
	}
}

static void log_line(void *context, enum hmfs_log_level level, const char *line)
{
	(void)context;
	if (level < HMFS_LOG_NOTE || program_verbose)
		complain("%s: %s", volume_name, line);
}

static struct hmfs_host host = {
	.allocate = malloc,
	.release = free,
	.lock = lock_volume,
	.unlock = unlock_volume,
	.wait = wait_for_volume,
	.wake = wake_waiters,
	.now = now,
	.random = fill_random,
	.log = log_line,
};

const struct hmfs_host *program_host(const char *name)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	uint64_t memory = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : 0;

	volume_name = name;
	if (is_reproducible)
		return &host;
	host.cache_bytes = (size_t)max_u64(min_u64(memory / 16, (uint64_t)256 << 20), 4 << 20);
	host.newest_bytes = (size_t)max_u64(min_u64(memory / 32, (uint64_t)32 << 20), 2 << 20);
	return &host;
}

void program_host_reproducible(uint64_t time, uint64_t seed)
{
	is_reproducible = true;
	fixed_time = time;
	random_state = seed;
	/* When newest maps are written must not depend on the machine's memory. */
	host.cache_bytes = (size_t)64 << 20;
	host.newest_bytes = (size_t)16 << 20;
}
