/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows for the tests of scheme `orbital:`; without a desktop they are skipped. */
#pragma once

#include "../test.h"

#include <poll.h>
#include <redox/orbital.h>

/* Skips the test if opening something of the scheme failed as it does without a desktop. */
void skip_without_desktop(int fd);
/* Opens /scheme/orbital/NAME to be read and written. */
int open_window(const char *name);
uint32_t *map_window(int fd, size_t length);
/* Writes one command, which must be taken. */
void command(int fd, const char *text);
/* What /proc/self/fd/N leads to. */
void read_link_name(int fd, char *name, size_t size);
/* That must be /scheme/orbital/NAME. */
void expect_name(int fd, const char *name);
/* The numbers in it. */
void read_name(int fd, int *x, int *y, int *width, int *height);
/* The next event about the focus must say this; others are passed over. Five seconds. */
void expect_focus(int fd, bool focused);
/* As if the user pressed a key, and let go of it: the window that has the focus gets it. Skips the test
 * if that cannot be done. */
void press_key(void);
/* The same, and waits until the window, which has the focus, got it. */
void use_window(int fd);
/* Takes all events that are there; how many. */
unsigned drain_events(int fd);
/* What poll says at once. */
short ready_events(int fd);
/* The memory of windows that counts for this process. */
long pinned_kib(void);
/* MemAvailable and MemTotal. */
long available_kib(void);
long total_kib(void);
