/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists the drivers, and has the kernel load, unload, restart, move and check them: what is asked for is written to
 * sys:drivers.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIST      "/scheme/sys/drivers"
#define FIELDS    12
#define LINE_SIZE 4096

static const char usage[] = "usage: drivers [list]\n"
			    "       drivers load FILE [NAME=VALUE...]\n"
			    "       drivers unload NAME\n"
			    "       drivers restart NAME\n"
			    "       drivers move NAME kernel|user\n"
			    "       drivers check\n";

/* Fields of the kernel's list, by number. */
static const struct {
	unsigned field;
	int width;
} columns[] = { { 0, 16 }, { 1, 7 }, { 3, 8 }, { 5, 24 }, { 6, 33 }, { 8, 20 }, { 11, 1 } };

static void print_line(char *line)
{
	char *fields[FIELDS] = { 0 };
	char *rest = line;

	line[strcspn(line, "\n")] = '\0';
	for (unsigned i = 0; i < FIELDS && rest; i++)
		fields[i] = strsep(&rest, "\t");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		printf("%-*s ", columns[i].width,
		       fields[columns[i].field] ? fields[columns[i].field] : "");
	printf("\n");
}

static int list(void)
{
	static char line[LINE_SIZE];
	FILE *file = fopen(LIST, "r");

	if (!file) {
		perror("drivers: " LIST);
		return 1;
	}
	while (fgets(line, sizeof(line), file))
		print_line(line);
	fclose(file);
	return 0;
}

static const char *explain(int error)
{
	switch (error) {
	case EPERM:
		return "not allowed: by its licence, by the policy, or as you are not root";
	case EEXIST:
		return "there is a driver of that name already";
	case ENOEXEC:
		return "it is no driver object";
	case EINVAL:
		return "it is damaged, or there is no such command";
	case EBUSY:
		return "it cannot let go of its device";
	case EOPNOTSUPP:
		return "there are no driver hosts, or it is for another driver kit";
	case EBADMSG:
		return "the kernel's code is not what was loaded";
	default:
		return strerror(error);
	}
}

static int command(int count, char **words)
{
	static char line[LINE_SIZE];
	size_t length = 0;
	int file = open(LIST, O_WRONLY), error = 0;

	for (int i = 0; i < count; i++) {
		int part = snprintf(line + length, sizeof(line) - length, "%s%s", i ? " " : "",
				    words[i]);

		if (part < 0 || (size_t)part >= sizeof(line) - length) {
			fprintf(stderr, "drivers: that is too long\n");
			return 2;
		}
		length += (size_t)part;
	}
	if (file < 0 || write(file, line, length) < 0)
		error = errno;
	if (error)
		fprintf(stderr, "drivers: %s: %s (dmesg tells more)\n", words[0], explain(error));
	if (file >= 0)
		close(file);
	return error ? 1 : 0;
}

static bool is_command(int count, char **words)
{
	static const struct {
		const char *name;
		int least, most;
	} commands[] = { { "load", 2, INT_MAX },
			 { "unload", 2, 2 },
			 { "restart", 2, 2 },
			 { "move", 3, 3 },
			 { "check", 1, 1 } };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, words[0]) == 0)
			return count >= commands[i].least && count <= commands[i].most;
	return false;
}

int main(int argc, char **argv)
{
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0))
		return list();
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (!is_command(argc - 1, argv + 1)) {
		fputs(usage, stderr);
		return 2;
	}
	return command(argc - 1, argv + 1);
}
