/* Generated from kernel/abi/table.ts by `npm run abi`. Do not edit. */
#ifndef TALEA_H
#define TALEA_H
#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#define TALEA_LAYOUT(holds) static_assert(holds, #holds)
#else
#define TALEA_LAYOUT(holds) _Static_assert(holds, #holds)
#endif

#if defined(__wasm__)
#define TALEA_CALL(name) __attribute__((import_module("talea"), import_name(#name)))
#else
#define TALEA_CALL(name) extern
#endif

#define TALEA_EPERM (-1)
#define TALEA_ENOENT (-2)
#define TALEA_ESRCH (-3)
#define TALEA_EINTR (-4)
#define TALEA_EBADF (-9)
#define TALEA_ECHILD (-10)
#define TALEA_EAGAIN (-11)
#define TALEA_ENOMEM (-12)
#define TALEA_EFAULT (-14)
#define TALEA_EBUSY (-16)
#define TALEA_EEXIST (-17)
#define TALEA_EINVAL (-22)
#define TALEA_ENFILE (-23)
#define TALEA_EPIPE (-32)
#define TALEA_EDEADLK (-35)
#define TALEA_ENAMETOOLONG (-36)
#define TALEA_EIDRM (-43)
#define TALEA_EOVERFLOW (-75)
#define TALEA_EMSGSIZE (-90)
#define TALEA_EOPNOTSUPP (-95)
#define TALEA_EADDRINUSE (-98)
#define TALEA_EADDRNOTAVAIL (-99)
#define TALEA_ENETUNREACH (-101)
#define TALEA_ECONNRESET (-104)
#define TALEA_EISCONN (-106)
#define TALEA_ENOTCONN (-107)
#define TALEA_ETIMEDOUT (-110)
#define TALEA_ECONNREFUSED (-111)
#define TALEA_EALREADY (-114)
#define TALEA_EINPROGRESS (-115)
#define TALEA_ECANCELED (-125)
#define TALEA_EOWNERDEAD (-130)
#define TALEA_ENOTRECOVERABLE (-131)
#define TALEA_KIND_TASK 1
#define TALEA_KIND_SEM 2
#define TALEA_KIND_MUTEX 3
#define TALEA_KIND_COND 4
#define TALEA_KIND_EVENT 5
#define TALEA_KIND_BARRIER 6
#define TALEA_KIND_RWLOCK 7
#define TALEA_KIND_TIMER 8
#define TALEA_KIND_PIPE 9
#define TALEA_KIND_QUEUE 10
#define TALEA_KIND_MAILBOX 11
#define TALEA_KIND_REGION 12
#define TALEA_KIND_POOL 13
#define TALEA_KIND_SOCKET 14
#define TALEA_KIND_LINE 15
#define TALEA_SIGHUP 1
#define TALEA_SIGINT 2
#define TALEA_SIGQUIT 3
#define TALEA_SIGILL 4
#define TALEA_SIGTRAP 5
#define TALEA_SIGABRT 6
#define TALEA_SIGBUS 7
#define TALEA_SIGFPE 8
#define TALEA_SIGKILL 9
#define TALEA_SIGUSR1 10
#define TALEA_SIGSEGV 11
#define TALEA_SIGUSR2 12
#define TALEA_SIGPIPE 13
#define TALEA_SIGALRM 14
#define TALEA_SIGTERM 15
#define TALEA_SIGSTKFLT 16
#define TALEA_SIGCHLD 17
#define TALEA_SIGCONT 18
#define TALEA_SIGSTOP 19
#define TALEA_SIGTSTP 20
#define TALEA_SIGTTIN 21
#define TALEA_SIGTTOU 22
#define TALEA_SIGURG 23
#define TALEA_SIGXCPU 24
#define TALEA_SIGXFSZ 25
#define TALEA_SIGVTALRM 26
#define TALEA_SIGPROF 27
#define TALEA_SIGWINCH 28
#define TALEA_SIGIO 29
#define TALEA_SIGPWR 30
#define TALEA_SIGSYS 31
#define TALEA_STATE_FREE 0
#define TALEA_STATE_ZOMBIE 1
#define TALEA_STATE_BLOCKED 2
#define TALEA_STATE_READY 3
#define TALEA_STATE_RUNNING 4
#define TALEA_HELD_SUSPENDED 1
#define TALEA_HELD_STOPPED 2
#define TALEA_MODE_READ 1
#define TALEA_MODE_WRITE 2
#define TALEA_MODE_PUBLIC_READ 4
#define TALEA_MODE_PUBLIC_WRITE 8
#define TALEA_MODE_PUBLIC 12
#define TALEA_TASK_FLAG_DETACHED 1
#define TALEA_TASK_FLAG_DAEMON 2
#define TALEA_MUTEX_FLAG_RECURSIVE 1
#define TALEA_MUTEX_FLAG_ROBUST 2
#define TALEA_MUTEX_FLAG_CEILING 4
#define TALEA_MUTEX_FLAG_PLAIN 8
#define TALEA_MUTEX_FLAG_CHECKED 16
#define TALEA_EVENT_WAIT_ANY 0
#define TALEA_EVENT_WAIT_ALL 1
#define TALEA_EVENT_WAIT_CLEAR 2
#define TALEA_ACTION_CALLBACK 0
#define TALEA_ACTION_SEM_GIVE 1
#define TALEA_ACTION_EVENT_SET 2
#define TALEA_ACTION_SIGNAL 3
#define TALEA_ACTION_FLAGS_SET 4
#define TALEA_DISPOSITION_DEFAULT 0
#define TALEA_DISPOSITION_IGNORE 1
#define TALEA_DISPOSITION_HANDLER 2
#define TALEA_SIG_FLAG_NOCLDSTOP 1
#define TALEA_SIG_FLAG_NOCLDWAIT 2
#define TALEA_SIG_FLAG_NODEFER 4
#define TALEA_SIG_FLAG_RESETHAND 8
#define TALEA_SIG_FLAG_RESTART 16
#define TALEA_MASK_HOW_BLOCK 0
#define TALEA_MASK_HOW_UNBLOCK 1
#define TALEA_MASK_HOW_SET 2
#define TALEA_NOTIFY_OVERWRITE 0
#define TALEA_NOTIFY_KEEP 1
#define TALEA_NOTIFY_INCREMENT 2
#define TALEA_DISCIPLINE_FIFO 0
#define TALEA_DISCIPLINE_LIFO 1
#define TALEA_DISCIPLINE_PRIORITY 2
#define TALEA_SEND_HOW_FRONT 256
#define TALEA_POLL_READ 1
#define TALEA_POLL_WRITE 2
#define TALEA_POLL_SIGNAL 4
#define TALEA_POLL_FLAGS 8
#define TALEA_POLL_NOTE 16
#define TALEA_POLL_CLOSED 32
#define TALEA_ORDER_IDLE 0
#define TALEA_ORDER_RESUME 1
#define TALEA_ORDER_START 2
#define TALEA_ORDER_SIGNAL 3
#define TALEA_ORDER_INTERRUPT 4
#define TALEA_ORDER_DEVICE 5
#define TALEA_ORDER_CHOOSE 6
#define TALEA_ORDER_PACKET 7
#define TALEA_SOCKET_TYPE_STREAM 1
#define TALEA_SOCKET_TYPE_DATAGRAM 2
#define TALEA_CONNECTION_NONE 0
#define TALEA_CONNECTION_LISTENING 1
#define TALEA_CONNECTION_CONNECTING 2
#define TALEA_CONNECTION_ARRIVING 3
#define TALEA_CONNECTION_CONNECTED 4
#define TALEA_CONNECTION_LOST 5
#define TALEA_PACKET_FLAG_SYN 1
#define TALEA_PACKET_FLAG_ACK 2
#define TALEA_PACKET_FLAG_FIN 4
#define TALEA_PACKET_FLAG_RST 8
#define TALEA_PACKET_FLAG_STOP 16
#define TALEA_PACKET_FLAG_PROBE 32
#define TALEA_PACKET_FLAG_REFUSED 64
#define TALEA_PACKET_FLAG_UNREACHABLE 128
#define TALEA_PACKET_FLAG_DATAGRAM 256
#define TALEA_CHOICE_SLICE 1
#define TALEA_CHOICE_ORDER 2
#define TALEA_CHOICE_SPURIOUS 3
#define TALEA_OPTION_TRACE 1
#define TALEA_OPTION_HASH 2
#define TALEA_OPTION_ORACLE 4
#define TALEA_PLACE_WORD 254
#define TALEA_PLACE_RAM 255
#define TALEA_OWNER_NOBODY 0
#define TALEA_OWNER_KERNEL 1
#define TALEA_OWNER_SYSTEM 2
#define TALEA_OWNER_TASKS 3
#define TALEA_BLOCK_STATE_NONE 0
#define TALEA_BLOCK_STATE_FREE 1
#define TALEA_BLOCK_STATE_OWNED 2
#define TALEA_BLOCK_STATE_LETTER 3
#define TALEA_BLOCK_STATE_BROADCAST 4
#define TALEA_CAUSE_HANDOFF 0
#define TALEA_CAUSE_TIMEOUT 1
#define TALEA_CAUSE_DELETED 2
#define TALEA_CAUSE_CANCELED 3
#define TALEA_CAUSE_CLOSED 4
#define TALEA_CAUSE_ENDED 5
#define TALEA_CAUSE_SPURIOUS 6
#define TALEA_CAUSE_SIGNAL 7
#define TALEA_END_EXIT 0
#define TALEA_END_TERMINATED 1
#define TALEA_END_FAULT 2
#define TALEA_END_SIGNAL 3
#define TALEA_INFO_STATE 1
#define TALEA_INFO_PRIORITY 2
#define TALEA_INFO_BASE 3
#define TALEA_INFO_THRESHOLD 4
#define TALEA_INFO_SLICE 5
#define TALEA_INFO_HELD 6
#define TALEA_INFO_CYCLES 7
#define TALEA_INFO_SWITCHES 8
#define TALEA_INFO_LATENCY 9
#define TALEA_INFO_STACK_SIZE 10
#define TALEA_INFO_STACK_USED 11
#define TALEA_INFO_WAITING_FOR 12
#define TALEA_INFO_WAITERS 13
#define TALEA_INFO_COUNT 14
#define TALEA_INFO_OWNER 15
#define TALEA_INFO_CAPACITY 16
#define TALEA_INFO_READERS 17
#define TALEA_INFO_WRITERS 18
#define TALEA_INFO_FLAGS 19
#define TALEA_INFO_PENDING 20
#define TALEA_INFO_MASK 21
#define TALEA_INFO_SIZE 22
#define TALEA_INFO_LOCAL 23
#define TALEA_INFO_PEER 24
#define TALEA_INFO_LOST 25
#define TALEA_INFO_NAME0 26
#define TALEA_INFO_NAME1 27
#define TALEA_INFO_WAITING_ON 28
#define TALEA_INFO_WAITING_IN 29
#define TALEA_INFO_RAM 30
#define TALEA_INFO_RAM_FREE 31
#define TALEA_INFO_RAM_LARGEST 32
#define TALEA_INFO_IDLE 33
#define TALEA_INFO_DATA_END 34

/* What task_spawn is told. */
typedef struct {
  uint32_t name; /* address of the name, 0 = none */
  uint32_t entry; /* what it runs */
  int32_t argument; /* handed to the entry */
  int32_t priority; /* 0..63, 63 is the most urgent */
  int32_t threshold; /* preemption threshold, -1 = the priority */
  int32_t slice; /* ticks, 0 = none */
  uint32_t flags; /* TaskFlag */
  uint32_t stack; /* address of its stack, 0 = from the arena */
  uint32_t stack_size; /* bytes */
} talea_spawn_t;
TALEA_LAYOUT(sizeof(talea_spawn_t) == 36);
TALEA_LAYOUT(offsetof(talea_spawn_t, name) == 0);
TALEA_LAYOUT(offsetof(talea_spawn_t, entry) == 4);
TALEA_LAYOUT(offsetof(talea_spawn_t, argument) == 8);
TALEA_LAYOUT(offsetof(talea_spawn_t, priority) == 12);
TALEA_LAYOUT(offsetof(talea_spawn_t, threshold) == 16);
TALEA_LAYOUT(offsetof(talea_spawn_t, slice) == 20);
TALEA_LAYOUT(offsetof(talea_spawn_t, flags) == 24);
TALEA_LAYOUT(offsetof(talea_spawn_t, stack) == 28);
TALEA_LAYOUT(offsetof(talea_spawn_t, stack_size) == 32);

/* What timer_service answers. */
typedef struct {
  int32_t timer; /* its handle */
  uint32_t entry; /* what to run */
  int32_t argument; /* handed to it */
} talea_callback_t;
TALEA_LAYOUT(sizeof(talea_callback_t) == 12);
TALEA_LAYOUT(offsetof(talea_callback_t, timer) == 0);
TALEA_LAYOUT(offsetof(talea_callback_t, entry) == 4);
TALEA_LAYOUT(offsetof(talea_callback_t, argument) == 8);

/* What a signal does to a task. */
typedef struct {
  uint32_t disposition; /* Disposition */
  uint32_t entry; /* HANDLER: what to run */
  uint32_t mask; /* HANDLER: what is masked besides while it runs */
  uint32_t flags; /* SigFlag */
} talea_sigaction_t;
TALEA_LAYOUT(sizeof(talea_sigaction_t) == 16);
TALEA_LAYOUT(offsetof(talea_sigaction_t, disposition) == 0);
TALEA_LAYOUT(offsetof(talea_sigaction_t, entry) == 4);
TALEA_LAYOUT(offsetof(talea_sigaction_t, mask) == 8);
TALEA_LAYOUT(offsetof(talea_sigaction_t, flags) == 12);

/* What mailbox_receive tells of a block. */
typedef struct {
  int32_t sender; /* handle of the task that sent it, 0 for an interrupt */
  uint32_t size; /* bytes of the block */
  uint32_t shared; /* 1: a broadcast, read-only */
} talea_letter_t;
TALEA_LAYOUT(sizeof(talea_letter_t) == 12);
TALEA_LAYOUT(offsetof(talea_letter_t, sender) == 0);
TALEA_LAYOUT(offsetof(talea_letter_t, size) == 4);
TALEA_LAYOUT(offsetof(talea_letter_t, shared) == 8);

/* What object_poll looks at. */
typedef struct {
  int32_t handle; /* an object, a task, or the caller itself for SIGNAL, FLAGS and NOTE */
  uint32_t events; /* Poll: what is waited for */
  uint32_t bits; /* event flags, signals or thread flags: which of them */
  uint32_t ready; /* Poll: what is ready */
} talea_pollitem_t;
TALEA_LAYOUT(sizeof(talea_pollitem_t) == 16);
TALEA_LAYOUT(offsetof(talea_pollitem_t, handle) == 0);
TALEA_LAYOUT(offsetof(talea_pollitem_t, events) == 4);
TALEA_LAYOUT(offsetof(talea_pollitem_t, bits) == 8);
TALEA_LAYOUT(offsetof(talea_pollitem_t, ready) == 12);

/* An address on the network. */
typedef struct {
  uint32_t address; /* IPv4, the first number in the highest byte */
  uint32_t port; /* 0..65535 */
} talea_endpoint_t;
TALEA_LAYOUT(sizeof(talea_endpoint_t) == 8);
TALEA_LAYOUT(offsetof(talea_endpoint_t, address) == 0);
TALEA_LAYOUT(offsetof(talea_endpoint_t, port) == 4);

/* What socket_receive tells of a datagram. */
typedef struct {
  uint32_t address; /* who sent it */
  uint32_t port; /* from which port */
  uint32_t size; /* bytes it had */
} talea_sender_t;
TALEA_LAYOUT(sizeof(talea_sender_t) == 12);
TALEA_LAYOUT(offsetof(talea_sender_t, address) == 0);
TALEA_LAYOUT(offsetof(talea_sender_t, port) == 4);
TALEA_LAYOUT(offsetof(talea_sender_t, size) == 8);

/* The CPU's registers, at address 64. A port reads them after dispatch and writes the power-on fields, `device` and `choice`. */
typedef struct {
  uint64_t due; /* cycle of the next event */
  int32_t left; /* cycles until it: now = due - left */
  int32_t current; /* index of the task that runs, -1 for nobody */
  uint32_t entry; /* START, INTERRUPT, SIGNAL: what to run */
  int32_t argument; /* START: its argument; INTERRUPT: the line; SIGNAL: its number */
  int32_t result; /* RESUME: what the call that gave up the CPU returns */
  uint32_t choices; /* CHOOSE: how many there are */
  uint32_t choice; /* CHOOSE: which kind; the port puts its choice here */
  uint32_t tick; /* ticks served */
  uint64_t device; /* cycle of the next device event, by the port */
  uint32_t drops; /* contexts the port has not yet dropped */
  uint32_t attention; /* set when a task ended or half the trace ring was filled; the port clears it */
  uint32_t busy; /* tasks alive that are not daemons */
  uint32_t waiting; /* deadlines and timers that are running: 0 and IDLE means nobody can ever run, but for devices */
  uint32_t kernel; /* where the Kernel record is, from power-on on; the next six too */
  uint32_t trace; /* where the Trace record is */
  uint32_t tasks; /* where the table of tasks is */
  uint32_t slots; /* how many tasks there is room for */
  uint32_t deadlines; /* where the table of their deadlines is */
  uint32_t pools; /* where the Pool records are, by kind */
  uint32_t lines; /* where the table of lines is */
  uint32_t panic; /* why the kernel stopped, 0 while it runs */
  uint32_t memory; /* power-on: where RAM ends */
  uint32_t scratch; /* power-on: bytes at RAM's start that the port keeps for itself; set to where RAM starts */
  uint32_t statics; /* power-on: bytes behind them for the firmware's data */
  uint32_t period; /* power-on: cycles a tick */
  uint32_t first; /* power-on: number of the first tick */
  uint32_t options; /* power-on: Option */
  int32_t origin; /* SIGNAL: handle of the task or object that sent it, 0 for none */
  uint32_t blocks; /* where the table of memory blocks is, from power-on on */
  int32_t cycle; /* index of the task whose wait closed a ring of waits, -1 for none; the port clears it */
  uint32_t pieces; /* where the list of the arena's pieces is, from power-on on */
  uint32_t address; /* power-on: the machine's IPv4 address, 0 = it has no network */
  uint32_t netmask; /* power-on: addresses that agree with its own in these bits can be reached */
  uint32_t port_first; /* power-on: first of the ports that are given out */
  uint32_t port_count; /* power-on: how many they are */
  uint32_t give_up; /* power-on: ticks without a sign of life after which a connection is lost */
  uint32_t lives; /* power-on: how often the machine was on before, so that its streams' first numbers differ */
  uint32_t packet; /* where packets are left, from power-on on: a Packet record and its bytes */
  uint32_t lingering; /* connections that nobody has open any more and that still send */
  uint32_t connections; /* connections to other machines */
  uint64_t observe; /* cycle at which the port wants to look at compiled code, by the port; it is no event */
  int32_t quota; /* how often compiled code may be resumed before the port is asked, by the port */
  int32_t self; /* handle of the task `current` */
  uint32_t depth; /* handlers of lines that run, one on top of the other */
  uint32_t guarded; /* power-on: not 0 where memory is protected */
  uint32_t mark; /* power-on: the bits that mark an entry as the port's own, which may touch all RAM; 0 where all are the same */
  uint32_t describing; /* the firmware describes the system, and not the port; by the port */
  uint32_t data; /* power-on: where among the statics the data begin that every task may touch, 0 = with the first */
  uint32_t own_start; /* the part of its stack that the code which runs keeps data on, by the port */
  uint32_t own_end; /* where it ends */
  uint32_t reach_start; /* memory that reach() has found, until something takes it away */
  uint32_t reach_end; /* where it ends; 0 for none */
  uint32_t reach_write; /* 1: to write, too */
} talea_cpu_t;
TALEA_LAYOUT(sizeof(talea_cpu_t) == 232);
TALEA_LAYOUT(offsetof(talea_cpu_t, due) == 0);
TALEA_LAYOUT(offsetof(talea_cpu_t, left) == 8);
TALEA_LAYOUT(offsetof(talea_cpu_t, current) == 12);
TALEA_LAYOUT(offsetof(talea_cpu_t, entry) == 16);
TALEA_LAYOUT(offsetof(talea_cpu_t, argument) == 20);
TALEA_LAYOUT(offsetof(talea_cpu_t, result) == 24);
TALEA_LAYOUT(offsetof(talea_cpu_t, choices) == 28);
TALEA_LAYOUT(offsetof(talea_cpu_t, choice) == 32);
TALEA_LAYOUT(offsetof(talea_cpu_t, tick) == 36);
TALEA_LAYOUT(offsetof(talea_cpu_t, device) == 40);
TALEA_LAYOUT(offsetof(talea_cpu_t, drops) == 48);
TALEA_LAYOUT(offsetof(talea_cpu_t, attention) == 52);
TALEA_LAYOUT(offsetof(talea_cpu_t, busy) == 56);
TALEA_LAYOUT(offsetof(talea_cpu_t, waiting) == 60);
TALEA_LAYOUT(offsetof(talea_cpu_t, kernel) == 64);
TALEA_LAYOUT(offsetof(talea_cpu_t, trace) == 68);
TALEA_LAYOUT(offsetof(talea_cpu_t, tasks) == 72);
TALEA_LAYOUT(offsetof(talea_cpu_t, slots) == 76);
TALEA_LAYOUT(offsetof(talea_cpu_t, deadlines) == 80);
TALEA_LAYOUT(offsetof(talea_cpu_t, pools) == 84);
TALEA_LAYOUT(offsetof(talea_cpu_t, lines) == 88);
TALEA_LAYOUT(offsetof(talea_cpu_t, panic) == 92);
TALEA_LAYOUT(offsetof(talea_cpu_t, memory) == 96);
TALEA_LAYOUT(offsetof(talea_cpu_t, scratch) == 100);
TALEA_LAYOUT(offsetof(talea_cpu_t, statics) == 104);
TALEA_LAYOUT(offsetof(talea_cpu_t, period) == 108);
TALEA_LAYOUT(offsetof(talea_cpu_t, first) == 112);
TALEA_LAYOUT(offsetof(talea_cpu_t, options) == 116);
TALEA_LAYOUT(offsetof(talea_cpu_t, origin) == 120);
TALEA_LAYOUT(offsetof(talea_cpu_t, blocks) == 124);
TALEA_LAYOUT(offsetof(talea_cpu_t, cycle) == 128);
TALEA_LAYOUT(offsetof(talea_cpu_t, pieces) == 132);
TALEA_LAYOUT(offsetof(talea_cpu_t, address) == 136);
TALEA_LAYOUT(offsetof(talea_cpu_t, netmask) == 140);
TALEA_LAYOUT(offsetof(talea_cpu_t, port_first) == 144);
TALEA_LAYOUT(offsetof(talea_cpu_t, port_count) == 148);
TALEA_LAYOUT(offsetof(talea_cpu_t, give_up) == 152);
TALEA_LAYOUT(offsetof(talea_cpu_t, lives) == 156);
TALEA_LAYOUT(offsetof(talea_cpu_t, packet) == 160);
TALEA_LAYOUT(offsetof(talea_cpu_t, lingering) == 164);
TALEA_LAYOUT(offsetof(talea_cpu_t, connections) == 168);
TALEA_LAYOUT(offsetof(talea_cpu_t, observe) == 176);
TALEA_LAYOUT(offsetof(talea_cpu_t, quota) == 184);
TALEA_LAYOUT(offsetof(talea_cpu_t, self) == 188);
TALEA_LAYOUT(offsetof(talea_cpu_t, depth) == 192);
TALEA_LAYOUT(offsetof(talea_cpu_t, guarded) == 196);
TALEA_LAYOUT(offsetof(talea_cpu_t, mark) == 200);
TALEA_LAYOUT(offsetof(talea_cpu_t, describing) == 204);
TALEA_LAYOUT(offsetof(talea_cpu_t, data) == 208);
TALEA_LAYOUT(offsetof(talea_cpu_t, own_start) == 212);
TALEA_LAYOUT(offsetof(talea_cpu_t, own_end) == 216);
TALEA_LAYOUT(offsetof(talea_cpu_t, reach_start) == 220);
TALEA_LAYOUT(offsetof(talea_cpu_t, reach_end) == 224);
TALEA_LAYOUT(offsetof(talea_cpu_t, reach_write) == 228);

/* The kernel's own state. */
typedef struct {
  uint64_t bitmap; /* levels with a ready task */
  uint32_t current; /* the task that has the CPU, 0 = none */
  uint32_t context; /* where the caller is: Context, and 64 while its next call was charged already */
  uint32_t actor; /* who the trace names: a task's index, 128 + line, 255 for the kernel */
  uint32_t look; /* set when anything changed for which the caller might have to give up the CPU */
  uint32_t arrivals; /* waits ever begun */
  uint64_t now_charged; /* cycle up to which time is accounted */
  uint64_t kernel_cycles; /* cycles of ticks, dispatches, interrupt entries */
  uint64_t idle_cycles; /* cycles in which nobody could run */
  uint64_t ended_cycles; /* cycles of tasks whose slot is free again */
  uint64_t line_cycles; /* cycles of interrupt handlers */
  uint64_t next_tick; /* cycle of the next tick */
  uint64_t cut; /* cycle at which the oracle ends the slice, all ones = not */
  uint32_t phase; /* what is still to be served at this tick */
  uint32_t counted; /* whether the tick being served was counted already */
  uint32_t undecided; /* whether the oracle is still to be asked how long the slice lasts */
  uint32_t idling; /* whether nobody ran since the last IDLE record */
  uint32_t asked; /* the Choice the port was asked for, 0 = none */
  int32_t spurious; /* index of the task that may wake for no reason, -1 = none */
  uint32_t pending; /* lines that are raised, a bit each */
  uint32_t entering; /* whether the entry of a handler was charged, and which line's is not yet decided */
  uint32_t depth; /* handlers that run, one on top of another */
  int32_t level; /* priority of the innermost, -1 = none */
  uint64_t dropped; /* tasks whose context the port must forget */
  uint32_t changed; /* kinds with objects to be served before the export ends, a bit each */
  uint64_t settling; /* tasks whose wait must be settled by its object */
  uint64_t polled; /* tasks whose poll must look again */
  uint64_t killed; /* tasks that a signal ends */
  uint64_t starved; /* tasks for which there was no signal frame */
  uint32_t todo; /* set when any of the sets above may hold something */
  uint32_t restarting; /* the call that runs goes on with an interrupted wait */
  uint32_t data_start; /* where the firmware's data begin */
  uint32_t data_end; /* and end */
  uint32_t port_end; /* where the port's own memory, with which RAM begins, ends */
  uint32_t births; /* timers ever created */
  uint32_t tickets; /* synchronous sends ever begun */
  uint32_t service; /* the timer service's task, 0 = none */
  uint32_t sending; /* sockets with a packet to send, a bit each */
  uint32_t timing; /* sockets with a tick at which they do something, a bit each */
  uint32_t replies; /* answers to packets for which there is no socket, not yet sent */
  uint32_t next_port; /* the next port to be given out */
  uint32_t streams; /* streams ever begun, for their first numbers */
  uint32_t booted; /* 0 before power-on, 1 in the system description, 2 when tasks run */
} talea_kernel_t;
TALEA_LAYOUT(sizeof(talea_kernel_t) == 232);
TALEA_LAYOUT(offsetof(talea_kernel_t, bitmap) == 0);
TALEA_LAYOUT(offsetof(talea_kernel_t, current) == 8);
TALEA_LAYOUT(offsetof(talea_kernel_t, context) == 12);
TALEA_LAYOUT(offsetof(talea_kernel_t, actor) == 16);
TALEA_LAYOUT(offsetof(talea_kernel_t, look) == 20);
TALEA_LAYOUT(offsetof(talea_kernel_t, arrivals) == 24);
TALEA_LAYOUT(offsetof(talea_kernel_t, now_charged) == 32);
TALEA_LAYOUT(offsetof(talea_kernel_t, kernel_cycles) == 40);
TALEA_LAYOUT(offsetof(talea_kernel_t, idle_cycles) == 48);
TALEA_LAYOUT(offsetof(talea_kernel_t, ended_cycles) == 56);
TALEA_LAYOUT(offsetof(talea_kernel_t, line_cycles) == 64);
TALEA_LAYOUT(offsetof(talea_kernel_t, next_tick) == 72);
TALEA_LAYOUT(offsetof(talea_kernel_t, cut) == 80);
TALEA_LAYOUT(offsetof(talea_kernel_t, phase) == 88);
TALEA_LAYOUT(offsetof(talea_kernel_t, counted) == 92);
TALEA_LAYOUT(offsetof(talea_kernel_t, undecided) == 96);
TALEA_LAYOUT(offsetof(talea_kernel_t, idling) == 100);
TALEA_LAYOUT(offsetof(talea_kernel_t, asked) == 104);
TALEA_LAYOUT(offsetof(talea_kernel_t, spurious) == 108);
TALEA_LAYOUT(offsetof(talea_kernel_t, pending) == 112);
TALEA_LAYOUT(offsetof(talea_kernel_t, entering) == 116);
TALEA_LAYOUT(offsetof(talea_kernel_t, depth) == 120);
TALEA_LAYOUT(offsetof(talea_kernel_t, level) == 124);
TALEA_LAYOUT(offsetof(talea_kernel_t, dropped) == 128);
TALEA_LAYOUT(offsetof(talea_kernel_t, changed) == 136);
TALEA_LAYOUT(offsetof(talea_kernel_t, settling) == 144);
TALEA_LAYOUT(offsetof(talea_kernel_t, polled) == 152);
TALEA_LAYOUT(offsetof(talea_kernel_t, killed) == 160);
TALEA_LAYOUT(offsetof(talea_kernel_t, starved) == 168);
TALEA_LAYOUT(offsetof(talea_kernel_t, todo) == 176);
TALEA_LAYOUT(offsetof(talea_kernel_t, restarting) == 180);
TALEA_LAYOUT(offsetof(talea_kernel_t, data_start) == 184);
TALEA_LAYOUT(offsetof(talea_kernel_t, data_end) == 188);
TALEA_LAYOUT(offsetof(talea_kernel_t, port_end) == 192);
TALEA_LAYOUT(offsetof(talea_kernel_t, births) == 196);
TALEA_LAYOUT(offsetof(talea_kernel_t, tickets) == 200);
TALEA_LAYOUT(offsetof(talea_kernel_t, service) == 204);
TALEA_LAYOUT(offsetof(talea_kernel_t, sending) == 208);
TALEA_LAYOUT(offsetof(talea_kernel_t, timing) == 212);
TALEA_LAYOUT(offsetof(talea_kernel_t, replies) == 216);
TALEA_LAYOUT(offsetof(talea_kernel_t, next_port) == 220);
TALEA_LAYOUT(offsetof(talea_kernel_t, streams) == 224);
TALEA_LAYOUT(offsetof(talea_kernel_t, booted) == 228);

/* The PCB. Linked in one ready list or one wait queue, or alone. */
typedef struct {
  uint32_t next; /* the next link */
  uint32_t prev; /* the link before */
  int32_t handle; /* 0 while the slot is free */
  uint32_t generation; /* how often the slot was freed */
  int32_t state; /* State */
  uint8_t held; /* Held: it may not run though READY */
  uint8_t priority; /* current priority: base, or raised by inheritance or a ceiling */
  uint8_t base; /* its own priority */
  uint8_t threshold; /* as configured; at least base */
  uint8_t level; /* the ready list it belongs to: priority, or the threshold while it has the CPU or was preempted */
  int32_t flags; /* TaskFlag */
  uint8_t index; /* its slot */
  uint16_t slice; /* ticks, 0 = none */
  uint16_t slice_left; /* ticks left of the slice */
  int32_t result; /* what its call returns when it runs again */
  uint32_t entry; /* what it runs */
  int32_t argument; /* handed to the entry */
  uint8_t started; /* whether it ever ran */
  uint8_t kept; /* whether its threshold holds: it has the CPU, or had it and was preempted */
  uint8_t repeat; /* its next call was charged already */
  uint8_t call; /* the call it waits in */
  int32_t settle; /* how a wait that ends must be settled by its object before the task is ready */
  uint8_t cause; /* wait: why it ended, kept while it settles */
  uint32_t queue; /* the wait queue it is in, 0 = none */
  uint32_t pointer; /* wait: address of the caller's memory */
  uint32_t length; /* wait: its length, or the bits, or the direction */
  uint32_t progress; /* wait: bytes moved so far */
  uint32_t aside; /* wait: a second object or option */
  uint32_t arrival; /* wait: order of arrival */
  int32_t outcome; /* wait: the result kept while it settles */
  int32_t timeout; /* wait: as it was asked for */
  uint32_t remaining; /* cycles left of its task_compute */
  uint8_t callback; /* the timer service: 1 it runs a callback, 2 it was woken to look for one */
  uint16_t scheduler_locks; /* depth */
  uint16_t interrupt_locks; /* depth */
  int32_t status; /* exit status of a zombie */
  uint8_t how; /* End: how it ended */
  int32_t parent; /* handle, 0 = none */
  uint32_t stack; /* address of its stack */
  uint32_t stack_size; /* bytes */
  uint32_t stack_used; /* most bytes of it ever used */
  uint32_t storage; /* arena block of the stack, 0 = the caller's */
  uint32_t switches; /* times it got the CPU */
  uint32_t worst; /* most cycles between ready and running */
  uint64_t ready_at; /* when it became ready */
  uint64_t cycles; /* cycles it used */
  uint64_t name0; /* name, first 8 bytes */
  uint64_t name1; /* name, last 8 bytes */
  uint64_t pollers; /* tasks that poll for its end, a bit each */
  uint32_t pending; /* signals sent and not yet delivered, bit s is signal s */
  uint32_t mask; /* signals that wait until they are unmasked */
  uint32_t ignored; /* signals it ignores */
  uint32_t caught; /* signals it has a handler for */
  uint32_t handlers; /* those handlers, 0 = none */
  uint32_t frames; /* the innermost signal frame, 0 = none */
  uint32_t spare; /* the frame reserved for the handler that interrupted its wait, 0 = none */
  uint8_t restart; /* what becomes of the wait that a signal interrupted */
  uint8_t child_flags; /* SigFlag of SIGCHLD: NOCLDSTOP, NOCLDWAIT */
  uint8_t fatal; /* the signal that ends it, 0 = none */
  uint8_t dying; /* the signal for what it did, which ends it when its handler has returned, 0 = none */
  uint8_t noted; /* whether its notification value is unread */
  uint32_t until; /* tick at which the interrupted wait gives up */
  uint32_t ticket; /* which wait for a taken block was interrupted */
  uint32_t thread_flags; /* its thread flags */
  uint32_t note; /* its notification value */
} talea_task_t;
TALEA_LAYOUT(sizeof(talea_task_t) == 240);
TALEA_LAYOUT(offsetof(talea_task_t, next) == 0);
TALEA_LAYOUT(offsetof(talea_task_t, prev) == 4);
TALEA_LAYOUT(offsetof(talea_task_t, handle) == 8);
TALEA_LAYOUT(offsetof(talea_task_t, generation) == 12);
TALEA_LAYOUT(offsetof(talea_task_t, state) == 16);
TALEA_LAYOUT(offsetof(talea_task_t, held) == 20);
TALEA_LAYOUT(offsetof(talea_task_t, priority) == 21);
TALEA_LAYOUT(offsetof(talea_task_t, base) == 22);
TALEA_LAYOUT(offsetof(talea_task_t, threshold) == 23);
TALEA_LAYOUT(offsetof(talea_task_t, level) == 24);
TALEA_LAYOUT(offsetof(talea_task_t, flags) == 28);
TALEA_LAYOUT(offsetof(talea_task_t, index) == 32);
TALEA_LAYOUT(offsetof(talea_task_t, slice) == 34);
TALEA_LAYOUT(offsetof(talea_task_t, slice_left) == 36);
TALEA_LAYOUT(offsetof(talea_task_t, result) == 40);
TALEA_LAYOUT(offsetof(talea_task_t, entry) == 44);
TALEA_LAYOUT(offsetof(talea_task_t, argument) == 48);
TALEA_LAYOUT(offsetof(talea_task_t, started) == 52);
TALEA_LAYOUT(offsetof(talea_task_t, kept) == 53);
TALEA_LAYOUT(offsetof(talea_task_t, repeat) == 54);
TALEA_LAYOUT(offsetof(talea_task_t, call) == 55);
TALEA_LAYOUT(offsetof(talea_task_t, settle) == 56);
TALEA_LAYOUT(offsetof(talea_task_t, cause) == 60);
TALEA_LAYOUT(offsetof(talea_task_t, queue) == 64);
TALEA_LAYOUT(offsetof(talea_task_t, pointer) == 68);
TALEA_LAYOUT(offsetof(talea_task_t, length) == 72);
TALEA_LAYOUT(offsetof(talea_task_t, progress) == 76);
TALEA_LAYOUT(offsetof(talea_task_t, aside) == 80);
TALEA_LAYOUT(offsetof(talea_task_t, arrival) == 84);
TALEA_LAYOUT(offsetof(talea_task_t, outcome) == 88);
TALEA_LAYOUT(offsetof(talea_task_t, timeout) == 92);
TALEA_LAYOUT(offsetof(talea_task_t, remaining) == 96);
TALEA_LAYOUT(offsetof(talea_task_t, callback) == 100);
TALEA_LAYOUT(offsetof(talea_task_t, scheduler_locks) == 102);
TALEA_LAYOUT(offsetof(talea_task_t, interrupt_locks) == 104);
TALEA_LAYOUT(offsetof(talea_task_t, status) == 108);
TALEA_LAYOUT(offsetof(talea_task_t, how) == 112);
TALEA_LAYOUT(offsetof(talea_task_t, parent) == 116);
TALEA_LAYOUT(offsetof(talea_task_t, stack) == 120);
TALEA_LAYOUT(offsetof(talea_task_t, stack_size) == 124);
TALEA_LAYOUT(offsetof(talea_task_t, stack_used) == 128);
TALEA_LAYOUT(offsetof(talea_task_t, storage) == 132);
TALEA_LAYOUT(offsetof(talea_task_t, switches) == 136);
TALEA_LAYOUT(offsetof(talea_task_t, worst) == 140);
TALEA_LAYOUT(offsetof(talea_task_t, ready_at) == 144);
TALEA_LAYOUT(offsetof(talea_task_t, cycles) == 152);
TALEA_LAYOUT(offsetof(talea_task_t, name0) == 160);
TALEA_LAYOUT(offsetof(talea_task_t, name1) == 168);
TALEA_LAYOUT(offsetof(talea_task_t, pollers) == 176);
TALEA_LAYOUT(offsetof(talea_task_t, pending) == 184);
TALEA_LAYOUT(offsetof(talea_task_t, mask) == 188);
TALEA_LAYOUT(offsetof(talea_task_t, ignored) == 192);
TALEA_LAYOUT(offsetof(talea_task_t, caught) == 196);
TALEA_LAYOUT(offsetof(talea_task_t, handlers) == 200);
TALEA_LAYOUT(offsetof(talea_task_t, frames) == 204);
TALEA_LAYOUT(offsetof(talea_task_t, spare) == 208);
TALEA_LAYOUT(offsetof(talea_task_t, restart) == 212);
TALEA_LAYOUT(offsetof(talea_task_t, child_flags) == 213);
TALEA_LAYOUT(offsetof(talea_task_t, fatal) == 214);
TALEA_LAYOUT(offsetof(talea_task_t, dying) == 215);
TALEA_LAYOUT(offsetof(talea_task_t, noted) == 216);
TALEA_LAYOUT(offsetof(talea_task_t, until) == 220);
TALEA_LAYOUT(offsetof(talea_task_t, ticket) == 224);
TALEA_LAYOUT(offsetof(talea_task_t, thread_flags) == 228);
TALEA_LAYOUT(offsetof(talea_task_t, note) == 232);

/* How every object but a task begins; the queue is its first wait queue, and its place among the free slots. */
typedef struct {
  uint32_t next; /* the next link */
  uint32_t prev; /* the link before */
  uint16_t id; /* kind << 8 | index of the object it belongs to */
  uint8_t side; /* 0 its first queue, 1 its second */
  uint8_t index; /* its slot */
  int32_t handle; /* 0 while the slot is free */
  uint32_t generation; /* how often the slot was freed */
  uint16_t flags; /* the kind's own */
  uint8_t system; /* 1: the system description made it */
  uint64_t name0; /* name, first 8 bytes */
  uint64_t name1; /* name, last 8 bytes */
  uint64_t pollers; /* tasks that poll it, a bit each */
} talea_obj_t;
TALEA_LAYOUT(sizeof(talea_obj_t) == 48);
TALEA_LAYOUT(offsetof(talea_obj_t, next) == 0);
TALEA_LAYOUT(offsetof(talea_obj_t, prev) == 4);
TALEA_LAYOUT(offsetof(talea_obj_t, id) == 8);
TALEA_LAYOUT(offsetof(talea_obj_t, side) == 10);
TALEA_LAYOUT(offsetof(talea_obj_t, index) == 11);
TALEA_LAYOUT(offsetof(talea_obj_t, handle) == 12);
TALEA_LAYOUT(offsetof(talea_obj_t, generation) == 16);
TALEA_LAYOUT(offsetof(talea_obj_t, flags) == 20);
TALEA_LAYOUT(offsetof(talea_obj_t, system) == 22);
TALEA_LAYOUT(offsetof(talea_obj_t, name0) == 24);
TALEA_LAYOUT(offsetof(talea_obj_t, name1) == 32);
TALEA_LAYOUT(offsetof(talea_obj_t, pollers) == 40);

/* A table of objects of one kind: the sentinel of its free slots, the one freed longest ago first. */
typedef struct {
  uint32_t next; /* the next link */
  uint32_t prev; /* the link before */
  uint32_t base; /* address of the first */
  uint32_t size; /* bytes each */
  uint32_t count; /* how many */
  uint32_t live; /* in use */
} talea_pool_t;
TALEA_LAYOUT(sizeof(talea_pool_t) == 24);
TALEA_LAYOUT(offsetof(talea_pool_t, next) == 0);
TALEA_LAYOUT(offsetof(talea_pool_t, prev) == 4);
TALEA_LAYOUT(offsetof(talea_pool_t, base) == 8);
TALEA_LAYOUT(offsetof(talea_pool_t, size) == 12);
TALEA_LAYOUT(offsetof(talea_pool_t, count) == 16);
TALEA_LAYOUT(offsetof(talea_pool_t, live) == 20);

/* A piece of the arena, in order of address. */
typedef struct {
  uint32_t next; /* the next link */
  uint32_t prev; /* the link before */
  uint32_t address; /* where it starts */
  uint32_t size; /* bytes */
  uint32_t used; /* Owner: NOBODY (it is free), the KERNEL (buffers, stacks), the SYSTEM description, or TASKS + slot of the task */
} talea_extent_t;
TALEA_LAYOUT(sizeof(talea_extent_t) == 20);
TALEA_LAYOUT(offsetof(talea_extent_t, next) == 0);
TALEA_LAYOUT(offsetof(talea_extent_t, prev) == 4);
TALEA_LAYOUT(offsetof(talea_extent_t, address) == 8);
TALEA_LAYOUT(offsetof(talea_extent_t, size) == 12);
TALEA_LAYOUT(offsetof(talea_extent_t, used) == 16);

/* Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(task_spawn) int32_t task_spawn(const talea_spawn_t *parameters);

/* Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
TALEA_CALL(task_exit) int32_t task_exit(int32_t status);

/* Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(task_join) int32_t task_join(int32_t task, int32_t *status, int32_t timeout);

/* Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
TALEA_CALL(task_detach) int32_t task_detach(int32_t task);

/* Ends a task, in whatever state it is, with status -1. */
TALEA_CALL(task_terminate) int32_t task_terminate(int32_t task);

/* The handle of the calling task. */
TALEA_CALL(task_self) int32_t task_self(void);

/* Lets the ready tasks of the same priority run first. */
TALEA_CALL(task_yield) int32_t task_yield(void);

/* Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
TALEA_CALL(task_sleep) int32_t task_sleep(uint32_t ticks);

/* Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
TALEA_CALL(task_sleep_until) int32_t task_sleep_until(uint32_t tick);

/* Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. Errors: EPERM. */
TALEA_CALL(task_suspend) int32_t task_suspend(int32_t task);

/* Lets a suspended task run again. */
TALEA_CALL(task_resume) int32_t task_resume(int32_t task);

/* Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
TALEA_CALL(task_priority) int32_t task_priority(int32_t task, int32_t priority);

/* Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
TALEA_CALL(task_slice) int32_t task_slice(int32_t task, int32_t ticks);

/* Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
TALEA_CALL(task_threshold) int32_t task_threshold(int32_t task, int32_t threshold);

/* Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere. Errors: EINVAL. */
TALEA_CALL(task_compute) int32_t task_compute(uint32_t cycles);

/* Makes the wait of a task return ECANCELED. Errors: EINVAL. */
TALEA_CALL(wait_abort) int32_t wait_abort(int32_t task);

/* No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
TALEA_CALL(scheduler_lock) int32_t scheduler_lock(void);

/* Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
TALEA_CALL(scheduler_unlock) int32_t scheduler_unlock(void);

/* Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
TALEA_CALL(interrupt_lock) int32_t interrupt_lock(void);

/* Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
TALEA_CALL(interrupt_unlock) int32_t interrupt_unlock(void);

/* The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
TALEA_CALL(irq_attach) int32_t irq_attach(int32_t line, uint32_t entry, int32_t priority);

/* Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
TALEA_CALL(irq_detach) int32_t irq_detach(int32_t line);

/* Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
TALEA_CALL(irq_raise) int32_t irq_raise(int32_t line);

/* The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
TALEA_CALL(object_open) int32_t object_open(int32_t kind, const char *name, int32_t mode);

/* The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_close) int32_t object_close(int32_t object, int32_t mode);

/* Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_grant) int32_t object_grant(int32_t object, int32_t task, int32_t mode);

/* Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_unlink) int32_t object_unlink(int32_t object);

/* Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_delete) int32_t object_delete(int32_t object);

/* Stores one fact about the object (Info) as 64 bits; of the system where `object` is 0: RAM, RAM_FREE, RAM_LARGEST, IDLE, DATA_END. Errors: EBADF EINVAL. */
TALEA_CALL(object_info) int32_t object_info(int32_t object, int32_t field, uint64_t *out);

/* The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
TALEA_CALL(object_enumerate) int32_t object_enumerate(int32_t kind, int32_t previous);

/* A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(sem_create) int32_t sem_create(const char *name, int32_t initial, int32_t maximum);

/* Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(sem_take) int32_t sem_take(int32_t sem, int32_t timeout);

/* Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
TALEA_CALL(sem_give) int32_t sem_give(int32_t sem);

/* Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
TALEA_CALL(sem_reset) int32_t sem_reset(int32_t sem, int32_t count);

/* A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance), CHECKED (a lock that could never be had is EDEADLK). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(mutex_create) int32_t mutex_create(const char *name, int32_t flags, int32_t ceiling);

/* Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
TALEA_CALL(mutex_lock) int32_t mutex_lock(int32_t mutex, int32_t timeout);

/* Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
TALEA_CALL(mutex_unlock) int32_t mutex_unlock(int32_t mutex);

/* After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
TALEA_CALL(mutex_consistent) int32_t mutex_consistent(int32_t mutex);

/* A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(cond_create) int32_t cond_create(const char *name);

/* Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason. Errors: EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE. */
TALEA_CALL(cond_wait) int32_t cond_wait(int32_t cond, int32_t mutex, int32_t timeout);

/* Wakes the first waiter; without one it is lost. */
TALEA_CALL(cond_signal) int32_t cond_signal(int32_t cond);

/* Wakes every waiter, in order. */
TALEA_CALL(cond_broadcast) int32_t cond_broadcast(int32_t cond);

/* 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(event_create) int32_t event_create(const char *name, int32_t bits);

/* Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(event_wait) int32_t event_wait(int32_t event, int32_t bits, int32_t how, int32_t timeout);

/* Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
TALEA_CALL(event_set) int32_t event_set(int32_t event, int32_t bits);

/* Clears bits and returns the flags as they were before. Errors: EINVAL. */
TALEA_CALL(event_clear) int32_t event_clear(int32_t event, int32_t bits);

/* A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(barrier_create) int32_t barrier_create(const char *name, int32_t count);

/* Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(barrier_wait) int32_t barrier_wait(int32_t barrier, int32_t timeout);

/* A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(rwlock_create) int32_t rwlock_create(const char *name);

/* Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
TALEA_CALL(rwlock_read) int32_t rwlock_read(int32_t rwlock, int32_t timeout);

/* Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
TALEA_CALL(rwlock_write) int32_t rwlock_write(int32_t rwlock, int32_t timeout);

/* Gives up the caller's read or write lock. Errors: EPERM. */
TALEA_CALL(rwlock_unlock) int32_t rwlock_unlock(int32_t rwlock);

/* A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ESRCH ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(timer_create) int32_t timer_create(const char *name, int32_t action, int32_t target, int32_t value);

/* First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
TALEA_CALL(timer_start) int32_t timer_start(int32_t timer, int32_t first, int32_t period);

/* The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
TALEA_CALL(timer_stop) int32_t timer_stop(int32_t timer);

/* Expiries since the last query. */
TALEA_CALL(timer_count) int32_t timer_count(int32_t timer);

/* Expiries since the last query whose callback found the one before not begun. */
TALEA_CALL(timer_overruns) int32_t timer_overruns(int32_t timer);

/* For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EBUSY. */
TALEA_CALL(timer_service) int32_t timer_service(talea_callback_t *out, int32_t timeout);

/* A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(pipe_create) int32_t pipe_create(const char *name, int32_t capacity, int32_t mode, uint32_t storage);

/* Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
TALEA_CALL(pipe_read) int32_t pipe_read(int32_t pipe, void *buffer, int32_t length, int32_t timeout);

/* Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
TALEA_CALL(pipe_write) int32_t pipe_write(int32_t pipe, const void *buffer, int32_t length, int32_t timeout);

/* Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
TALEA_CALL(pipe_reset) int32_t pipe_reset(int32_t pipe);

/* A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
TALEA_CALL(pipe_trigger) int32_t pipe_trigger(int32_t pipe, int32_t level);

/* Sends a signal (1..31) to a task, or with task 0 to every child of the caller. Signal 0 only tells whether the task exists. Errors: ESRCH EINVAL EPERM. */
TALEA_CALL(signal_send) int32_t signal_send(int32_t task, int32_t signal);

/* Says what the signal does to the caller: the default, nothing, or a handler; stores what it did before. Errors: EINVAL EFAULT ENFILE. */
TALEA_CALL(signal_action) int32_t signal_action(int32_t signal, const talea_sigaction_t *action, talea_sigaction_t *old);

/* Masks signals (MaskHow): they stay pending. What gets unmasked is delivered before the call returns. Errors: EINVAL EFAULT. */
TALEA_CALL(signal_mask) int32_t signal_mask(int32_t how, uint32_t set, int32_t *old);

/* Takes the lowest pending signal of the set, waits for one if there is none, and returns its number; no handler runs for it. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(signal_wait) int32_t signal_wait(uint32_t set, int32_t *origin, int32_t timeout);

/* Waits with this mask until a handler has run, then the old mask is back. Returns EINTR. Errors: EINTR ECANCELED. */
TALEA_CALL(signal_suspend) int32_t signal_suspend(uint32_t mask);

/* Stores the set of signals that are pending for the caller. Errors: EFAULT. */
TALEA_CALL(signal_pending) int32_t signal_pending(int32_t *set);

/* SIGALRM after so many ticks (0 = none) instead of the alarm before; returns the ticks that were left of that one. Errors: EINVAL. */
TALEA_CALL(task_alarm) int32_t task_alarm(uint32_t ticks);

/* Sets thread flags (bits 0..30) of the task and returns its flags; a task that waits for them wakes. Errors: EINVAL. */
TALEA_CALL(flags_set) int32_t flags_set(int32_t task, int32_t bits);

/* Clears thread flags of the task and returns them as they were before. Errors: EINVAL. */
TALEA_CALL(flags_clear) int32_t flags_clear(int32_t task, int32_t bits);

/* Waits for ANY or ALL of its own thread flags and returns them as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
TALEA_CALL(flags_wait) int32_t flags_wait(int32_t bits, int32_t how, int32_t timeout);

/* Writes the task's notification value: OVERWRITE, KEEP (EAGAIN while one is unread), INCREMENT by the value. Errors: EINVAL EAGAIN. */
TALEA_CALL(notify_send) int32_t notify_send(int32_t task, int32_t how, uint32_t value);

/* Waits for its notification, stores the value and sets it to 0. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EFAULT. */
TALEA_CALL(notify_wait) int32_t notify_wait(int32_t *value, int32_t timeout);

/* A queue of at most `count` messages of at most `size` bytes (Discipline), opened for the creator by `mode`. Storage: 2 * count rounded up to 8, and count * (8 + size rounded up to 4) bytes. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(queue_create) int32_t queue_create(const char *name, int32_t count, int32_t size, int32_t discipline, int32_t mode, uint32_t storage);

/* Copies a message in, waits while the queue is full. `how`: the priority (0..255), plus FRONT for ahead of its equals. Errors: EMSGSIZE EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_send) int32_t queue_send(int32_t queue, const void *message, int32_t length, int32_t how, int32_t timeout);

/* Copies the first message out and returns its length, waits while the queue is empty. A buffer too small leaves the message. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_receive) int32_t queue_receive(int32_t queue, void *buffer, int32_t length, int32_t *priority, int32_t timeout);

/* The same, and the message stays. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_peek) int32_t queue_peek(int32_t queue, void *buffer, int32_t length, int32_t *priority, int32_t timeout);

/* Replaces the message of a queue of one, or puts it in; never waits. Errors: EINVAL EMSGSIZE EPERM EFAULT. */
TALEA_CALL(queue_overwrite) int32_t queue_overwrite(int32_t queue, const void *message, int32_t length);

/* Drops the messages; blocked senders get ECANCELED, receivers wait on. Errors: EPERM. */
TALEA_CALL(queue_reset) int32_t queue_reset(int32_t queue);

/* Sends the caller this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. Errors: EINVAL EBUSY EPERM. */
TALEA_CALL(queue_notify) int32_t queue_notify(int32_t queue, int32_t signal);

/* A pool of `count` blocks of `size` bytes (rounded up to 8), at `storage` or from the arena. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(pool_create) int32_t pool_create(const char *name, int32_t count, int32_t size, uint32_t storage);

/* The address of a free block, which is the caller's from now on; waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(pool_alloc) int32_t pool_alloc(int32_t pool, int32_t timeout);

/* Gives the block back to its pool, or to the first task that waits for one. A broadcast block is free when its last holder freed it. Errors: EINVAL EPERM. */
TALEA_CALL(pool_free) int32_t pool_free(uint32_t block);

/* The address of RAM of the caller's own (8-aligned), from the arena; waits for it if there is not enough. It goes back when the task ends. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED ENOMEM. */
TALEA_CALL(memory_alloc) int32_t memory_alloc(int32_t bytes, int32_t timeout);

/* Gives it back; who waits for RAM gets it in order. Errors: EINVAL EPERM. */
TALEA_CALL(memory_free) int32_t memory_free(uint32_t address);

/* A mailbox, opened for the creator to send (WRITE) or to receive (READ), not both. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(mailbox_create) int32_t mailbox_create(const char *name, int32_t mode);

/* The block goes to the destination (a task, 0 = whoever receives first) and is no longer the caller's. No byte is copied. Errors: ESRCH EINVAL EPERM. */
TALEA_CALL(mailbox_send) int32_t mailbox_send(int32_t mailbox, int32_t destination, uint32_t block);

/* The same, and returns when the receiver has freed or forwarded the block. The timeout is for its being taken. Errors: ESRCH EINVAL EPERM EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD. */
TALEA_CALL(mailbox_send_sync) int32_t mailbox_send_sync(int32_t mailbox, int32_t destination, uint32_t block, int32_t timeout);

/* Every task that has the mailbox open to receive gets the same block, read-only. Returns how many; 0: the caller keeps it. Errors: EINVAL EPERM. */
TALEA_CALL(mailbox_broadcast) int32_t mailbox_broadcast(int32_t mailbox, uint32_t block);

/* The address of the first block from the source (a task, 0 = anyone) for the caller, waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE ESRCH EPERM EFAULT. */
TALEA_CALL(mailbox_receive) int32_t mailbox_receive(int32_t mailbox, int32_t source, talea_letter_t *letter, int32_t timeout);

/* Sends the caller this signal at every arrival for it that it does not wait for; 0 = none. Errors: EINVAL EPERM. */
TALEA_CALL(mailbox_notify) int32_t mailbox_notify(int32_t mailbox, int32_t signal);

/* A shared region, zeroed, attached for the creator by `mode`: READ, or WRITE, which includes it. Its memory is at `storage` (8-aligned), or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT EPERM. */
TALEA_CALL(region_create) int32_t region_create(const char *name, int32_t bytes, int32_t mode, uint32_t storage);

/* Where the region is: the same address for every task that has it attached. Errors: EPERM. */
TALEA_CALL(region_address) int32_t region_address(int32_t region);

/* Waits for word_wake of this word if it holds the expected value, in one step; else EAGAIN at once. Errors: EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(word_wait) int32_t word_wait(uint32_t address, uint32_t expected, int32_t timeout);

/* Wakes at most `count` of the tasks that wait for this word; returns how many. Errors: EINVAL EFAULT. */
TALEA_CALL(word_wake) int32_t word_wake(uint32_t address, int32_t count);

/* Adds to the word in one step and stores what it was. Errors: EINVAL EFAULT. */
TALEA_CALL(word_add) int32_t word_add(uint32_t address, uint32_t value, int32_t *old);

/* Sets the word in one step and stores what it was. Errors: EINVAL EFAULT. */
TALEA_CALL(word_exchange) int32_t word_exchange(uint32_t address, uint32_t value, int32_t *old);

/* Sets the word if it holds the expected value, in one step, and stores what it was. Returns 1 if it was set, else 0. Errors: EINVAL EFAULT. */
TALEA_CALL(word_compare_exchange) int32_t word_compare_exchange(uint32_t address, uint32_t expected, uint32_t value, int32_t *old);

/* Waits until at least one of up to 64 items (PollItem) is ready, marks which, and returns how many. Nothing is acquired. Errors: EBADF EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(object_poll) int32_t object_poll(talea_pollitem_t *items, int32_t count, int32_t timeout);

/* An endpoint (SocketType), opened for the creator by `mode`. Its two buffers, of `receive` and `transmit` bytes, are at `storage`, or come from the arena when that is 0: a stream's when it is connected. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(socket_create) int32_t socket_create(const char *name, int32_t type, int32_t receive, int32_t transmit, int32_t mode, uint32_t storage);

/* Gives the socket its own address (0 = all of this machine's) and port (0 = the next free one of the machine's range). Returns the port. Errors: EPERM EINVAL EADDRINUSE EADDRNOTAVAIL. */
TALEA_CALL(socket_bind) int32_t socket_bind(int32_t socket, uint32_t address, int32_t port);

/* Streams may connect to the bound socket; so many wait to be accepted (1..32), the next is refused. Errors: EPERM EINVAL EOPNOTSUPP EISCONN. */
TALEA_CALL(socket_listen) int32_t socket_listen(int32_t socket, int32_t backlog);

/* The oldest waiting connection as a socket of its own, opened for the caller both ways; stores the other end's address. Waits for one if there is none. Errors: EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_accept) int32_t socket_accept(int32_t socket, talea_endpoint_t *peer, int32_t timeout);

/* Connects a stream and waits until that is done; timeout 0 only begins it. A timeout or a signal ends the wait, not the attempt. An unbound socket gets a port, and keeps it whatever comes of the attempt. A datagram socket gets the one end that it talks to from now on. Errors: EPERM EINVAL EISCONN EALREADY EINPROGRESS ECONNREFUSED ENETUNREACH EADDRNOTAVAIL ENOMEM ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_connect) int32_t socket_connect(int32_t socket, uint32_t address, int32_t port, int32_t timeout);

/* Stream: puts bytes in as the other end makes room, and returns how many. Datagram: one message to `to`, or to the connected end. Errors: EPERM EFAULT ENOTCONN EISCONN EMSGSIZE EPIPE ECONNRESET ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_send) int32_t socket_send(int32_t socket, const void *buffer, int32_t length, const talea_endpoint_t *to, int32_t timeout);

/* Stream: takes what is there, waits for a first byte; 0: the other end sends no more. Datagram: takes one; what does not fit is cut off, `from` tells who sent it and how long it was. Errors: EPERM EFAULT ENOTCONN ECONNRESET ECONNREFUSED EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_receive) int32_t socket_receive(int32_t socket, void *buffer, int32_t length, talea_sender_t *from, int32_t timeout);

/* Ends a direction of a connection for everybody here (Mode): WRITE: the other end reads what was sent, then 0; READ: later receives answer 0. Errors: EPERM EINVAL EOPNOTSUPP ENOTCONN. */
TALEA_CALL(socket_shutdown) int32_t socket_shutdown(int32_t socket, int32_t how);

/* Calls of the board of compiled tasks. */

/* Stores the 32-bit value of a register. Errors: EINVAL EFAULT. */
TALEA_CALL(device_read) int32_t device_read(int32_t device, int32_t number, uint32_t *out);

/* Writes a register. Errors: EINVAL. */
TALEA_CALL(device_write) int32_t device_write(int32_t device, int32_t number, uint32_t value);

/* Any 32-bit word, of the run's own chance. */
TALEA_CALL(random) uint32_t talea_random(void);

/* Copies the index-th word of the command line, cut at the length, and returns how many bytes. Errors: ENOENT EFAULT. */
TALEA_CALL(argument) int32_t talea_argument(int32_t index, char *buffer, int32_t length);

#if defined(__cplusplus)
}
#endif

#if defined(__wasm__)
#include "talea/abort.h"
#include "talea/memory.h"
#include "talea/task.h"
#include "talea/interrupt.h"
#include "talea/signal.h"
#include "talea/timer.h"
#include "talea/device.h"
#include "talea/console.h"
#include "talea/print.h"
#endif
#endif
