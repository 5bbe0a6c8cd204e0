/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system monitor: graphs of each CPU, of memory and disks, the path of the scheduler's token, and
 * the processes. It reads what the kernel counts once a second, and shows the differences.
 * `monitor processes` begins with these.
 */
#include "graph.h"
#include "processes.h"
#include "sample.h"
#include "token.h"

#include <stdio.h>
#include <string.h>

#define INTERVAL_MS 1000
#define NS_PER_S    1000000000ull

static struct {
	struct ui *ui;
	struct sample samples[2];
	unsigned newest;
	struct graph cpus[SAMPLE_CPUS_MAX];
	struct graph memory, disks;
	struct token_state token;
	struct ui_widget *cpu_view, *memory_view, *disk_view, *token_view, *tabs;
	struct processes *processes;
} monitor;

static void print_kib(char *text, size_t size, uint64_t kib)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;
	uint64_t tenths = kib * 10;

	while (tenths >= 10240 && unit < 3) {
		tenths /= 1024;
		unit++;
	}
	if (unit && tenths < 1000)
		snprintf(text, size, "%llu.%llu %s", (unsigned long long)tenths / 10,
			 (unsigned long long)tenths % 10, units[unit]);
	else
		snprintf(text, size, "%llu %s", (unsigned long long)tenths / 10, units[unit]);
}

/* What a counter grew in a second; `ns` passed. */
static uint64_t rate(uint64_t before, uint64_t after, uint64_t ns)
{
	return after > before ? (after - before) * NS_PER_S / ns : 0;
}

static unsigned busy_thousandths(const struct sample_cpu *before, const struct sample_cpu *after,
				 uint64_t ns)
{
	uint64_t idle = after->idle_ns > before->idle_ns ? after->idle_ns - before->idle_ns : 0;

	return idle >= ns ? 0 : (unsigned)(1000 - idle * 1000 / ns);
}

static void update_cpus(const struct sample *before, const struct sample *after, uint64_t ns)
{
	for (unsigned i = 0; i < after->cpus; i++) {
		unsigned busy = busy_thousandths(&before->cpu[i], &after->cpu[i], ns);
		struct graph *graph = &monitor.cpus[i];

		series_add(&graph->series[0], busy);
		snprintf(graph->value, sizeof(graph->value), "%u %%", (busy + 5) / 10);
		monitor.token.busy[i] = busy;
		monitor.token.forwarded[i] =
			rate(before->cpu[i].forwarded, after->cpu[i].forwarded, ns);
	}
}

static void update_token(const struct sample *before, const struct sample *after, uint64_t ns)
{
	monitor.token.laps = rate(before->laps, after->laps, ns);
	monitor.token.hops = rate(before->hops, after->hops, ns);
	monitor.token.donations = rate(before->donations, after->donations, ns);
	monitor.token.lost = after->lost;
	for (unsigned i = 0; i < SAMPLE_BUCKETS; i++)
		monitor.token.buckets[i] = after->lap_buckets[i] - before->lap_buckets[i];
}

static void update_memory(const struct sample *after)
{
	char used_text[24], total_text[24];
	uint64_t used = after->memory_kib > after->available_kib
				? after->memory_kib - after->available_kib
				: 0;

	monitor.memory.full = after->memory_kib ? after->memory_kib : 1;
	series_add(&monitor.memory.series[0], after->cached_kib + used);
	series_add(&monitor.memory.series[1], used);
	print_kib(used_text, sizeof(used_text), used);
	print_kib(total_text, sizeof(total_text), after->memory_kib);
	snprintf(monitor.memory.value, sizeof(monitor.memory.value), "%s of %s", used_text,
		 total_text);
}

static void update_disks(const struct sample *before, const struct sample *after, uint64_t ns)
{
	uint64_t read_kib = rate(before->read_sectors, after->read_sectors, ns) / 2;
	uint64_t written_kib = rate(before->written_sectors, after->written_sectors, ns) / 2;
	char text[32];

	series_add(&monitor.disks.series[0], read_kib);
	series_add(&monitor.disks.series[1], written_kib);
	print_kib(text, sizeof(text), read_kib + written_kib);
	snprintf(monitor.disks.value, sizeof(monitor.disks.value), "%s/s", text);
}

static void update(void *argument)
{
	const struct sample *before = &monitor.samples[monitor.newest];
	struct sample *after = &monitor.samples[!monitor.newest];
	uint64_t ns;

	(void)argument;
	sample_read(after, "");
	ns = after->time_ns > before->time_ns ? after->time_ns - before->time_ns : NS_PER_S;
	update_cpus(before, after, ns);
	update_token(before, after, ns);
	update_memory(after);
	update_disks(before, after, ns);
	processes_update(monitor.processes, before, after);
	monitor.newest = !monitor.newest;
	ui_widget_damage(monitor.cpu_view);
	ui_widget_damage(monitor.memory_view);
	ui_widget_damage(monitor.disk_view);
	ui_widget_damage(monitor.token_view);
}

static void graphs_make(void)
{
	monitor.token.cpus = monitor.samples[0].cpus;
	for (unsigned i = 0; i < monitor.samples[0].cpus; i++) {
		struct graph *graph = &monitor.cpus[i];

		snprintf(graph->title, sizeof(graph->title), "CPU %u", i);
		graph->icon = UI_ICON_CPU;
		graph->full = 1000;
		graph->series_count = 1;
		graph->colours[0] = UI_COLOUR_ACCENT;
	}
	monitor.memory = (struct graph){ .title = "Memory",
					 .icon = UI_ICON_MEMORY,
					 .series_count = 2,
					 .colours = { UI_COLOUR_CYAN, UI_COLOUR_PURPLE },
					 .legend = { "cached files", "programs and kernel" } };
	monitor.disks = (struct graph){ .title = "Disks",
					.icon = UI_ICON_DISK,
					.series_count = 2,
					.colours = { UI_COLOUR_GREEN, UI_COLOUR_ORANGE },
					.legend = { "read", "written" } };
}

static void window_make(void)
{
	struct ui_widget *overview, *lower, *column;
	unsigned cpus = monitor.samples[0].cpus;

	monitor.tabs = ui_tabs(ui_root(monitor.ui));
	ui_widget_set_grow(monitor.tabs, 1);
	overview = ui_tabs_add(monitor.tabs, "Overview");
	ui_box_set_padding(overview, 12, 12);
	ui_box_set_spacing(overview, 10);
	monitor.cpu_view = graph_view(overview, monitor.cpus, cpus);
	ui_widget_set_grow(monitor.cpu_view, cpus > 4 ? 3 : 2);
	lower = ui_row(overview);
	ui_box_set_spacing(lower, 10);
	ui_widget_set_grow(lower, 3);
	column = ui_column(lower);
	ui_box_set_spacing(column, 10);
	ui_widget_set_grow(column, 1);
	monitor.memory_view = graph_view(column, &monitor.memory, 1);
	monitor.disk_view = graph_view(column, &monitor.disks, 1);
	monitor.token_view = token_view(lower, &monitor.token);
	monitor.processes = processes_create(ui_tabs_add(monitor.tabs, "Processes"));
}

int main(int count, char **arguments)
{
	int status;

	monitor.ui = ui_open(&(struct ui_options){ .title = "System monitor",
						   .width = 740,
						   .height = 460,
						   .minimum_width = 520,
						   .minimum_height = 380 });
	sample_read(&monitor.samples[0], "");
	if (!monitor.samples[0].cpus)
		monitor.samples[0].cpus = 1;
	graphs_make();
	window_make();
	if (count > 1 && strcmp(arguments[1], "processes") == 0)
		ui_tabs_select(monitor.tabs, 1);
	update(NULL);
	ui_timer_start(monitor.ui, INTERVAL_MS, true, update, NULL);
	status = ui_run(monitor.ui);
	ui_close(monitor.ui);
	return status;
}
