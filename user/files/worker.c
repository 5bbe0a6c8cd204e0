/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads for work, see worker.h. The end of a pipe says that it is done. */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct worker {
	pthread_t thread;
	int ends[2];
	struct ui_watch *watch;
	void (*run)(void *argument);
	void (*done)(void *argument);
	void *argument;
};

static void *work(void *argument)
{
	struct worker *worker = argument;

	worker->run(worker->argument);
	close(worker->ends[1]);
	return NULL;
}

static int start_thread(struct worker *worker)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	error = pthread_attr_setstacksize(&attributes, WORKER_STACK);
	if (!error)
		error = pthread_create(&worker->thread, &attributes, work, worker);
	pthread_attr_destroy(&attributes);
	return error;
}

static void finished(void *argument, int fd, short events)
{
	struct worker *worker = argument;
	struct worker copy = *worker;

	(void)events;
	pthread_join(worker->thread, NULL);
	ui_watch_remove(worker->watch);
	close(fd);
	free(worker);
	copy.done(copy.argument);
}

bool worker_start(struct ui *ui, void (*run)(void *argument), void (*done)(void *argument),
		  void *argument)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int error;

	if (!worker)
		return false;
	*worker = (struct worker){ .run = run, .done = done, .argument = argument };
	if (pipe2(worker->ends, O_CLOEXEC) < 0)
		goto err_free;
	error = start_thread(worker);
	if (error) {
		errno = error;
		goto err_pipe;
	}
	worker->watch = ui_watch_add(ui, worker->ends[0], POLLIN, finished, worker);
	return true;

err_pipe:
	close(worker->ends[0]);
	close(worker->ends[1]);
err_free:
	free(worker);
	return false;
}
