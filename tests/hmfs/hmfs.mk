# SPDX-License-Identifier: GPL-3.0-or-later
#
# The programs of the suite hmfs, each of tests/hmfs/NAME.c, what hmfs-test-NAME-sources names, and
# lib/, under the address and undefined-behaviour sanitizers:
#
#   make hmfs-tests      builds build/host/hmfs/NAME
#
# A part of the suite, tests/hmfs/PART.sh, runs them.

hmfs-test-programs :=
hmfs-test-programs += model
hmfs-test-model-sources := $(addprefix tests/hmfs/,judge.c steps.c steps_file.c tree.c tree_load.c)
hmfs-test-programs += damage
hmfs-test-model-sources := $(addprefix tests/hmfs/,judge.c steps.c steps_file.c tree.c tree_load.c) \
	lib/hmfs/test/memory_volume.c
hmfs-test-programs := damage

hmfs-test-programs := damage
hmfs-test-damage-sources := tests/hmfs/content.c tests/hmfs/content_walk.c
hmfs-test-programs += posix
hmfs-test-model-sources := $(addprefix tests/hmfs/,judge.c steps.c steps_file.c tree.c tree_load.c) \
	lib/hmfs/test/memory_volume.c

hmfs-test-programs += model power faults
hmfs-test-model-sources := $(addprefix tests/hmfs/,judge.c steps.c steps_file.c tree.c tree_load.c)
hmfs-test-power-sources := $(hmfs-test-model-sources)
hmfs-test-faults-sources := $(hmfs-test-model-sources)

hmfs-test-out := $(HOST_OUT)/hmfs
hmfs-test-common := $(unit-lib-sources) $(addprefix lib/hmfs/test/,memory_device.c memory_volume.c)
hmfs-test-flags := -std=gnu11 -O2 -g -D_GNU_SOURCE -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all $(warnings) -Wno-redundant-decls \
	$(host-include-flags) -Ilib/hmfs/test -Ilib/hmfs/src

$(hmfs-test-out)/obj/lib/base/src/string.c.o $(hmfs-test-out)/obj/lib/base/src/format.c.o: \
	hmfs-test-flags += -ffreestanding $(host-base-renames)

hmfs-test-stamp := $(call stamp,$(hmfs-test-out)/flags,$(HOST_CC) $(hmfs-test-flags))

$(hmfs-test-out)/obj/%.c.o: %.c $(hmfs-test-stamp)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOST_CC) $(hmfs-test-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

define hmfs-test-program
hmfs-test-$(1)-objects := $$(patsubst %,$(hmfs-test-out)/obj/%.o,$$(hmfs-test-common) \
	tests/hmfs/$(1).c $$(hmfs-test-$(1)-sources))

-include $$(hmfs-test-$(1)-objects:.o=.d)

$(hmfs-test-out)/$(1): $$(hmfs-test-$(1)-objects) \
		$$(call stamp,$(hmfs-test-out)/$(1).link,$$(hmfs-test-$(1)-objects))
	$$(call say,HOSTLD,$$@)$(HOST_CC) -fsanitize=address,undefined -pthread \
		$$(hmfs-test-$(1)-objects) -o $$@
endef
$(foreach program,$(hmfs-test-programs),$(eval $(call hmfs-test-program,$(program))))

.PHONY: hmfs-tests
hmfs-tests: $(addprefix $(hmfs-test-out)/,$(hmfs-test-programs))
