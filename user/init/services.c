/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting services, see services.h. */
#include "services.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS         16
#define SECONDS_TO_BEGIN  5
#define EXIT_NOT_EXECUTED 126

static void on_alarm(int number)
{
	(void)number; /* it is there to interrupt waitpid() */
}

/* Waits until the process has ended; kills it when its time is over. Returns its wait status. */
static int wait_for_begin(pid_t service)
{
	struct sigaction action = { .sa_handler = on_alarm }; /* without SA_RESTART */
	int status = EXIT_NOT_EXECUTED << 8;

	sigaction(SIGALRM, &action, NULL);
	alarm(SECONDS_TO_BEGIN);
	while (waitpid(service, &status, 0) < 0 && errno == EINTR)
		kill(service, SIGKILL);
	alarm(0);
	signal(SIGALRM, SIG_DFL);
	return status;
}

static void start_service(char **arguments, void (*prepare)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		setsid();
		prepare();
		execv(arguments[0], arguments);
		fprintf(stderr, "init: %s: %s\n", arguments[0], strerror(errno));
		_exit(EXIT_NOT_EXECUTED);
	}
	if (child < 0) {
		fprintf(stderr, "init: no process for %s: %s\n", arguments[0], strerror(errno));
		return;
	}
	status = wait_for_begin(child);
	if (WIFSIGNALED(status))
		fprintf(stderr, "init: %s: ended by signal %d before it served\n", arguments[0],
			WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		fprintf(stderr, "init: %s: status %d\n", arguments[0], WEXITSTATUS(status));
}

/* Splits a line at its blanks; returns the number of words. */
static unsigned split_line(char *line, char *words[static ARGUMENTS])
{
	unsigned count = 0;
	char *word;

	line[strcspn(line, "#\n")] = '\0';
	for (word = strtok(line, " \t"); word && count < ARGUMENTS - 1; word = strtok(NULL, " \t"))
		words[count++] = word;
	words[count] = NULL;
	return count;
}

void start_services(const char *path, void (*prepare)(void))
{
	FILE *file = fopen(path, "re");
	char *words[ARGUMENTS];
	char line[256];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (split_line(line, words) > 0)
			start_service(words, prepare);
	fclose(file);
}
