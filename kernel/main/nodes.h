/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells the frame allocator which memory is near to which CPUs. */
#pragma once

/* After the platform's tables were read, with one CPU running. */
void nodes_start(void);
/* When the CPUs that are there at boot run. */
void nodes_add_cpus(void);
