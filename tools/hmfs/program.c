/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages, options and the progress bar of the programs of HMFS. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

const char *program_name = "hmfs";
int program_failure = 1;
int program_usage_failure = 2;

static bool bar_shown;

const char *error_text(int error)
{
	switch (error < 0 ? -error : error) {
	case EUCLEAN:
		return "damaged";
	case EBADMSG:
		return "the stream is damaged or ends early";
	case EIO:
		return "cannot be read or written: input/output error or damage";
	case EOPNOTSUPP:
		return "not supported";
	case ENOSPC:
		return "no space left on the volume";
	case EROFS:
		return "read-only";
	default:
		return strerror(error < 0 ? -error : error);
	}
}

static void print_line(const char *format, va_list arguments, const char *end)
{
	char line[4096];

	vsnprintf(line, sizeof(line), format, arguments);
	progress_end();
	fflush(stdout);
	fprintf(stderr, "%s: %s%s%s\n", program_name, line, end ? ": " : "", end ? end : "");
}

void complain(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments, NULL);
	va_end(arguments);
}

int complain_of(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments, error_text(error));
	va_end(arguments);
	return error;
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments, NULL);
	va_end(arguments);
	exit(program_failure);
}

void die_of(int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments, error_text(error));
	va_end(arguments);
	exit(program_failure);
}

void die_of_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_line(format, arguments, NULL);
	va_end(arguments);
	fprintf(stderr, "See \"%s --help\".\n", program_name);
	exit(program_usage_failure);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		die("out of memory");
	return memory;
}

char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(allocate(size), text, size);
}

char *format_text(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		die("out of memory");
	return text;
}

bool finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return true;
	if (errno != EPIPE)
		complain("cannot write the output: %s", strerror(errno));
	return false;
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void progress(const char *what, uint64_t done, uint64_t total)
{
	static const char marks[] = "########################################";
	const unsigned width = sizeof(marks) - 1;
	static int terminal = -1;
	static uint64_t last;
	uint64_t now, share;

	if (terminal < 0)
		terminal = isatty(STDERR_FILENO);
	if (!terminal)
		return;
	now = milliseconds();
	if (bar_shown && now - last < 100)
		return;
	last = now;
	if (total == 0)
		total = 1;
	if (done > total)
		done = total;
	share = done / (total / 1000 + 1);
	if (total < 1000000)
		share = done * 1000 / total;
	if (share > 1000)
		share = 1000;
	fprintf(stderr, "\r%s [%-*.*s] %u %%\033[K", what, (int)width, (int)(share * width / 1000),
		marks, (unsigned)(share / 10));
	bar_shown = true;
}

void progress_end(void)
{
	if (bar_shown)
		fputs("\r\033[K", stderr);
	bar_shown = false;
}
