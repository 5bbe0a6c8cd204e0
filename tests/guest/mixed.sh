#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs of both ABIs, together: mixed.sh [--after TEST]. Beside it are redox-tests, whose
# helpers (redox/mixed.c) are the Redox programs here, and linux-glibc.

area=mixed
# shellcheck source=tests/guest/check.sh
. "${0%/*}/check.sh"

here=$(cd "${0%/*}" && pwd)
redox="$here/redox-tests --helper"

# Pipelines.
check hello 'Hello, world.' 'redox-hello world'
check pipeline 'HELLO, WORLD.' 'redox-hello world | tr a-z A-Z'
check pipeline_from_linux 'a b' 'echo a b | $redox cat -'
check pipeline_both_ways 3 'printf "b\na\nc\n" | $redox cat - | sort | $redox cat - | wc -l | tr -d " "'
check large_pipeline 3000000 'head -c 3000000 /dev/zero | $redox cat - | $redox cat - | wc -c | tr -d " "'
check reader_goes_away 'y' 'yes | $redox cat - 2>/dev/null | head -n 1'
check status '42 0 7' '($redox exit 42); printf "%s " $?; ($redox exit 256); printf "%s " $?; $redox exit 7; echo $?'
check signal_status '143 139' '($redox signal 15; printf "%s " $?; $redox signal 11; echo $?) 2>/dev/null'
check arguments 'Hello, a  b.|Hello, .|Hello, c.' 'redox-hello "a  b" "" c | tr "\n" "|" | sed "s/|$//"'
check substitution 'Hello, x.' 'echo "$(redox-hello x)"'
check background 'ready' '($redox catch 10 & sleep 0.3; kill -KILL $!) 2>/dev/null'

# Signals from a Linux process.
check signal_from_linux 'ready|caught 10' '($redox catch 10 & sleep 0.3; kill -USR1 $!; wait) | tr "\n" "|" | sed "s/|$//"'
check kill_from_linux 137 '($redox catch 10 >/dev/null & sleep 0.2; kill -KILL $!; wait $!; echo $?) 2>/dev/null'
check stop_and_continue 'T|ready|caught 10' '($redox catch 10 >o & p=$!; sleep 0.2; kill -STOP $p; sleep 0.1; cut -d" " -f3 /proc/$p/stat; kill -USR1 $p; kill -CONT $p; wait; cat o) | tr "\n" "|" | sed "s/|$//"'
check in_ps redox-tests '$redox catch 10 >/dev/null & sleep 0.1; ps | grep -v grep | grep -o "redox-tests --helper catch" | cut -d" " -f1; kill -KILL $!'

# Files.
check redox_writes 'text' 'echo text | $redox write f; cat f'
check redox_reads 'text' 'echo text >f; $redox read f'
check mode_of_file 640 'umask 0; echo x | $redox write fresh; stat -c %a fresh'
check umask_is_kept 600 'umask 077; echo x | $redox write kept; stat -c %a kept'
check directory "file:$work" '$redox directory'
check absolute_path 'text' 'echo text >f; cd /; $redox read "$work/f"; cd "$work"'
check symbolic_link 'text' 'echo text >f; ln -s f l; $redox read l'
check fifo 'through' 'mkfifo p; (echo through >p &); $redox read p'
check unreadable 'f: EACCES' 'echo x >f; chmod 600 f; chmod 755 .; su -s /bin/sh nobody -c "$here/redox-tests --helper read f" 2>&1'
check scheme_of_kernel ok '$redox read sys:uname | grep -q x86_64 && echo ok'

# Executing across.
check exec_linux 'a b' '$redox exec "/bin/busybox echo a b"'
check exec_redox 'Hello, you.' 'exec redox-hello you'
check exec_linux_from_redox_from_linux 'Hello, chain.' '$redox exec "/bin/busybox env redox-hello chain"'
check spawn_linux 'status 3' '$redox spawn "/bin/busybox sh -c exit\${IFS}3"'
check spawn_redox 'status 5' '$redox spawn "$here/redox-tests --helper exit 5"'
check spawn_missing 1 '$redox spawn /no/such 2>/dev/null; echo $?'
check exec_unmarked ENOEXEC 'echo text >t; chmod +x t; $redox exec ./t 2>&1 | sed "s/.*: //"'
check environment 'V=value' 'V=value $redox exec "/bin/busybox env" | grep ^V='
check descriptors 'inherited' 'echo inherited >f; exec 7<f; $redox exec "/bin/busybox cat /proc/self/fd/7"; exec 7<&-'
check linux_tests_after_exec 'passed, 0 failed' '$redox exec "$here/linux-glibc pipe" | tail -n 1 | cut -d" " -f2-'

# A scheme that a Redox program serves.
check scheme_read 'hi' 'cat /scheme/echo/hi'
check scheme_write 'kept' 'echo kept >/scheme/echo/m1; cat /scheme/echo/m1; rm /scheme/echo/m1'
check scheme_append 'one|two|' 'echo one >/scheme/echo/m2; echo two >>/scheme/echo/m2; tr "\n" "|" </scheme/echo/m2; rm /scheme/echo/m2'
check scheme_between 'from linux' 'echo from linux >/scheme/echo/m3; $redox read echo:m3; rm /scheme/echo/m3'
check scheme_between_back 'from redox' 'echo from redox | $redox write echo:m4; cat /scheme/echo/m4; rm /scheme/echo/m4'
check scheme_unlinked 'm5' 'echo x >/scheme/echo/m5; rm /scheme/echo/m5; cat /scheme/echo/m5'
check scheme_missing 1 'cat /scheme/echo/a/b 2>/dev/null; echo $?'
check scheme_copy 'same' 'head -c 4000 /dev/urandom >f; cp f /scheme/echo/m6; cmp f /scheme/echo/m6 && echo same; rm /scheme/echo/m6'
check scheme_size 5 'echo size >/scheme/echo/m7; stat -c %s /scheme/echo/m7; rm /scheme/echo/m7'
check scheme_full 1 'head -c 10000 /dev/zero 2>/dev/null >/scheme/echo/m8; [ $(wc -c </scheme/echo/m8) = 4096 ] && echo 1; rm /scheme/echo/m8'
check scheme_as_stdin 'in' '$redox cat - </scheme/echo/in'
check scheme_many 200 'for i in $(seq 100); do cat /scheme/echo/$i; $redox read echo:$i; done | wc -l | tr -d " "'
check scheme_in_parallel 40 'for i in $(seq 40); do cat /scheme/echo/$i & done | wc -l | tr -d " "; wait'

# A namespace holds for both ABIs, whichever way somebody tries to leave it.
check confined_redox ENODEV '$redox confine "- $here/redox-tests --helper read echo:hi" 2>&1 | sed "s/.*: //"'
check confined_with_echo hi '$redox confine "echo $here/redox-tests --helper read echo:hi"'
check confined_path_trick refused '$redox confine "- $here/redox-tests --helper read file:/scheme/echo/hi" 2>/dev/null || echo refused'
check confined_dots refused '$redox confine "- $here/redox-tests --helper read file:/tmp/../scheme/./echo/hi" 2>/dev/null || echo refused'
check confined_linux refused '$redox confine "- /bin/busybox cat /scheme/echo/hi" 2>/dev/null || echo refused'
check confined_linux_with_echo hi '$redox confine "echo /bin/busybox cat /scheme/echo/hi"'
check confined_linux_to_redox refused '$redox confine "- /bin/busybox env $here/redox-tests --helper read echo:hi" 2>/dev/null || echo refused'
check confined_link refused 'ln -s /scheme/echo/hi out; $redox confine "- /bin/busybox cat out" 2>/dev/null || echo refused'
check confined_other_root refused '$redox confine "- /bin/busybox cat /proc/1/root/scheme/echo/hi" 2>/dev/null || echo refused'
check confined_other_directory refused 'cd /scheme; $redox confine "- /bin/busybox cat echo/hi" 2>/dev/null || echo refused; cd "$work"'
check without_files refused '$redox confine "none /bin/busybox cat /etc/passwd" 2>/dev/null || echo refused'
check without_files_relative refused 'echo x >f; $redox confine "none /bin/busybox cat f" 2>/dev/null || echo refused'

finish
