/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mounts and mountinfo. */
#include "proc_fs.h"

#include <base/errno.h>
#include <fs/mount.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

typedef unsigned long long llu;

struct mounts_walk {
	struct text *text;
	char *path;
	bool details; /* mountinfo's format */
};

/* Blanks in paths are written in octal, since they separate fields. */
static void print_escaped(struct text *text, const char *string)
{
	for (; *string; string++) {
		if (*string == ' ' || *string == '\t' || *string == '\n' || *string == '\\')
			text_print(text, "\\%03o", (unsigned char)*string);
		else
			text_append(text, string, 1);
	}
}

static void print_options(struct text *text, const struct scheme *scheme)
{
	const unsigned flags = scheme->flags;

	text_print(text, "%s%s%s%s%s%s", flags & SCHEME_READ_ONLY ? "ro" : "rw",
		   flags & SCHEME_NO_SET_ID ? ",nosuid" : "",
		   flags & SCHEME_NO_DEVICES ? ",nodev" : "",
		   flags & SCHEME_NO_EXECUTE ? ",noexec" : "",
		   flags & SCHEME_SYNCHRONOUS ? ",sync" : "",
		   flags & SCHEME_NO_ACCESS_TIME ? ",noatime" : "");
	if ((flags & SCHEME_ON_DEVICE) && !(flags & SCHEME_NO_ACCESS_TIME))
		text_print(text, ",relatime");
}

/* The provider's own, after others. */
static void print_own_options(struct text *text, const struct scheme *scheme)
{
	const char *options = file_system_options(scheme);

	if (options && *options) {
		text_append(text, ",", 1);
		print_escaped(text, options);
	}
}

static void print_source(struct text *text, const struct scheme *scheme)
{
	const char *source = file_system_source(scheme);

	print_escaped(text, source ? source : scheme->name);
}

static void print_mount(struct mounts_walk *walk, const struct scheme *scheme)
{
	print_source(walk->text, scheme);
	text_append(walk->text, " ", 1);
	print_escaped(walk->text, walk->path);
	text_print(walk->text, " %s ", scheme->kind);
	print_options(walk->text, scheme);
	print_own_options(walk->text, scheme);
	text_print(walk->text, " 0 0\n");
}

static void print_details(struct mounts_walk *walk, const struct scheme *scheme,
			  const struct dentry *at)
{
	const struct scheme *parent = at->node->scheme ? at->node->scheme : scheme;

	text_print(walk->text, "%llu %llu %u:%u / ", (llu)scheme->id, (llu)parent->id,
		   node_device_major(scheme->id), node_device_minor(scheme->id));
	print_escaped(walk->text, walk->path);
	text_append(walk->text, " ", 1);
	print_options(walk->text, scheme);
	text_print(walk->text, " - %s ", scheme->kind);
	print_source(walk->text, scheme);
	text_print(walk->text, " %s", scheme->flags & SCHEME_READ_ONLY ? "ro" : "rw");
	print_own_options(walk->text, scheme);
	text_append(walk->text, "\n", 1);
}

static bool visit_mount(struct scheme *scheme, struct dentry *at, void *argument)
{
	struct mounts_walk *walk = argument;

	if (dentry_path(at, NULL, walk->path, PATH_MAX_LENGTH, false) < 0)
		return true;
	if (walk->details)
		print_details(walk, scheme, at);
	else
		print_mount(walk, scheme);
	return true;
}

static int generate(struct text *text, bool details)
{
	struct mounts_walk walk = { .text = text, .details = details };

	walk.path = kmalloc(PATH_MAX_LENGTH);
	if (!walk.path)
		return -ENOMEM;
	mounts_visit(visit_mount, &walk);
	kfree(walk.path);
	return 0;
}

int proc_generate_mounts(struct proc_node *node, struct text *text)
{
	(void)node;
	return generate(text, false);
}

int proc_generate_mountinfo(struct proc_node *node, struct text *text)
{
	(void)node;
	return generate(text, true);
}
