# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ./cryptos exec: runs one program in a headless machine, as if it ran here.
#
# The guest's init finds the program's arguments in /etc/exec/argv and runs it on virtio ports;
# they end in FIFOs here, with a `cat` between each and the caller's stream, so that streams of
# any kind keep their flags. The exit status arrives on a fourth port.

# shellcheck source=machine.sh
source "$tree/tools/run/machine.sh"
# shellcheck source=elf.sh
source "$tree/tools/run/elf.sh"

exec_adds=()
exec_abi=
exec_log=
# What the machine writes: name of the port and file in the workspace.
exec_ports=(stdout:out stderr:err status:status)

print_exec_help()
{
	cat <<'END'
usage: ./cryptos exec [OPTION...] [--] PROGRAM [ARGUMENT...]

Boots the kernel headless, runs PROGRAM there with this command's stdin, stdout and stderr, and
ends with its exit status. Nothing else is written to stdout.

PROGRAM is looked for in this order:
  - with a slash: the absolute path in the image, if it is there (so /bin/busybox is always the
    image's), else the file on this machine;
  - without: a command in the image's /bin, /sbin, /usr/bin or /usr/sbin, else a file in the
    current folder.
A file of this machine, a static ELF as a rule, is put into /usr/bin of the image and run there.

  --add HOST:GUEST    puts a file or folder of this machine at the path GUEST; may be repeated
  --abi WHICH         linux or redox: the ABI of PROGRAM where it bears no mark of its own (see
                      ./cryptos brand); a copy of it is marked, which the guest sees
  --timeout SECONDS   ends the machine after so long (300)
  --log FILE          keeps the kernel's log
END
	machine_options_help
	cat <<'END'

Exit status: the program's; 128 + N if signal N ended it; 127 if PROGRAM is not found and 126 if
it cannot be run; 125 after a kernel panic, which is shown on stderr, or if the machine stopped
without a word; 124 after the timeout; 141 if stdout's reader went away; 2 for a wrong option
and 1 if this command itself cannot do its work. A program that switches the machine off, restarts or
halts it has no status: 0, and a word on stderr.
END
}

exec_add() # HOST:GUEST
{
	local host=${1%:/*} guest=/${1##*:/}

	[[ $1 == *:/* ]] || usage_error "--add is HOST:GUEST with an absolute GUEST, not \"$1\""
	[[ -e $host ]] || die 1 "nothing to add: $host does not exist"
	[[ -r $host ]] || die 1 "no permission to read $host"
	[[ $guest/ != */../* ]] || usage_error "\"..\" in \"$guest\""
	[[ $guest == */ ]] && guest+=${host##*/}
	exec_adds+=("$host" "$guest")
}

# Takes the options of exec; returns 1 for any other.
exec_take_option() # "$@", after take_option
{
	case $option in
	-h | --help)
		print_exec_help
		exit 0
		;;
	--add) take_value "$@" && exec_add "$value" ;;
	--abi)
		take_value "$@"
		case $value in
		linux | redox) exec_abi=$value ;;
		*) usage_error "--abi is linux or redox, not \"$value\"" ;;
		esac
		;;
	--timeout)
		take_value "$@"
		require_number --timeout "$value" 1 1000000
		machine_timeout=$value
		;;
	--log)
		take_value "$@"
		exec_log=$value
		{ : >"$exec_log"; } 2>/dev/null || die 1 "cannot write $exec_log"
		;;
	*) machine_take_option "$@" ;;
	esac
}

# Leaves the program and its arguments in exec_command. TAKE takes options, as exec_take_option.
exec_parse() # TAKE, the arguments
{
	local take=$1

	shift
	while (($# > 0)); do
		[[ $1 == -* && $1 != - ]] || break
		if [[ $1 == -- ]]; then
			shift
			break
		fi
		take_option "$@"
		"$take" "$@" || usage_error "unknown option \"$1\""
		shift "$option_length"
	done
	(($# > 0)) || usage_error "which program?"
	[[ -n $1 ]] || usage_error "the program's name is empty"
	exec_command=("$@")
}

# True if the image, or what is added to it, holds one of the absolute paths.
in_image() # PATH...
{
	local path i
	local -a patterns=()

	for path; do
		for ((i = 0; i < ${#exec_adds[@]}; i += 2)); do
			[[ $path == "${exec_adds[i + 1]}" && ! -d ${exec_adds[i]} ]] && return
			[[ $path == "${exec_adds[i + 1]}"/* &&
				-e ${exec_adds[i]}${path#"${exec_adds[i + 1]}"} ]] && return
		done
		patterns+=(-e "$path")
	done
	[[ ! -e $machine_initramfs.list ]] || grep -qxF "${patterns[@]}" "$machine_initramfs.list"
}

# Decides whose file the program is; one of this machine is added to the image.
exec_find_program()
{
	local program=${exec_command[0]} guest

	if [[ $program == /* ]]; then
		in_image "$program" && return
	elif [[ $program != */* ]]; then
		in_image {/bin,/sbin,/usr/bin,/usr/sbin}/"$program" && return
	fi
	[[ -e $program ]] || die 127 "no such program: $program, neither in the image nor here"
	[[ -f $program ]] || die 126 "not a program: $program"
	[[ -r $program ]] || die 126 "no permission to read $program"
	[[ -x $program ]] || die 126 "not executable: $program"
	guest=/usr/bin/${program##*/}
	exec_adds+=("$program" "$guest")
	exec_command[0]=$guest
}

# Copies a file of the image into $workspace/stage, unless what is added replaces it.
exec_stage() # PATH
{
	local stage=$workspace/stage

	[[ -e $stage$1 || -L $stage$1 ]] && return
	(cd "$stage" && cpio --quiet -idm --no-absolute-filenames -- "${1#/}") \
		<"$machine_initramfs" && [[ -e $stage$1 || -L $stage$1 ]]
}

# Gives the program the mark of the ABI that was asked for, in the image alone.
exec_mark_program()
{
	local path target mark mode i

	for path in "${exec_command[0]}" {/bin,/sbin,/usr/bin,/usr/sbin}/"${exec_command[0]}"; do
		[[ $path == /* ]] && exec_stage "$path" && break
	done
	for ((i = 0; i < 8; i++)); do
		[[ -L $workspace/stage$path ]] || break
		target=$(readlink "$workspace/stage$path")
		[[ $target == /* ]] || target=${path%/*}/$target
		path=$(realpath -sm -- "$target")
		exec_stage "$path" || die 126 "${exec_command[0]} is a link to $path, which is not there"
	done
	mark=$(elf_mark "$workspace/stage$path") ||
		die 126 "${exec_command[0]} is not an ELF program: --abi cannot mark it"
	[[ $mark != "$exec_abi" ]] || return 0
	[[ $mark == none ]] || die 126 "${exec_command[0]} is marked as a $mark program," \
		"not a $exec_abi one (./cryptos brand changes that)"
	[[ $exec_abi != linux ]] || return 0 # what is not marked is Linux's
	mode=$(stat -c %a "$workspace/stage$path")
	chmod u+w "$workspace/stage$path" && elf_set_mark "$workspace/stage$path" "$exec_abi" &&
		chmod "$mode" "$workspace/stage$path" ||
		die 1 "cannot mark the copy of ${exec_command[0]}"
}

# Packs the arguments and what is added as a second archive behind the image's.
exec_pack()
{
	local stage=$workspace/stage i guest

	mkdir -p "$stage/etc/exec"
	for ((i = 0; i < ${#exec_adds[@]}; i += 2)); do
		guest=$stage${exec_adds[i + 1]}
		if [[ -d ${exec_adds[i]} ]]; then
			mkdir -p "$guest" && cp -R --preserve=mode,links "${exec_adds[i]}/." "$guest"
		else
			mkdir -p "${guest%/*}" && cp --preserve=mode "${exec_adds[i]}" "$guest"
		fi || die 1 "cannot add ${exec_adds[i]}"
	done
	[[ -z $exec_abi ]] || exec_mark_program
	printf '%s\0' "${exec_command[@]}" >"$stage/etc/exec/argv"
	# Folders that the image has keep their modes: they are left out.
	find "$stage" -mindepth 1 -printf '%y %P\n' | awk -v list="$machine_initramfs.list" '
		BEGIN { while ((getline line < list) > 0) image[line] = 1 }
		{ path = substr($0, 3) }
		!(/^d/ && ("/" path) in image) { print path }' |
		(cd "$stage" && cpio --quiet -o -H newc --reproducible -R 0:0) >"$workspace/added"
	if [[ $machine_root == hmfs ]]; then
		root_make "$workspace/root.img" "$root_size_mib" "$machine_initramfs" \
			"$workspace/added"
		machine_add_root "$workspace/root.img"
	fi
	cat "$machine_initramfs" "$workspace/added" >"$workspace/initramfs" ||
		die 1 "no space for the image in $workspace?"
	machine_initramfs=$workspace/initramfs
}

# Ends with 124 when the time is over, with 125 when the kernel's log shows a panic, with 123 when it shows
# that the machine is halted, with 0 when QEMU is gone.
exec_watch() # QEMU
{
	local never end=$((SECONDS + machine_timeout))

	exec {never}<>"$workspace/never"
	while ((SECONDS < end)); do
		read -rt 1 -u "$never"
		if grep -qam1 "$panic_pattern" "$workspace/log" 2>/dev/null; then
			read -rt 1 -u "$never"
			exit 125
		fi
		if grep -qam1 "${power_pattern}is halted" "$workspace/log" 2>/dev/null; then
			read -rt 1 -u "$never"
			exit 123
		fi
		kill -0 "$1" 2>/dev/null || exit 0
	done
	exit 124
}

# Runs the machine to its end. Sets exec_verdict: empty if QEMU ended by itself, else 123, 124, 125
# or 141 (stdout's reader went away).
exec_run_machine()
{
	local relay_in relay_out relay_err watch qemu ended status
	local -a guard=()

	mkfifo "$workspace"/{in,out,err,never}
	exec {caller_in}<&0
	cat <&"$caller_in" >"$workspace/in" 2>/dev/null &
	relay_in=$!
	cat <"$workspace/out" 2>/dev/null &
	relay_out=$!
	cat <"$workspace/err" >&2 2>/dev/null &
	relay_err=$!
	command -v setpriv >/dev/null && guard=(setpriv --pdeathsig KILL)
	"${guard[@]}" "${machine[@]}" <"$workspace/in" >"$workspace/qemu" 2>&1 &
	qemu=$!
	exec_watch "$qemu" </dev/null >/dev/null 2>&1 &
	watch=$!
	background=("$relay_in" "$qemu" "$watch" "$relay_out" "$relay_err")
	exec {caller_in}<&-

	exec_verdict=
	wait -n -p ended "$qemu" "$watch" "$relay_out"
	status=$?
	if [[ $ended == "$relay_out" ]] && ((status == 0)); then
		# QEMU has closed the port: it is about to end, or has done so.
		wait -n -p ended "$qemu" "$watch"
		status=$?
	elif [[ $ended == "$relay_out" ]]; then
		exec_verdict=141
	fi
	# `wait -n` knows nothing of a process whose end the shell has noticed before; `wait` does.
	if [[ $ended == "$watch" ]] && ((status == 0)); then
		wait "$qemu"
		status=$?
	elif [[ $ended == "$watch" ]]; then
		exec_verdict=$status
	fi
	exec_qemu_status=$status
	if [[ -n $exec_verdict ]]; then
		kill -KILL "$qemu"
		wait "$qemu"
	fi 2>/dev/null
	# A QEMU that refused its arguments never opened these, and the relays wait for that.
	: <>"$workspace/out" <>"$workspace/err"
	wait "$relay_out" "$relay_err" 2>/dev/null
}

# True if QEMU was ended by a fault of its own (about once in a thousand boots of two processors, as
# seen while they boot), and no input is lost. Should the program have printed something by then,
# it does so again.
exec_qemu_crashed()
{
	((exec_qemu_status == 134 || exec_qemu_status == 139)) &&
		[[ -z $exec_verdict && ! -s $workspace/status && /proc/self/fd/0 -ef /dev/null ]] &&
		! grep -qam1 "$panic_pattern" "$workspace/log" 2>/dev/null
}

# Prints what a log says of a panic: from the first of the error lines around it.
show_panic() # LOG
{
	awk -v pattern="$panic_pattern" '
		found { print; next }
		/<3>(trap|panic):/ { before = before $0 "\n" }
		!/<3>(trap|panic):/ { before = "" }
		$0 ~ pattern { found = 1; printf "%s", before }' "$1"
}

# True, with a word to the user, if the program had the machine switched off, restarted or halted.
exec_ended_machine()
{
	local what

	what=$(grep -aom1 "$power_pattern.*" "$workspace/log" 2>/dev/null) || return 1
	case ${what#"$power_pattern"} in
	is\ switched\ off*) say "the program switched the machine off" ;;
	restarts*) say "the program had the machine restart" ;;
	is\ halted*) say "the program halted the machine" ;;
	*) return 1 ;;
	esac
}

# The machine ended: what is there to say, and with which status?
exec_finish()
{
	local kind='' number=''
	local log=$workspace/log

	[[ -n $exec_log ]] && cat "$log" >"$exec_log"
	if grep -qam1 "$panic_pattern" "$log" 2>/dev/null; then
		say "the kernel panicked:"
		show_panic "$log" >&2
		exit 125
	fi
	[[ -s $workspace/status ]] && read -r kind number <"$workspace/status"
	case $kind in
	exit) exit "$number" ;;
	signal) exit $((128 + number)) ;;
	esac
	[[ $exec_verdict == 124 || $exec_verdict == 141 ]] || ! exec_ended_machine || exit 0
	case $exec_verdict in
	124) say "no end within $machine_timeout seconds; the kernel's last words:" ;;
	141) exit 141 ;;
	*)
		if [[ ! -s $log && -s $workspace/qemu ]]; then
			cat "$workspace/qemu" >&2
			die 1 "QEMU failed"
		fi
		say "the machine stopped without a word from the program; QEMU's last words, and the kernel's:"
		tail -n 5 "$workspace/qemu" >&2
		exec_verdict=125
		;;
	esac
	tail -n 20 "$log" >&2
	exit "$exec_verdict"
}

# Makes the workspace, the image, and QEMU's command.
exec_set_up()
{
	local number=2 port name target

	make_workspace
	exec_pack
	machine_arguments "$machine_guest_words$machine_cmdline"
	machine+=(-display none -monitor none -serial "file:$workspace/log"
		-device virtio-serial-pci,max_ports=8
		-chardev stdio,id=stdin,signal=off
		-device virtserialport,chardev=stdin,name=cryptos.stdin,nr=1)
	for port in "${exec_ports[@]}"; do
		name=${port%%:*}
		target=$workspace/${port#*:}
		machine+=(-chardev "file,id=$name,path=$target"
			-device "virtserialport,chardev=$name,name=cryptos.$name,nr=$number")
		number=$((number + 1))
	done
}

run_exec()
{
	keep_streams_open
	exec_parse exec_take_option "$@"
	machine_prepare
	exec_find_program
	exec_set_up
	exec_run_machine
	if exec_qemu_crashed; then
		say "QEMU itself crashed; once more"
		rm -f "$workspace"/{in,out,err,never,log,status}
		exec_run_machine
	fi
	exec_finish
}
