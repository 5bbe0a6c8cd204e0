/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done in the background: commits, merges, the end of what was removed. */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "mount.h"
#include "program.h"

#define ROOM_STEPS 1000u

/* The lock protects `ending`. */
static pthread_mutex_t end_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t end_signal = PTHREAD_COND_INITIALIZER;
static bool ending;
static pthread_t worker;

/* Waits for a moment, or the end: then true. */
static bool wait_for_end(unsigned milliseconds)
{
	struct timespec until;
	bool end;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)milliseconds * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&end_lock);
	if (!ending)
		pthread_cond_timedwait(&end_signal, &end_lock, &until);
	end = ending;
	pthread_mutex_unlock(&end_lock);
	return end;
}

static void *work(void *context)
{
	bool failed = false;
	int result;

	(void)context;
	do {
		result = hmfs_work(mount_state.hmfs, mount_state.commit_seconds);
		if (result < 0 && !failed)
			complain_of(result, "%s: a commit failed", mount_state.volume.path);
		failed = result < 0;
	} while (!wait_for_end(result == 1 ? 0 : 200));
	return NULL;
}

int work_start(void)
{
	return mount_state.read_only ? 0 : -pthread_create(&worker, NULL, work, NULL);
}

void work_end(void)
{
	if (mount_state.read_only)
		return;
	pthread_mutex_lock(&end_lock);
	ending = true;
	pthread_cond_signal(&end_signal);
	pthread_mutex_unlock(&end_lock);
	pthread_join(worker, NULL);
}

bool made_room(int64_t result)
{
	unsigned step;

	if (result != -ENOSPC)
		return false;
	for (step = 0; step < ROOM_STEPS; step++)
		if (hmfs_work(mount_state.hmfs, 0) != 1)
			break;
	return true;
}
