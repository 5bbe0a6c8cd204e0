// SPDX-License-Identifier: GPL-3.0-or-later
//
// The schemes `event:` and `time:`: several timers and pipes through one queue.

use std::mem;

use support::{
    expect_error, error, let_block, monotonic, now, pipe, sleep, spawn, time_spec, File, CLOCKS,
    MILLISECOND,
};
use syscall::*;

/// An event queue.
struct Queue(File);

impl Queue {
    fn new() -> Queue {
        Queue(File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC).unwrap())
    }

    fn with_flags(flags: usize) -> Queue {
        Queue(File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC | flags).unwrap())
    }

    fn try_subscribe(&self, file: &File, flags: EventFlags, data: usize) -> Result<usize> {
        self.0.write(&Event { id: file.0, flags, data })
    }

    fn subscribe(&self, file: &File, flags: EventFlags, data: usize) {
        assert_eq!(self.try_subscribe(file, flags, data), Ok(mem::size_of::<Event>()));
    }

    /// As many events as have come, at most 8; waits for the first.
    fn events(&self) -> Result<Vec<Event>> {
        let mut events = [Event::default(); 8];
        let size = mem::size_of::<Event>();
        let bytes = unsafe {
            std::slice::from_raw_parts_mut(events.as_mut_ptr() as *mut u8, events.len() * size)
        };
        let count = self.0.read(bytes)?;

        assert_eq!(count % size, 0);
        Ok(events[..count / size].to_vec())
    }

    fn one(&self) -> Event {
        let mut event = Event::default();

        assert_eq!(self.0.read(&mut event), Ok(mem::size_of::<Event>()));
        event
    }
}

fn timer(clock: usize) -> File {
    File::open(&std::format!("time:{}", clock), O_RDWR | O_CLOEXEC).unwrap()
}

/// Sets off at an absolute time, in nanoseconds.
fn arm(timer: &File, when: i64) {
    assert_eq!(timer.write(&time_spec(when)), Ok(mem::size_of::<TimeSpec>()));
}

// --- pipes ----------------------------------------------------------------------------------

#[test]
fn a_pipe_becomes_readable() {
    let queue = Queue::new();
    let (output, input) = pipe(O_CLOEXEC);

    queue.subscribe(&output, EVENT_READ, 77);
    let child = spawn(|| {
        let_block();
        assert_eq!(input.write(b"x"), Ok(1));
    });
    let event = queue.one();
    assert_eq!((event.id, event.flags, event.data), (output.0, EVENT_READ, 77));
    assert_eq!(output.read(&mut [0; 4]), Ok(1));
    child.succeeds();
}

#[test]
fn what_is_ready_is_told_at_once() {
    let queue = Queue::new();
    let (output, input) = pipe(O_CLOEXEC);

    assert_eq!(input.write(b"x"), Ok(1));
    queue.subscribe(&output, EVENT_READ, 1);
    assert_eq!(queue.one().data, 1);
    queue.subscribe(&input, EVENT_WRITE, 2);
    let event = queue.one();
    assert_eq!((event.id, event.flags, event.data), (input.0, EVENT_WRITE, 2));
}

#[test]
fn each_readiness_once() {
    let queue = Queue::with_flags(O_NONBLOCK);
    let (output, input) = pipe(O_CLOEXEC);

    queue.subscribe(&output, EVENT_READ, 1);
    assert_eq!(queue.events().map(|events| events.len()), Err(error(EAGAIN)));
    assert_eq!(input.write(b"x"), Ok(1));
    assert_eq!(queue.events().unwrap().len(), 1);
    assert_eq!(queue.events().map(|events| events.len()), Err(error(EAGAIN)));
    assert_eq!(output.read(&mut [0; 4]), Ok(1));
    assert_eq!(input.write(b"y"), Ok(1));
    assert_eq!(queue.events().unwrap().len(), 1);
}

#[test]
fn the_last_writer_leaves() {
    let queue = Queue::new();
    let (output, input) = pipe(O_CLOEXEC);

    queue.subscribe(&output, EVENT_READ, 5);
    let child = spawn(|| let_block());
    drop(input);
    assert_eq!(queue.one().data, 5);
    assert_eq!(output.read(&mut [0; 4]), Ok(0));
    child.succeeds();
}

#[test]
fn one_descriptor_by_several_keys() {
    let queue = Queue::new();
    let (output, input) = pipe(O_CLOEXEC);

    queue.subscribe(&output, EVENT_READ, 1);
    queue.subscribe(&output, EVENT_READ, 2);
    assert_eq!(input.write(b"x"), Ok(1));
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(queue.events().unwrap().iter().map(|event| event.data));
    }
    seen.sort();
    assert_eq!(seen, [1, 2]);

    // Flags 0 end the one.
    assert_eq!(output.read(&mut [0; 4]), Ok(1));
    queue.subscribe(&output, EVENT_NONE, 1);
    assert_eq!(input.write(b"x"), Ok(1));
    let events = queue.events().unwrap();
    assert_eq!(events.iter().map(|event| event.data).collect::<Vec<_>>(), [2]);
}

#[test]
fn several_events_in_one_read() {
    let queue = Queue::new();
    let pipes: Vec<_> = (0..4).map(|_| pipe(O_CLOEXEC)).collect();

    for (index, (output, _)) in pipes.iter().enumerate() {
        queue.subscribe(output, EVENT_READ, index);
    }
    for (_, input) in pipes.iter() {
        assert_eq!(input.write(b"x"), Ok(1));
    }
    let events = queue.events().unwrap();
    let mut seen: Vec<_> = events.iter().map(|event| (event.data, event.id)).collect();
    seen.sort();
    let wanted: Vec<_> = pipes.iter().enumerate().map(|(data, pipe)| (data, pipe.0 .0)).collect();
    assert_eq!(seen, wanted);

    // Room for two and a half gives two.
    for (output, input) in pipes.iter() {
        assert_eq!(output.read(&mut [0; 4]), Ok(1));
        assert_eq!(input.write(b"x"), Ok(1));
    }
    let mut buffer = [0; 60];
    assert_eq!(queue.0.read(&mut buffer), Ok(48));
    assert_eq!(queue.0.read(&mut buffer), Ok(48));
}

#[test]
fn odd_subscriptions() {
    let queue = Queue::new();
    let mut event = Event { id: 9999, flags: EVENT_READ, data: 0 };

    assert_eq!(queue.0.write(&event), Err(error(EBADF)));
    event.id = usize::MAX;
    assert_eq!(queue.0.write(&event), Err(error(EBADF)));
    // Less than one event is none.
    assert_eq!(queue.0.write(&[0; 23]), Ok(0));
    assert_eq!(queue.0.path(), "event:");
}

#[test]
fn queues_do_not_mix() {
    let first = Queue::with_flags(O_NONBLOCK);
    let second = Queue::with_flags(O_NONBLOCK);
    let (output, input) = pipe(O_CLOEXEC);

    first.subscribe(&output, EVENT_READ, 1);
    second.subscribe(&output, EVENT_READ, 2);
    assert_eq!(input.write(b"x"), Ok(1));
    assert_eq!(first.one().data, 1);
    assert_eq!(second.one().data, 2);
    assert!(first.events().is_err());
    assert!(second.events().is_err());
}

#[test]
fn readiness_now() {
    let fevent = |file: &File, flags: EventFlags| unsafe {
        syscall2(SYS_FEVENT, file.0, flags.bits())
    };
    let (output, input) = pipe(O_CLOEXEC);
    let both = EVENT_READ | EVENT_WRITE;

    assert_eq!(fevent(&output, both), Ok(0));
    assert_eq!(fevent(&input, both), Ok(EVENT_WRITE.bits()));
    assert_eq!(input.write(b"x"), Ok(1));
    assert_eq!(fevent(&output, both), Ok(EVENT_READ.bits()));
    // Neither pipes nor timers make numbers of their own.
    expect_error!(dup(output.0, b"other"), EBADF);
    expect_error!(dup(timer(CLOCK_REALTIME).0, b"other"), EBADF);
}

// --- timers ---------------------------------------------------------------------------------

#[test]
fn timers_read_the_time() {
    for clock in CLOCKS {
        let timer = timer(clock);
        let mut time = TimeSpec::default();
        let before = now(clock);

        assert_eq!(timer.read(&mut time), Ok(mem::size_of::<TimeSpec>()));
        let read = time.tv_sec * 1_000_000_000 + time.tv_nsec as i64;
        assert!(before <= read && read <= now(clock), "{} {}", before, read);
        assert_eq!(timer.path(), std::format!("time:{}", clock));
    }
    for name in ["time:2", "time:0", "time:x", "time:11"] {
        expect_error!(open(name, O_RDWR), ENOENT);
    }
}

#[test]
fn timers_are_never_early() {
    for clock in CLOCKS {
        let queue = Queue::new();
        let timer = timer(clock);
        let end = now(clock) + 30 * MILLISECOND;

        queue.subscribe(&timer, EVENT_READ, 3);
        arm(&timer, end);
        let event = queue.one();
        let late = now(clock) - end;

        assert_eq!((event.id, event.flags, event.data), (timer.0, EVENT_READ, 3));
        assert!((0..10_000 * MILLISECOND).contains(&late), "{} ns late", late);
    }
}

#[test]
fn the_past_is_told_at_once() {
    let queue = Queue::new();
    let timer = timer(CLOCK_MONOTONIC);
    let start = monotonic();

    queue.subscribe(&timer, EVENT_READ, 9);
    arm(&timer, 1);
    assert_eq!(queue.one().data, 9);
    assert!(monotonic() - start < 10_000 * MILLISECOND);
}

#[test]
fn timers_and_a_pipe() {
    let queue = Queue::new();
    let timers: Vec<_> = (0..4).map(|_| timer(CLOCK_MONOTONIC)).collect();
    let (output, input) = pipe(O_CLOEXEC);
    let start = monotonic();
    let due = |index: usize| start + [160, 40, 240, 80][index] * MILLISECOND;

    queue.subscribe(&output, EVENT_READ, 100);
    for (index, timer) in timers.iter().enumerate() {
        queue.subscribe(timer, EVENT_READ, index);
        arm(timer, due(index));
    }
    let child = spawn(|| {
        sleep(120);
        assert_eq!(input.write(b"x"), Ok(1));
    });
    let mut order = Vec::new();
    while order.len() < 5 {
        for event in queue.events().unwrap() {
            if event.data < 4 {
                assert!(monotonic() >= due(event.data), "timer {} is early", event.data);
                assert_eq!(event.id, timers[event.data].0);
            } else {
                assert_eq!(event.id, output.0);
            }
            order.push(event.data);
        }
    }
    child.succeeds();
    // The pipe comes from another process, at no exact time.
    order.retain(|&data| data != 100);
    assert_eq!(order, [1, 3, 0, 2]);
}

#[test]
fn one_timer_many_times() {
    let queue = Queue::with_flags(O_NONBLOCK);
    let timer = timer(CLOCK_MONOTONIC);
    let start = monotonic();
    let times: Vec<u8> = (1..4)
        .flat_map(|index| time_spec(start + index * 100 * MILLISECOND).to_vec())
        .collect();

    queue.subscribe(&timer, EVENT_READ, 1);
    assert_eq!(timer.write(&times), Ok(3 * mem::size_of::<TimeSpec>()));
    let mut count = 0;
    while monotonic() < start + 10_000 * MILLISECOND && count < 3 {
        match queue.events() {
            Ok(events) => count += events.len(),
            Err(none) => assert_eq!(none, error(EAGAIN)),
        }
        assert!(monotonic() >= start + count as i64 * 100 * MILLISECOND);
        sleep(5);
    }
    assert_eq!(count, 3);
    assert!(queue.events().is_err());
}

#[test]
fn a_closed_timer_is_silent() {
    let queue = Queue::with_flags(O_NONBLOCK);
    let timer = timer(CLOCK_MONOTONIC);

    queue.subscribe(&timer, EVENT_READ, 1);
    arm(&timer, monotonic() + 20 * MILLISECOND);
    drop(timer);
    sleep(60);
    assert!(queue.events().is_err());
}

#[test]
fn itimers_do_nothing() {
    let timer = File::open("itimer:1", O_RDWR | O_CLOEXEC).unwrap();
    let mut times = ITimerSpec { it_interval: time_spec(1), it_value: time_spec(1) };

    assert_eq!(timer.write(&times), Ok(mem::size_of::<ITimerSpec>()));
    assert_eq!(timer.read(&mut times), Ok(mem::size_of::<ITimerSpec>()));
    assert_eq!((times.it_interval, times.it_value), Default::default());
}

// --- waiting --------------------------------------------------------------------------------

#[test]
fn a_queue_of_queues() {
    let inner = Queue::new();
    let outer = Queue::new();
    let (output, input) = pipe(O_CLOEXEC);

    inner.subscribe(&output, EVENT_READ, 1);
    if outer.try_subscribe(&inner.0, EVENT_READ, 2).is_err() {
        return; // not every queue can wait for queues
    }
    assert_eq!(input.write(b"x"), Ok(1));
    assert_eq!(outer.one().data, 2);
    assert_eq!(inner.one().data, 1);
}

#[test]
fn sleeping_and_clocks() {
    for clock in CLOCKS {
        let start = now(clock);

        sleep(25);
        assert!(now(clock) - start >= 25 * MILLISECOND);
    }
    let mut time = TimeSpec::default();
    for clock in [0, 2, 3, 5, usize::MAX] {
        expect_error!(clock_gettime(clock, &mut time), EINVAL);
    }
    let mut left = TimeSpec { tv_sec: 5, tv_nsec: 5 };
    assert_eq!(nanosleep(&time_spec(2 * MILLISECOND), &mut left), Ok(0));
    assert_eq!(left, TimeSpec::default());
    // 2020 has passed.
    assert!(now(CLOCK_REALTIME) / 1_000_000_000 > 1_577_836_800);
}
