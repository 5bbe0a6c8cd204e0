/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names: "SCHEME:REST". A name is made canonical by its text alone, and then its scheme is looked
 * up in the effective namespace. What the rest means is the scheme's affair.
 */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

/* Appends the parts of `path` to the path that is at `start` and ends at `end`: without empty
 * ones and ".", and ".." takes back the one before. Returns the new end. */
static char *append_parts(char *start, char *end, const char *path)
{
	while (*path) {
		const char *part = path;
		size_t length;

		while (*path && *path != '/')
			path++;
		length = (size_t)(path - part);
		while (*path == '/')
			path++;
		if (length == 0 || (length == 1 && part[0] == '.'))
			continue;
		if (length == 2 && part[0] == '.' && part[1] == '.') {
			while (end > start && *--end != '/')
				;
			continue;
		}
		*end++ = '/';
		memcpy(end, part, length);
		end += length;
	}
	return end;
}

/* redox_canonical_name(); `colon` is the one in `name` behind its scheme, or NULL, and *prefix becomes
 * how long the scheme's name is with its own. */
static char *make_canonical(const char *directory, const char *name, const char *colon,
			    size_t *prefix)
{
	const char *above = colon ? name : directory;
	char *made, *start, *end;

	if (!colon)
		colon = scheme_name_end(directory);
	*prefix = (size_t)(colon - above) + 1;
	made = kmalloc(strlen(directory) + strlen(name) + 3);
	if (!made)
		return NULL;
	memcpy(made, above, *prefix);
	start = end = made + *prefix;
	if (above == name) {
		/* What follows a scheme may be no path at all: without a leading slash it gets none. */
		end = append_parts(start, end, colon + 1);
		if (end > start && colon[1] != '/') {
			memmove(start, start + 1, (size_t)(end - start) - 1);
			end--;
		}
	} else {
		if (name[0] != '/')
			end = append_parts(start, end, colon + 1);
		end = append_parts(start, end, name);
	}
	*end = '\0';
	return made;
}

char *redox_canonical_name(const char *directory, const char *name)
{
	size_t prefix;

	return make_canonical(directory, name, scheme_name_end(name), &prefix);
}

int redox_working_directory(char **name)
{
	struct walker walker;
	int error = file_context_working_name(name);

	if (error || *name)
		return error;
	walker_get(&walker);
	error = dentry_scheme_name(walker.working_directory, name);
	walker_put(&walker);
	return error;
}

/* `prefix`: the length of the scheme's name with its colon. */
static int find_scheme(struct redox_path *path, size_t prefix)
{
	path->rest = path->name + prefix;
	path->rest_length = strlen(path->rest);
	path->scheme = namespace_find(namespace_current(), path->name, prefix - 1);
	if (!path->scheme)
		return -ENODEV;
	path->walker = (struct walker){
		.root = path->scheme->root,
		.working_directory = path->scheme->root,
		.credentials = credentials_current(),
		.space = namespace_confining(namespace_current()),
		.redox = true,
	};
	return 0;
}

int redox_path_begin_text(struct redox_path *path, const char *text)
{
	/* Wherever it is: "/a/b:c" is in the scheme "/a/b", which there is not. */
	const char *colon = strchr(text, ':');
	char *directory = NULL;
	size_t prefix;
	int error = 0;

	if (!colon)
		error = redox_working_directory(&directory);
	if (error)
		return error;
	path->name = make_canonical(directory ? directory : "", text, colon, &prefix);
	kfree(directory);
	if (!path->name)
		return -ENOMEM;
	error = find_scheme(path, prefix);
	if (error)
		kfree(path->name);
	return error;
}

#define TEXT_SHORT 128

int redox_path_begin(struct redox_path *path, uint64_t address, uint64_t length)
{
	char on_stack[TEXT_SHORT], *text = on_stack;
	int error;

	if (length < sizeof(on_stack))
		error = redox_fill_text(address, length, text);
	else
		error = redox_copy_text(address, length, &text);
	if (error)
		return error;
	error = redox_path_begin_text(path, text);
	if (text != on_stack)
		kfree(text);
	return error;
}

void redox_path_end(struct redox_path *path)
{
	scheme_put(path->scheme);
	kfree(path->name);
}
