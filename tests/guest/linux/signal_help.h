/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests of signals share: handlers that keep what they were called with, and short
 * names for setting them up.
 */
#pragma once

#include <signal.h>

extern volatile sig_atomic_t calls;       /* of the handlers below */
extern volatile sig_atomic_t last_number; /* the last one's signal */
extern siginfo_t last_information;        /* of the last keep_information() */

void count_call(int number);
void keep_information(int number, siginfo_t *information, void *context);

void handle(int number, void (*handler)(int), int flags);
void handle_with_information(int number, int flags);

sigset_t set_of(int number);
void block(int number);
void unblock(int number);
