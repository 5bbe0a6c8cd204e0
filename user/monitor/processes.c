/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of processes. */
#include "processes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column { NAME, PID, LOAD, MEMORY, STATE, COLUMNS };

struct row {
	unsigned pid;
	unsigned load; /* thousandths of a CPU */
	uint64_t kib;
	char state[8];
	char name[SAMPLE_NAME_MAX];
};

struct processes {
	struct ui *ui;
	struct ui_widget *table, *count, *end;
	size_t row_count;
	struct row rows[SAMPLE_PROCESSES_MAX];
	enum column sorted;
	bool descending;
};

/* What is being compared, as qsort() has no place for it. */
static const struct processes *sorting;

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *first, const void *second)
{
	const struct row *a = first, *b = second;
	int result = 0;

	switch (sorting->sorted) {
	case NAME:
		result = strcasecmp(a->name, b->name);
		break;
	case LOAD:
		result = compare_numbers(a->load, b->load);
		break;
	case MEMORY:
		result = compare_numbers(a->kib, b->kib);
		break;
	case STATE:
		result = strcmp(a->state, b->state);
		break;
	default:
		break;
	}
	if (!result)
		result = compare_numbers(a->pid, b->pid);
	return sorting->descending ? -result : result;
}

/* What letters of scheme sys: mean (docs/sys-scheme.md). */
static const char *state_text(const char *state)
{
	if (strchr(state, '+'))
		return "Running";
	if (strchr(state, 'R'))
		return "Ready";
	if (strchr(state, 'H'))
		return "Stopped";
	if (strchr(state, 'E'))
		return "Ended";
	return "Sleeping";
}

static void cell(void *context, size_t index, unsigned column, struct ui_cell *cell)
{
	const struct processes *processes = context;
	const struct row *row = &processes->rows[index];

	switch (column) {
	case NAME:
		cell->icon = UI_ICON_PROGRAM_FILE;
		snprintf(cell->text, sizeof(cell->text), "%s", row->name);
		break;
	case PID:
		snprintf(cell->text, sizeof(cell->text), "%u", row->pid);
		break;
	case LOAD:
		if (!row->load)
			cell->colour = UI_COLOUR_TEXT_DIM;
		snprintf(cell->text, sizeof(cell->text), "%u.%u %%", row->load / 10,
			 row->load % 10);
		break;
	case MEMORY:
		if (row->kib >= 10240)
			snprintf(cell->text, sizeof(cell->text), "%llu MiB",
				 (unsigned long long)row->kib >> 10);
		else
			snprintf(cell->text, sizeof(cell->text), "%llu KiB",
				 (unsigned long long)row->kib);
		break;
	default:
		cell->colour = UI_COLOUR_TEXT_DIM;
		snprintf(cell->text, sizeof(cell->text), "%s", state_text(row->state));
	}
}

unsigned processes_selected(const struct processes *processes)
{
	size_t row = ui_table_current(processes->table);

	if (row >= processes->row_count || !ui_table_is_selected(processes->table, row))
		return 0;
	return processes->rows[row].pid;
}

/* Sorts, and selects that process wherever it is then; nothing, if it has ended. */
static void sort_rows(struct processes *processes, unsigned pid)
{
	size_t row = 0;

	sorting = processes;
	qsort(processes->rows, processes->row_count, sizeof(processes->rows[0]), compare);
	ui_table_set_rows(processes->table, processes->row_count, true);
	if (!pid)
		return;
	while (row < processes->row_count && processes->rows[row].pid != pid)
		row++;
	if (row == processes->row_count) {
		ui_table_select(processes->table, UI_TABLE_NONE);
		ui_widget_enable(processes->end, false);
	} else if (row != ui_table_current(processes->table)) {
		ui_table_select(processes->table, row);
	}
}

static void sort(void *context, unsigned column, bool descending)
{
	struct processes *processes = context;

	processes->sorted = (enum column)column;
	processes->descending = descending;
	sort_rows(processes, processes_selected(processes));
}

static void end_process(void *argument)
{
	struct processes *processes = argument;
	unsigned pid = processes_selected(processes);

	if (pid && kill((pid_t)pid, SIGTERM) < 0)
		ui_dialog_message(processes->ui, UI_ICON_ERROR, "The process cannot be ended",
				  strerror(errno));
}

static void show_menu(void *context, size_t row, int x, int y)
{
	struct processes *processes = context;
	const struct ui_menu_item items[] = {
		{ .text = "End process", .icon = UI_ICON_CLOSE, .action = end_process },
	};

	if (row != UI_TABLE_NONE)
		ui_menu_show(processes->ui, x, y, items, 1, processes);
}

static void selected(void *context)
{
	struct processes *processes = context;

	ui_widget_enable(processes->end, ui_table_selected_count(processes->table) > 0);
}

struct processes *processes_create(struct ui_widget *page)
{
	static const struct ui_column columns[COLUMNS] = {
		[NAME] = { "Name", 0, UI_ALIGN_LEFT, true },
		[PID] = { "ID", 70, UI_ALIGN_RIGHT, true },
		[LOAD] = { "CPU", 80, UI_ALIGN_RIGHT, true },
		[MEMORY] = { "Memory", 100, UI_ALIGN_RIGHT, true },
		[STATE] = { "State", 100, UI_ALIGN_LEFT, true },
	};
	static const struct ui_table_model model = {
		.cell = cell, .sort = sort, .menu = show_menu, .select = selected
	};
	struct processes *processes = calloc(1, sizeof(*processes));
	struct ui_widget *bar;

	if (!processes)
		abort();
	processes->ui = page->ui;
	processes->sorted = LOAD;
	processes->descending = true;
	processes->table = ui_table(page, columns, COLUMNS, &model, processes);
	ui_widget_set_grow(processes->table, 1);
	ui_table_set_sorted(processes->table, LOAD, true);
	bar = ui_status_bar(page);
	processes->count = ui_label(bar, "");
	ui_label_set_style(processes->count, UI_FONT_NORMAL, UI_COLOUR_TEXT_DIM, UI_ALIGN_LEFT);
	ui_spacer(bar);
	processes->end = ui_button(bar, "End process", UI_ICON_CLOSE);
	ui_on_action(processes->end, end_process, processes);
	ui_widget_enable(processes->end, false);
	return processes;
}

static uint64_t ticks_before(const struct sample *before, const struct sample_process *process)
{
	for (unsigned i = 0; i < before->process_count; i++) {
		if (before->processes[i].pid == process->pid)
			return before->processes[i].ticks;
	}
	return 0;
}

void processes_update(struct processes *processes, const struct sample *before,
		      const struct sample *after)
{
	uint64_t ns =
		after->time_ns > before->time_ns ? after->time_ns - before->time_ns : 1000000000;
	unsigned chosen = processes_selected(processes); /* of the rows as they were */

	for (unsigned i = 0; i < after->process_count; i++) {
		const struct sample_process *process = &after->processes[i];
		struct row *row = &processes->rows[i];
		uint64_t earlier = ticks_before(before, process);
		uint64_t ticks = process->ticks > earlier ? process->ticks - earlier : 0;

		row->pid = process->pid;
		row->kib = process->kib;
		row->load = (unsigned)(ticks * 10000000000 / ns);
		memcpy(row->state, process->state, sizeof(row->state));
		memcpy(row->name, process->name, sizeof(row->name));
	}
	processes->row_count = after->process_count;
	sort_rows(processes, chosen);
	ui_label_format(processes->count, "%u processes", after->process_count);
}
