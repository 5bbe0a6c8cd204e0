# SPDX-License-Identifier: GPL-3.0-or-later
#
# The benchmark that runs in the guest.

bench-program := $(OUT)/bench/guest

$(bench-program): bench/guest.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static $< -o $@

.PHONY: bench-programs
bench-programs: $(bench-program)
