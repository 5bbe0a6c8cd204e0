/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session: the program that tells the desktop what its launcher offers and how it is to look,
 * and starts what the user chose there (file "orbital:session").
 *
 * It writes lines:
 *
 *	NAME <TAB> ICON <TAB> COMMAND	an entry of the launcher; one of the same name is replaced
 *	clear				forgets all entries
 *	theme dark | theme light
 *	accent RRGGBB			the colour of what is chosen or in front
 *	scale 1 | scale 2 | scale auto
 *	layout NAME			the name of the keyboard's layout, to be shown
 *	zone MINUTES			how far the clock is ahead of UTC, may be negative
 *
 * and reads lines: COMMAND of each entry that was chosen. ICON is the
 * name of a built-in picture: terminal, files, editor, image, monitor, clock, settings, or any
 * other for a plain one. A picture as background is a window of the session's: borderless, at the
 * back, as large as the display.
 *
 * All functions are for thread context, without locks of rank >= RANK_COMPOSITOR.
 */
#pragma once

#include <base/types.h>

struct wait_queue;

#define SESSION_LINE_MAX    256 /* bytes, without the line feed */
#define SESSION_ENTRIES_MAX 64
#define SESSION_NAME_MAX    48   /* bytes of an entry's name */
#define SESSION_QUEUE_MAX   4096 /* bytes of commands that wait to be read; more are dropped */

/* There is one at a time. -ENODEV (no desktop), -EBUSY. */
int must_check session_open(void);
/* Its entries and settings stay; commands nobody read are forgotten. */
void session_close(void);
/* Takes one line, without its line feed; UTF-8. -EINVAL: makes no sense; -ENOSPC: too many entries. */
int must_check session_write(const char *line, size_t length);
/* Takes commands, whole lines with line feeds, as many as fit: bytes, 0: none waits, or the first is
 * longer than `size`. */
size_t session_read(char *to, size_t size);
bool session_has_commands(void);
/* Woken when there is a command. */
struct wait_queue *session_queue(void);
