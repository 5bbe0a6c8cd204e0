/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sys:drivers: reading lists the drivers, and root writes what is to be done:
 *
 *   load PATH [NAME=VALUE...]   unload NAME   restart NAME   move NAME kernel|user   check
 */
#include "driver_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/path.h>
#include <scheme/text.h>

/* Cuts the next word off; "" at the end. */
static char *take_word(char **rest)
{
	char *word = *rest, *end;

	while (*word == ' ')
		word++;
	end = word;
	while (*end && *end != ' ' && *end != '\n')
		end++;
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static bool is_end(const char *rest)
{
	while (*rest == ' ' || *rest == '\n')
		rest++;
	return *rest == '\0';
}

/* The file is read for whoever asks, once: what is judged is what was read. */
static int load(char *rest)
{
	char *path = take_word(&rest), *end = rest + strlen(rest);
	struct walker walker;
	struct file *file;
	size_t length;
	void *bytes;
	int error;

	while (end > rest && (end[-1] == '\n' || end[-1] == ' '))
		*--end = '\0';
	walker_get(&walker);
	error = path_open(&walker, NULL, path, FILE_READ_ONLY, 0, &file);
	walker_put(&walker);
	if (error)
		return error;
	error = driver_file_read(file, &bytes, &length);
	file_put(file);
	if (error)
		return error;
	error = driver_load(bytes, length, path, rest);
	kernel_vfree(bytes);
	return error;
}

static int unload(char *rest)
{
	char *name = take_word(&rest);

	return is_end(rest) ? driver_unload(name) : -EINVAL;
}

static int restart(char *rest)
{
	char *name = take_word(&rest);

	return is_end(rest) ? driver_restart(name) : -EINVAL;
}

static int move(char *rest)
{
	char *name = take_word(&rest), *place = take_word(&rest);

	if (!is_end(rest))
		return -EINVAL;
	if (strcmp(place, "kernel") == 0)
		return driver_move(name, DRIVER_IN_KERNEL);
	if (strcmp(place, "user") == 0)
		return driver_move(name, DRIVER_IN_HOST);
	return -EINVAL;
}

static int check(char *rest)
{
	long pages = is_end(rest) ? driver_check_integrity() : -EINVAL;

	return pages < 0 ? (int)pages : 0;
}

static const struct {
	const char *name;
	int (*run)(char *rest);
} commands[] = {
	{ "load", load }, { "unload", unload }, { "restart", restart },
	{ "move", move }, { "check", check },
};

static ssize_t store(const char *bytes, size_t length)
{
	char *line, *rest, *name;
	int error = -EINVAL;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	line = kstrdup(bytes);
	if (!line)
		return -ENOMEM;
	rest = line;
	name = take_word(&rest);
	for (size_t i = 0; i < array_length(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			error = commands[i].run(rest);
	kfree(line);
	return error ? error : (ssize_t)length;
}

SYS_TEXT(drivers) = { .name = "drivers", .generate = driver_generate_list, .store = store };
