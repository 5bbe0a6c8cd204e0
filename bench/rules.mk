# SPDX-License-Identifier: GPL-3.0-or-later
#
# The benchmarks that run in the guest.

bench-programs-list := $(addprefix $(OUT)/bench/,guest sched storage files redox)

$(addprefix $(OUT)/bench/,guest sched storage files): $(OUT)/bench/%: bench/%.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static $< -o $@

$(eval $(call native-program-in,$(OUT)/bench/redox,bench/redox.c))

.PHONY: bench-programs
bench-programs: $(bench-programs-list)
