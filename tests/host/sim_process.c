/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim_process.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process that takes longer is ended. */
#define RUN_SECONDS 60

static int fault_status;

int sim_process_run(void (*run)(const void *argument), const void *argument)
{
	pid_t process;
	int status;

	fflush(stdout);
	process = fork();
	if (process < 0)
		return -1;
	if (process == 0) {
		alarm(RUN_SECONDS);
		run(argument);
		_exit(0);
	}
	if (waitpid(process, &status, 0) != process || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

void sim_process_exit(int status)
{
	_exit(status);
}

static void exit_on_fault(int number)
{
	(void)number;
	_exit(fault_status);
}

void sim_process_exit_on_fault(int status)
{
	fault_status = status;
	signal(SIGSEGV, exit_on_fault);
	signal(SIGBUS, exit_on_fault);
}
