/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs that run from the start. */
#pragma once

/*
 * Starts the programs that a file names, one a line: a path and arguments, separated by
 * blanks; what follows '#' is ignored. The first process of each must end when its service can be
 * used (the service goes on in a child); only then the next one starts. One that does not end within
 * some seconds is killed; what goes wrong is said on stderr.
 *
 * The file need not be there. `prepare` is called in each child before it becomes the program.
 */
void start_services(const char *path, void (*prepare)(void));
