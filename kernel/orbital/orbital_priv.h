/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `orbital:`, inside. Each open file is a window, a display, the clipboard, or the session;
 * windows belong to the process that opened them.
 */
#pragma once

#include <base/list.h>
#include <desktop/window.h>
#include <scheme/scheme_file.h>

struct process;

#define ORBITAL_WINDOWS_PER_PROCESS 256

struct orbital_window {
	struct window *window; /* immutable once it is there */
	struct process *owner; /* immutable; a reference, or NULL: the kernel's own */
	struct list_node node; /* in the list of all, under its lock */
	_Atomic bool async;    /* reading does not wait */
};

/* --- Names (name.c). --- */

/* The flag of a letter, 0: there is none of that letter. */
unsigned orbital_flag_of(char letter);
/* What "FLAGS/X/Y/WIDTH/HEIGHT/TITLE" asks for. What is missing is 0 or empty, and so are sizes that
 * are no numbers: whether a window can be so is not looked at here. -EINVAL: unknown flags. */
int must_check orbital_parse_name(const char *name, size_t length,
				  struct window_properties *properties);
/* The other way round; the number of bytes, not terminated, at most `size`. */
size_t orbital_print_name(const struct window_properties *properties, char *buffer, size_t size);
/* Makes a title of what a program gave: no control characters, whole characters of UTF-8, at most
 * WINDOW_TITLE_MAX bytes. The length; `title` is terminated and has room for that. */
size_t orbital_clean_title(const char *text, size_t length, char *title);

/* --- Parts of texts (words.c). --- */

struct orbital_words {
	const char *at, *end;
	char separator;
	bool over; /* the last part was taken */
};

struct orbital_word {
	const char *text;
	size_t length;
};

struct orbital_words orbital_words(const char *text, size_t length, char separator);
/* The next part; empty ones behind the last. */
struct orbital_word orbital_next_word(struct orbital_words *words);
/* All that is left, separators and all. */
struct orbital_word orbital_rest(struct orbital_words *words);
bool orbital_word_is(struct orbital_word word, const char *text);
/* False: it is no number of 32 bits, and *value is as it was. */
bool orbital_word_number(struct orbital_word word, int32_t *value);

/* --- Windows (window.c), and what is written to them (command.c). --- */

int must_check orbital_open_window(struct scheme *scheme, const struct scheme_request *request,
				   struct file **file);
/* Carries out one command. -EINVAL: it makes no sense; or what window.h says. */
int must_check orbital_command(struct orbital_window *window, const char *text, size_t length);
/* Calls `visit` for the windows of the current process until it returns something else than -EACCES,
 * which becomes the result; -EACCES, too, if there are none. They stay until it returns. */
ssize_t must_check orbital_visit_own(ssize_t (*visit)(struct orbital_window *window,
						      void *argument),
				     void *argument);
void orbital_windows_init(void);

/* --- The other files. --- */

/* The clipboard: with `window` (a file; takes a reference) as that one sees it, or, NULL, as the
 * windows of whoever reads and writes it see it. */
int must_check orbital_open_clipboard(struct scheme *scheme, const struct scheme_request *request,
				      struct file *window, struct file **file);
int must_check orbital_open_session(struct scheme *scheme, const struct scheme_request *request,
				    struct file **file);
/* "99.N". */
int must_check orbital_open_display(struct scheme *scheme, const struct scheme_request *request,
				    struct file **file);
