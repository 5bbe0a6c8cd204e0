/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/maps, smaps, and what lies at the top of the stack: cmdline, environ, auxv. */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

typedef unsigned long long llu;

#define PATH_COLUMN 73 /* where Linux's lines have the path */
/* Counting the resident pages of larger areas would take too long. */
#define SMAPS_COUNT_MAX ((size_t)1 << 30)

struct maps_visit {
	struct text *text;
	char *path; /* of PATH_MAX_LENGTH bytes */
	bool details;
};

static void print_path(struct text *text, size_t line_start, const char *path)
{
	size_t width = text->length - line_start;

	text_print(text, "%*s%s", width < PATH_COLUMN ? (int)(PATH_COLUMN - width) : 1, "", path);
}

static void print_area(struct maps_visit *visit, const struct vm_area *area)
{
	struct dentry *dentry = area->origin;
	const struct scheme *scheme = dentry ? dentry->node->scheme : NULL;
	uint64_t device = scheme ? scheme->id : 0;
	struct text *text = visit->text;
	size_t line_start = text->length;

	text_print(text, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu", (llu)area->start,
		   (llu)area->end, area->flags & VM_READ ? 'r' : '-',
		   area->flags & VM_WRITE ? 'w' : '-', area->flags & VM_EXECUTE ? 'x' : '-',
		   area->flags & VM_SHARED ? 's' : 'p', area->object ? (llu)area->offset : 0,
		   (unsigned)(device >> 8 & 0xfff), (unsigned)(device & 0xff),
		   dentry ? (llu)dentry->node->number : 0);
	if (dentry) {
		if (dentry_path(dentry, NULL, visit->path, PATH_MAX_LENGTH, true) >= 0)
			print_path(text, line_start, visit->path);
	} else if (area->flags & VM_STACK) {
		print_path(text, line_start, "[stack]");
	} else if (area->flags & VM_HEAP) {
		print_path(text, line_start, "[heap]");
	}
	text_append(text, "\n", 1);
}

static void print_details(struct text *text, const struct vm_area *area)
{
	size_t length = area->end - area->start, resident = 0, dirty = 0;

	text_print(text, "Size:           %8llu kB\nKernelPageSize: %8llu kB\n",
		   (llu)PROC_KIB(length), (llu)PROC_KIB(PAGE_SIZE));
	if (length > SMAPS_COUNT_MAX)
		return;
	for (uintptr_t at = area->start; at < area->end; at += PAGE_SIZE) {
		unsigned flags;
		phys_t frame;

		if (!arch_pmap_query(area->aspace->pmap, at, &frame, &flags))
			continue;
		resident += PAGE_SIZE;
		if (flags & MMU_DIRTY)
			dirty += PAGE_SIZE;
	}
	text_print(text, "Rss:            %8llu kB\n%s_Dirty:  %8llu kB\n", (llu)PROC_KIB(resident),
		   area->flags & VM_SHARED ? "Shared" : "Private", (llu)PROC_KIB(dirty));
}

static bool visit_area(const struct vm_area *area, void *argument)
{
	struct maps_visit *visit = argument;

	print_area(visit, area);
	if (visit->details)
		print_details(visit->text, area);
	return !visit->text->failed;
}

static int generate_maps(struct proc_node *node, struct text *text, bool details)
{
	struct aspace *aspace = process_aspace(node->process);
	struct maps_visit visit = { .text = text, .details = details };

	if (!aspace)
		return 0;
	visit.path = kmalloc(PATH_MAX_LENGTH);
	if (visit.path)
		aspace_visit(aspace, visit_area, &visit);
	aspace_put(aspace);
	if (!visit.path)
		return -ENOMEM;
	kfree(visit.path);
	return 0;
}

int proc_generate_maps(struct proc_node *node, struct text *text)
{
	return generate_maps(node, text, false);
}

int proc_generate_smaps(struct proc_node *node, struct text *text)
{
	return generate_maps(node, text, true);
}

/* Appends what the process has in [start, end), as far as it can be read. */
static int append_memory(struct aspace *aspace, uintptr_t start, uintptr_t end, struct text *text)
{
	char *buffer = kmalloc(PAGE_SIZE);

	if (!buffer)
		return -ENOMEM;
	while (start < end && !text->failed) {
		ssize_t count =
			aspace_read(aspace, start, buffer, min_size(end - start, PAGE_SIZE));

		if (count <= 0)
			break;
		text_append(text, buffer, (size_t)count);
		start += (size_t)count;
	}
	kfree(buffer);
	return 0;
}

int proc_generate_cmdline(struct proc_node *node, struct text *text)
{
	struct aspace *aspace = process_aspace(node->process);
	int error;

	if (!aspace)
		return 0;
	error = append_memory(aspace, aspace->arguments_start, aspace->arguments_end, text);
	/* A program that wrote a longer title over its arguments goes on into the environment. */
	if (!error && text->length > 0 && text->bytes[text->length - 1] != 0) {
		error = append_memory(aspace, aspace->environment_start, aspace->environment_end,
				      text);
		text->length = strnlen(text->bytes, text->length);
	}
	aspace_put(aspace);
	return error;
}

int proc_generate_environ(struct proc_node *node, struct text *text)
{
	struct aspace *aspace = process_aspace(node->process);
	int error;

	if (!aspace)
		return 0;
	error = append_memory(aspace, aspace->environment_start, aspace->environment_end, text);
	aspace_put(aspace);
	return error;
}

int proc_generate_auxv(struct proc_node *node, struct text *text)
{
	struct aspace *aspace = process_aspace(node->process);
	int error;

	if (!aspace)
		return 0;
	error = append_memory(aspace, aspace->auxiliary_vector,
			      aspace->auxiliary_vector + aspace->auxiliary_vector_size, text);
	aspace_put(aspace);
	return error;
}
