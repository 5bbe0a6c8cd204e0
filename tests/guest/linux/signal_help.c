/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of signals share (signal_help.h).
 */
#include "signal_help.h"

#include "test.h"

#include <signal.h>

volatile sig_atomic_t calls;
volatile sig_atomic_t last_number;
siginfo_t last_information;

void count_call(int number)
{
	calls++;
	last_number = number;
}

void keep_information(int number, siginfo_t *information, void *context)
{
	(void)context;
	calls++;
	last_number = number;
	last_information = *information;
}

void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	EXPECT_EQUAL(sigaction(number, &action, NULL), 0);
}

void handle_with_information(int number, int flags)
{
	struct sigaction action = { .sa_sigaction = keep_information,
				    .sa_flags = flags | SA_SIGINFO };

	EXPECT_EQUAL(sigaction(number, &action, NULL), 0);
}

sigset_t set_of(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

void block(int number)
{
	sigset_t set = set_of(number);

	EXPECT_EQUAL(sigprocmask(SIG_BLOCK, &set, NULL), 0);
}

void unblock(int number)
{
	sigset_t set = set_of(number);

	EXPECT_EQUAL(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}
