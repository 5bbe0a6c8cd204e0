/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Graphs of the last two minutes: widgets of one graph, or of several beside each other. */
#pragma once

#include <ui.h>

#define GRAPH_SAMPLES    120
#define GRAPH_SERIES_MAX 2

/* The newest value last. */
struct series {
	uint64_t values[GRAPH_SAMPLES];
	unsigned count; /* that are known */
};

void series_add(struct series *series, uint64_t value);

struct graph {
	char title[32];
	char value[64]; /* at the right of the title */
	enum ui_icon icon;
	uint64_t full; /* the value at the upper edge; 0: the largest that is shown */
	unsigned series_count;
	struct series series[GRAPH_SERIES_MAX];
	enum ui_colour colours[GRAPH_SERIES_MAX];
	const char *legend[GRAPH_SERIES_MAX]; /* NULL: none */
};

/* A widget of `count` graphs, which stay the caller's: damage it after changes. */
struct ui_widget *graph_view(struct ui_widget *parent, struct graph *graphs, unsigned count);

/* The frame that all parts of the window have, with a title; returns what is inside. */
struct blend_rectangle card_draw(struct ui_painter *painter, struct blend_rectangle area,
				 enum ui_icon icon, const char *title, const char *value);
