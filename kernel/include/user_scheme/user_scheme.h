/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Schemes that processes provide. docs/user-schemes.md tells how they work.
 *
 * The root scheme, whose name is empty, is where they are made: `open(":x", CREAT)` registers
 * scheme x in the caller's namespace and gives the socket that its requests are read from.
 */
#pragma once

struct scheme;

/* The scheme with the empty name, borrowed, for namespaces that are made: every one but the null
 * namespace has it. It works on the namespace of whoever calls. */
struct scheme *root_scheme(void);
