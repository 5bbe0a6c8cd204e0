/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nodes whose contents are generated text (proc:, sys:): the text is made when the file is
 * first read (or read again from the start) and kept with the description.
 */
#pragma once

#include <base/format.h>
#include <scheme/file.h>

struct text {
	char *bytes; /* kmalloc'ed */
	size_t length, capacity;
	bool failed; /* out of memory */
};

/* Appends formatted text. */
void text_print(struct text *text, const char *format, ...) printf_like(2, 3);
void text_append(struct text *text, const void *bytes, size_t length);

/* What is written, of a line's length at most, terminated; the caller frees it. NULL: *length is the error. */
char *text_take(struct io *io, ssize_t *length);

/* For use in a provider's node_ops (read, close): `generate` writes the whole text. */
struct text_file_ops {
	int (*generate)(struct node *node, struct text *text);
	/* Takes a written line; NULL: -EACCES. */
	ssize_t (*store)(struct node *node, const char *bytes, size_t length);
};
ssize_t text_file_read(struct file *file, struct io *io, uint64_t offset,
		       const struct text_file_ops *ops);
ssize_t text_file_write(struct file *file, struct io *io, const struct text_file_ops *ops);
void text_file_close(struct file *file);

/*
 * Files of scheme `sys:` of other parts of the kernel than its core, gathered at link time:
 *
 *     SYS_TEXT(block_disks) = { .name = "disks", .generate = generate_disks };
 *
 * `generate` writes the whole text; 0 or a negative errno. Where there is a file of that name
 * already, its text follows what that file has. `store` takes what is written, as that of
 * text_file_ops; NULL: nothing can be. Who may is its to check.
 */
struct sys_text {
	const char *name;
	int (*generate)(struct text *text);
	ssize_t (*store)(const char *bytes, size_t length);
};
extern const struct sys_text sys_texts_start[], sys_texts_end[];

#define SYS_TEXT(identifier)                               \
	static const struct sys_text sys_text_##identifier \
		__attribute__((section(".sys_texts"), used, aligned(8)))
