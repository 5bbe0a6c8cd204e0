/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calling methods from programs: a line of arguments is written, the result is read from the same
 * description. Root's only, by the files' mode.
 */
#include "scheme_priv.h"

#include <aml/text.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>

#define LINE_MAX     4096
#define ARGUMENT_MAX 7

/* Of a description; under its node's lock. */
struct answer {
	struct text text;
	size_t taken;
};

struct text_sink {
	struct format_sink sink;
	struct text *text;
};

static void write_text(struct format_sink *sink, const char *bytes, size_t length)
{
	text_append(container_of(sink, struct text_sink, sink)->text, bytes, length);
}

void acpi_print_result(struct text *text, int aml_error, const struct aml_object *result)
{
	struct text_sink sink = { .sink.write = write_text, .text = text };

	if (aml_error)
		text_print(text, "Error %s", aml_error_name(aml_error));
	else
		aml_print(&sink.sink, result);
	text_print(text, "\n");
}

/* --- The line --- */

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\n';
}

/* Cuts the next word off the line; NULL: there is none. */
static char *take_word(char **line)
{
	char *word = *line, *end;

	while (is_blank(*word))
		word++;
	for (end = word; *end && !is_blank(*end);)
		end++;
	*line = *end ? end + 1 : end;
	*end = 0;
	return *word ? word : NULL;
}

static int take_argument(char **line, struct aml_object **made)
{
	const char *next = *line, *why;
	int error;

	if (!aml_is_value(*next)) {
		*made = aml_make_string(acpi_aml(), take_word(line));
		return *made ? 0 : -ENOMEM;
	}
	error = aml_parse(acpi_aml(), &next, made, &why);
	if (error)
		return error == -AML_E_NO_MEMORY ? -ENOMEM : -EINVAL;
	*line += next - *line;
	return 0;
}

static void put_all(struct aml_object **objects, unsigned count)
{
	while (count)
		aml_put(acpi_aml(), objects[--count]);
}

static int take_arguments(char *line, struct aml_object **arguments, unsigned *count)
{
	int error = 0;

	for (*count = 0;;) {
		while (is_blank(*line))
			line++;
		if (!*line)
			return 0;
		error = *count == ARGUMENT_MAX ? -E2BIG : take_argument(&line, &arguments[*count]);
		if (error)
			break;
		++*count;
	}
	put_all(arguments, *count);
	return error;
}

static int evaluate(struct aml_node *name, char *line, struct text *text)
{
	struct aml_object *arguments[ARGUMENT_MAX], *result = NULL;
	unsigned count;
	int error = take_arguments(line, arguments, &count);

	if (error)
		return error;
	error = aml_evaluate(acpi_aml(), name, arguments, count, &result);
	put_all(arguments, count);
	acpi_print_result(text, error, result);
	aml_put(acpi_aml(), result);
	return text->failed ? -ENOMEM : 0;
}

/* Evaluates what the line's first word names. */
static int evaluate_path(char *line, struct text *text)
{
	const char *path = take_word(&line);
	struct aml_node *name;
	int error;

	if (!path)
		return -EINVAL;
	aml_lock(acpi_aml());
	name = acpi_find(NULL, path);
	if (name)
		aml_node_hold(acpi_aml(), name);
	aml_unlock(acpi_aml());
	if (!name)
		return -ENOENT;
	error = evaluate(name, line, text);
	aml_node_release(acpi_aml(), name);
	return error;
}

/* --- The file --- */

static void free_answer(struct answer *answer)
{
	if (!answer)
		return;
	kfree(answer->text.bytes);
	kfree(answer);
}

/* Makes it what the next reads of the description give. */
static void install(struct file *file, struct answer *answer)
{
	struct answer *old;

	mutex_lock(&file->node->lock);
	old = file->private;
	file->private = answer;
	mutex_unlock(&file->node->lock);
	free_answer(old);
}

static int answer_line(struct file *file, char *line)
{
	struct aml_node *name = acpi_node_of(file->node)->name;
	struct answer *answer = kzalloc(sizeof(*answer));
	int error;

	if (!answer)
		return -ENOMEM;
	error = name ? evaluate(name, line, &answer->text) : evaluate_path(line, &answer->text);
	if (error)
		free_answer(answer);
	else
		install(file, answer);
	return error;
}

static ssize_t call_write(struct file *file, struct io *io, uint64_t *offset)
{
	size_t length = io_remaining(io);
	ssize_t taken;
	char *line;
	int error;

	(void)offset;
	if (length >= LINE_MAX)
		return -EINVAL;
	line = kmalloc(length + 1);
	if (!line)
		return -ENOMEM;
	taken = io_take(io, line, length);
	if (taken >= 0) {
		line[taken] = 0;
		error = answer_line(file, line);
		if (error)
			taken = error;
	}
	kfree(line);
	return taken;
}

/* Before anything was written: what the method takes. */
static int describe(struct file *file)
{
	struct aml_node *name = acpi_node_of(file->node)->name;
	struct answer *answer = kzalloc(sizeof(*answer));

	if (!answer)
		return -ENOMEM;
	if (name)
		text_print(&answer->text, "Method %u\n", aml_node_arguments(name));
	install(file, answer);
	return 0;
}

static ssize_t call_read(struct file *file, struct io *io, uint64_t offset)
{
	struct answer *answer;
	ssize_t count = 0;

	(void)offset;
	if (!file->private && describe(file))
		return -ENOMEM;
	mutex_lock(&file->node->lock);
	answer = file->private;
	if (answer->taken < answer->text.length)
		count = io_put(io, answer->text.bytes + answer->taken,
			       answer->text.length - answer->taken);
	if (count > 0)
		answer->taken += (size_t)count;
	mutex_unlock(&file->node->lock);
	return count;
}

static void call_close(struct file *file)
{
	free_answer(file->private);
}

const struct node_ops acpi_call_ops = {
	.release = acpi_node_release,
	.set_attributes = acpi_node_set_attributes,
	.read = call_read,
	.write = call_write,
	.close = call_close,
};
