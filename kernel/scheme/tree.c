/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree that Linux programs see: `file:` with other schemes mounted on it. */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <scheme/scheme.h>

#include "mount_priv.h"
#include "tree_priv.h"

/* What is mounted where; left out where there is no such scheme. */
static const struct tree_mount {
	const char *scheme;
	const char *path;
} tree_mounts[] = {
	{ "dev", "/dev" },   { "shm", "/dev/shm" }, { "procfs", "/proc" },
	{ "sysfs", "/sys" }, { "tmp", "/tmp" },     { "scheme", "/scheme" },
};

/* Finds the directory at `path`, making it where it is missing. */
static int mount_point(const struct walker *walker, const char *path, struct dentry **at)
{
	const struct node_template like = { .mode = MODE_DIRECTORY | 0755 };
	int error = path_make(walker, NULL, path, &like);

	if (error && error != -EEXIST)
		return error;
	return path_walk(walker, NULL, path, WALK_FOLLOW | WALK_DIRECTORY, at);
}

static int mount_one(const struct walker *walker, const struct tree_mount *mount)
{
	struct scheme *scheme;
	struct dentry *at;
	int error;

	scheme = namespace_find(namespace_first(), mount->scheme, strlen(mount->scheme));
	if (!scheme)
		return 0;
	error = mount_point(walker, mount->path, &at);
	if (!error) {
		error = path_mount(at, scheme->root);
		dentry_put(at);
	}
	scheme_put(scheme);
	return error;
}

/* Takes it from the old tree, and mounts it in the new one. */
static void move_one(const struct walker *walker, const struct tree_mount *mount)
{
	struct scheme *scheme =
		namespace_find(namespace_first(), mount->scheme, strlen(mount->scheme));
	int error = 0;

	if (!scheme)
		return;
	if (scheme->root->covers)
		error = mount_detach_root(scheme->root);
	scheme_put(scheme);
	if (!error)
		error = mount_one(walker, mount);
	if (error)
		log_warning("scheme", "%s: cannot be mounted on %s of the new root: error %d",
			    mount->scheme, mount->path, -error);
}

int tree_set_root(struct scheme *scheme)
{
	struct credentials *root_user = credentials_create(NULL);
	struct scheme *old = namespace_find(namespace_first(), scheme->name, scheme->name_length);
	struct walker walker = { .credentials = root_user };
	int error;

	if (!root_user)
		return -ENOMEM;
	/* Its storage stays: the old tree is somebody's yet, the kernel's own. */
	if (old)
		scheme_retire(old);
	error = namespace_add(namespace_first(), scheme);
	if (error) {
		credentials_put(root_user);
		return error;
	}
	scheme_get(scheme);
	dentry_get(scheme->root);
	walker.root = walker.working_directory = scheme->root;
	for (size_t i = 0; i < array_length(tree_mounts); i++)
		if (strcmp(tree_mounts[i].path, "/dev/shm") != 0)
			move_one(&walker, &tree_mounts[i]);
	mount_set_tree_root(scheme->root);
	credentials_put(root_user);
	return 0;
}

void tree_build(void)
{
	struct credentials *root_user = credentials_create(NULL);
	struct scheme *scheme = namespace_find(namespace_first(), "file", 4);
	struct walker walker = { .credentials = root_user };
	int error;

	if (!scheme || !root_user) {
		log_error("scheme", "there is no scheme file: to make a tree of");
		return;
	}
	/* The references of `scheme` and to its root are the tree's. */
	dentry_get(scheme->root);
	mount_set_tree_root(scheme->root);
	walker.root = walker.working_directory = scheme->root;
	for (size_t i = 0; i < array_length(tree_mounts); i++) {
		error = mount_one(&walker, &tree_mounts[i]);
		if (error)
			log_error("scheme", "%s: cannot be mounted on %s: error %d",
				  tree_mounts[i].scheme, tree_mounts[i].path, -error);
	}
	credentials_put(root_user);
	error = bare_tree_build();
	if (error)
		log_error("scheme", "there is no tree for restricted namespaces: error %d", -error);
}
