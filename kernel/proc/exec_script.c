/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scripts: "#!INTERPRETER ARGUMENT" in the first line. The interpreter is run with its path, the
 * argument (one, blanks included), the path of the script and the script's own arguments but
 * for the first.
 */
#include "exec_private.h"

#include <base/errno.h>
#include <base/string.h>
#include <proc/process.h>

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static char *skip_blanks(char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* Splits the line in place; *argument is NULL where there is none. */
static int parse_line(char *head, char **interpreter, char **argument)
{
	char *start = skip_blanks(head + 2);
	char *end = strchr(start, '\n');
	char *name_end = start;

	while (*name_end && *name_end != '\n' && !is_blank(*name_end))
		name_end++;
	/* A path that is cut by the end of the buffer may mean another program. */
	if (name_end == start || (!end && name_end == head + EXEC_HEAD_SIZE))
		return -ENOEXEC;
	if (!end)
		end = start + strlen(start);
	while (end > name_end && (is_blank(end[-1]) || end[-1] == '\r'))
		end--;
	*end = 0;
	*argument = NULL;
	if (is_blank(*name_end)) {
		*name_end = 0;
		*argument = skip_blanks(name_end + 1);
	}
	*interpreter = start;
	return 0;
}

/* Appends all strings of `from` but the first. */
static int append_rest(struct exec_strings *to, const struct exec_strings *from)
{
	size_t at = from->count ? strlen(from->bytes) + 1 : 0;

	while (at < from->length) {
		size_t length = strlen(from->bytes + at);
		int error = exec_strings_add(to, from->bytes + at, length);

		if (error)
			return error;
		at += length + 1;
	}
	return 0;
}

static int rewrite_arguments(struct exec_strings *arguments, const char *interpreter,
			     const char *argument, const char *path)
{
	struct exec_strings rewritten = { 0 };
	int error = exec_strings_add(&rewritten, interpreter, strlen(interpreter));

	if (!error && argument)
		error = exec_strings_add(&rewritten, argument, strlen(argument));
	if (!error)
		error = exec_strings_add(&rewritten, path, strlen(path));
	if (!error)
		error = append_rest(&rewritten, arguments);
	if (error) {
		exec_strings_free(&rewritten);
		return error;
	}
	exec_strings_free(arguments);
	*arguments = rewritten;
	return 0;
}

int exec_replace_first_argument(struct exec *exec, const char *name)
{
	struct exec_strings *arguments = &exec->image.arguments, rewritten = { 0 };
	int error = exec_strings_add(&rewritten, name, strlen(name));

	if (!error)
		error = append_rest(&rewritten, arguments);
	if (error) {
		exec_strings_free(&rewritten);
		return error;
	}
	exec_strings_free(arguments);
	*arguments = rewritten;
	return 0;
}

int exec_follow_script(struct exec *exec, const char *path)
{
	char *interpreter, *argument;
	struct walker walker;
	struct file *file;
	int error;

	if (!string_starts_with(exec->head, "#!"))
		return 0;
	error = parse_line(exec->head, &interpreter, &argument);
	if (!error)
		error = rewrite_arguments(&exec->image.arguments, interpreter, argument, path);
	if (error)
		return error;
	walker_get(&walker);
	error = exec_open(&walker, NULL, interpreter, WALK_FOLLOW, &file);
	walker_put(&walker);
	if (error)
		return error;
	file_put(exec->program.file);
	exec->program.file = file;
	return 1;
}
