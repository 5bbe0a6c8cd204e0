# SPDX-License-Identifier: GPL-3.0-or-later
#
# Rust programs for the Redox ABI, from what Debian packages: rustc 1.63, the sources of its
# libraries (rust-src) and the crate redox_syscall 0.2. They are compiled from where the packages
# put them; only what lies in this folder is ours.
#
#   make peer-sysroot    core, alloc, compiler_builtins, our stand-ins for std and test, the crate
#   make peer-programs   the crate's own tests, and the programs of tests/peer/programs
#
# Programs are x86_64-unknown-redox, static, and linked by ld.lld to its usual address, 0x200000.
# Others can be compiled in the same way: docs/abi/redox.md.

# Debian's, whatever else PATH holds.
RUSTC := /usr/bin/rustc

peer-out := build/$(ARCH)/peer
peer-target := x86_64-unknown-redox
# The sysroot as rustc expects it: $(peer-out)/lib/rustlib/TARGET/lib. The crates lie apart, as
# what is in the sysroot is not for everybody.
peer-lib := $(peer-out)/lib/rustlib/$(peer-target)/lib
peer-crates := $(peer-out)/crates

peer-registry := /usr/share/cargo/registry
peer-source = $(firstword $(wildcard $(peer-registry)/$(1)/src/lib.rs) \
	$(peer-registry)/$(1)/src/lib.rs)
peer-library = /usr/src/rustc-1.63.0/library/$(1)/src/lib.rs

# The libraries use unstable features, which a released compiler takes only so.
peer-rustc := RUSTC_BOOTSTRAP=1 $(RUSTC)
peer-flags := --target $(peer-target) --sysroot $(peer-out) -C opt-level=2 -C panic=abort \
	-C relocation-model=static
peer-rlib := $(peer-flags) --crate-type rlib
peer-theirs := $(peer-rlib) --cap-lints allow
peer-builtins := --edition 2015 --cfg 'feature="compiler-builtins"' --cfg 'feature="mem"' \
	--cfg 'feature="mem-unaligned"' --cfg 'feature="unstable"'
peer-link := -C linker=ld.lld -C linker-flavor=ld.lld
peer-use := -L $(peer-crates) --extern bitflags=$(peer-crates)/libbitflags.rlib \
	--extern syscall=$(peer-crates)/libsyscall.rlib

peer-stamp := $(call stamp,$(peer-out)/flags,$(peer-rustc) $(peer-theirs) $(peer-builtins) \
	$(peer-link) $(peer-use))
peer-harness := $(wildcard tests/peer/harness/*.rs)
peer-support := $(wildcard tests/peer/support/*.rs)

# $(call peer-compile,NAME,FLAGS,SOURCE)
define peer-compile
	@mkdir -p $(@D)
	$(call say,RUSTC,$@)$(peer-rustc) --crate-name $(1) $(2) -o $@ $(3)
endef

$(peer-lib)/libcore.rlib: $(call peer-library,core) $(peer-stamp)
	$(call peer-compile,core,$(peer-theirs) --edition 2021 -Z force-unstable-if-unmarked,$<)

$(peer-lib)/libcompiler_builtins.rlib: $(call peer-source,compiler_builtins-0.1.*) \
		$(peer-lib)/libcore.rlib
	$(call peer-compile,compiler_builtins,$(peer-theirs) $(peer-builtins),$<)

$(peer-lib)/liballoc.rlib: $(call peer-library,alloc) $(peer-lib)/libcompiler_builtins.rlib
	$(call peer-compile,alloc,$(peer-theirs) --edition 2021 -Z force-unstable-if-unmarked,$<)

$(peer-lib)/libstd.rlib: tests/peer/harness/std.rs $(peer-harness) $(peer-lib)/liballoc.rlib
	$(call peer-compile,std,$(peer-rlib) --edition 2018 -D warnings,$<)

$(peer-lib)/libtest.rlib: tests/peer/harness/test.rs $(peer-lib)/libstd.rlib
	$(call peer-compile,test,$(peer-rlib) --edition 2018 -D warnings,$<)

$(peer-crates)/libbitflags.rlib: $(call peer-source,bitflags-1.*) $(peer-lib)/libtest.rlib
	$(call peer-compile,bitflags,$(peer-theirs) --edition 2018,$<)

$(peer-crates)/libsyscall.rlib: $(call peer-source,redox_syscall-0.2.*) \
		$(peer-crates)/libbitflags.rlib
	$(call peer-compile,syscall,$(peer-theirs) --edition 2018 \
		--extern bitflags=$(peer-crates)/libbitflags.rlib,$<)

$(peer-crates)/libsupport.rlib: tests/peer/support/support.rs $(peer-support) \
		$(peer-crates)/libsyscall.rlib
	$(call peer-compile,support,$(peer-rlib) $(peer-use) --edition 2018 -D warnings,$<)

# The crate with its own tests, as `cargo test` would compile it.
$(peer-out)/programs/crate: $(call peer-source,redox_syscall-0.2.*) \
		$(peer-crates)/libbitflags.rlib
	$(call peer-compile,syscall,$(peer-flags) --cap-lints allow $(peer-link) --edition 2018 \
		--test -Z panic_abort_tests --extern bitflags=$(peer-crates)/libbitflags.rlib,$<)

# Ours: each file of tests/peer/programs is one; all but those listed here consist of tests.
peer-plain := child ram
peer-names := $(patsubst tests/peer/programs/%.rs,%,$(wildcard tests/peer/programs/*.rs))
peer-programs := $(addprefix $(peer-out)/programs/,crate $(peer-names))

$(peer-names:%=$(peer-out)/programs/%): $(peer-out)/programs/%: tests/peer/programs/%.rs \
		$(peer-crates)/libsupport.rlib
	$(call peer-compile,$*,$(peer-flags) $(peer-use) $(peer-link) --edition 2018 -D warnings \
		--extern support=$(peer-crates)/libsupport.rlib \
		$(if $(filter $*,$(peer-plain)),,--test -Z panic_abort_tests),$<)

.PHONY: peer-sysroot peer-programs
peer-sysroot: $(peer-crates)/libsyscall.rlib
peer-programs: $(peer-programs)
