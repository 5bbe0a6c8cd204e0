/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directory of a process, and that of one of its threads. */
#include "../file_context.h"
#include "proc_fs.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>

/* --- Links to where the process is. --- */

enum place {
	PLACE_PROGRAM,
	PLACE_WORKING_DIRECTORY,
	PLACE_ROOT,
};

static int find_directory(struct process *process, enum place place, struct dentry **target)
{
	struct file_context *files = process_file_context(process);
	struct dentry *root, *working_directory;

	if (!files)
		return -ENOENT;
	file_context_directories(files, &root, &working_directory);
	file_context_put(files);
	*target = place == PLACE_ROOT ? root : working_directory;
	dentry_put(place == PLACE_ROOT ? working_directory : root);
	return 0;
}

static int find_place(struct proc_node *node, enum place place, struct dentry **target)
{
	if (!process_may_inspect(node->process))
		return -EACCES;
	if (place != PLACE_PROGRAM)
		return find_directory(node->process, place, target);
	*target = process_executable(node->process);
	return *target ? 0 : -ENOENT;
}

static ssize_t link_place(struct proc_node *node, enum place place, char *buffer, size_t size)
{
	struct dentry *target;
	ssize_t length = find_place(node, place, &target);
	char *path;

	if (length < 0)
		return length;
	path = kmalloc(PATH_MAX_LENGTH);
	length = path ? dentry_path(target, NULL, path, PATH_MAX_LENGTH, true) : -ENOMEM;
	if (length >= 0)
		length = proc_put_link(path, (size_t)length, buffer, size);
	kfree(path);
	dentry_put(target);
	return length;
}

static ssize_t link_program(struct proc_node *node, char *buffer, size_t size)
{
	return link_place(node, PLACE_PROGRAM, buffer, size);
}

static int follow_program(struct proc_node *node, struct dentry **target)
{
	return find_place(node, PLACE_PROGRAM, target);
}

static ssize_t link_working_directory(struct proc_node *node, char *buffer, size_t size)
{
	return link_place(node, PLACE_WORKING_DIRECTORY, buffer, size);
}

static int follow_working_directory(struct proc_node *node, struct dentry **target)
{
	return find_place(node, PLACE_WORKING_DIRECTORY, target);
}

static ssize_t link_root(struct proc_node *node, char *buffer, size_t size)
{
	return link_place(node, PLACE_ROOT, buffer, size);
}

static int follow_root(struct proc_node *node, struct dentry **target)
{
	return find_place(node, PLACE_ROOT, target);
}

/* --- Small files. --- */

static int generate_comm(struct proc_node *node, struct text *text)
{
	struct user_thread *thread;

	if (!node->thread_id) {
		text_print(text, "%s\n", node->process->name);
		return 0;
	}
	thread = proc_thread(node);
	if (!thread)
		return -ESRCH;
	text_print(text, "%s\n", thread->thread.name);
	user_thread_put(thread);
	return 0;
}

/* A process may rename its own threads. */
static ssize_t store_comm(struct proc_node *node, const char *bytes, size_t length)
{
	struct user_thread *thread;
	char name[sizeof(node->process->name)];

	if (node->process != process_current())
		return -EINVAL;
	thread = proc_thread(node);
	if (!thread)
		return -ESRCH;
	string_copy(name, bytes, sizeof(name));
	user_thread_set_name(thread, name);
	user_thread_put(thread);
	return (ssize_t)length;
}

/* What it waits for inside the kernel is not told, as with Linux where there are no symbols. */
static int generate_wchan(struct proc_node *node, struct text *text)
{
	(void)node;
	text_append(text, "0", 1);
	return 0;
}

/* --- The tables. --- */

#define FILE_ENTRY(file_name, generator)                                           \
	{                                                                          \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generator \
	}
#define PRIVATE_ENTRY(file_name, file_mode, generator)                               \
	{                                                                            \
		.name = file_name, .mode = MODE_FILE | (file_mode), .private = true, \
		.generate = generator                                                \
	}
#define PLACE_ENTRY(link_name, reader, follower)                                                   \
	{                                                                                          \
		.name = link_name, .mode = MODE_SYMLINK | 0777, .link = reader, .follow = follower \
	}

/* What processes and threads have alike, but for the directory of threads. */
#define COMMON_ENTRIES                                                                \
	PRIVATE_ENTRY("auxv", 0400, proc_generate_auxv),                              \
		FILE_ENTRY("cmdline", proc_generate_cmdline),                         \
		{ .name = "comm",                                                     \
		  .mode = MODE_FILE | 0644,                                           \
		  .generate = generate_comm,                                          \
		  .store = store_comm },                                              \
		PLACE_ENTRY("cwd", link_working_directory, follow_working_directory), \
		PRIVATE_ENTRY("environ", 0400, proc_generate_environ),                \
		PLACE_ENTRY("exe", link_program, follow_program),                     \
		{ .name = "fd",                                                       \
		  .mode = MODE_DIRECTORY | 0500,                                      \
		  .private = true,                                                    \
		  .ops = &proc_fd_ops },                                              \
		{ .name = "fdinfo",                                                   \
		  .mode = MODE_DIRECTORY | 0555,                                      \
		  .private = true,                                                    \
		  .ops = &proc_fdinfo_ops },                                          \
		FILE_ENTRY("limits", proc_generate_limits),                           \
		PRIVATE_ENTRY("maps", 0444, proc_generate_maps),                      \
		FILE_ENTRY("mountinfo", proc_generate_mountinfo),                     \
		FILE_ENTRY("mounts", proc_generate_mounts),                           \
		FILE_ENTRY("oom_score", proc_generate_oom_score),                     \
		PLACE_ENTRY("root", link_root, follow_root),                          \
		PRIVATE_ENTRY("smaps", 0444, proc_generate_smaps),                    \
		FILE_ENTRY("stat", proc_generate_pid_stat),                           \
		FILE_ENTRY("statm", proc_generate_statm),                             \
		FILE_ENTRY("status", proc_generate_status), FILE_ENTRY("wchan", generate_wchan)

static const struct proc_entry thread_children[] = {
	COMMON_ENTRIES,
	{ .name = NULL },
};

static const struct proc_entry pid_children[] = {
	COMMON_ENTRIES,
	{ .name = "task", .mode = MODE_DIRECTORY | 0555, .ops = &proc_task_ops },
	{ .name = NULL },
};

const struct proc_entry proc_pid_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.children = pid_children,
};

const struct proc_entry proc_thread_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.children = thread_children,
};
