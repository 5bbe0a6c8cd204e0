# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests of the kernel's portable parts, linked with kernel/arch/sim into a program for the
# host that runs under the address and undefined-behaviour sanitizers:
#
#   make sim-test [SIM_MODES="debug release"] [SIM_ARGUMENTS="SUITE | SUITE.TEST | --list ..."]
#
# The rules.mk of what is tested adds its tests to sim-test-sources. SIM_LOG=1 in the
# environment shows the kernel's log.

include kernel/arch/sim/rules.mk

SIM_MODES ?= debug release
sim-out := build/sim

# The folders of the kernel that are linked.
sim-folders := sync trace mm/phys time sched mm/vm scheme block cache fs
sim-folders += display compositor
sim-kernel-sources := $(sort $(filter $(sim-folders:%=kernel/%/%.c) kernel/core/command_line.c lib/base/% lib/cpio/% \
	lib/hash/% lib/hmfs/% lib/partition/% lib/blend/%, \
	$(kernel-sources) $(kernel-debug-sources)))
# What sees the C library's headers only.
sim-hosted-sources := $(sim-host-sources) tests/host/sim_process.c tests/host/unit.c
sim-common := $(sim-sources) $(sim-test-sources) \
	$(sim-hosted-sources) tests/host/sim_test.c tests/host/sim_ktest.c
sim-sources-debug := $(sim-common) $(sim-kernel-sources)
sim-sources-release := $(sim-common) $(filter-out $(kernel-debug-sources),$(sim-kernel-sources))

sim-includes := abi kernel/include kernel/arch/sim/include kernel/arch/sim ddk/include \
	$(wildcard lib/*/include) tests/host
sim-sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all
sim-flags := -std=gnu11 -g -fno-strict-aliasing -fno-common -fno-omit-frame-pointer \
	$(sim-sanitizers) $(warnings) -Wno-redundant-decls
# What is compiled as the kernel is, and what as a program is.
sim-kernel-flags := -ffreestanding $(addprefix -I,$(sim-includes))
sim-hosted-flags := -Itests/host -Ikernel/arch/sim
sim-flags-debug := -O1 -DCONFIG_DEBUG=1
sim-flags-release := -O2 -DCONFIG_DEBUG=0

sim-stamp := $(call stamp,$(sim-out)/flags,$(HOST_CC) $(sim-flags) $(sim-kernel-flags))

define sim-program
sim-objects-$(1) := $$(patsubst %,$(sim-out)/$(1)/obj/%.o,$$(sim-sources-$(1)))

$(sim-out)/$(1)/obj/lib/base/src/string.c.o $(sim-out)/$(1)/obj/lib/base/src/format.c.o: \
	sim-file-flags := $$(sim-kernel-flags) $$(host-base-renames)
$(sim-hosted-sources:%=$(sim-out)/$(1)/obj/%.o): sim-file-flags := $$(sim-hosted-flags)

$(sim-out)/$(1)/obj/%.c.o: sim-file-flags ?= $$(sim-kernel-flags)
$(sim-out)/$(1)/obj/%.c.o: %.c $$(sim-stamp)
	@mkdir -p $$(@D)
	$$(call say,SIMCC,$$<)$$(HOST_CC) $$(sim-flags) $$(sim-flags-$(1)) $$(sim-file-flags) \
		-MMD -MP -MF $$(@:.o=.d) -c $$< -o $$@

-include $$(sim-objects-$(1):.o=.d)

$(sim-out)/$(1)/sim: $$(sim-objects-$(1)) tests/host/sim.ld \
		$$(call stamp,$(sim-out)/$(1)/link,$$(sim-objects-$(1)))
	$$(call say,SIMLD,$$@)$$(HOST_CC) $$(sim-sanitizers) -Wl,-T,tests/host/sim.ld \
		$$(sim-objects-$(1)) -o $$@

$$(foreach file,$$(blend-vector-sources),$$(eval \
	$(sim-out)/$(1)/obj/$$(file).o: sim-file-flags = $$$$(sim-kernel-flags) $$(call blend-flags,$$(file))))

.PHONY: sim-test-$(1)
sim-test-$(1): $(sim-out)/$(1)/sim
	@$(sim-out)/$(1)/sim $$(SIM_ARGUMENTS)
endef

$(foreach mode,debug release,$(eval $(call sim-program,$(mode))))

.PHONY: sim-test sim-build
sim-build: $(SIM_MODES:%=$(sim-out)/%/sim)
sim-test: $(SIM_MODES:%=sim-test-%)
