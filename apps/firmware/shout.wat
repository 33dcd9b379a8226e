;; Two tasks and a pipe, by hand. The one whispers words into the pipe; the other makes capitals of the bytes, wherever they were cut,
;; and says them on the console. At the end of the pipe, when nobody is left to write, both are done.
;;
;;     whisperer -- pipe of 8 bytes --> shouter -- console.out --> UART
;;
;;     talea run apps/firmware/shout.wat
(module
  (import "env" "memory" (memory 2))
  (import "talea" "task_spawn" (func $task_spawn (param i32) (result i32)))
  (import "talea" "pipe_create" (func $pipe_create (param i32 i32 i32 i32) (result i32)))
  (import "talea" "pipe_write" (func $pipe_write (param i32 i32 i32 i32) (result i32)))
  (import "talea" "pipe_read" (func $pipe_read (param i32 i32 i32 i32) (result i32)))
  (import "talea" "object_open" (func $object_open (param i32 i32 i32) (result i32)))
  (import "talea" "object_grant" (func $object_grant (param i32 i32 i32) (result i32)))
  (import "talea" "object_close" (func $object_close (param i32 i32) (result i32)))
  (import "talea" "device_write" (func $device_write (param i32 i32 i32) (result i32)))

  ;; What a task runs is an index of this table.
  (table 3 funcref)
  (elem (i32.const 1) $whisper $shout)

  (global $forever i32 (i32.const -1))
  (global $read i32 (i32.const 1))
  (global $write i32 (i32.const 2))
  (global $pipe (mut i32) (i32.const 0))

  ;; Memory from 114688 on is the firmware's. Two Spawn records, of nine words: name, entry, argument, priority, threshold (-1: the
  ;; priority), slice, flags, stack (0: of RAM), its bytes.
  (data (i32.const 114688)
    "\80\c0\01\00" "\01\00\00\00" "\00\00\00\00" "\05\00\00\00" "\ff\ff\ff\ff" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\04\00\00")
  (data (i32.const 114724)
    "\8a\c0\01\00" "\02\00\00\00" "\00\00\00\00" "\08\00\00\00" "\ff\ff\ff\ff" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\04\00\00")
  (data (i32.const 114816) "whisperer\00")
  (data (i32.const 114826) "shouter\00")
  (data (i32.const 114834) "words\00")
  (data (i32.const 114840) "console.out\00")
  (data (i32.const 114852) "no loop of mine goes on for ever.\nthe kernel sees to that!\n")
  ;; 16 bytes for what was read.
  (global $buffer i32 (i32.const 114928))

  ;; All 59 bytes: more than the pipe holds, so they go in as the other makes room.
  (func $whisper
    (drop
      (call $pipe_write (global.get $pipe) (i32.const 114852) (i32.const 59) (global.get $forever))))

  (func $shout
    (local $console i32)
    (local $count i32)
    ;; Kind 9 is a pipe.
    (local.set $console
      (call $object_open (i32.const 9) (i32.const 114840) (global.get $write)))
    (loop $more
      (local.set $count
        (call $pipe_read (global.get $pipe) (global.get $buffer) (i32.const 16) (global.get $forever)))
      ;; 0: nobody is left to write.
      (if (i32.gt_s (local.get $count) (i32.const 0))
        (then
          (call $capitals (global.get $buffer) (local.get $count))
          (drop
            (call $pipe_write (local.get $console) (global.get $buffer) (local.get $count) (global.get $forever)))
          ;; The UART, device 1, sends what is in console.out: register 6, ENABLE, 4, when it has room.
          (drop
            (call $device_write (i32.const 1) (i32.const 6) (i32.const 4)))
          (br $more)))))

  ;; "a" to "z" of so many bytes become "A" to "Z".
  (func $capitals (param $at i32) (param $count i32)
    (loop $next
      (if (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 97)) (i32.const 26))
        (then
          (i32.store8 (local.get $at) (i32.sub (i32.load8_u (local.get $at)) (i32.const 32)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next
        (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; The system description. It gives each task its end of the pipe, and keeps none, so that the pipe can come to an end.
  (func (export "_initialize")
    (local $whisperer i32)
    (local $shouter i32)
    (global.set $pipe
      (call $pipe_create (i32.const 114834) (i32.const 8) (i32.or (global.get $read) (global.get $write)) (i32.const 0)))
    (local.set $whisperer (call $task_spawn (i32.const 114688)))
    (local.set $shouter (call $task_spawn (i32.const 114724)))
    (drop (call $object_grant (global.get $pipe) (local.get $whisperer) (global.get $write)))
    (drop (call $object_grant (global.get $pipe) (local.get $shouter) (global.get $read)))
    (drop (call $object_close (global.get $pipe) (i32.or (global.get $read) (global.get $write))))))
