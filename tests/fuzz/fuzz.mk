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

fuzz-targets := cpio elf font partition pci term

fuzz-out := $(HOST_OUT)/fuzz
fuzz-lib-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(unit-lib-sources))
fuzz-programs := $(addprefix $(fuzz-out)/,$(fuzz-targets))

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

# Kernel code: the PCI buses, on simulated configuration spaces.
fuzz-pci-objects := $(patsubst %,$(fuzz-out)/obj/%.o,$(addprefix kernel/dev/,device.c pci_assign.c \
	pci_bar.c pci_bridge.c pci_capability.c pci_scan.c pci_space.c test/pci_model.c) \
	kernel/sync/refcount.c)
$(fuzz-pci-objects) $(fuzz-out)/obj/tests/fuzz/pci_fuzz.c.o: fuzz-flags += -ffreestanding \
	-DCONFIG_DEBUG=0 -Iabi -Ikernel/include -Ikernel/arch/sim/include
$(fuzz-out)/pci: $(fuzz-pci-objects)
-include $(fuzz-pci-objects:.o=.d)

$(fuzz-programs): $(fuzz-out)/%: $(fuzz-out)/obj/tests/fuzz/%_fuzz.c.o $(fuzz-lib-objects)
	$(call say,FUZZLD,$@)$(CLANG) -fsanitize=fuzzer,address,undefined $^ -o $@

.PHONY: fuzz fuzz-run
fuzz: $(fuzz-programs)

# Prints PASS or FAIL for each; a failure ends only that target.
fuzz-run: $(fuzz-programs)
	@sh tests/fuzz/run.sh $(fuzz-out) $(FUZZ_SECONDS) $(fuzz-targets)
