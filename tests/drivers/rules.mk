# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the sessions of tests/drivers take into the guest.

drivers-test-out := $(OUT)/driver-tests

$(drivers-test-out)/%: tests/drivers/%.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static -pthread $< -o $@

.PHONY: drivers-tests
drivers-tests: $(addprefix $(drivers-test-out)/,verify)
