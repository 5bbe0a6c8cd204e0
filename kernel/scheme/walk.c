/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path walking. walk_priv.h tells how it is used. */
#include "walk_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>

#include "dentry_priv.h"
#include "mount_priv.h"
#include "opaque_priv.h"

/* The target of a link while it is walked. */
struct link_text {
	struct link_text *outer;
	const char *outer_rest; /* what follows the link in the outer text; "" for a last part */
	char text[];
};

#define FORKS_NAME "..namedfork" /* what leads from a file to its forks, where there are any */

#define LINK_TEXT_FIRST 128 /* bytes tried first; most targets are short */

/* Goes on to `at`, of which the walk now has a reference if `counted`; without, it is one that the
 * caller or the walker keeps meanwhile. */
static void walk_to(struct walk *walk, struct dentry *at, bool counted)
{
	if (walk->at_counted)
		dentry_put(walk->at);
	walk->at = at;
	walk->at_counted = counted;
}

bool walk_admits_confined(struct walk *walk, const struct dentry *dentry)
{
	struct scheme *scheme = dentry->node->scheme;

	if (!scheme)
		return false;
	if (scheme != walk->admitted && !namespace_admits(walk->walker->space, scheme))
		return false;
	walk->admitted = scheme;
	return true;
}

/* The root of the walk. Who may not see his own has one that nothing is in but /scheme. */
static struct dentry *root_of(struct walk *walk)
{
	struct dentry *root = walk->walker->root;

	return walk_admits(walk, root) ? root : bare_root();
}

/* Where a text begins: at the root if it starts with a slash. */
static void begin_text(struct walk *walk, const char *text)
{
	walk->rest = text;
	if (*text == '/')
		walk_to(walk, root_of(walk), false);
}

/* Whether `rest` goes on from a file to its forks: those of directories are found as names are. */
static bool leads_to_forks(const struct node *node, const char *rest)
{
	const size_t length = sizeof(FORKS_NAME) - 1;

	return node->ops->lookup && strncmp(rest, FORKS_NAME, length) == 0 &&
	       (rest[length] == '/' || !rest[length]);
}

int walk_start(struct walk *walk, const struct walker *walker, struct dentry *start,
	       const char *path)
{
	if (!*path)
		return -ENOENT;
	if (strnlen(path, PATH_MAX_LENGTH) == PATH_MAX_LENGTH)
		return -ENAMETOOLONG;
	*walk = (struct walk){
		.walker = walker,
		.at = start ? start : walker->working_directory,
	};
	if (*path != '/' && !walk_admits(walk, walk->at))
		return -ENOENT;
	if (*path != '/' && !node_is(walk->at->node, MODE_DIRECTORY) &&
	    !leads_to_forks(walk->at->node, path))
		return -ENOTDIR;
	begin_text(walk, path);
	return 0;
}

static void drop_text(struct walk *walk)
{
	struct link_text *text = walk->texts;

	walk->rest = text->outer_rest;
	walk->texts = text->outer;
	kfree(text);
}

void walk_end(struct walk *walk)
{
	while (walk->texts)
		drop_text(walk);
	walk_to(walk, NULL, false);
}

/* Makes one name, `walk->name`, of all that is left to walk, in a scheme whose names are no tree. What
 * the walk has come to is its root, or a directory in it that was opened. */
static int walk_opaque(struct walk *walk)
{
	struct dentry *at = walk->at, *root = at->parent ? at->parent : at;
	size_t size = at->name_length + 1 + strlen(walk->rest) + 1;
	struct link_text *text, *outer;

	for (outer = walk->texts; outer; outer = outer->outer)
		size += strlen(outer->outer_rest) + 1;
	text = kmalloc(sizeof(*text) + size);
	if (!text)
		return -ENOMEM;
	text->outer = NULL;
	text->outer_rest = "";
	/* The name of a directory that was opened never changes. */
	snprintf(text->text, size, "%s/%s", at->parent ? at->name : "", walk->rest);
	for (outer = walk->texts; outer; outer = outer->outer) {
		size_t length = strlen(text->text);

		snprintf(text->text + length, size - length, "/%s", outer->outer_rest);
	}
	while (walk->texts)
		drop_text(walk);
	walk->texts = text;
	walk->slash = text->text[strlen(text->text) - 1] == '/';
	walk->length = opaque_canonicalise(text->text);
	walk->name = text->text;
	walk->rest = text->text + walk->length;
	walk->kind = walk->length ? LAST_NAME : LAST_DOT;
	dentry_get(root);
	walk_to(walk, root, true);
	return 0;
}

static int may_search(const struct walk *walk)
{
	/* The directory of the forks has permissions of its own. */
	if (!node_is(walk->at->node, MODE_DIRECTORY))
		return leads_to_forks(walk->at->node, walk->rest) ? 0 : -ENOTDIR;
	return node_permission(walk->at->node, walk->walker->credentials, 1);
}

/* Reads the target of `link` into memory of its own: 0 or an error. */
static int read_target(struct node *link, struct link_text **target)
{
	size_t size = LINK_TEXT_FIRST;

	if (!link->ops->read_link)
		return -EINVAL;
	for (;;) {
		struct link_text *text = kmalloc(sizeof(*text) + size + 1);
		ssize_t length;

		if (!text)
			return -ENOMEM;
		length = link->ops->read_link(link, text->text, size);
		if (length >= 0 && (size_t)length <= size) {
			text->text[length] = '\0';
			*target = text;
			return 0;
		}
		kfree(text);
		if (length < 0)
			return (int)length;
		if (length >= PATH_MAX_LENGTH)
			return -ENAMETOOLONG;
		size = (size_t)length;
	}
}

static int follow_magic(struct walk *walk, struct node *link)
{
	struct dentry *target;
	int error;

	if (walk->no_magic)
		return -ELOOP;
	error = link->ops->follow(link, &target);
	if (!error)
		error = walk_cross(walk, &target);
	if (error)
		return error;
	walk_to(walk, target, true);
	return 1;
}

/* Begins a text "SCHEME:REST" at the root of the scheme. -EXDEV: it has no tree. */
static int begin_in_scheme(struct walk *walk, const char *text)
{
	const char *colon = scheme_name_end(text);
	struct namespace *space = walk->walker->space ? walk->walker->space : namespace_first();
	struct scheme *scheme = namespace_find(space, text, (size_t)(colon - text));
	int error = 0;

	if (!scheme)
		return -ENODEV;
	walk->rest = colon + 1;
	if (scheme->ops->open) {
		error = -EXDEV;
	} else {
		dentry_get(scheme->root);
		walk_to(walk, scheme->root, true);
	}
	scheme_put(scheme);
	return error;
}

static int follow_text(struct walk *walk, struct node *link, const char *outer_rest)
{
	struct link_text *text = NULL;
	int error = read_target(link, &text);

	if (error)
		return error;
	if (!text->text[0]) {
		kfree(text);
		return -ENOENT;
	}
	/* Texts that are read to their end are dropped, so that of those kept only the outermost
	 * may have nothing to go on with. */
	while (walk->texts && !*outer_rest) {
		outer_rest = walk->texts->outer_rest;
		drop_text(walk);
	}
	text->outer = walk->texts;
	text->outer_rest = outer_rest;
	walk->texts = text;
	if (walk->walker->redox && scheme_name_end(text->text))
		return begin_in_scheme(walk, text->text);
	begin_text(walk, text->text);
	return 0;
}

/* Follows `link` (reference taken over), after which `outer_rest` is to be walked. */
static int follow(struct walk *walk, struct dentry *link, const char *outer_rest)
{
	struct node *node = link->node;
	int result;

	if (walk->links++ >= LINKS_MAX)
		result = -ELOOP;
	else if (node->ops->follow)
		result = follow_magic(walk, node);
	else
		result = follow_text(walk, node, outer_rest);
	dentry_put(link);
	return result;
}

int walk_follow(struct walk *walk, struct dentry *link)
{
	if (walk->slash)
		walk->directory = true;
	return follow(walk, link, "");
}

/* Cuts the next part off the innermost text; returns what comes after it and its slashes. */
static const char *cut_part(struct walk *walk)
{
	const char *end = walk->rest;
	const char *after;

	while (*end && *end != '/')
		end++;
	for (after = end; *after == '/';)
		after++;
	walk->name = walk->rest;
	walk->length = (size_t)(end - walk->rest);
	walk->slash = after != end;
	walk->kind = LAST_NAME;
	if (walk->length == 1 && walk->name[0] == '.')
		walk->kind = LAST_DOT;
	else if (walk->length == 2 && walk->name[0] == '.' && walk->name[1] == '.')
		walk->kind = LAST_DOT_DOT;
	return after;
}

/* Goes to the directory above. */
static __attribute__((noinline)) void walk_up(struct walk *walk)
{
	if (!walk->at_counted)
		dentry_get(walk->at);
	walk->at = dentry_step_up(walk->at, walk->walker->root);
	walk->at_counted = true;
	if (!walk_admits(walk, walk->at))
		walk_to(walk, root_of(walk), false);
}

int walk_last(struct walk *walk, struct dentry **found)
{
	int error;

	switch (walk->kind) {
	case LAST_NAME:
		if (node_is_opaque(walk->at->node))
			return opaque_look_up(walk, found);
		error = dentry_look_up(walk->at, walk->name, walk->length, found);
		return error ? error : walk_cross(walk, found);
	case LAST_DOT_DOT:
		walk_up(walk);
		break;
	case LAST_DOT:
	case LAST_ROOT:
		break;
	}
	dentry_get(walk->at);
	*found = walk->at;
	return 0;
}

/* Goes through a part that is not the last, after which `after` is to be walked. */
static int walk_part(struct walk *walk, const char *after)
{
	struct dentry *next;
	int error = walk_last(walk, &next);

	if (error)
		return error;
	walk->rest = after;
	if (node_is(next->node, MODE_SYMLINK)) {
		error = follow(walk, next, after);
		return error < 0 ? error : 0;
	}
	walk_to(walk, next, true);
	return 0;
}

/* True where nothing is left once the innermost text is read. */
static bool is_innermost_last(const struct walk *walk)
{
	return !walk->texts || !*walk->texts->outer_rest;
}

int walk_parent(struct walk *walk)
{
	for (;;) {
		const char *after;
		int error;

		while (*walk->rest == '/')
			walk->rest++;
		if (!*walk->rest && !is_innermost_last(walk)) {
			drop_text(walk);
			continue;
		}
		if (!*walk->rest) {
			walk->kind = LAST_ROOT;
			walk->slash = false;
			return 0;
		}
		if (node_is_opaque(walk->at->node))
			return walk_opaque(walk);
		error = may_search(walk);
		if (error)
			return error;
		after = cut_part(walk);
		if (!*after && is_innermost_last(walk))
			return 0;
		error = walk_part(walk, after);
		if (error)
			return error;
	}
}

/* The end of path_walk(): follows what is to be followed. */
static int walk_to_end(struct walk *walk, bool follow_last, struct dentry **found)
{
	for (;;) {
		struct dentry *last;
		int error = walk_parent(walk);

		if (!error)
			error = walk_last(walk, &last);
		if (error)
			return error;
		if (!walk_wants_follow(walk, last, follow_last)) {
			walk->directory |= walk->kind == LAST_NAME && walk->slash;
			*found = last;
			return 0;
		}
		error = walk_follow(walk, last);
		if (error < 0)
			return error;
		if (error == 1) {
			dentry_get(walk->at);
			*found = walk->at;
			return 0;
		}
	}
}

int path_walk(const struct walker *walker, struct dentry *start, const char *path, unsigned flags,
	      struct dentry **found)
{
	struct walk walk;
	int error;

	if (!*path && (flags & WALK_EMPTY)) {
		*found = start ? start : walker->working_directory;
		dentry_get(*found);
		return 0;
	}
	error = walk_start(&walk, walker, start, path);
	if (error)
		return error;
	walk.no_magic = flags & WALK_NO_MAGIC;
	error = walk_to_end(&walk, flags & WALK_FOLLOW, found);
	if (!error && (walk.directory || (flags & WALK_DIRECTORY)) &&
	    !node_is((*found)->node, MODE_DIRECTORY)) {
		dentry_put(*found);
		error = -ENOTDIR;
	}
	walk_end(&walk);
	return error;
}

ssize_t path_read_link(struct dentry *dentry, char *buffer, size_t size)
{
	struct node *node = dentry->node;
	ssize_t length;

	if (!node_is(node, MODE_SYMLINK) || !node->ops->read_link)
		return -EINVAL;
	length = node->ops->read_link(node, buffer, size);
	return length > (ssize_t)size ? (ssize_t)size : length;
}
