/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzzers share: their entry point, and a check that survives. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Called by libFuzzer with each input; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run as a failure if what must hold does not. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : __builtin_trap())
