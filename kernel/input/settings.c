/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `input:`, a folder of what can be set (docs/input.md):
 *
 *	layout		the name of the layout; takes the whole text of another one, in one write
 *	repeat		milliseconds until a held key repeats, and between repetitions
 *	acceleration	1 or 0: whether the pointer goes further when it moves fast
 *
 * All may read them, root may write.
 */
#include "input_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>
#include <scheme/text.h>

#define ROOT_NUMBER       1
#define FIRST_FILE_NUMBER 2

struct setting {
	const char *name;
	void (*show)(struct text *text);
	int (*store)(const char *text, size_t length); /* terminated as well */
};

struct setting_node {
	struct node node;
	const struct setting *setting;
};

static void show_layout(struct text *text)
{
	char name[INPUT_LAYOUT_NAME_MAX];

	input_read_layout(name);
	text_print(text, "%s\n", name);
}

static int store_layout(const char *bytes, size_t length)
{
	unsigned line;

	return input_set_layout(bytes, length, &line);
}

static void show_repeat(struct text *text)
{
	struct input_repeat repeat;

	input_read_repeat(&repeat);
	text_print(text, "%u %u\n", repeat.delay_ms, repeat.period_ms);
}

/* A number in decimal at *text, which moves behind it. */
static bool take_number(const char **text, unsigned *number)
{
	const char *at = *text;

	for (*number = 0; *at >= '0' && *at <= '9' && *number <= INPUT_REPEAT_MAX_MS; at++)
		*number = *number * 10 + (unsigned)(*at - '0');
	if (at == *text || *number > INPUT_REPEAT_MAX_MS)
		return false;
	while (*at == ' ' || *at == '\n')
		at++;
	*text = at;
	return true;
}

static int store_repeat(const char *text, size_t length)
{
	const char *at = text;
	struct input_repeat repeat;

	if (!take_number(&at, &repeat.delay_ms) || !take_number(&at, &repeat.period_ms) ||
	    at != text + length)
		return -EINVAL;
	input_set_repeat(&repeat);
	return 0;
}

static void show_acceleration(struct text *text)
{
	text_print(text, "%u\n", input_is_accelerated());
}

static int store_acceleration(const char *text, size_t length)
{
	const char *at = text;
	unsigned on;

	if (!take_number(&at, &on) || on > 1 || at != text + length)
		return -EINVAL;
	input_set_acceleration(on);
	return 0;
}

static const struct setting settings[] = {
	{ "acceleration", show_acceleration, store_acceleration },
	{ "layout", show_layout, store_layout },
	{ "repeat", show_repeat, store_repeat },
};

/* --- Files. --- */

static const struct setting *setting_of(const struct node *node)
{
	return container_of(node, struct setting_node, node)->setting;
}

static int generate_setting(struct node *node, struct text *text)
{
	setting_of(node)->show(text);
	return 0;
}

static const struct text_file_ops text_ops = { .generate = generate_setting };

static ssize_t setting_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t setting_write(struct file *file, struct io *io, uint64_t *offset)
{
	size_t length = min_size(io_remaining(io), KEYMAP_TEXT_MAX + 1);
	char *text = kmalloc(length + 1);
	ssize_t taken;
	int error;

	(void)offset;
	if (!text)
		return -ENOMEM;
	taken = io_take(io, text, length);
	if (taken >= 0) {
		text[taken] = '\0';
		error = setting_of(file->node)->store(text, (size_t)taken);
		taken = error ? error : taken;
	}
	kfree(text);
	return taken;
}

/* Opened with O_TRUNC, as shells do: there is nothing to cut. */
static int setting_change(struct node *node, const struct node_changes *changes)
{
	struct node_changes kept = *changes;

	kept.which &= ~(unsigned)CHANGE_SIZE;
	node_store_changes(node, &kept);
	return 0;
}

static void setting_release(struct node *node)
{
	kfree(container_of(node, struct setting_node, node));
}

static const struct node_ops setting_ops = {
	.set_attributes = setting_change,
	.release = setting_release,
	.close = text_file_close,
	.read = setting_read,
	.write = setting_write,
};

/* --- The folder. --- */

static int root_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	for (size_t i = 0; i < array_length(settings); i++) {
		struct setting_node *made;

		if (strlen(settings[i].name) != length || memcmp(settings[i].name, name, length))
			continue;
		made = kzalloc(sizeof(*made));
		if (!made)
			return -ENOMEM;
		node_init(&made->node, &setting_ops, directory->scheme, FIRST_FILE_NUMBER + i,
			  MODE_FILE | 0644);
		made->setting = &settings[i];
		*found = &made->node;
		return 0;
	}
	return -ENOENT;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	for (; *cookie < array_length(settings); ++*cookie) {
		const char *name = settings[*cookie].name;

		if (!sink->entry(sink, name, strlen(name), FIRST_FILE_NUMBER + *cookie, MODE_FILE,
				 *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_lookup,
	.read_directory = root_read,
};

static int make_scheme(void)
{
	static const struct scheme_ops ops = { 0 };

	return scheme_start_directory("input", &ops, &root_ops, ROOT_NUMBER,
				      SCHEME_NO_EXECUTE | SCHEME_NO_DEVICES);
}

static int input_start(void)
{
	int error = input_start_layout();

	if (!error)
		error = mice_start();
	return error ? error : make_scheme();
}

SCHEME(input) = { .name = "input", .level = 20, .start = input_start };
