//! Two tasks in Rust, without its standard library. One sends numbers through a queue, the other answers how many steps each takes to
//! come to 1: halved when even, else three times itself and one. 0 never comes to 1; sent all the same, it ends the second task.
//!
//! ```sh
//! rustc --target wasm32-unknown-unknown --crate-type cdylib -O -g -C panic=abort -C link-arg=--import-memory \
//!     -C link-arg=-zstack-size=114688 -C link-arg=--export-table collatz.rs
//! talea run collatz.wasm      six numbers, then 0 says that it was the last
//! talea run collatz.wasm 7    a seventh number, which is not in the list: a panic that names its line
//! ```
//!
//! rustc lays its stack below the data. So its size is where they begin; each task has its own stack all the same.
#![no_std]
#![no_main]

use core::fmt::{self, Write};
use core::panic::PanicInfo;

/// The calls that are needed here; docs/abi.md has all. A pointer is an address, a function an index of the table.
mod talea {
    #[repr(C)]
    pub struct Spawn {
        pub name: *const u8,
        pub entry: extern "C" fn(i32),
        pub argument: i32,
        pub priority: i32,
        pub threshold: i32,
        pub slice: i32,
        pub flags: u32,
        pub stack: u32,
        pub stack_size: u32,
    }

    pub const FOREVER: i32 = -1;
    pub const KIND_PIPE: i32 = 9;
    pub const MODE_WRITE: i32 = 2;
    pub const MODE_PUBLIC: i32 = 12;
    pub const UART: i32 = 1;
    pub const UART_ENABLE: i32 = 6;
    pub const UART_ON_ROOM: u32 = 4;

    #[link(wasm_import_module = "talea")]
    extern "C" {
        pub fn task_spawn(parameters: *const Spawn) -> i32;
        pub fn queue_create(name: *const u8, count: i32, size: i32, discipline: i32, mode: i32, storage: u32) -> i32;
        pub fn queue_send(queue: i32, message: *const i32, length: i32, how: i32, timeout: i32) -> i32;
        pub fn queue_receive(queue: i32, buffer: *mut i32, length: i32, priority: *mut i32, timeout: i32) -> i32;
        pub fn object_open(kind: i32, name: *const u8, mode: i32) -> i32;
        pub fn pipe_write(pipe: i32, buffer: *const u8, length: i32, timeout: i32) -> i32;
        pub fn device_write(device: i32, register: i32, value: u32) -> i32;
        pub fn argument(index: i32, buffer: *mut u8, length: i32) -> i32;
    }
}

#[link(wasm_import_module = "env")]
extern "C" {
    fn abort(message: *const u16, file: *const u16, line: u32, column: u32) -> !;
}

static NUMBERS: [i32; 6] = [1, 6, 7, 27, 97, 871];
static mut QUEUE: i32 = 0;

/// What is written goes to the console, as pieces that are never mixed with another task's.
struct Console(i32);

impl Console {
    fn open() -> Console {
        Console(unsafe { talea::object_open(talea::KIND_PIPE, b"console.out\0".as_ptr(), talea::MODE_WRITE) })
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let written = unsafe { talea::pipe_write(self.0, text.as_ptr(), text.len() as i32, talea::FOREVER) };
        unsafe { talea::device_write(talea::UART, talea::UART_ENABLE, talea::UART_ON_ROOM) };
        if written < 0 { Err(fmt::Error) } else { Ok(()) }
    }
}

extern "C" fn ask(count: i32) {
    for i in 0..count {
        send(NUMBERS[i as usize]);
    }
    send(0);
}

fn send(number: i32) {
    unsafe { talea::queue_send(QUEUE, &number, 4, 0, talea::FOREVER) };
}

extern "C" fn answer(_: i32) {
    let mut console = Console::open();
    loop {
        let mut number = 0;
        unsafe { talea::queue_receive(QUEUE, &mut number, 4, core::ptr::null_mut(), talea::FOREVER) };
        if number == 0 {
            return;
        }
        let _ = writeln!(console, "{} takes {} steps", number, steps(number as u64));
    }
}

/// Nothing here gives up the CPU; who is more urgent gets it all the same.
fn steps(mut number: u64) -> u32 {
    let mut count = 0;
    while number != 1 {
        number = if number % 2 == 0 { number / 2 } else { 3 * number + 1 };
        count += 1;
    }
    count
}

fn spawn(name: &'static [u8], entry: extern "C" fn(i32), argument: i32, priority: i32) {
    let parameters = talea::Spawn {
        name: name.as_ptr(),
        entry,
        argument,
        priority,
        threshold: -1,
        slice: 1,
        flags: 0,
        stack: 0,
        stack_size: 4096,
    };
    unsafe { talea::task_spawn(&parameters) };
}

/// The system description.
#[no_mangle]
pub extern "C" fn _initialize() {
    let mut digit = [b'6'];
    unsafe {
        talea::argument(0, digit.as_mut_ptr(), 1);
        QUEUE = talea::queue_create(b"numbers\0".as_ptr(), 2, 4, 0, talea::MODE_PUBLIC, 0);
    }
    spawn(b"ask\0", ask, (digit[0] - b'0') as i32, 6);
    spawn(b"answer\0", answer, 0, 5);
}

/// Text as the board's abort takes it: UTF-16, and its bytes counted in the word before.
#[repr(C)]
struct Text {
    bytes: u32,
    units: [u16; 120],
}

impl Text {
    fn new(text: &str) -> Text {
        let mut made = Text { bytes: 0, units: [0; 120] };
        for (unit, code) in made.units.iter_mut().zip(text.encode_utf16()) {
            *unit = code;
            made.bytes += 2;
        }
        made
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let (file, line) = info.location().map_or(("", 0), |place| (place.file(), place.line()));
    unsafe { abort(Text::new("it panicked").units.as_ptr(), Text::new(file).units.as_ptr(), line, 0) }
}
