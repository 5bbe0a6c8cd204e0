# SPDX-License-Identifier: GPL-3.0-or-later
#
# The static checks: `make check` runs all, `make check-NAME` one. `make -s list-checks` lists
# the names; ./cryptos test reports each by itself.

checks := format layering headers clang architecture licence paths shell cppcheck
checks += ddk

.PHONY: check list-checks $(addprefix check-,$(checks))
check: $(addprefix check-,$(checks))
list-checks:
	@printf '%s\n' $(checks)

# All C files: those that git knows and new ones that it does not ignore.
tree-files = $(shell git ls-files -co --exclude-standard)
c-files = $(wildcard $(filter %.c %.h,$(tree-files)))

check-format:
	@printf '%s\n' $(c-files) | xargs -P2 -n40 clang-format --dry-run -Werror

check-layering:
	@build/layering

check-architecture check-licence check-paths: check-%: build/check-text.sh
	@bash build/check-text.sh $*

check-shell: build/check-text.sh
	@bash build/check-text.sh shell

# The kernel as clang compiles it: objects only.
check-clang:
	@$(MAKE) --no-print-directory COMPILER=clang MODE=$(MODE) kernel-objects >/dev/null

# Drivers, compiled against the driver kit alone.
check-ddk: $(HOST_OUT)/bin/driver-check
	@bash build/check-ddk.sh $< '$(driver-flags)' \
		$(foreach driver,$(drivers),$(driver): $(driver-sources-$(driver)))

# --- each header compiles alone --------------------------------------------------------------

# A header's folder decides for what it is compiled; lib's are for the kernel and for the host.
headers-of = $(wildcard $(filter $(1),$(filter %.h,$(tree-files))))
header-out := $(OUT)/headers
header-compile = @mkdir -p $(@D); $(1) -MD -MP -MF $@.d -MT $@ -fsyntax-only \
	-include $< -x c /dev/null && touch $@

$(header-out)/kernel/%.ok: % $(kernel-flags-stamp)
	$(call header-compile,$(CC) $(kernel-flags) -iquote $(<D))
$(header-out)/host/%.ok: % $(unit-stamp)
	$(call header-compile,$(HOST_CC) $(unit-flags) -iquote $(<D))
$(header-out)/user/%.ok: % $(user-flags-stamp)
	$(call header-compile,$(MUSL_CC) $(user-flags) -iquote $(<D))
$(header-out)/native/%.ok: % $(native-stamp)
	$(call header-compile,$(HOST_CC) $(native-flags) -iquote $(<D))
$(header-out)/loader/%.ok: % $(loader-stamp)
	$(call header-compile,$(CLANG) $(loader-flags) -iquote $(<D))

kernel-headers = $(filter-out $(test-headers),$(call headers-of,kernel/% abi/% ddk/% lib/% drivers/%))
test-headers = $(foreach header,$(tree-files),$(if $(findstring /test/,$(header)),$(header)))
native-headers = $(call headers-of,user/libcryptos/% tests/guest/redox/%)
header-stamps = $(kernel-headers:%=$(header-out)/kernel/%.ok) \
	$(patsubst %,$(header-out)/host/%.ok,$(filter-out $(test-headers),$(call headers-of,lib/%))) \
	$(patsubst %,$(header-out)/user/%.ok,$(filter-out $(native-headers),\
		$(call headers-of,user/% tests/guest/%))) \
	$(native-headers:%=$(header-out)/native/%.ok) \
	$(patsubst %,$(header-out)/loader/%.ok,$(filter-out $(test-headers),$(call headers-of,boot/%)))

ifneq ($(filter check check-headers,$(MAKECMDGOALS)),)
check-headers: $(header-stamps)
-include $(wildcard $(header-stamps:=.d))
endif

# --- cppcheck --------------------------------------------------------------------------------

cppcheck-out := $(OUT)/cppcheck
# It takes _Noreturn for a word of no meaning, and the names of signals for the C library's.
cppcheck-defines := -DCONFIG_DEBUG=0 -D__x86_64__=1 '-D_Noreturn=__attribute__((noreturn))' \
	$(foreach name,ABRT FPE INT KILL SEGV TERM,-DSIG$(name)=SIG$(name))
cppcheck-flags := --std=c11 --platform=unix64 --enable=warning,performance,portability \
	--error-exitcode=1 --quiet --suppressions-list=build/cppcheck.suppressions \
	--template='{file}:{line}: {severity}: {message} [{id}]' \
	$(cppcheck-defines) $(kernel-include-flags) --cppcheck-build-dir=$(cppcheck-out)

check-cppcheck:
	@mkdir -p $(cppcheck-out)
	@cppcheck -j2 $(cppcheck-flags) $(filter %.c,$(sort $(kernel-sources) $(driver-sources)))
