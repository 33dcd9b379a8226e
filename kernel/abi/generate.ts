/**
 * table.ts -> everything that must agree with it. `npm run abi` writes the files; `npm run abi -- --check` fails where one drifted.
 * The kernel's face (kernel/index.ts) is generated too: every export checks its arguments in one order
 * (context, timeout, handles, direction, memory) as the table types them, so that no call can forget one.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ArgumentType,
  type Call,
  calls,
  constants,
  contexts,
  errors,
  events,
  homes,
  kinds,
  portCalls,
  records,
  signals,
} from "./table.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const NOTE = "Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.";

type Field = readonly [name: string, type: string, does: string];
type Layout = { extends?: string; does: string; fields: readonly Field[] };
const layouts = records as unknown as Record<string, Layout>;
const allLayouts = Object.keys(records);
const allCalls = Object.entries(calls) as [string, Call][];

const camel = (name: string) => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const snake = (name: string) => name.replace(/([A-Z])/g, (c) => `_${c.toLowerCase()}`);
const screaming = (name: string) => snake(name).toUpperCase();
const sizes: Record<string, number> = { u8: 1, u16: 2, i32: 4, u32: 4, u64: 8 };
const sizeOf = (type: string) => sizes[type] ?? 4;

/** Offsets as AssemblyScript lays fields out: each aligned to its size, a subclass right behind its base. */
function offsetsOf(name: string): { fields: [name: string, type: string, offset: number, does: string][]; end: number } {
  const layout = layouts[name] as Layout;
  const base = layout.extends ? offsetsOf(layout.extends) : { fields: [], end: 0 };
  const fields = [...base.fields];
  let end = base.end;
  for (const [field, type, does] of layout.fields) {
    const size = sizeOf(type);
    end = Math.ceil(end / size) * size;
    fields.push([field, type, end, does]);
    end += size;
  }
  return { fields, end };
}

/** Bytes behind the last field up to a whole stride: the compiler does not round the size of a class, and tables stand side by side. */
function paddingOf(name: string): string[] {
  if (allLayouts.some((other) => layouts[other]?.extends === name)) return [];
  const rest = strideOf(name) - offsetsOf(name).end;
  const [bytes, half, word] = [rest & 1, (rest >> 1) & 1, rest >> 2];
  return [...(bytes ? ["  pad8: u8;"] : []), ...(half ? ["  pad16: u16;"] : []), ...(word ? ["  pad32: u32;"] : [])];
}

/** The size of a record in a table: rounded up to its widest field. */
function strideOf(name: string): number {
  const { fields, end } = offsetsOf(name);
  const widest = Math.max(...fields.map(([, type]) => sizeOf(type)));
  return Math.ceil(end / widest) * widest;
}

/** Bits of the contexts in `letters`; lower case counts only where `lower` is set. */
function contextBits(letters: string, lower: boolean): number {
  let bits = 0;
  for (const [bit, letter] of Object.values(contexts)) {
    if (letters.includes(letter) || (lower && letters.includes(letter.toLowerCase()))) bits |= bit;
  }
  return bits;
}

function enumText(name: string, members: Record<string, number>): string {
  const rows = Object.entries(members).map(([key, value]) => `  ${key} = ${value},`);
  return `export const enum ${name} {\n${rows.join("\n")}\n}\n`;
}

function numbered<T extends Record<string, readonly [number, ...unknown[]]>>(table: T): Record<string, number> {
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, row[0]]));
}

const errnoNumbers = Object.fromEntries(Object.entries(errors).map(([name, [n]]) => [name, -n]));
const callNumbers = Object.fromEntries(allCalls.map(([name, call]) => [name.toUpperCase(), call.n]));

function kernelConstants(): string {
  const groups = Object.entries(constants).map(([name, members]) => enumText(name, members));
  return [
    `// ${NOTE}`,
    "",
    "/** The caller may not simply go on; its result will be in its PCB when it runs again. */",
    "export const SWITCH: i32 = i32.MIN_VALUE;",
    "/** The result that says: nothing was done yet, make the same call again. */",
    "export const AGAIN: i32 = i32.MIN_VALUE + 1;",
    "",
    enumText("Errno", errnoNumbers),
    enumText("Kind", kinds),
    enumText("Context", numbered(contexts)),
    enumText("Signal", numbered(signals)),
    ...groups,
    enumText("Event", numbered(events)).replaceAll("enum Event ", "enum Happening "),
    enumText("Call", callNumbers),
  ].join("\n");
}

function kernelRecords(): string {
  const classes = Object.entries(layouts).map(([name, layout]) => {
    const fields = layout.fields.map(([field, type, does]) => `  /** ${does} */\n  ${field}: ${type};`);
    const heritage = layout.extends ? ` extends ${layout.extends}` : "";
    return `/** ${layout.does} */\n@unmanaged\nexport class ${name}${heritage} {\n${[...fields, ...paddingOf(name)].join("\n")}\n}\n`;
  });
  return `// ${NOTE}\n\n${classes.join("\n")}`;
}

/** Compile-time comparison of the compiler's layout with the generated one; compiled into the debug kernel only. */
function kernelOffsets(): string {
  const names = Object.keys(layouts);
  const leaf = (name: string) => !names.some((other) => layouts[other]?.extends === name);
  const checks = names.flatMap((name) => [
    ...offsetsOf(name).fields.map(([field, , offset]) => `  if (offsetof<${name}>("${field}") != ${offset}) return false;`),
    ...(leaf(name) ? [`  if (offsetof<${name}>() != ${strideOf(name)}) return false;`] : []),
  ]);
  return [
    `// ${NOTE}`,
    `import { ${names.join(", ")} } from "./records";`,
    "",
    "/** Whether readers of memory see the records where the compiler put them. */",
    `export function layoutHolds(): bool {\n${checks.join("\n")}\n  return true;\n}\n`,
  ].join("\n");
}

/** Bytes of what a pointer names. */
const outSizes: Record<string, string> = {
  out32: "4",
  out64: "8",
  "out32?": "4",
  spawn: "offsetof<Spawn>()",
  callback: "offsetof<Callback>()",
  "sigaction?": "offsetof<SigAction>()",
  "letter?": "offsetof<Letter>()",
  "endpoint?": "offsetof<Endpoint>()",
  "sender?": "offsetof<Sender>()",
};

/** Arguments whose memory a call only reads; into that of all others it writes. */
const READ_ONLY = ["message", "parameters", "action", "to"];

/** Whether the call writes into what the argument names; a pipe's and a socket's buffer are filled or sent. */
function written(call: string, name: string): boolean {
  return !READ_ONLY.includes(name) && !(name === "buffer" && SENDING.includes(call));
}

/** Calls that only read their buffer. */
const SENDING = ["pipe_write", "socket_send"];

/** The wasm parameters an argument stands for. */
function parametersOf([name, type]: readonly [string, ArgumentType]): string[] {
  if (type === "bytes") return [`${name}: usize`, "length: i32"];
  if (type === "items") return [`${name}: usize`, "count: i32"];
  if (type === "u32") return [`${name}: u32`];
  if (type === "name" || outSizes[type]) return [`${name}: usize`];
  return [`${name}: i32`];
}

/** The checks of one argument, and how the call's own code is handed it. */
function admit(call: string, [name, type]: readonly [string, ArgumentType]): { checks: string[]; pass: string[] } {
  const [kind, direction] = type.split(":") as [string, string | undefined];
  if (type === "name") return { checks: [`  if (!reachesName(${name})) return Errno.EFAULT;`], pass: [name] };
  if (type === "handle" || type === "i32" || type === "u32") return { checks: [], pass: [name] };
  if (type === "timeout") return { checks: [], pass: [name] };
  if (type === "bytes") {
    return {
      checks: [`  if (length < 0) return Errno.EINVAL;`, `  if (!reaches(${name}, length, ${written(call, name)})) return Errno.EFAULT;`],
      pass: [name, "length"],
    };
  }
  if (type === "items") {
    return {
      checks: [
        `  if (count < 1 || count > 64) return Errno.EINVAL;`,
        `  if (!reaches(${name}, count * offsetof<PollItem>(), true)) return Errno.EFAULT;`,
      ],
      pass: [name, "count"],
    };
  }
  if (type === "task?") return { checks: [`  if (${name} != 0 && none(taskAt(${name}))) return Errno.ESRCH;`], pass: [name] };
  if (outSizes[type]) {
    const guard = type.endsWith("?") ? `${name} != 0 && ` : "";
    return { checks: [`  if (${guard}!reaches(${name}, ${outSizes[type]}, ${written(call, name)})) return Errno.EFAULT;`], pass: [name] };
  }
  const checks = [
    `  const at_${name} = ${kind}At(${name});`,
    `  if (none(at_${name})) return Errno.${kind === "task" ? "ESRCH" : "EBADF"};`,
  ];
  if (direction) checks.push(`  if (!mayUse(at_${name}, Mode.${direction.toUpperCase()})) return Errno.EPERM;`);
  return { checks, pass: [`at_${name}`] };
}

/** How many arguments besides the object the trace has room for. */
const KEPT = 3;

/** Which arguments the trace keeps: the first handle as the record's object, the others but addresses and timeouts as words. */
function traced(call: Call): { object: string; words: string[] } {
  const kinds = [
    "task",
    "task?",
    "sem",
    "mutex",
    "cond",
    "event",
    "barrier",
    "rwlock",
    "timer",
    "pipe",
    "queue",
    "pool",
    "mailbox",
    "region",
    "socket",
    "handle",
  ];
  const args = call.args.map(([name, type]) => [name, type.split(":")[0] as string] as const);
  const object = args.find(([, type]) => kinds.includes(type))?.[0] ?? "0";
  const words = args
    .filter(([name, type]) => name !== object && (kinds.includes(type) || ["i32", "u32", "bytes", "items"].includes(type)))
    .map(([name, type]) => (type === "bytes" ? "length" : type === "items" ? "count" : name))
    .slice(0, KEPT);
  return { object, words };
}

function exportOf(name: string, call: Call): string {
  const parameters = call.args.flatMap(parametersOf);
  const names = parameters.map((p) => p.split(":")[0] as string);
  const admitted = call.args.map((arg) => admit(name, arg));
  const checks = admitted.flatMap((a) => a.checks);
  const verb = camel(name);
  const { object, words } = traced(call);
  const legal = contextBits(call.in, true);
  const waits = contextBits(call.in, false);
  const hasTimeout = call.args.some(([, type]) => type === "timeout");
  const own = checks.length === 0 ? `${verb}(${admitted.flatMap((a) => a.pass).join(", ")})` : `${verb}Call(${names.join(", ")})`;
  const lines: string[] = [];
  if (checks.length > 0) {
    lines.push(
      `function ${verb}Call(${parameters.join(", ")}): i32 {`,
      ...checks,
      `  return ${verb}(${admitted.flatMap((a) => a.pass).join(", ")});`,
      "}",
      "",
    );
  }
  lines.push(
    `/** ${call.does}${call.errors ? ` Errors: ${call.errors}.` : ""} */`,
    `export function ${name}(${parameters.join(", ")}): i32 {`,
  );
  if (name === "task_compute") {
    lines.push(`  return compute(cycles, ${legal});`, "}", "");
    return lines.join("\n");
  }
  const traceOf = `Call.${name.toUpperCase()}, ${object}, ${words[0] ?? "0"}`;
  // Of a legal call with no event due, whose caller may simply go on, nothing is called but its own function; a small kernel asks.
  const quick = `SMALL || kernel.context & ${illegalHere(legal)} ? enter(${call.cost}, ${legal}) : (cpu.left -= ${call.cost}) > 0 ? 0 : late()`;
  const gate = hasTimeout
    ? [`  let gate = ${quick};`, `  if (gate == 0 && timeout != 0) gate = mayWait(${waits}, timeout);`]
    : [`  const gate = ${quick};`];
  lines.push(
    ...gate,
    `  const result = gate != 0 ? gate : ${own};`,
    ...(words.length < 2 ? [] : [`  if (gate == 0) more(${words[1]}, ${words[2] ?? "0"});`]),
    `  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(${traceOf}, result);`,
    "}",
    "",
  );
  return lines.join("\n");
}

/** The bits of a context that keep a call from the short way in: where it is illegal, the system description, a repeat. */
function illegalHere(legal: number): string {
  const [system] = contexts.SYSTEM;
  return `0x${((~legal | system) >>> 0).toString(16)}`;
}

function kernelFace(): string {
  const imports = new Map<string, Set<string>>();
  const need = (file: string, what: string) => imports.set(file, (imports.get(file) ?? new Set()).add(what));
  for (const [name, call] of allCalls) {
    if (name !== "task_compute") need(homes[name] ?? (homes[name.split("_")[0] as string] as string), camel(name));
    for (const [, type] of call.args) {
      const kind = type.split(":")[0] as string;
      if (kind === "task" || kind === "task?") need("task", "taskAt");
      else if (homes[kind]) need(homes[kind], `${kind}At`);
    }
  }
  const body = allCalls.map(([name, call]) => exportOf(name, call)).join("\n");
  const lines = [...imports].sort().map(([file, names]) => `import { ${[...names].sort().join(", ")} } from "./${file}";`);
  return [
    `// ${NOTE}`,
    "/** The face of the kernel: every system call as one export. No policy here: check, call, trace, answer. */",
    'import { Call, Errno, Mode } from "./abi/constants";',
    'import { Callback, Endpoint, Letter, PollItem, Sender, SigAction, Spawn } from "./abi/records";',
    'import { SMALL } from "./config";',
    'import { none } from "./lib/list";',
    'import { mayUse } from "./object/object";',
    'import { compute, enter, late, leave, mayWait, more } from "./serve";',
    'import { reaches, reachesName } from "./reach";',
    'import { cpu, kernel, trace } from "./state";',
    ...lines,
    "",
    `export { ${Object.keys(portCalls).sort().join(", ")} } from "./port";`,
    "",
    body,
  ].join("\n");
}

function hostTypes(): string {
  const group = (name: string, members: Record<string, number>) =>
    `export const ${name} = {\n${Object.entries(members)
      .map(([key, value]) => `  ${key}: ${value},`)
      .join("\n")}\n} as const;\n`;
  const layout = Object.keys(layouts).map((name) => {
    const rows = offsetsOf(name).fields.map(([field, type, offset, does]) => `    /** ${does} (${type}) */\n    ${field}: ${offset},`);
    return `  /** ${layouts[name]?.does} */\n  ${name}: {\n    bytes: ${strideOf(name)},\n${rows.join("\n")}\n  },`;
  });
  const errorRows = Object.entries(errors).map(
    ([name, [n, sort, does]]) => `  ${name}: { errno: ${-n}, sort: "${sort}", means: "${does}" },`,
  );
  const eventRows = Object.entries(events).map(
    ([name, [n, words]]) => `  ${n}: { name: "${name}", first: "${words[0]}", second: "${words[1]}" },`,
  );
  const callRows = allCalls.map(([name, call]) => {
    const { words } = traced(call);
    return `  ${call.n}: { name: "${name}", words: ${JSON.stringify(words)} },`;
  });
  const methods = allCalls.map(([name, call]) => {
    const parameters = call.args.flatMap(parametersOf).map((p) => `${(p.split(":")[0] as string).trim()}: number`);
    return `  /** ${call.does}${call.errors ? ` Errors: ${call.errors}.` : ""} */\n  ${name}(${parameters.join(", ")}): number;`;
  });
  const port = Object.entries(portCalls).map(
    ([name, call]) =>
      `  /** ${call.does} */\n  ${name}(${call.args.map((a) => `${a}: number`).join(", ")}): ${call.returns === "void" ? "void" : "number"};`,
  );
  const codes = Object.entries(errors).map(
    ([name, [n, , does]]) => `/** ${does[0]?.toUpperCase()}${does.slice(1)}. */\nexport const ${name} = ${-n};`,
  );
  return [
    `// ${NOTE}`,
    "",
    "/** The caller may not simply go on; its result comes when it runs again. */",
    "export const SWITCH = -2147483648;",
    "/** The result that says: nothing was done yet, make the same call again. */",
    "export const AGAIN = -2147483647;",
    "",
    ...codes,
    "",
    "/** Every error: its number, whether a correct program may get it, what it means. */",
    `export const errors = {\n${errorRows.join("\n")}\n} as const;\n`,
    "export type ErrorName = keyof typeof errors;",
    "",
    group("Kind", kinds),
    group("Context", numbered(contexts)),
    group("Signal", numbered(signals)),
    ...Object.entries(signals).map(
      ([name, [n, acts, what]]) =>
        `/** ${what[0]?.toUpperCase()}${what.slice(1)}. By default it ${acts}. */\nexport const SIG${name} = ${n};`,
    ),
    "/** Names of the signals, by number. */",
    `export const signalNames: Record<number, string> = {\n${Object.entries(signals)
      .map(([name, [n]]) => `  ${n}: "SIG${name}",`)
      .join("\n")}\n};`,
    "",
    ...Object.entries(constants).map(([name, members]) => group(name, members)),
    "/** Trace events that are no calls, by number. */",
    `export const eventTable: Record<number, { name: string; first: string; second: string }> = {\n${eventRows.join("\n")}\n};\n`,
    "/** Calls as the trace names them, by number: which arguments the record and its MORE record keep. */",
    `export const callTable: Record<number, { name: string; words: string[] }> = {\n${callRows.join("\n")}\n};\n`,
    group("Happening", numbered(events)),
    group("Call", callNumbers),
    "/** Where each field of each record is: offsets in bytes, `bytes` the record's size in a table. */",
    `export const layout = {\n${layout.join("\n")}\n} as const;\n`,
    "/** What kernel.wasm exports: the system calls, and what a port owes and uses. */",
    `export interface KernelExports {\n  readonly memory: WebAssembly.Memory;\n${[...methods, ...port].join("\n")}\n}\n`,
  ].join("\n");
}

/** What the board of compiled tasks offers besides the kernel. */
const boardCalls: Record<string, { args: readonly string[]; returns: string; does: string }> = {
  device_read: {
    args: ["device: i32", "register: i32", "out: usize"],
    returns: "i32",
    does: "Stores the 32-bit value of a register. Errors: EINVAL EFAULT.",
  },
  device_write: {
    args: ["device: i32", "register: i32", "value: u32"],
    returns: "i32",
    does: "Writes a register. Errors: EINVAL.",
  },
  random: { args: [], returns: "u32", does: "Any 32-bit word, of the run's own chance." },
  argument: {
    args: ["index: i32", "buffer: usize", "length: i32"],
    returns: "i32",
    does: "Copies the index-th word of the command line, cut at the length, and returns how many bytes. Errors: ENOENT EFAULT.",
  },
};

function guestCalls(): string {
  const imported = (name: string, does: string, parameters: readonly string[], returns: string) =>
    [
      `/** ${does} */`,
      "// @ts-ignore: a decorator of AssemblyScript",
      `@external("talea", "${name}")`,
      `export declare function ${name}(${parameters.join(", ")}): ${returns};`,
      "",
    ].join("\n");
  return [
    `// ${NOTE}`,
    "/** The calls as the firmware imports them. Each answers 0 or more for success, or an error below 0. */",
    "",
    ...allCalls.map(([name, call]) =>
      imported(name, `${call.does}${call.errors ? ` Errors: ${call.errors}.` : ""}`, call.args.flatMap(parametersOf), "i32"),
    ),
    ...Object.entries(boardCalls).map(([name, call]) => imported(name, call.does, call.args, call.returns)),
  ].join("\n");
}

/** The groups of constants that mean something to the kernel and its port alone. */
const inner = ["Order", "PacketFlag", "Choice", "Option", "Place", "Owner", "Cause", "End"];

/** The errors that making something can answer. */
function creationErrors(): string[] {
  const made = allCalls.filter(([name]) => /_create$|^task_spawn$|^object_(open|grant)$|^irq_attach$|^memory_alloc$/.test(name));
  const possible = new Set(["EPERM", "ESRCH", ...made.flatMap(([, call]) => call.errors.split(" "))]);
  return Object.keys(errors).filter((name) => possible.has(name) && !["EAGAIN", "ETIMEDOUT", "EINTR", "ECANCELED"].includes(name));
}

function guestConstants(): string {
  const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
  const groups = Object.entries(constants).filter(([name]) => !inner.includes(name));
  const cases = creationErrors().map((name) => `    case ${name}:\n      return "${name}, ${errors[name as keyof typeof errors][2]}";`);
  return [
    `// ${NOTE}`,
    "",
    ...Object.entries(errors).map(([name, [n, , does]]) => `/** ${sentence(does)} */\nexport const ${name}: i32 = ${-n};`),
    "",
    ...Object.entries(signals).map(
      ([name, [n, acts, what]]) => `/** ${sentence(what)} By default it ${acts}. */\nexport const SIG${name}: i32 = ${n};`,
    ),
    "",
    "/** Kinds of kernel objects. */",
    enumText("Kind", kinds),
    ...groups.map(([name, members]) => `/** See docs/abi.md. */\n${enumText(name, members)}`),
    "/** What an error of a call that makes or opens something means. */",
    `export function errorText(error: i32): string {\n  switch (error) {\n${cases.join("\n")}\n  }\n  return \`error \${error}\`;\n}\n`,
  ].join("\n");
}

/** The records that calls take and answer, and those of the kernel's that a firmware reads. */
const guestLayouts = [
  "Spawn",
  "Callback",
  "SigAction",
  "Letter",
  "PollItem",
  "Endpoint",
  "Sender",
  "Cpu",
  "Kernel",
  "Task",
  "Obj",
  "Pool",
  "Extent",
];

/** Calls whose names are a library's in C. */
const cNames: Record<string, string> = { random: "talea_random", argument: "talea_argument" };

function guestRecords(): string {
  const plain = (type: string) => (sizes[type] ? type : "u32");
  const classes = guestLayouts.map((name) => {
    const fields = offsetsOf(name).fields.map(([field, type, , does]) => `  /** ${does} */\n  ${field}: ${plain(type)};`);
    return `/** ${layouts[name]?.does} */\n@unmanaged\nexport class ${name}Record {\n${[...fields, ...paddingOf(name)].join("\n")}\n}\n`;
  });
  return `// ${NOTE}\n\n${classes.join("\n")}`;
}

function cHeader(): string {
  const cType: Record<string, string> = { u8: "uint8_t", u16: "uint16_t", i32: "int32_t", u32: "uint32_t", u64: "uint64_t" };
  const group = (prefix: string, members: Record<string, number>) =>
    Object.entries(members).map(([key, value]) => `#define TALEA_${prefix}${key} ${value < 0 ? `(${value})` : value}`);
  const typedefs = guestLayouts.map((name) => {
    const type = `talea_${name.toLowerCase()}_t`;
    const { fields } = offsetsOf(name);
    const rows = fields.map(([field, kind, , does]) => `  ${cType[kind] ?? "uint32_t"} ${snake(field)}; /* ${does} */`);
    const places = fields.map(([field, , offset]) => `TALEA_LAYOUT(offsetof(${type}, ${snake(field)}) == ${offset});`);
    const holds = [`TALEA_LAYOUT(sizeof(${type}) == ${strideOf(name)});`, ...places];
    return `/* ${layouts[name]?.does} */\ntypedef struct {\n${rows.join("\n")}\n} ${type};\n${holds.join("\n")}\n`;
  });
  const functions = allCalls.map(([name, call]) => {
    const parameters = call.args.flatMap((argument) => {
      const [label, type] = argument;
      const given = label === "message" || name === "pipe_write" || name === "socket_send";
      if (type === "bytes") return [`${given ? "const " : ""}void *${label}`, "int32_t length"];
      if (type === "name") return [`const char *${label}`];
      if (type === "spawn") return [`const talea_spawn_t *${label}`];
      if (type === "callback") return [`talea_callback_t *${label}`];
      if (type === "sigaction?") return [`${label === "action" ? "const " : ""}talea_sigaction_t *${label}`];
      if (type === "letter?") return [`talea_letter_t *${label}`];
      if (type === "endpoint?") return [`${label === "to" ? "const " : ""}talea_endpoint_t *${label}`];
      if (type === "sender?") return [`talea_sender_t *${label}`];
      if (type === "items") return [`talea_pollitem_t *${label}`, "int32_t count"];
      if (type === "out64") return [`uint64_t *${label}`];
      if (type.startsWith("out32")) return [`int32_t *${label}`];
      return [`${type === "u32" ? "uint32_t" : "int32_t"} ${label}`];
    });
    return `/* ${call.does}${call.errors ? ` Errors: ${call.errors}.` : ""} */\nTALEA_CALL(${name}) int32_t ${name}(${parameters.join(", ") || "void"});\n`;
  });
  const board = Object.entries(boardCalls).map(([name, { args, returns, does }]) => {
    const parameters = args.map((argument) => {
      const [label, type] = argument.split(": ") as [string, string];
      if (type === "usize") return label === "out" ? "uint32_t *out" : `char *${label}`;
      return `${cType[type]} ${label === "register" ? "number" : label}`;
    });
    const head = `TALEA_CALL(${name}) ${cType[returns]} ${cNames[name] ?? name}`;
    return `/* ${does} */\n${head}(${parameters.join(", ") || "void"});\n`;
  });
  return [
    `/* ${NOTE} */`,
    "#ifndef TALEA_H",
    "#define TALEA_H",
    "#include <stddef.h>",
    "#include <stdint.h>",
    "",
    "#if defined(__cplusplus)",
    'extern "C" {',
    "#define TALEA_LAYOUT(holds) static_assert(holds, #holds)",
    "#else",
    "#define TALEA_LAYOUT(holds) _Static_assert(holds, #holds)",
    "#endif",
    "",
    "#if defined(__wasm__)",
    '#define TALEA_CALL(name) __attribute__((import_module("talea"), import_name(#name)))',
    "#else",
    "#define TALEA_CALL(name) extern",
    "#endif",
    "",
    ...Object.entries(errnoNumbers).map(([name, n]) => `#define TALEA_${name} (${n})`),
    ...group("KIND_", kinds),
    ...group("SIG", numbered(signals)),
    ...Object.entries(constants).flatMap(([name, members]) => group(`${screaming(name).replace(/^_/, "")}_`, members)),
    "",
    ...typedefs,
    ...functions,
    "/* Calls of the board of compiled tasks. */",
    "",
    ...board,
    "#if defined(__cplusplus)",
    "}",
    "#endif",
    "",
    "#if defined(__wasm__)",
    ...cParts.map((part) => `#include "talea/${part}.h"`),
    "#endif",
    "#endif",
    "",
  ].join("\n");
}

/** The C library around the calls, by hand, in hal/guest/talea. */
const cParts = ["abort", "memory", "task", "interrupt", "signal", "timer", "device", "console", "print"];

/** What errors mean, for messages. */
function cErrors(): string {
  const cases = Object.entries(errors).map(([name, [, , does]]) => `  case TALEA_${name}:\n    return "${name}, ${does}";`);
  return [
    `/* ${NOTE} */`,
    "#include <talea.h>",
    "",
    "const char *talea_error(int32_t error) {",
    `  switch (error) {\n${cases.join("\n")}\n  }`,
    '  return "an error that has no name";',
    "}",
    "",
  ].join("\n");
}

function documentation(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const contextRows = Object.entries(contexts).map(([, [, letter, does]]) => `| ${letter} | ${does} |`);
  const errorRows = Object.entries(errors).map(([name, [n, sort, does]]) => `| ${name} | ${-n} | ${sort} | ${cell(does)} |`);
  const callRows = allCalls.map(([name, call]) => {
    const args = call.args.flatMap((a) => parametersOf(a).map((p) => p.split(":")[0])).join(", ");
    return `| ${call.n} | \`${name}(${args})\` | ${call.in} | ${call.cost} | ${cell(call.does)} | ${call.errors} |`;
  });
  const eventRows = Object.entries(events).map(
    ([name, [n, words, does]]) => `| ${n} | ${name} | ${words[0]} | ${words[1]} | ${cell(does)} |`,
  );
  const signalRows = Object.entries(signals).map(([name, [n, acts, what]]) => `| ${n} | SIG${name} | ${acts} | ${cell(what)} |`);
  const constantRows = Object.entries(constants).map(
    ([name, members]) =>
      `| ${name} | ${Object.entries(members)
        .map(([k, v]) => `${k} ${v}`)
        .join(", ")} |`,
  );
  const layoutText = Object.keys(layouts).map((name) => {
    const rows = offsetsOf(name).fields.map(([field, type, offset, does]) => `| ${offset} | ${field} | ${type} | ${cell(does)} |`);
    return [
      `### ${name} (${strideOf(name)} bytes)`,
      "",
      layouts[name]?.does,
      "",
      "| offset | field | type | what it is |",
      "| --- | --- | --- | --- |",
      ...rows,
      "",
    ].join("\n");
  });
  return [
    "# The ABI",
    "",
    `${NOTE}`,
    "",
    "Every system call is one export of `kernel.wasm`. It answers 0 or more for success, an error below 0, or `SWITCH` (-2147483648): the caller may not go on, its result comes when it runs again. In that result `AGAIN` (-2147483647) means: make the same call again.",
    "",
    "## Contexts",
    "",
    "A call is legal where its row has the context's letter; in lower case, only with timeout 0. Elsewhere it answers EPERM.",
    "",
    "| letter | context |",
    "| --- | --- |",
    ...contextRows,
    "",
    "## Errors",
    "",
    "An outcome is an answer a correct program handles; a misuse is the caller's bug.",
    "",
    "| name | number | sort | meaning |",
    "| --- | --- | --- | --- |",
    ...errorRows,
    "",
    "## Calls",
    "",
    "Arguments are checked in this order: context, timeout, handles, direction, memory, then the rest. Cost is in virtual cycles.",
    "",
    "| number | call | legal in | cost | what it does | errors |",
    "| --- | --- | --- | --- | --- | --- |",
    ...callRows,
    "",
    "## Constants",
    "",
    "| group | values |",
    "| --- | --- |",
    ...constantRows,
    "",
    "## Signals",
    "",
    "Bit s of a set is signal s.",
    "",
    "| number | name | by default it | meaning |",
    "| --- | --- | --- | --- |",
    ...signalRows,
    "",
    "## Trace events",
    "",
    "A record is 16 bytes (see Record below). A call's record has the call's number as its event, its object, its first other argument, and its result; it comes behind the records of what the call did.",
    "",
    "| number | event | first word | second word | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...eventRows,
    "",
    "## Records in memory",
    "",
    ...layoutText,
  ].join("\n");
}

/** What a page has between `<!-- calls of: word word -->` and `<!-- end of calls -->`: the kernel's calls whose names begin with the words. */
const CALLS = /(<!-- calls of: (.+) -->\n)[\s\S]*?(<!-- end of calls -->)/g;

/** A page of docs/ with its tables of calls made anew. */
function page(name: string): string {
  return readFileSync(join(root, "docs", name), "utf8").replace(CALLS, (_, start: string, words: string, end: string) => {
    const chosen = allCalls.filter(([call]) => words.split(" ").some((word) => call === word || call.startsWith(`${word}_`)));
    const rows = chosen.map(([call, { in: where, cost, errors }]) => `| \`${call}\` | ${where} | ${cost} | ${errors} |`);
    return `${start}\n| kernel call | [legal in](abi.md#contexts) | cycles | errors |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n\n${end}`;
  });
}

const pages = readdirSync(join(root, "docs")).filter((name) => readFileSync(join(root, "docs", name), "utf8").includes("<!-- calls of: "));

const outputs: Record<string, () => string> = {
  "kernel/abi/constants.ts": kernelConstants,
  "kernel/abi/records.ts": kernelRecords,
  "kernel/abi/offsets.ts": kernelOffsets,
  "kernel/index.ts": kernelFace,
  "kernel/abi/host.ts": hostTypes,
  "hal/guest/talea.h": cHeader,
  "hal/guest/talea/error.c": cErrors,
  "hal/guest/calls.ts": guestCalls,
  "hal/guest/constants.ts": guestConstants,
  "hal/guest/records.ts": guestRecords,
  "docs/abi.md": documentation,
  ...Object.fromEntries(pages.map((name) => [`docs/${name}`, () => page(name)])),
};

const checking = process.argv.includes("--check");
let drifted = 0;
for (const [path, make] of Object.entries(outputs)) {
  const file = join(root, path);
  const text = make();
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (checking) {
    console.error(`${path} does not match kernel/abi/table.ts: run npm run abi`);
    drifted++;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${path}`);
}
if (drifted > 0) process.exit(1);
