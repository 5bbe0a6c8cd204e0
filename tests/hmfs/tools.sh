# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# mkfs.hmfs, fsck.hmfs and hmfs, under sanitizers: what each does, what each refuses and how it says
# so, trees there and back, the same bytes from the same tree, full and damaged volumes, streams.

# The variables are run.sh's.
# shellcheck disable=SC2154
source "$tree/tests/hmfs/parts.bash"

set -u
tools=$tree/build/host/hmfs-tools-test
PATH=$tools:$PATH
cd "$work" || exit 1
export TZ=UTC LC_ALL=C.UTF-8 ASAN_OPTIONS=detect_leaks=1
unset SOURCE_DATE_EPOCH

# fails STATUS TEXT COMMAND...: the command ends with that status, a single line on stderr that has
# TEXT in it (for usage: two), and nothing that a sanitizer says.
fails()
{
	local wanted=$1 text=$2 status=0 message

	shift 2
	message=$("$@" 2>&1 >/dev/null </dev/null) || status=$?
	((status == wanted)) || {
		echo "status $status, not $wanted: $* ($message)"
		return 1
	}
	[[ $message == *"$text"* && $message != *Sanitizer* ]] || {
		echo "\"$message\" does not have \"$text\": $*"
		return 1
	}
	(($(wc -l <<<"$message") <= 2)) || {
		echo "more than a line: $message"
		return 1
	}
}

# A tree with everything that a file system has; devices and owners only if root makes it.
make_tree() # FOLDER
{
	local i

	mkdir -p "$1/sub/deep" "$1/empty" && cd "$1" || return
	echo hello >plain
	: >zero
	head -c 2048 /dev/zero | tr '\0' x >in2048
	head -c 2049 /dev/zero | tr '\0' y >in2049
	head -c 300000 /dev/urandom >random
	truncate -s 10M sparse
	printf data | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
	truncate -s 5000 tail-hole
	ln plain hard
	ln random sub/hard2
	ln -s plain link
	ln -s "/absolute/$(head -c 3000 /dev/zero | tr '\0' l)" long-link
	mkfifo fifo
	touch -- -dash 'sp ace' $'new\nline' $'\x01control' 'ünïcode' "$(head -c 255 /dev/zero | tr '\0' n)"
	for i in {1..300}; do
		echo "$i" >"sub/deep/f$i"
	done
	chmod 4755 random
	chmod 1777 sub
	if ((EUID == 0)); then
		mknod null c 1 3
		mknod disk b 8 1
		chown 1234:4321 in2048
		chown -h 77:88 link
		chmod 000 zero
	fi
	if setfattr -n user.color -v red plain 2>/dev/null; then
		setfattr -n user.large -v "$(head -c 3000 /dev/zero | tr '\0' b)" plain
		setfattr -n user.folder -v yes sub
		((EUID != 0)) || setfattr -n trusted.secret -v 1 sub
	fi
	touch -d '2001-02-03 04:05:06.123456789' plain
	touch -h -d '2005-05-05' link
	touch -d '1999-12-31' sub/deep
	touch -d '1998-12-31' sub
	cd "$work" || return
}

# All that can be seen of a tree, but for what copying changes.
describe()
{
	(cd "$1" && find . -printf '%p|%m|%U|%G|%T@|%y|%l|%n' \( -type d -o -printf '|%s' \) -printf '\n' |
		sort && find . -type f -exec sha256sum {} + | sort &&
		getfattr -hRd -m '^(user|trusted)' . 2>/dev/null | sort)
}

same_tree()
{
	diff <(describe "$1") <(describe "$2")
}

volume() # NAME [OPTION...]
{
	local name=$1

	shift
	rm -f "$name"
	mkfs.hmfs -q -s 32M "$@" "$name"
}

# --- mkfs.hmfs ---

round_trip() # OPTION...
{
	rm -rf tree.img out
	mkfs.hmfs -q --from tree "$@" tree.img && hmfs get tree.img / out && same_tree tree out &&
		fsck.hmfs -n -q -d tree.img
}

holes_stay()
{
	local inside

	rm -rf out
	hmfs get tree.img /sparse out
	inside=$(du -k out | cut -f1)
	((inside < 100)) || {
		echo "$inside KiB for 4 bytes"
		return 1
	}
}

reproducible()
{
	mkdir -p other && cp -a tree other/place && touch other/place/sub/deep/f1
	SOURCE_DATE_EPOCH=1700000000 mkfs.hmfs -q --from tree a.img || return
	# Elsewhere, by another option, with other times of access, onto a file with garbage.
	find other/place -type f -exec cat {} + >/dev/null
	touch -d '2023-01-01' tree/sub/deep/f1 other/place/sub/deep/f1
	SOURCE_DATE_EPOCH=1700000000 mkfs.hmfs -q --from tree a.img || return
	head -c "$(stat -c %s a.img)" /dev/urandom >b.img
	mkfs.hmfs -q --time 2023-11-14T22:13:20 --from other/place b.img || return
	cmp a.img b.img || return
	mkfs.hmfs -q --time 1700000001 --from tree c.img || return
	! cmp -s a.img c.img
	rm -rf other b.img c.img
}

latest_time()
{
	local time

	SOURCE_DATE_EPOCH=1000000000 mkfs.hmfs -q --from tree a.img && rm -rf out &&
		hmfs get a.img /random out && time=$(stat -c %Y out) && is "$time" 1000000000
}

options_show()
{
	local info

	mkfs.hmfs -q -s 48MiB -L 'a label' -H sha3-256 -c 2 \
		-U 01234567-89ab-cdef-0123-456789abcdef a.img && info=$(hmfs info a.img) || return
	grep -q 'label *a label' <<<"$info" && grep -q 'sha3-256, two copies' <<<"$info" &&
		grep -q '01234567-89ab-cdef-0123-456789abcdef' <<<"$info" &&
		grep -q 'size *48 MiB' <<<"$info" && is "$(stat -c %s a.img)" $((48 << 20))
}

leaves_no_file()
{
	rm -f new.img
	head -c 3000000 /dev/urandom >large
	mkdir -p one && cp large one/
	fails 1 'does not fit' mkfs.hmfs -q -s 2M --from one new.img && [[ ! -e new.img ]] || return
	fails 1 'No such file' mkfs.hmfs --from missing new.img && [[ ! -e new.img ]]
}

sizes()
{
	local size

	for size in 1M:1048576 1.5MiB:1572864 2MB:2000000 4000K:4096000; do
		rm -f a.img
		mkfs.hmfs -q -s "${size%:*}" a.img && is "$(stat -c %s a.img)" "${size#*:}" || return
	done
}

refuses_options()
{
	fails 2 'one device' mkfs.hmfs && fails 2 'one device' mkfs.hmfs a b &&
		fails 2 'no size' mkfs.hmfs -s lots a.img && fails 2 'sha3-256' mkfs.hmfs -H md5 a.img &&
		fails 2 '1 or 2' mkfs.hmfs -c 3 a.img && fails 2 'UUID' mkfs.hmfs -U 12 a.img &&
		fails 2 'needs a value' mkfs.hmfs -s && fails 2 'unknown option' mkfs.hmfs --bad a.img &&
		fails 2 'no value' mkfs.hmfs --force=1 a.img && fails 2 'no time' mkfs.hmfs --time x a.img &&
		fails 2 '63 bytes' mkfs.hmfs -L "$(head -c 64 /dev/zero | tr '\0' l)" a.img &&
		fails 1 'too small' mkfs.hmfs -s 4K tiny.img && fails 1 'folder' mkfs.hmfs -s 1M tree &&
		fails 2 'give --size' mkfs.hmfs none.img &&
		fails 1 'No such file' mkfs.hmfs -s 1M missing/a.img
}

make_tree tree
touch -d '2020-01-01' tree/sub/deep/* tree/random
expect round-trip round_trip
expect holes holes_stay
expect round-trip-copies round_trip -c 2 -H sha3-512
expect reproducible reproducible
expect latest-time latest_time
expect options options_show
expect no-file-left leaves_no_file
expect sizes sizes
expect mkfs-usage refuses_options

# --- hmfs: names and contents ---

names()
{
	volume v.img && hmfs mkdir v.img /a /a/b && hmfs mkdir -p v.img /x/y/z &&
		echo one | hmfs put v.img - /a/one && hmfs mv v.img /a/one /a/b/ &&
		is "$(hmfs cat v.img /a/b/one)" one && hmfs ln v.img /a/b/one /two &&
		hmfs ln -s v.img a/b /short && is "$(hmfs cat v.img /short/one)" one &&
		is "$(hmfs ls v.img / | tr '\n' ' ')" 'a short two x ' &&
		hmfs rm v.img /two && is "$(hmfs cat v.img /a/b/one)" one &&
		hmfs rm -r v.img /a /short && is "$(hmfs ls v.img)" x && hmfs rm -f v.img /nothing &&
		hmfs rm v.img /x/y/z && fsck.hmfs -n -q v.img
}

exchange()
{
	volume v.img && echo 1 | hmfs put v.img - /1 && echo 2 | hmfs put v.img - /2 &&
		hmfs mv -x v.img /1 /2 && is "$(hmfs cat v.img /1)" 2 &&
		fails 1 'File exists' hmfs mv -n v.img /1 /2 && hmfs mv v.img /1 /2 &&
		is "$(hmfs ls v.img)" 2 && is "$(hmfs cat v.img /2)" 2
}

refuses_names()
{
	volume v.img && hmfs mkdir v.img /a /a/b && echo x | hmfs put v.img - /file || return
	fails 1 'No such file' hmfs ls v.img /none && fails 1 'File exists' hmfs mkdir v.img /a &&
		fails 1 'not empty' hmfs rm v.img /a && fails 1 'Not a directory' hmfs ls v.img /file/x &&
		fails 1 'Not a directory' hmfs cat v.img /file/ &&
		fails 1 'Is a directory' hmfs cat v.img /a && fails 1 'Invalid' hmfs mv v.img /a /a/b/c &&
		fails 1 'File exists' hmfs mkdir v.img /a/..namedfork &&
		fails 1 'File exists' hmfs mkdir v.img /.snapshots &&
		fails 1 'too long' hmfs mkdir v.img "/$(head -c 256 /dev/zero | tr '\0' n)" &&
		fails 1 'No such file' hmfs get v.img /none out && fails 2 'usage' hmfs get v.img &&
		fails 2 'no command' hmfs frobnicate v.img && fails 2 'no command' hmfs &&
		fails 2 'unknown option' hmfs ls --bad v.img && fails 1 'No such file' hmfs ls none.img &&
		fails 1 'no HMFS' hmfs ls large && fails 1 'folder' hmfs ls tree &&
		hmfs ln -s v.img loop /loop && fails 1 'symbolic links' hmfs cat v.img /loop
}

forks()
{
	volume v.img && hmfs put v.img tree/random / && hmfs fork set v.img /random place Rome &&
		head -c 200000 tree/random | hmfs fork set v.img /random half &&
		is "$(hmfs fork get v.img /random place)" Rome &&
		hmfs cat v.img /random/..namedfork/half | cmp - <(head -c 200000 tree/random) &&
		is "$(hmfs find v.img place=Rome)" /random && is "$(hmfs find v.img place=Oslo)" '' &&
		is "$(hmfs fork list v.img /random | tr '\n' ' ')" 'half place ' &&
		[[ -n $(hmfs fork get v.img /random checksum) ]] &&
		hmfs cp v.img /random /copy && is "$(hmfs find v.img place | sort | tr '\n' ' ')" '/copy /random ' &&
		hmfs fork rm v.img /random place && is "$(hmfs find v.img place=Rome)" /copy &&
		hmfs mv v.img /copy /moved && is "$(hmfs find v.img place=Rome)" /moved &&
		fails 1 'No such file' hmfs fork get v.img /random none &&
		fails 1 'not supported' hmfs fork set v.img /random/..namedfork/half no no &&
		fsck.hmfs -n -q -d v.img
}

shares_blocks()
{
	local before after

	volume v.img && hmfs put v.img tree/random / || return
	before=$(hmfs df --bytes v.img | awk 'END { print $4 }')
	hmfs cp v.img /random /copy && hmfs cat v.img /copy | cmp - tree/random || return
	after=$(hmfs df --bytes v.img | awk 'END { print $4 }')
	((before - after < 100000)) || {
		echo "$((before - after)) bytes for a copy"
		return 1
	}
	hmfs rm v.img /random && hmfs cat v.img /copy | cmp - tree/random && fsck.hmfs -n -q -d v.img
}

put_replaces()
{
	volume v.img && hmfs put v.img tree/plain tree/sub / && hmfs put v.img tree/in2049 /plain &&
		hmfs cat v.img /plain | cmp - tree/in2049 && hmfs get v.img /sub/deep out.deep &&
		same_tree tree/sub/deep out.deep && hmfs mkdir -p v.img /dir/plain && fails 1 'Is a directory' hmfs put v.img tree/plain /dir &&
		rm -rf out.deep
}

get_is_careful()
{
	mkdir -p outside target && volume v.img && hmfs put v.img tree/plain /file || return
	ln -sfn ../outside/hit target/file
	fails 1 'symbolic links' hmfs get v.img /file target && [[ ! -e outside/hit ]]
}

expect names names
expect exchange exchange
expect refusals refuses_names
expect forks forks
expect reflink shares_blocks
expect put-replaces put_replaces
expect get-is-careful get_is_careful

# --- snapshots, streams, volumes ---

snapshots()
{
	volume v.img && hmfs put v.img tree/plain / && hmfs snapshot create v.img one &&
		echo changed | hmfs put v.img - /plain && is "$(hmfs cat v.img /.snapshots/one/plain)" hello &&
		is "$(hmfs cat v.img /plain)" changed && hmfs clone v.img one other &&
		echo mine | hmfs put v.img - /.snapshots/other/plain &&
		is "$(hmfs cat v.img /.snapshots/other/plain)" mine &&
		is "$(hmfs snapshot list v.img | sort | tr '\n' ' ')" 'one other ' &&
		fails 1 'File exists' hmfs snapshot create v.img one &&
		fails 1 'ead-only' hmfs put v.img tree/plain /.snapshots/one/new &&
		fails 1 'No such file' hmfs snapshot delete v.img none && fsck.hmfs -n -q -d v.img &&
		hmfs snapshot delete v.img one other && is "$(hmfs snapshot list v.img)" '' &&
		is "$(hmfs cat v.img /plain)" changed && fsck.hmfs -n -q -d v.img
}

space_comes_back()
{
	local before after

	volume v.img || return
	before=$(hmfs df --bytes v.img | awk 'END { print $3 }')
	head -c 8000000 /dev/urandom | hmfs put v.img - /x && hmfs snapshot create v.img s &&
		hmfs rm v.img /x && hmfs snapshot delete v.img s && fsck.hmfs -n -q v.img || return
	after=$(hmfs df --bytes v.img | awk 'END { print $3 }')
	((after - before < 1000000)) || {
		echo "$((after - before)) bytes did not come back"
		return 1
	}
}

streams()
{
	volume v.img && volume w.img -H sha3-256 && rm -rf out && hmfs put v.img tree / &&
		hmfs snapshot create v.img one && hmfs send v.img one | hmfs receive w.img &&
		hmfs get w.img /.snapshots/one/tree out && same_tree tree out &&
		echo more | hmfs put v.img - /tree/more && hmfs rm -r v.img /tree/sub &&
		hmfs mv v.img /tree/random /tree/moved && hmfs snapshot create v.img two &&
		hmfs send --base one v.img two stream && hmfs receive w.img stream && rm -rf out out2 &&
		hmfs get v.img /tree out2 && hmfs get w.img /.snapshots/two/tree out && same_tree out2 out &&
		fsck.hmfs -n -q -d w.img && (($(stat -c %s stream) < 100000))
}

streams_fail()
{
	volume w.img && fails 1 'not there' hmfs receive w.img stream || return
	volume v.img && hmfs put v.img tree/random / && hmfs snapshot create v.img s &&
		hmfs send v.img s stream || return
	head -c 100000 stream >short
	cp stream damaged
	printf X | dd of=damaged bs=1 seek=50000 conv=notrunc status=none
	fails 1 'damaged' hmfs receive w.img short && fails 1 'damaged' hmfs receive w.img damaged &&
		fails 1 '' hmfs receive w.img large && is "$(hmfs snapshot list w.img)" '' &&
		hmfs receive --name other w.img stream && fails 1 'of that name' hmfs receive --name other w.img stream &&
		is "$(hmfs snapshot list w.img)" other && fsck.hmfs -n -q -d w.img &&
		fails 1 'No such file' hmfs send v.img none x.stream && [[ ! -e x.stream ]]
}

grows()
{
	volume v.img && hmfs put v.img tree / && hmfs grow v.img 256M >/dev/null &&
		is "$(hmfs info v.img | grep -c '256 MiB')" 1 && fails 1 'do not shrink' hmfs grow v.img 16M &&
		head -c 100000000 /dev/zero | tr '\0' q | hmfs put v.img - /much && fsck.hmfs -n -q v.img &&
		hmfs rm v.img /much && hmfs trim v.img >/dev/null && (($(du -k v.img | cut -f1) < 20000)) &&
		hmfs label v.img new && is "$(hmfs label v.img)" new && rm -rf out &&
		hmfs get v.img /tree out && same_tree tree out
}

full()
{
	local i

	volume v.img -s 4M && head -c 6000000 /dev/urandom >six &&
		fails 1 'no space' hmfs put v.img six /six && fsck.hmfs -n -q -d v.img || return
	for i in {1..50}; do
		head -c 100000 /dev/urandom | hmfs put v.img - "/f$i" 2>/dev/null || break
	done
	((i < 50)) && fsck.hmfs -n -q -d v.img && hmfs rm v.img /f1 /f2 /f3 &&
		head -c 100000 /dev/urandom | hmfs put v.img - /again && fsck.hmfs -n -q -d v.img
}

locked()
{
	local holder status=0

	volume v.img || return
	exec {holder}<v.img
	flock -x "$holder"
	fails 1 'in use' hmfs mkdir v.img /a && fails 1 'in use' hmfs ls v.img &&
		fails 8 'in use' fsck.hmfs v.img && fails 1 'in use' mkfs.hmfs v.img || status=1
	exec {holder}<&-
	exec {holder}<v.img
	flock -s "$holder"
	hmfs ls v.img && fails 1 'in use' hmfs mkdir v.img /a || status=1
	exec {holder}<&-
	return $status
}

no_progress()
{
	is "$(mkfs.hmfs -q --from tree p.img 2>&1; hmfs put p.img tree/random / 2>&1; rm -f p.img)" ''
}

explains()
{
	local program

	for program in mkfs.hmfs fsck.hmfs hmfs; do
		"$program" --help | grep -q 'Exit status' && "$program" --version >/dev/null || return
	done
	hmfs snapshot create --help | grep -q -- --of
}

dumps()
{
	hmfs dump tree.img | grep -q 'superblock 0: intact' && hmfs dump -a tree.img | grep -q '"plain"'
}

expect snapshots snapshots
expect space-comes-back space_comes_back
expect streams streams
expect streams-fail streams_fail
expect grow-trim-label grows
expect full full
expect locked locked
expect no-progress-bar no_progress
expect help explains
expect dump dumps

# --- damage ---

fsck_statuses()
{
	cp tree.img d.img
	fsck.hmfs d.img >/dev/null && fails 8 'no HMFS' fsck.hmfs large && fails 8 'No such file' fsck.hmfs none.img &&
		fails 16 'one device' fsck.hmfs && fails 16 'only one' fsck.hmfs -n -y d.img &&
		fails 16 'unknown option' fsck.hmfs -z d.img || return
	head -c 5000000 d.img >cut.img
	fails 8 'cut off' fsck.hmfs -y cut.img && fails 1 'cut off' hmfs ls cut.img || return
	# The first superblock.
	dd if=/dev/urandom of=d.img bs=4096 count=1 conv=notrunc status=none
	hmfs ls d.img >/dev/null || return
	fsck.hmfs -n d.img >log
	is $? 4 && grep -q . log || return
	fsck.hmfs -y d.img >log
	is $? 1 && fsck.hmfs -n -q d.img && cmp d.img tree.img
}

# Blocks are overwritten one after the other: what is read is right or an error, and fsck.hmfs ends
# with a clean volume or says that problems are left.
damaged_blocks()
{
	local block blocks status

	blocks=$(($(stat -c %s small.img) / 4096))
	for ((block = 0; block < blocks; block++)); do
		cmp -s <(dd if=small.img bs=4096 skip="$block" count=1 status=none) <(head -c 4096 /dev/zero) && continue
		cp small.img d.img
		dd if=/dev/urandom of=d.img bs=4096 seek="$block" count=1 conv=notrunc status=none
		rm -rf out
		if hmfs get d.img / out 2>log; then
			same_tree small out || return
		else
			grep -q . log && ! grep -q Sanitizer log || return
		fi
		status=0
		fsck.hmfs -y d.img >log 2>&1 || status=$?
		((status == 0 || status == 1 || status == 4)) && ! grep -q Sanitizer log || {
			echo "block $block: status $status: $(tail -n 3 log)"
			return 1
		}
		((status == 4)) || fsck.hmfs -n -q d.img || {
			echo "block $block: not clean after repair"
			return 1
		}
	done
}

scrubs()
{
	cp tree.img d.img
	hmfs scrub d.img | grep -q 'nothing damaged'
}

mkdir small && cp -a tree/plain tree/in2049 tree/hard small/ && head -c 20000 tree/random >small/random
mkfs.hmfs -q -s 1M --from small small.img
expect fsck-statuses fsck_statuses
expect damaged-blocks damaged_blocks
expect scrub scrubs
