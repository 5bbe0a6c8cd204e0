# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Volumes through hmfs-fuse: what Linux's programs see and do, forks and snapshots, fio, and its sudden
# death. Needs /dev/fuse and the right to mount.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

set -u
PATH=$tree/build/host/hmfs-tools-test:$PATH
cd "$work" || exit 1
# A daemon that is killed tells no leaks; LeakSanitizer does not work for who mounts with fork.
export TZ=UTC LC_ALL=C.UTF-8 ASAN_OPTIONS=detect_leaks=0:log_path=$work/sanitizer
mount=$work/mount
daemon=

if [[ ! -c /dev/fuse ]] || ! (exec 3<>/dev/fuse) 2>/dev/null; then
	echo "SKIP $part.mount: no /dev/fuse here"
	exit 0
fi
if ! command -v hmfs-fuse >/dev/null; then
	echo "SKIP $part.mount: hmfs-fuse is not built, for want of libfuse3"
	exit 0
fi

unmount()
{
	mountpoint -q "$mount" || stat "$mount" >/dev/null 2>&1 || fusermount3 -uz "$mount"
	mountpoint -q "$mount" && fusermount3 -u "$mount"
	[[ -z $daemon ]] || wait "$daemon"
	daemon=
}
trap 'unmount 2>/dev/null' EXIT

# start VOLUME [OPTION...]: mounted when it returns.
start()
{
	local i

	mkdir -p "$mount"
	hmfs-fuse -f "$@" "$mount" >daemon.log 2>&1 &
	daemon=$!
	for i in {1..100}; do
		mountpoint -q "$mount" && return
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.05
	done
	cat daemon.log
	daemon=
	return 1
}

# Unmounted, and clean; nothing was said.
stop()
{
	unmount || {
		echo "hmfs-fuse ended with status $?: $(cat daemon.log)"
		return 1
	}
	[[ ! -s daemon.log ]] || {
		cat daemon.log
		return 1
	}
	fsck.hmfs -n -q -d v.img
}

fresh()
{
	rm -f v.img
	mkfs.hmfs -q -s 256M v.img && start v.img
}

# Runs a test with a mounted volume, stops it whatever comes of it.
mounted()
{
	local status=0

	fresh || return
	(cd "$mount" && "$@") || status=$?
	stop || status=1
	return $status
}

same()
{
	diff <(cd "$1" && find . -printf '%p|%m|%U|%G|%T@|%y|%l|%n\n' | sort) \
		<(cd "$2" && find . -printf '%p|%m|%U|%G|%T@|%y|%l|%n\n' | sort) &&
		diff -r --no-dereference "$1" "$2"
}

# --- what programs do ---

trees()
{
	cp -a "$tree/docs" docs && same "$tree/docs" docs && tar --format=pax -cf docs.tar docs && mkdir out &&
		tar -xf docs.tar -C out && same docs out/docs && rm -r out docs && mkdir many &&
		(cd many && seq 5000 | xargs touch) && is "$(find many -type f | wc -l)" 5000 &&
		find many -name '*7' -delete && is "$(find many -type f | wc -l)" 4500 && rm -r many
}

links()
{
	echo a >a && ln a b && ln -s a c && is "$(stat -c %h b)" 2 && rm a && is "$(cat b)" a &&
		! cat c 2>/dev/null && mv b a && is "$(cat c)" a && is "$(readlink c)" a && mkfifo p &&
		[[ -p p ]] && { ((EUID != 0)) || { mknod n c 1 3 && echo >n; }; }
}

modes()
{
	echo x >f && chmod 4751 f && is "$(stat -c %a f)" 4751 && touch -d '2001-02-03 04:05:06.789012345' f &&
		is "$(stat -c %y f)" '2001-02-03 04:05:06.789012345 +0000' && mkdir g && chmod 2775 g &&
		mkdir g/h && is "$(stat -c %a g/h)" 2755 && truncate -s 12345 f && is "$(stat -c %s f)" 12345 &&
		echo new >f && is "$(cat f)" new && is "$(stat -c %s f)" 4 && echo more >>f &&
		is "$(wc -l <f)" 2
}

renames()
{
	python3 - <<-'END'
		import ctypes, os
		libc = ctypes.CDLL(None, use_errno=True)
		def rename(a, b, flags):
		    result = libc.renameat2(-100, a, -100, b, flags)
		    return ctypes.get_errno() if result else 0
		open('a', 'w').write('a'); open('b', 'w').write('bb'); os.mkdir('d')
		assert rename(b'a', b'b', 1) == 17
		assert rename(b'a', b'b', 2) == 0 and open('a').read() == 'bb'
		assert rename(b'a', b'none', 2) == 2
		assert rename(b'd', b'a', 2) == 0 and os.path.isdir('a') and open('d').read() == 'bb'
		assert rename(b'a', b'a/x', 0) == 22
		os.mkdir('full'); open('full/x', 'w').close()
		assert rename(b'a', b'full', 0) == 39
		assert rename(b'b', b'full', 0) == 21
		file = open('b', 'r+'); assert rename(b'd', b'b', 0) == 0
		assert file.read() == 'a' and open('b').read() == 'bb'
		os.unlink('b'); file.seek(0); file.write('still'); file.flush(); file.seek(0)
		assert file.read() == 'still' and os.fstat(file.fileno()).st_nlink == 0
	END
}

holes()
{
	python3 - <<-'END'
		import ctypes, errno, os
		libc = ctypes.CDLL(None, use_errno=True)
		file = os.open('h', os.O_CREAT | os.O_RDWR)
		os.pwrite(file, b'x' * 8192, 1 << 20)
		assert os.lseek(file, 0, os.SEEK_DATA) == 1 << 20
		assert os.lseek(file, 1 << 20, os.SEEK_HOLE) == (1 << 20) + 8192
		assert os.fstat(file).st_blocks == 16
		def fallocate(mode, offset, length):
		    result = libc.fallocate(file, mode, ctypes.c_long(offset), ctypes.c_long(length))
		    return ctypes.get_errno() if result else 0
		assert fallocate(3, 1 << 20, 4096) == 0
		assert os.pread(file, 8192, 1 << 20) == bytes(4096) + b'x' * 4096
		assert os.fstat(file).st_blocks == 8
		assert fallocate(0, 0, 4 << 20) == 0 and os.fstat(file).st_size == 4 << 20
		assert os.fstat(file).st_blocks * 512 == 4 << 20
		assert fallocate(1, 4 << 20, 4096) == 0 and os.fstat(file).st_size == 4 << 20
		assert fallocate(16, 1 << 20, 8192) == 0
		assert os.pread(file, 8192, 1 << 20) == bytes(8192)
		assert fallocate(8, 0, 4096) == errno.EOPNOTSUPP
		try:
		    os.lseek(file, 5 << 20, os.SEEK_DATA); assert False
		except OSError as error:
		    assert error.errno == errno.ENXIO
	END
}

maps()
{
	python3 - <<-'END'
		import mmap, os
		file = os.open('m', os.O_CREAT | os.O_RDWR); os.ftruncate(file, 100000)
		memory = mmap.mmap(file, 100000); memory[0:5] = b'first'; memory[99990:99994] = b'last'
		memory.flush(); assert os.pread(file, 5, 0) == b'first'
		os.pwrite(file, b'again', 0); assert memory[0:5] == b'again'
		memory.close(); os.fsync(file); os.close(file)
		assert open('m', 'rb').read()[99990:99994] == b'last'
	END
}

shares()
{
	local before after

	head -c 20000000 /dev/urandom >big && sync big && before=$(stat -fc %f .) &&
		python3 -c 'import os
a = os.open("big", os.O_RDONLY); b = os.open("copy", os.O_CREAT | os.O_WRONLY); left = 20000000
while left:
    left -= os.copy_file_range(a, b, left)' && cmp big copy && after=$(stat -fc %f .) || return
	((before - after < 1000)) || {
		echo "$((before - after)) blocks for a copy"
		return 1
	}
	printf changed | dd of=copy conv=notrunc status=none && is "$(head -c 7 copy)" changed &&
		! cmp -s big copy && rm copy && head -c 100 big >/dev/null
}

attributes()
{
	setfattr -n user.a -v 1 . && is "$(getfattr --only-values -n user.a .)" 1 && echo x >f &&
		setfattr -n user.b -v "$(head -c 5000 /dev/zero | tr '\0' b)" f &&
		is "$(getfattr --only-values -n user.b f | wc -c)" 5000 && setfattr -x user.b f &&
		! getfattr -n user.b f 2>/dev/null && ! setfattr -x user.b f 2>/dev/null &&
		is "$(getfattr f)" ''
}

forks()
{
	echo contents >f && echo Rome >f..namedfork/place && is "$(cat f..namedfork/place)" Rome &&
		is "$(ls f..namedfork)" place && is "$(getfattr --only-values -n user.place f)" Rome &&
		is "$(hmfs find . place="$(printf 'Rome\nx')")" '' && printf Rome >f..namedfork/place &&
		is "$(hmfs find . place=Rome)" /f && head -c 300000 /dev/urandom >random &&
		cp random f..namedfork/large && cmp random f..namedfork/large &&
		is "$(cat f..namedfork/mime)" text/plain && mv f g && is "$(hmfs find . place=Rome)" /g &&
		rm g..namedfork/place && is "$(hmfs find . place)" '' && mkdir d && echo 1 >d/..namedfork/x &&
		is "$(cat d/..namedfork/x)" 1 && is "$(ls -A d)" '' && ! mkdir ..namedfork 2>/dev/null &&
		! cat none..namedfork/x 2>/dev/null && rm -r d g random
}

snapshots()
{
	echo old >f && mkdir .snapshots/one && echo new >f && is "$(cat .snapshots/one/f)" old &&
		is "$(ls -A)" f && is "$(ls .snapshots)" one && ! echo no >.snapshots/one/f &&
		hmfs clone . one other && echo mine >.snapshots/other/f && is "$(cat .snapshots/other/f)" mine &&
		hmfs send . one | hmfs receive --name again . && is "$(cat .snapshots/again/f)" old &&
		hmfs scrub . && hmfs label . name && is "$(hmfs label .)" name && fstrim . &&
		rmdir .snapshots/one && hmfs snapshot delete . other again && is "$(ls .snapshots)" '' &&
		is "$(cat f)" new
} 2>/dev/null

removed_while_open()
{
	local i

	exec 5<>open && head -c 1000000 /dev/zero >&5 && rm open && is "$(ls)" '' &&
		is "$(stat -Lc %s /dev/fd/5)" 1000000 && exec 5<&- || return
	for i in {1..20}; do
		head -c 1000000 /dev/zero >file && rm file || return
	done
}

full()
{
	local i=0

	while head -c 4000000 /dev/urandom >"f$i"; do
		((++i < 100)) || return
	done
	is "$(head -c 100 f0 | wc -c)" 100 && rm f1 f2 f3 && sync f0 && sleep 1 && echo fine >again && sync again
} 2>/dev/null

at_once()
{
	local i
	local -a workers=()

	for i in 1 2 3 4; do
		(mkdir "w$i" && cp -r "$tree/docs" "w$i/a" && mv "w$i/a" "w$i/b" && diff -r "$tree/docs" "w$i/b" &&
			rm -r "w$i") &
		workers+=($!)
	done
	for i in "${workers[@]}"; do
		wait "$i" || return
	done
	is "$(ls)" ''
}

verify()
{
	fio --name=v --directory=. --rw=randrw --verify=crc32c --bs=4k-64k --size=16M --numjobs=2 --loops=2 \
		--fallocate=none --fsync=50 --verify_fatal=1 --output=../fio.log || {
		tail -n 20 ../fio.log
		return 1
	}
}

read_only()
{
	rm -f v.img
	mkfs.hmfs -q --from "$tree/docs" v.img && hmfs snapshot create v.img s && cp v.img before.img &&
		start v.img -o ro && diff -r "$tree/docs" "$mount" && ! touch "$mount/x" 2>/dev/null || return
	stop && cmp v.img before.img && start v.img -o snapshot=s && diff -r "$tree/docs" "$mount" &&
		! touch "$mount/x" 2>/dev/null && stop
}

for test in trees links modes renames holes maps shares attributes forks snapshots removed_while_open full \
	at_once; do
	expect "${test//_/-}" mounted "$test"
done
if command -v fio >/dev/null; then
	expect verify mounted verify
else
	echo "SKIP $part.verify: no fio"
fi
expect read-only read_only

# --- ends ---

refusals()
{
	local said

	fresh && said=$(hmfs-fuse v.img mount 2>&1)
	[[ $? == 1 && $said == *'in use'* ]] && said=$(hmfs ls v.img 2>&1)
	[[ $? == 1 && $said == *'in use by'* ]] && stop || return
	said=$(hmfs-fuse none.img mount 2>&1)
	[[ $? == 1 && $said == *'none.img'* ]] && said=$(hmfs-fuse v.img none 2>&1)
	[[ $? == 1 && $said == *none* ]] && said=$(hmfs-fuse 2>&1)
	[[ $? == 2 ]] && hmfs-fuse --help | grep -q 'Exit status' && said=$(hmfs-fuse daemon.log mount 2>&1)
	[[ $? == 1 ]] || {
		echo "$said"
		return 1
	}
}

# What was synced is there after a kill; the volume needs no repair.
killed()
{
	local round name

	rm -f v.img
	mkfs.hmfs -q -s 256M v.img || return
	for round in {1..8}; do
		start v.img -o commit=1 || return
		for name in "$mount"/synced*; do
			[[ ! -e $name ]] || sha256sum -c --quiet <(echo "${name##*-}  $name") || return
		done
		(
			cd "$mount" || exit
			while :; do
				mkdir -p work && cp -r "$tree/docs" work/a && mv work/a "work/b$RANDOM" && rm -rf work
			done
		) >/dev/null 2>&1 &
		worker=$!
		head -c $((RANDOM * 20)) /dev/urandom >data
		name=synced$round-$(sha256sum data | cut -d' ' -f1)
		sleep "0.$((RANDOM % 9))"
		cp data "$mount/$name" && sync "$mount/$name" || return
		sleep "0.$((RANDOM % 9))"
		kill -KILL "$daemon"
		wait "$daemon" 2>/dev/null
		daemon=
		kill -KILL "$worker" 2>/dev/null
		wait "$worker" 2>/dev/null
		fusermount3 -uz "$mount"
		cp v.img crashed.img
		hmfs ls v.img >/dev/null && fsck.hmfs -n -q -d crashed.img || return
	done
}

expect refusals refusals
expect killed killed
if compgen -G 'sanitizer*' >/dev/null; then
	fail sanitizer "$(head -n 20 sanitizer*)"
else
	pass sanitizer
fi
