# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tests that run in the guest: one program, linked three ways, because C libraries and kinds
# of executables ask different things of a kernel.

guest-test-sources := tests/guest/test.c $(addprefix tests/guest/linux/,file.c cached_file.c folder.c pipe.c \
	process.c memory.c signal.c signal_help.c signal_context.c thread.c time.c system.c hostile.c \
	hostile_calls.c exhaustion.c executable.c terminal.c pty.c \
	event.c socket.c extended.c trace.c hotplug.c \
	pool.c pool_abuse.c priority_futex.c schedule.c) user/lib/pool.c
guest-test-sources += $(addprefix tests/guest/linux/,window.c window_shared.c window_hostile.c window_help.c) \
	user/lib/window.c
guest-test-sources += tests/guest/linux/input.c
guest-test-sources += tests/guest/linux/window_vectors.c
guest-test-out := $(OUT)/guest-tests
# The tests do on purpose what these warn of.
guest-test-silent := -Wno-write-strings -Wno-stringop-overread -Wno-stringop-overflow \
	-Wno-infinite-recursion -Wno-nonnull -Wno-array-bounds -Wno-unused-result
# (abi/ comes last, as its linux/ is not the system's.)
guest-test-flags := -std=gnu11 -O1 -g -D_GNU_SOURCE $(warnings) $(guest-test-silent) \
	-Itests/guest -idirafter abi -Iuser/lib -pthread

guest-test-programs := $(addprefix $(guest-test-out)/linux-,musl glibc glibc-pie)
guest-test-compiler-musl := $(MUSL_CC)
guest-test-compiler-glibc := $(HOST_CC) -fno-pie
guest-test-compiler-glibc-pie := $(HOST_CC) -fPIE
guest-test-link-musl := -static
guest-test-link-glibc := -static
guest-test-link-glibc-pie := -static-pie

# $(call guest-test-kind,KIND): the program and its objects for a kind.
define guest-test-kind
$(OUT)/obj-guest-$(1)/%.c.o: %.c $(call stamp,$(OUT)/guest-flags-$(1),\
		$(guest-test-compiler-$(1)) $(guest-test-flags))
	@mkdir -p $$(@D)
	$$(call say,TESTCC,$$@)$(guest-test-compiler-$(1)) $(guest-test-flags) -MMD -MP \
		-MF $$(@:.o=.d) -c $$< -o $$@

$(guest-test-out)/linux-$(1): $(guest-test-sources:%=$(OUT)/obj-guest-$(1)/%.o) \
		$(call stamp,$(OUT)/guest-link-$(1),$(guest-test-link-$(1)) $(guest-test-sources))
	@mkdir -p $$(@D)
	$$(call say,TESTLD,$$@)$(guest-test-compiler-$(1)) $(guest-test-link-$(1)) -pthread \
		$(guest-test-sources:%=$(OUT)/obj-guest-$(1)/%.o) -o $$@

-include $(guest-test-sources:%=$(OUT)/obj-guest-$(1)/%.d)
endef
$(foreach kind,musl glibc glibc-pie,$(eval $(call guest-test-kind,$(kind))))

# The tests of the Redox ABI, in the order in which they run. A new file is one more line here; fuzz.c
# stays last, as it tries what it may break for others.
redox-test-sources := tests/guest/redox/redox_test.c $(addprefix tests/guest/redox/, \
	basic.c \
	process.c \
	clone.c \
	identity.c \
	futex.c \
	memory.c \
	memory_share.c \
	physical.c \
	signal.c \
	signal_context.c \
	registers.c \
	proc.c \
	trace.c \
	hostile.c \
	hostile_descriptors.c \
	hostile_pointers.c \
	hostile_values.c \
	leak.c \
	mixed.c \
	file.c \
	folder.c \
	event.c \
	window.c \
	time_scheme.c \
	kernel_schemes.c \
	kernel_schemes_storm.c \
	acpi.c \
	exec.c \
	program.c \
	elf_file.c \
	set_id.c \
	namespace.c \
	user_scheme.c \
	user_scheme_support.c \
	user_scheme_life.c \
	user_scheme_storm.c \
	fuzz_arguments.c \
	fuzz.c \
	fuzz_provider.c \
	)
$(eval $(call native-program-in,$(guest-test-out)/redox-tests,$(redox-test-sources)))
guest-test-programs += $(guest-test-out)/redox-tests

.PHONY: guest-tests
guest-tests: $(guest-test-programs)

# What the scripts of tests/storage call in the guest.
$(guest-test-out)/io: tests/storage/io.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static $< -o $@

.PHONY: storage-tests
storage-tests: $(addprefix $(guest-test-out)/,io redox-tests linux-musl)

# And those of tests/hmfs.
$(guest-test-out)/hmfs-%: tests/hmfs/guest/%.c $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -static -pthread $< -o $@

.PHONY: hmfs-guest-tests
hmfs-guest-tests: $(addprefix $(guest-test-out)/,hmfs-calls hmfs-keep)

# And those of tests/ui.
$(guest-test-out)/ui-probe: tests/ui/probe.c user/lib/window.c user/lib/window.h $(user-flags-stamp)
	@mkdir -p $(@D)
	$(call say,USERCC,$@)$(MUSL_CC) $(user-flags) -Iuser/lib -idirafter abi -static -pthread \
		tests/ui/probe.c user/lib/window.c -o $@

.PHONY: ui-tests
ui-tests: $(guest-test-out)/ui-probe
