# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lists by part: the maps, the space, the volume, objects, contents, checking.
unit-sources += lib/hmfs/test/memory_device.c
kernel-sources += $(addprefix lib/hmfs/src/,newest.c map.c map_commit.c cursor.c)
kernel-sources += $(addprefix lib/hmfs/src/,node.c node_check.c filter.c segment.c segment_walk.c)
kernel-sources += $(addprefix lib/hmfs/src/,segment_write.c segment_tree.c segment_runs.c)
kernel-sources += $(addprefix lib/hmfs/src/,merge.c merge_choose.c)
unit-sources += lib/hmfs/test/newest_test.c lib/hmfs/test/segment_test.c lib/hmfs/test/merge_test.c lib/hmfs/test/node_test.c lib/hmfs/test/map_fixture.c
kernel-sources += $(addprefix lib/hmfs/src/,space.c space_commit.c find.c group.c group_bits.c)
kernel-sources += $(addprefix lib/hmfs/src/,group_record.c summary.c reserve.c unlogged.c shared.c)
kernel-sources += $(addprefix lib/hmfs/src/,dead.c inherit.c)
unit-sources += lib/hmfs/test/dead_test.c
unit-sources += lib/hmfs/test/space_test.c
kernel-sources += $(addprefix lib/hmfs/src/,sum.c super.c damage.c make.c mount.c info.c resize.c)
kernel-sources += $(addprefix lib/hmfs/src/,commit.c work.c log.c replay.c dataset.c snapshot.c reap.c)
unit-sources += lib/hmfs/test/memory_volume.c
unit-sources += $(addprefix lib/hmfs/test/,volume_test.c sync_test.c snapshot_test.c fault_test.c)
kernel-sources += $(addprefix lib/hmfs/src/,record.c name.c list.c symlink.c rename.c held.c orphan.c)
kernel-sources += $(addprefix lib/hmfs/src/,fork.c attribute.c computed.c mime.c index.c query.c describe.c)
unit-sources += lib/hmfs/test/name_test.c lib/hmfs/test/fork_test.c lib/hmfs/test/name_model_test.c lib/hmfs/test/object_fault_test.c lib/hmfs/test/object_thread_test.c
kernel-sources += $(addprefix lib/hmfs/src/,chunk.c chunk_edit.c edit.c place.c lent.c put.c transfer.c)
kernel-sources += $(addprefix lib/hmfs/src/,read.c write.c punch.c allocate.c clone.c seek.c)
unit-sources += $(addprefix lib/hmfs/test/,chunk_test.c contents_test.c contents_fault_test.c contents_model.c)
kernel-sources += lib/hmfs/src/dump.c lib/hmfs/src/dump_record.c
kernel-sources += $(addprefix lib/hmfs/src/,check.c check_blocks.c check_data.c check_dataset.c)
kernel-sources += $(addprefix lib/hmfs/src/,check_index.c check_lost.c check_name.c check_nodes.c)
kernel-sources += $(addprefix lib/hmfs/src/,check_record.c check_shared.c check_space.c check_super.c)
kernel-sources += $(addprefix lib/hmfs/src/,check_tree.c check_use.c scrub.c scrub_data.c)
kernel-sources += $(addprefix lib/hmfs/src/,stream.c stream_diff.c send.c send_item.c receive.c)
kernel-sources += $(addprefix lib/hmfs/src/,receive_start.c receive_apply.c)
unit-sources += lib/hmfs/test/stream_test.c lib/hmfs/test/stream_fixture.c
unit-sources += lib/hmfs/test/check_test.c
