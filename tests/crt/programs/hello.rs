// What a static Rust program brings with it: threads, panics that unwind, thread-local storage, a heap.
use std::cell::Cell;
use std::collections::BTreeMap;
use std::thread;

thread_local!(static MINE: Cell<u32> = const { Cell::new(1) });

fn main() {
    let handles: Vec<_> = (0..4u32)
        .map(|n| thread::spawn(move || MINE.with(|mine| { mine.set(mine.get() + n); mine.get() })))
        .collect();
    let total: u32 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| panic!("unwound")).is_err();
    let words: BTreeMap<usize, String> = std::env::args().skip(1).enumerate().collect();
    println!("total {total}, caught {caught}, words {words:?}");
}
