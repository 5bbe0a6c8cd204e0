/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system monitor: what it reads, whatever stands in the files, and what it draws. */
#include "../graph.h"
#include "../processes.h"
#include "../sample.h"
#include "../token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../lib/ui/test/bench.h"
#include "unit.h"

static const char *const file_names[] = { "/scheme/sys/sched", "/proc/meminfo", "/proc/diskstats",
					  "/scheme/sys/context" };
#define FILES 4

static char folder[64];

static void folder_make(void)
{
	char path[128];

	snprintf(folder, sizeof(folder), "/tmp/monitor-test.XXXXXX");
	EXPECT(mkdtemp(folder) != NULL);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const names[] = { "/proc", "/scheme", "/scheme/sys" };

		snprintf(path, sizeof(path), "%s%s", folder, names[i]);
		EXPECT_EQUAL(mkdir(path, 0700), 0);
	}
}

static void file_write(unsigned which, const void *bytes, size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder, file_names[which]);
	file = fopen(path, "w");
	EXPECT(file != NULL);
	EXPECT_EQUAL(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static void text_write(unsigned which, const char *text)
{
	file_write(which, text, strlen(text));
}

static void folder_remove(void)
{
	static const char *const names[] = { "/scheme/sys", "/scheme", "/proc", "" };
	char path[128];

	for (unsigned i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, file_names[i]);
		unlink(path);
	}
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, names[i]);
		EXPECT_EQUAL(rmdir(path), 0);
	}
}

UNIT_TEST(monitor, reads_what_the_kernel_counts)
{
	struct sample *sample = malloc(sizeof(*sample));

	folder_make();
	text_write(0, "mode token\ntime_ns 5000000000\ncpus 2\ncounter total cpu0 cpu1\n"
		      "token_hops 30 10 20\ntoken_forwarded 28 9 19\ntoken_laps 7 7 0\n"
		      "token_lost 1 0 1\ntoken_donations 3 1 2\nidle_ns 900 400 500\n"
		      "lap_log2_ns 0 0 5 2\n");
	text_write(1, "MemTotal:  1000 kB\nMemFree: 300 kB\nMemAvailable: 600 kB\nBuffers: 20 kB\n"
		      "Cached: 280 kB\n");
	text_write(2,
		   "   8 0 sda 10 0 100 5 20 0 200 5 0 0 0\n   8 1 sda1 9 0 99 5 19 0 199 5 0 0 0\n"
		   " 259 0 nvme0n1 1 0 7 0 2 0 11 0 0 0 0\n");
	text_write(
		3,
		"PID   PGID  PPID  RUID  RGID  RNS   EUID  EGID  ENS   STAT  CPU   TICKS MEM   "
		"NAME\n1     0     0     0     0     1     0     0     1     UB    1     7     96K"
		"   init\n3     2     1     0     0     1     0     0     1     UR+   #     12    "
		"2M"
		"    file:/bin/redox-echo\n");
	sample_read(sample, folder);
	EXPECT_EQUAL(sample->cpus, 2);
	EXPECT_EQUAL(sample->time_ns, 5000000000);
	EXPECT_EQUAL(sample->cpu[1].hops, 20);
	EXPECT_EQUAL(sample->cpu[0].forwarded, 9);
	EXPECT_EQUAL(sample->cpu[1].idle_ns, 500);
	EXPECT_EQUAL(sample->laps, 7);
	EXPECT_EQUAL(sample->lost, 1);
	EXPECT_EQUAL(sample->donations, 3);
	EXPECT_EQUAL(sample->lap_buckets[2], 5);
	EXPECT_EQUAL(sample->memory_kib, 1000);
	EXPECT_EQUAL(sample->available_kib, 600);
	EXPECT_EQUAL(sample->cached_kib, 300);
	EXPECT_EQUAL(sample->read_sectors, 107);
	EXPECT_EQUAL(sample->written_sectors, 211);
	EXPECT_EQUAL(sample->process_count, 2);
	EXPECT_STRING(sample->processes[0].name, "init");
	EXPECT_EQUAL(sample->processes[0].ticks, 7);
	EXPECT_EQUAL(sample->processes[1].kib, 2048);
	EXPECT_STRING(sample->processes[1].name, "redox-echo");
	EXPECT_STRING(sample->processes[1].state, "UR+");
	folder_remove();
	free(sample);
}

UNIT_TEST(monitor, survives_any_text)
{
	struct sample *sample = malloc(sizeof(*sample));
	uint64_t random = 8;

	sample_read(sample, "/nowhere");
	EXPECT_EQUAL(sample->cpus, 0);
	folder_make();
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned which = 0; which < FILES; which++) {
			static const char letters[] =
				"0123456789 \n:/KMcpus token_hops MemTotal: sda "
				"999999999999999999999999\t\xff";
			char bytes[3000];
			size_t length = unit_random_below(&random, sizeof(bytes));

			for (size_t i = 0; i < length; i++)
				bytes[i] = letters[unit_random_below(&random, sizeof(letters))];
			file_write(which, bytes, length);
		}
		sample_read(sample, folder);
		EXPECT(sample->cpus <= SAMPLE_CPUS_MAX);
		EXPECT(sample->process_count <= SAMPLE_PROCESSES_MAX);
	}
	folder_remove();
	free(sample);
}

UNIT_TEST(monitor, draws_any_number_of_cpus)
{
	static const unsigned numbers[] = { 1, 2, 3, 7, 16, 64 };

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct ui *ui = bench_open();
		struct graph *graphs = calloc(numbers[i], sizeof(*graphs));
		struct token_state *state = calloc(1, sizeof(*state));
		struct ui_widget *view = graph_view(ui_root(ui), graphs, numbers[i]);
		struct ui_widget *token = token_view(ui_root(ui), state);

		state->cpus = numbers[i];
		for (unsigned cpu = 0; cpu < numbers[i]; cpu++) {
			graphs[cpu].series_count = 1;
			graphs[cpu].full = cpu % 2 ? 0 : 1000;
			state->busy[cpu] = cpu * 1000 / numbers[i];
			state->forwarded[cpu] = cpu;
			for (unsigned sample = 0; sample < 2 * GRAPH_SAMPLES; sample += cpu + 1)
				series_add(&graphs[cpu].series[0], sample * 77 % 2000);
		}
		EXPECT(bench_draw(ui) > 0);
		/* Nothing changed: nothing is drawn. */
		EXPECT_EQUAL(bench_draw(ui), 0);
		state->buckets[20] = UINT64_MAX / 1000;
		ui_widget_damage(token);
		ui_widget_damage(view);
		EXPECT(bench_draw(ui) > 0);
		ui_close(ui);
		free(graphs);
		free(state);
	}
}

UNIT_TEST(monitor, lists_processes_and_their_load)
{
	struct ui *ui = bench_open();
	struct processes *processes = processes_create(ui_root(ui));
	struct sample *before = calloc(1, sizeof(*before));
	struct sample *after = calloc(1, sizeof(*after));

	after->time_ns = 1000000000;
	after->process_count = 500;
	for (unsigned i = 0; i < after->process_count; i++) {
		after->processes[i].pid = i + 1;
		after->processes[i].ticks = i * 7 % 100;
		snprintf(after->processes[i].name, SAMPLE_NAME_MAX, "process %u", i);
	}
	processes_update(processes, before, after);
	EXPECT(bench_draw(ui) > 0);
	processes_update(processes, after, before); /* all have ended */
	EXPECT(bench_draw(ui) > 0);
	ui_close(ui);
	free(processes);
	free(before);
	free(after);
}

/* It moves, as it is sorted anew, and others take its place. */
UNIT_TEST(monitor, keeps_the_process_that_is_selected)
{
	struct ui *ui = bench_open();
	struct processes *processes = processes_create(ui_root(ui));
	struct sample *before = calloc(1, sizeof(*before));
	struct sample *after = calloc(1, sizeof(*after));

	after->time_ns = 1000000000;
	after->process_count = 5;
	for (unsigned i = 0; i < after->process_count; i++) {
		after->processes[i].pid = i + 1;
		after->processes[i].ticks = i;
	}
	processes_update(processes, before, after);
	EXPECT(bench_draw(ui) > 0);
	EXPECT_EQUAL(processes_selected(processes), 0);
	bench_click_at(ui, 50, 50, UI_BUTTON_LEFT);
	EXPECT_EQUAL(processes_selected(processes), 5);
	processes_update(processes, before, after);
	EXPECT_EQUAL(processes_selected(processes), 5);
	after->processes[4].ticks = 0;
	processes_update(processes, before, after);
	EXPECT_EQUAL(processes_selected(processes), 5);
	after->process_count = 4; /* it has ended */
	processes_update(processes, before, after);
	EXPECT_EQUAL(processes_selected(processes), 0);
	bench_draw(ui);
	ui_close(ui);
	free(processes);
	free(before);
	free(after);
}
