# SPDX-License-Identifier: GPL-3.0-or-later
#
# Fuzzers of everything that parses input from outside (libFuzzer, so clang):
#
#   make fuzz                          builds build/host/fuzz/TARGET
#   make fuzz-run [FUZZ_SECONDS=5]     runs each for so long
#
# tests/fuzz/corpus/TARGET/ holds small seeds; what a run finds goes to build/host/fuzz/corpus,
# and inputs that fail to build/host/fuzz/failures.

FUZZ_SECONDS ?= 5

fuzz-targets := cpio elf fat font hmfs partition pci term

fuzz-out := $(HOST_OUT)/fuzz
fuzz-lib-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(unit-lib-sources))
fuzz-targets += hmfs_stream
fuzz-targets += region
fuzz-targets += keymap
fuzz-targets += atlas
fuzz-targets += aml
fuzz-targets += tables
fuzz-targets += described
fuzz-targets += drv

# The terminal's emulator, where it is built.
fuzz-targets += $(if $(vterm-library),terminal)
fuzz-programs := $(addprefix $(fuzz-out)/,$(fuzz-targets))

# Streams are received by volumes in memory.
fuzz-hmfs-stream-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix lib/hmfs/test/,\
	memory_device.c memory_volume.c))
$(fuzz-out)/hmfs_stream: $(fuzz-hmfs-stream-objects)

fuzz-flags := -std=gnu11 -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all $(warnings) \
	-Wno-redundant-decls $(host-include-flags)

$(fuzz-out)/obj/lib/base/src/string.c.o $(fuzz-out)/obj/lib/base/src/format.c.o: \
	fuzz-flags += -ffreestanding $(host-base-renames)

fuzz-stamp := $(call stamp,$(fuzz-out)/flags,$(CLANG) $(fuzz-flags))

$(fuzz-out)/obj/%.c.o: %.c $(fuzz-stamp)
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)$(CLANG) $(fuzz-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(fuzz-lib-objects:.o=.d) $(fuzz-targets:%=$(fuzz-out)/obj/tests/fuzz/%_fuzz.c.d)

fuzz-terminal-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix user/terminal/,emulator.c \
	feed.c grid.c grid_text.c))
$(fuzz-terminal-objects) $(fuzz-out)/obj/tests/fuzz/terminal_fuzz.c.o: fuzz-flags += -D_GNU_SOURCE \
	-Iuser/lib -idirafter abi
$(fuzz-out)/terminal: $(fuzz-terminal-objects) $(vterm-library)
-include $(fuzz-terminal-objects:.o=.d)

# Kernel code: the PCI buses, on simulated configuration spaces.
fuzz-pci-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix kernel/dev/,device.c pci_assign.c \
	pci_bar.c pci_bridge.c pci_capability.c pci_scan.c pci_space.c test/pci_model.c) \
	kernel/sync/refcount.c)
$(fuzz-pci-objects) $(fuzz-out)/obj/tests/fuzz/pci_fuzz.c.o: fuzz-flags += -ffreestanding \
	-DCONFIG_DEBUG=0 -Iabi -Ikernel/include -Ikernel/arch/sim/include
$(fuzz-out)/pci: $(fuzz-pci-objects)
-include $(fuzz-pci-objects:.o=.d)

# The static ACPI tables.
fuzz-tables-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix kernel/acpi/,tables.c table_read.c platform.c \
	platform_check.c processor_table.c soft_off.c fadt.c test/memory.c test/make.c))
$(fuzz-tables-objects) $(fuzz-out)/obj/tests/fuzz/tables_fuzz.c.o: fuzz-flags += -ffreestanding \
	-DCONFIG_DEBUG=0 -Iabi -Ikernel/include -Ikernel/arch/sim/include
$(fuzz-out)/tables: $(fuzz-tables-objects)
-include $(fuzz-tables-objects:.o=.d)

# Those of them that describe the machine.
fuzz-described-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix kernel/acpi/,affinity.c iommu.c \
	iommu_dmar.c iommu_ivrs.c located.c))
$(fuzz-described-objects) $(fuzz-out)/obj/tests/fuzz/described_fuzz.c.o: fuzz-flags += -ffreestanding \
	-DCONFIG_DEBUG=0 -Iabi -Ikernel/include -Ikernel/arch/sim/include
$(fuzz-out)/described: $(fuzz-described-objects) $(fuzz-tables-objects)
-include $(fuzz-described-objects:.o=.d)

# HMFS on volumes in memory, with the tests' contents in them.
fuzz-hmfs-objects := $(patsubst %,$(fuzz-out)/obj/%.o,lib/hmfs/test/memory_device.c \
	lib/hmfs/test/memory_volume.c tests/hmfs/content.c tests/hmfs/content_walk.c \
	tests/fuzz/hmfs_nodes.c)
$(fuzz-hmfs-objects) $(fuzz-out)/obj/tests/fuzz/hmfs_fuzz.c.o: fuzz-flags += \
	-Ilib/hmfs/test -Ilib/hmfs/src
$(fuzz-out)/hmfs: $(fuzz-hmfs-objects)
-include $(fuzz-hmfs-objects:.o=.d)

# The kernel in the simulation (tests/host/sim.mk). Disks and file systems alone guide the fuzzer.
fuzz-sim-out := $(fuzz-out)/sim
fuzz-sim-sources := $(addprefix tests/fuzz/,fat_damage.c fat_disks.c fat_fuzz.c fat_machine.c \
	fat_use.c) \
	$(filter-out %_ktest.c %_ktest_support.c tests/host/unit.c $(sim-test-sources),$(sim-sources-debug))
fuzz-sim-objects := $(patsubst %,$(fuzz-sim-out)/%.o,$(fuzz-sim-sources))
fuzz-sim-flags := $(sim-flags) $(sim-flags-debug) -fsanitize-ignorelist=tests/fuzz/records.txt
fuzz-sim-file-flags = $(sim-kernel-flags)
fuzz-sim-stamp := $(call stamp,$(fuzz-sim-out)/flags,$(CLANG) $(fuzz-sim-flags) $(sim-kernel-flags))

$(fuzz-sim-out)/lib/base/src/string.c.o $(fuzz-sim-out)/lib/base/src/format.c.o: \
	fuzz-sim-file-flags = $(sim-kernel-flags) $(host-base-renames)
$(sim-hosted-sources:%=$(fuzz-sim-out)/%.o): fuzz-sim-file-flags = $(sim-hosted-flags)
$(filter $(foreach folder,kernel/block kernel/cache kernel/fs lib/partition,$(fuzz-sim-out)/$(folder)/%),$(fuzz-sim-objects)): \
	fuzz-sim-flags += -fsanitize=fuzzer-no-link

$(fuzz-sim-out)/%.c.o: %.c $(fuzz-sim-stamp) tests/fuzz/records.txt
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)$(CLANG) $(fuzz-sim-flags) $(fuzz-sim-file-flags) \
		-MMD -MP -MF $(@:.o=.d) -c $< -o $@

-include $(fuzz-sim-objects:.o=.d)

$(fuzz-out)/fat: $(fuzz-sim-objects) tests/host/sim.ld
	$(call say,FUZZLD,$@)$(CLANG) -fsanitize=fuzzer,address,undefined \
		-Wl,-T,tests/host/sim.ld $(fuzz-sim-objects) -o $@

$(filter-out $(fuzz-out)/fat,$(fuzz-programs)): $(fuzz-out)/%: $(fuzz-out)/obj/tests/fuzz/%_fuzz.c.o $(fuzz-lib-objects)
	$(call say,FUZZLD,$@)$(CLANG) -fsanitize=fuzzer,address,undefined $^ -o $@

.PHONY: fuzz fuzz-run
fuzz: $(fuzz-programs)

# Prints PASS or FAIL for each; a failure ends only that target.
fuzz-run: $(fuzz-programs)
	@sh tests/fuzz/run.sh $(fuzz-out) $(FUZZ_SECONDS) $(fuzz-targets)
