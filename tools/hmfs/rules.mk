# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkfs.hmfs, fsck.hmfs, hmfs: one program with three names; and hmfs-fuse.
#
#   make hmfs-tools      build/host/bin/: for this machine; hmfs-fuse if libfuse3 is there
#   make hmfs-tools-test the same under sanitizers, in build/host/hmfs-tools-test/
#
# The static ones for the inside go into the initramfs.

hmfs-tool-sources := $(addprefix tools/hmfs/,main.c hmfs.c mkfs.c fsck.c \
	command_name.c command_copy.c command_fork.c command_dataset.c command_stream.c \
	command_volume.c command_dump.c mounted.c show.c info.c stream_file.c \
	program.c option.c text.c device.c host.c volume.c place.c \
	import.c export.c attribute.c links.c walk.c measure.c)
hmfs-fuse-sources := $(addprefix tools/hmfs/,fuse/main.c fuse/node.c fuse/attribute.c fuse/name.c \
	fuse/folder.c fuse/file.c fuse/fork.c fuse/request.c fuse/work.c \
	program.c option.c text.c device.c host.c volume.c place.c info.c stream_file.c \
	attribute.c)
hmfs-tool-lib := $(filter lib/base/% lib/hash/% lib/hmfs/%,$(kernel-sources))

hmfs-tool-flags := -std=gnu11 -g -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread $(warnings) \
	-Wno-redundant-decls -Itools/hmfs $(addprefix -Ilib/,$(addsuffix /include,base hash hmfs))
# (The system's headers first: abi/linux is not linux/.)
hmfs-system-headers := -idirafter /usr/include -idirafter /usr/include/$(ARCH)-linux-gnu \
	-idirafter abi

hmfs-tool-compiler-host := $(HOST_CC) -O2
hmfs-tool-compiler-test := $(HOST_CC) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
hmfs-tool-compiler-inside := $(MUSL_CC) -Os -ffunction-sections -fdata-sections
hmfs-tool-link-host :=
hmfs-tool-link-test := -fsanitize=address,undefined
hmfs-tool-link-inside := -static -Wl,--gc-sections
# Linux's, for a kernel that knows several (user/rules.mk).
hmfs-tool-finish-inside = @printf '\003' | dd of=$$@ bs=1 seek=7 conv=notrunc status=none
hmfs-tool-out-host := $(HOST_OUT)/bin
hmfs-tool-out-test := $(HOST_OUT)/hmfs-tools-test
hmfs-tool-out-inside := $(OUT)/hmfs-tools

fuse-header := $(wildcard /usr/include/fuse3/fuse_lowlevel.h)
fuse-compile = $(shell pkg-config --cflags fuse3)
fuse-link = $(shell pkg-config --libs fuse3)

# $(call hmfs-tool-kind,KIND): the objects and the programs of a kind.
define hmfs-tool-kind
hmfs-tool-objects-$(1) := $(hmfs-tool-out-$(1))/obj
hmfs-tool-flags-$(1) := $(hmfs-tool-compiler-$(1)) $(hmfs-tool-flags)

$(hmfs-tool-out-$(1))/obj/%.c.o: %.c \
		$(call stamp,$(hmfs-tool-out-$(1))/obj/flags,$(hmfs-tool-compiler-$(1)) \
		$(hmfs-tool-flags) $(hmfs-system-headers))
	@mkdir -p $$(@D)
	$$(call say,TOOLCC,$$@)$$(hmfs-tool-flags-$(1)) $$(hmfs-tool-more) $(hmfs-system-headers) \
		-MMD -MP -MF $$(@:.o=.d) -c $$< -o $$@

# The C library has functions of these names.
$(hmfs-tool-out-$(1))/obj/lib/base/src/string.c.o \
$(hmfs-tool-out-$(1))/obj/lib/base/src/format.c.o: \
	hmfs-tool-flags-$(1) += -ffreestanding $$(host-base-renames)
$(hmfs-fuse-only:%=$(hmfs-tool-out-$(1))/obj/%.o): hmfs-tool-more = $$(fuse-compile)

$(hmfs-tool-out-$(1))/hmfs: $(patsubst %,$(hmfs-tool-out-$(1))/obj/%.o,$(hmfs-tool-sources) \
		$(hmfs-tool-lib)) $(call stamp,$(hmfs-tool-out-$(1))/obj/hmfs.link,\
		$(hmfs-tool-link-$(1)) $(hmfs-tool-sources) $(hmfs-tool-lib))
	$$(call say,TOOLLD,$$@)$(hmfs-tool-compiler-$(1)) $(hmfs-tool-link-$(1)) -pthread \
		$$(filter %.o,$$^) -o $$@
	$(hmfs-tool-finish-$(1))

$(hmfs-tool-out-$(1))/mkfs.hmfs $(hmfs-tool-out-$(1))/fsck.hmfs: $(hmfs-tool-out-$(1))/hmfs
	@ln -sfn hmfs $$@

$(hmfs-tool-out-$(1))/hmfs-fuse: $(patsubst %,$(hmfs-tool-out-$(1))/obj/%.o,$(hmfs-fuse-sources) \
		$(hmfs-tool-lib)) $(call stamp,$(hmfs-tool-out-$(1))/obj/fuse.link,\
		$(hmfs-tool-link-$(1)) $(hmfs-fuse-sources) $(hmfs-tool-lib))
	$$(call say,TOOLLD,$$@)$(hmfs-tool-compiler-$(1)) $(hmfs-tool-link-$(1)) -pthread \
		$$(filter %.o,$$^) $$(fuse-link) -o $$@

-include $(patsubst %,$(hmfs-tool-out-$(1))/obj/%.d,$(sort $(hmfs-tool-sources) \
	$(hmfs-fuse-sources) $(hmfs-tool-lib)))
endef
hmfs-fuse-only := $(filter tools/hmfs/fuse/%,$(hmfs-fuse-sources))
$(foreach kind,host test inside,$(eval $(call hmfs-tool-kind,$(kind))))

hmfs-tool-names := hmfs mkfs.hmfs fsck.hmfs $(if $(fuse-header),hmfs-fuse)

# What the initramfs gets: the program, and links to it.
hmfs-inside-programs := $(addprefix $(hmfs-tool-out-inside)/,hmfs mkfs.hmfs fsck.hmfs)

.PHONY: hmfs-tools hmfs-tools-test hmfs-tools-inside
hmfs-tools: $(addprefix $(hmfs-tool-out-host)/,$(hmfs-tool-names))
hmfs-tools-test: $(addprefix $(hmfs-tool-out-test)/,$(hmfs-tool-names))
hmfs-tools-inside: $(hmfs-inside-programs)
