/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo, vmstat and slabinfo. */
#include "proc_fs.h"

#include <cache/page_cache.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

typedef unsigned long long llu;

static void print_frames(struct text *text, const char *name, uint64_t frames)
{
	text_print(text, "%-15s %8llu kB\n", name, (llu)PROC_KIB(frames * PAGE_SIZE));
}

/* Counts that were taken one after the other. */
static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

int proc_generate_meminfo(struct proc_node *node, struct text *text)
{
	struct page_cache_statistics cache;
	struct frame_statistics s;

	(void)node;
	frame_read_statistics(&s);
	page_cache_read_statistics(&cache);
	print_frames(text, "MemTotal:", s.total);
	print_frames(text, "MemFree:", s.free);
	/* What is in memory only cannot be taken from a file. */
	print_frames(text, "MemAvailable:", s.free + difference(cache.cached, cache.dirty));
	print_frames(text, "Buffers:", cache.buffers);
	print_frames(text, "Cached:", difference(s.file, cache.buffers));
	print_frames(text, "SwapCached:", 0);
	print_frames(text, "SwapTotal:", 0);
	print_frames(text, "SwapFree:", 0);
	print_frames(text, "Dirty:", cache.dirty);
	print_frames(text, "Writeback:", cache.under_write_back);
	print_frames(text, "AnonPages:", s.anonymous);
	print_frames(text, "Mapped:", cache.mapped);
	print_frames(text, "Shmem:", difference(s.file, cache.cached));
	print_frames(text, "Slab:", s.slabs);
	print_frames(text, "SReclaimable:", 0);
	print_frames(text, "SUnreclaim:", s.slabs);
	print_frames(text, "KernelStack:", s.kernel_stacks);
	print_frames(text, "PageTables:", s.page_tables);
	return 0;
}

static bool add_faults(struct process *process, void *argument)
{
	*(uint64_t *)argument += process->page_faults;
	return true;
}

int proc_generate_vmstat(struct proc_node *node, struct text *text)
{
	struct frame_statistics s;
	uint64_t faults = 0;

	(void)node;
	frame_read_statistics(&s);
	process_visit(add_faults, &faults);
	text_print(text, "nr_free_pages %llu\n", (llu)s.free);
	text_print(text, "nr_anon_pages %llu\n", (llu)s.anonymous);
	text_print(text, "nr_file_pages %llu\n", (llu)s.file);
	text_print(text, "nr_page_table_pages %llu\n", (llu)s.page_tables);
	text_print(text, "nr_kernel_stack %llu\n", (llu)PROC_KIB(s.kernel_stacks * PAGE_SIZE));
	text_print(text, "nr_slab_unreclaimable %llu\n", (llu)s.slabs);
	text_print(text, "pgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n");
	text_print(text, "pgfault %llu\npgmajfault 0\n", (llu)faults);
	return 0;
}

static void print_cache(const struct slab_statistics *s, void *argument)
{
	uint64_t objects = s->frames && s->object_size ? s->objects_total / s->frames : 0;

	text_print(argument,
		   "%-17s %6llu %6llu %6zu %4llu    1 : tunables 0 0 0 : slabdata %6llu %6llu 0\n",
		   s->name, (llu)s->objects_used, (llu)s->objects_total, s->object_size,
		   (llu)objects, (llu)s->frames, (llu)s->frames);
}

int proc_generate_slabinfo(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "slabinfo - version: 2.1\n"
			 "# name            <active_objs> <num_objs> <objsize> <objperslab> "
			 "<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : "
			 "slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	slab_visit(print_cache, text);
	return 0;
}
