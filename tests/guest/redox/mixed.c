/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of tests/guest/mixed.sh, which has programs of both ABIs work together:
 *
 *	redox-tests --helper NAME ARGUMENT
 */
#include "redox_test.h"

#define WORDS 16

static unsigned complain(const char *what, int64_t error)
{
	print_to(FD_ERROR, "%s: %s\n", what, error_name(error));
	return 1;
}

/* Copies until the end; returns an exit status. */
static unsigned copy(int64_t from, int64_t to)
{
	char buffer[4096];
	int64_t count;

	while ((count = file_read(from, buffer, sizeof(buffer))) > 0) {
		int64_t error = file_write_whole(to, buffer, (size_t)count);

		if (error < 0)
			return complain("write", error);
	}
	return count < 0 ? complain("read", count) : 0;
}

/* stdin to stdout */
TEST_HELPER(cat)
{
	(void)argument;
	return copy(FD_INPUT, FD_OUTPUT);
}

/* a file to stdout */
TEST_HELPER(read)
{
	int64_t fd = file_open(argument, REDOX_O_RDONLY);

	return fd < 0 ? complain(argument, fd) : copy(fd, FD_OUTPUT);
}

/* stdin to a file, made or replaced */
TEST_HELPER(write)
{
	int64_t fd = file_open(argument, REDOX_O_WRONLY | REDOX_O_CREAT | REDOX_O_TRUNC | 0640);

	return fd < 0 ? complain(argument, fd) : copy(FD_INPUT, fd);
}

/* the working directory's name */
TEST_HELPER(directory)
{
	char name[256];
	int64_t length = working_directory_get(name, sizeof(name));

	(void)argument;
	print("%.*s\n", (int)length, name);
	return 0;
}

TEST_HELPER(exit)
{
	uint64_t status = 0;

	string_to_u64(argument, &status);
	return (unsigned)status;
}

/* Ends by a signal. */
TEST_HELPER(signal)
{
	uint64_t number = 0;

	string_to_u64(argument, &number);
	signal_send(process_id(), (int)number);
	return 0;
}

/* Says "ready", and then the number of the signal that came. */
static volatile int caught;

static void note_signal(int number)
{
	caught = number;
}

TEST_HELPER(catch)
{
	uint64_t number = 0;

	string_to_u64(argument, &number);
	signal_set_handler((int)number, note_signal, 0, NULL);
	print("ready\n");
	while (!caught)
		sleep_milliseconds(5);
	print("caught %d\n", caught);
	return 0;
}

static void split_words(const char *text, char buffer[256], const char *words[WORDS])
{
	size_t count = 0;

	string_copy(buffer, text, 256);
	for (char *at = buffer; *at && count < WORDS - 1;) {
		words[count++] = at;
		while (*at && *at != ' ')
			at++;
		if (*at)
			*at++ = '\0';
	}
	words[count] = NULL;
}

/* Becomes another program: a path and arguments in one word. */
TEST_HELPER(exec)
{
	const char *words[WORDS];
	char buffer[256];

	split_words(argument, buffer, words);
	return complain(words[0],
			process_execute(words[0], words, (const char *const *)program_environment));
}

/* Starts another program, waits for it and says how it ended. */
TEST_HELPER(spawn)
{
	const char *words[WORDS];
	char buffer[256];
	uint64_t status = 0;
	int64_t child;

	split_words(argument, buffer, words);
	child = process_spawn(words[0], words, NULL);
	if (child < 0)
		return complain(words[0], child);
	process_wait(child, &status, 0);
	if (status_is_signal(status))
		print("signal %u\n", status_signal(status));
	else
		print("status %u\n", status_exit(status));
	return 0;
}

/* Becomes another program whose file is open already, in a namespace with "file" and what the
 * first word names ("-": nothing), but without the rest. */
TEST_HELPER(confine)
{
	const char *words[WORDS], *names[2] = { "file" };
	struct redox_slice slices[WORDS];
	char buffer[256];
	int64_t space, fd;
	size_t count = 0;

	split_words(argument, buffer, words);
	names[1] = words[0];
	fd = file_open(words[1], REDOX_O_RDONLY | REDOX_O_CLOEXEC);
	if (fd < 0)
		return complain(words[1], fd);
	if (strcmp(words[0], "none") == 0)
		space = namespace_create(NULL, 0);
	else
		space = namespace_create(names, strcmp(words[0], "-") == 0 ? 1 : 2);
	if (space < 0)
		return complain("namespace", space);
	space = namespace_set((uint64_t)space, (uint64_t)space);
	if (space < 0)
		return complain("namespace", space);
	for (; words[count + 1]; count++) {
		slices[count].address = (uint64_t)words[count + 1];
		slices[count].length = strlen(words[count + 1]);
	}
	return complain(words[1], syscall(fexec, fd, slices, count, NULL, 0));
}
