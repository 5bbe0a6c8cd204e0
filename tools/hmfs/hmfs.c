/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hmfs: looks at volumes and changes them, mounted or not. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "programs.h"

static const struct command *const tables[] = {
	name_commands,   copy_commands,   fork_commands, dataset_commands,
	stream_commands, volume_commands, dump_commands,
};

struct option_description {
	const char *letter, *word;
	const char *value; /* NULL: takes none */
	const char *what;
};

static const struct option_description descriptions[CALL_OPTIONS] = {
	[CALL_LONG] = { "l", "long", NULL, "with kinds, sizes, times" },
	[CALL_RECURSIVE] = { "r", "recursive", NULL, "with all that is below" },
	[CALL_PARENTS] = { "p", "parents", NULL, "makes the folders above, too" },
	[CALL_SYMBOLIC] = { "s", "symbolic", NULL, "a symbolic link" },
	[CALL_FORCE] = { "f", "force", NULL, "what is not there is no error" },
	[CALL_BASE] = { "b", "base", "SNAPSHOT", "only what changed since that snapshot" },
	[CALL_NAME] = { NULL, "name", "NAME", "of the snapshot; else the stream says it" },
	[CALL_OF] = { NULL, "of", "SNAPSHOT", "of that one instead of the live file system" },
	[CALL_BYTES] = { NULL, "bytes", NULL, "sizes in bytes" },
	[CALL_NO_REPLACE] = { "n", "no-replace", NULL, "an error if the new name is taken" },
	[CALL_EXCHANGE] = { "x", "exchange", NULL, "the two names change places" },
	[CALL_MINIMUM] = { NULL, "minimum", "SIZE", "leaves smaller pieces alone" },
	[CALL_ALL] = { "a", "all", NULL, "all records" },
};

static const char introduction[] = "usage: hmfs COMMAND [OPTION...] VOLUME [ARGUMENT...]\n"
				   "\n"
				   "VOLUME is an image file, a disk or a partition. Commands "
				   "marked with * also take a path in\n"
				   "a mounted volume. Paths in a volume begin at its root: /a/b; "
				   "/a/..namedfork/NAME is a fork\n"
				   "of /a, and /.snapshots/NAME/a what snapshot NAME has there.\n"
				   "\n";

static void print_command(const struct command *command)
{
	printf("  %s %s\n      %s\n", command->name, command->operands, command->what);
}

_Noreturn static void print_help(void)
{
	size_t i;
	const struct command *command;

	fputs(introduction, stdout);
	for (i = 0; i < array_length(tables); i++)
		for (command = tables[i]; command->name; command++)
			print_command(command);
	puts("  mkfs ..., fsck ...\n      as mkfs.hmfs and fsck.hmfs\n\n"
	     "\"hmfs COMMAND --help\" explains a command's options.\n"
	     "Exit status: 0 done, 1 an error, 2 wrong usage.");
	exit(finish_output() ? 0 : 1);
}

_Noreturn static void print_command_help(const struct command *command)
{
	size_t i;

	fputs("usage: hmfs ", stdout);
	print_command(command);
	for (i = 0; i < array_length(descriptions); i++) {
		const struct option_description *option = &descriptions[i];

		if (!(command->options >> i & 1))
			continue;
		printf("  %s%s%s --%s%s%s  %s\n", option->letter ? "-" : "  ",
		       option->letter ? option->letter : "", option->letter ? "," : " ",
		       option->word, option->value ? " " : "", option->value ? option->value : "",
		       option->what);
	}
	exit(finish_output() ? 0 : 1);
}

/* Whether the words from `arguments` on name the command: how many words it has. */
static int words_matched(const struct command *command, int count, char **arguments)
{
	const char *name = command->name;
	int words = 0;

	while (*name) {
		size_t length = strcspn(name, " ");

		if (words >= count || strlen(arguments[words]) != length ||
		    memcmp(arguments[words], name, length) != 0)
			return 0;
		words++;
		name += length;
		name += *name == ' ';
	}
	return words;
}

static const struct command *find_command(int count, char **arguments, int *words)
{
	const struct command *command;
	size_t i;

	for (i = 0; i < array_length(tables); i++)
		for (command = tables[i]; command->name; command++) {
			*words = words_matched(command, count, arguments);
			if (*words)
				return command;
		}
	return NULL;
}

static void take_option(struct call *call, struct option_reader *reader, const char *name)
{
	size_t i;

	if (option_is(name, "h", "help"))
		print_command_help(call->command);
	if (strcmp(name, "R") == 0)
		name = "r";
	for (i = 0; i < array_length(descriptions); i++) {
		const struct option_description *option = &descriptions[i];

		if (!(call->command->options >> i & 1) ||
		    !option_is(name, option->letter, option->word))
			continue;
		call->given |= (uint32_t)1 << i;
		if (option->value)
			call->values[i] = option_value(reader);
		return;
	}
	option_unknown(reader);
}

/* Options may stand between operands, but not behind "--". */
static void parse_call(struct call *call, int count, char **arguments)
{
	struct option_reader reader;
	const char *option;

	call->operands = allocate((size_t)count * sizeof(char *));
	options_begin(&reader, count, arguments);
	for (;;) {
		while ((option = options_next(&reader)))
			take_option(call, &reader, option);
		if (reader.next >= count)
			break;
		if (strcmp(arguments[reader.next - 1], "--") == 0 && reader.next > 1) {
			while (reader.next < count)
				call->operands[call->count++] = arguments[reader.next++];
			break;
		}
		call->operands[call->count++] = arguments[reader.next++];
	}
	if (call->count < call->command->minimum ||
	    (call->command->maximum >= 0 && call->count > call->command->maximum)) {
		complain("usage: hmfs %s %s", call->command->name, call->command->operands);
		exit(program_usage_failure);
	}
}

int hmfs_main(int count, char **arguments)
{
	static struct call call;
	static char full_name[64];
	int words;

	if (count < 2)
		die_of_usage("no command given");
	if (strcmp(arguments[1], "-v") == 0 || strcmp(arguments[1], "--verbose") == 0) {
		program_verbose = true;
		count--;
		arguments++;
		if (count < 2)
			die_of_usage("no command given");
	}
	if (strcmp(arguments[1], "help") == 0 || option_is(arguments[1], "-h", "--help"))
		print_help();
	if (strcmp(arguments[1], "--version") == 0)
		program_common_option("version", "");
	if (strcmp(arguments[1], "mkfs") == 0)
		return mkfs_main(count - 1, arguments + 1);
	if (strcmp(arguments[1], "fsck") == 0)
		return fsck_main(count - 1, arguments + 1);
	call.command = find_command(count - 1, arguments + 1, &words);
	if (!call.command)
		die_of_usage("no command \"%s\"", arguments[1]);
	snprintf(full_name, sizeof(full_name), "hmfs %s", call.command->name);
	program_name = full_name;
	parse_call(&call, count - words, arguments + words);
	return call.command->run(&call);
}
