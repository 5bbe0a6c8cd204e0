/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of the program hmfs. A volume is given as an image or a disk, or, where a command
 * says so, as a path in a mounted volume, which is asked by ioctl then (mounted.h).
 */
#pragma once

#include "program.h"
#include "volume.h"

enum call_option {
	CALL_LONG,
	CALL_RECURSIVE,
	CALL_PARENTS,
	CALL_SYMBOLIC,
	CALL_FORCE,
	CALL_BASE,
	CALL_NAME,
	CALL_OF,
	CALL_BYTES,
	CALL_NO_REPLACE,
	CALL_EXCHANGE,
	CALL_MINIMUM,
	CALL_ALL,
	CALL_OPTIONS, /* how many there are */
};

/* How a command was called. */
struct call {
	const struct command *command;
	int count; /* of operands */
	char **operands;
	uint32_t given;                   /* a bit for each option */
	const char *values[CALL_OPTIONS]; /* of those that take one */
};
static inline bool call_has(const struct call *call, enum call_option option)
{
	return call->given >> option & 1;
}

struct command {
	const char *name;     /* one word or two: "fork set" */
	const char *operands; /* for the help */
	const char *what;
	int minimum, maximum; /* of operands; maximum -1: any number */
	uint32_t options;     /* that it takes */
	int (*run)(const struct call *call);
};
#define TAKES(option) ((uint32_t)1 << (option))

/* The commands by file, each table ended by an empty entry. */
extern const struct command name_commands[], copy_commands[], fork_commands[], dataset_commands[],
	stream_commands[], volume_commands[], dump_commands[];

/* "VOLUME: PATH: why": 1. */
int path_failed(const struct tool_volume *volume, const char *path, int error);
/* Commits, closes, and writes out what was printed: the exit status. */
int finish(struct tool_volume *volume, int status);
