/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of processes: a table that can be sorted, and a way to end one. */
#pragma once

#include "sample.h"

#include <ui.h>

struct processes;

/* Fills the page. It lives as long as the program. */
struct processes *processes_create(struct ui_widget *page);
/* Shows what ran between two samples. */
void processes_update(struct processes *processes, const struct sample *before,
		      const struct sample *after);
/* The ID of the process that "End process" would end; 0: none. */
unsigned processes_selected(const struct processes *processes);
