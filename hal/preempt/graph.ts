/**
 * Who calls whom in a firmware: which functions can recurse, which may be suspended, which belong to the language's runtime and
 * are never cut.
 */
import { isLoad, isStore, Op } from "./ops.js";
import { copied, Func, type FuncType, type Instr, isControl, type Node, sameType, type Tree, walk } from "./tree.js";

/** Functions of a language's runtime and its allocator: nothing preempts them. By their names in AssemblyScript, C and Rust. */
const CRITICAL =
  /^~lib\/(rt|memory)\b|^(dl)?(malloc|free|calloc|realloc|memalign|posix_memalign|sbrk|aligned_alloc)$|^__rust_(alloc|dealloc|realloc)|^dlmalloc/;
/** By this a function is of the runtime, whatever else its name is. */
const RUNTIME = "~lib/rt/";
/** The module whose functions are calls of the kernel and the board. */
export const CALLS = "talea";

export class Graph {
  /** Functions by which a call through the table can be answered. */
  readonly inTable: ReadonlySet<Func>;
  readonly #callees = new Map<Func, Set<Func>>();
  readonly #recursive: ReadonlySet<Func>;
  readonly #suspended: ReadonlySet<Func>;
  readonly #charging: ReadonlySet<Func>;
  readonly #waiting: ReadonlySet<Func>;

  /** `access`: every access to memory is a preemption point. */
  constructor(tree: Tree, access: boolean) {
    this.inTable = new Set(tree.elements.flatMap(({ funcs }) => funcs.filter((func) => func !== undefined)));
    const own = tree.funcs.filter(({ imported }) => !imported);
    for (const func of own) this.#callees.set(func, this.#calleesOf(func));
    this.#recursive = cycles(own, (func) => [...(this.#callees.get(func) ?? [])]);
    this.#waiting = this.#findWaiting(own);
    this.#charging = this.#findSuspended(own, false);
    this.#suspended = access ? this.#findSuspended(own, true) : this.#charging;
  }

  /** The functions that an instruction may call; none for other instructions. */
  calls(node: Instr): readonly Func[] {
    if (node.op === Op.CALL) return [node.func as Func];
    if (node.op !== Op.CALL_INDIRECT) return [];
    return this.candidates(node.type as FuncType);
  }

  /** The functions of a type in the table. */
  candidates(type: FuncType): readonly Func[] {
    return [...this.inTable].filter((func) => sameType(func.type, type));
  }

  /** Whether it can come to call itself. */
  recurses(func: Func): boolean {
    return this.#recursive.has(func);
  }

  /** Whether it may be suspended: it waits, loops or recurses, or calls what does. */
  suspends(func: Func): boolean {
    return this.#suspended.has(func);
  }

  /** Whether it charges what it does by itself, also in parts; all others whoever calls them is charged for. The same for every grain. */
  charges(func: Func): boolean {
    return this.#charging.has(func);
  }

  /** Whether it makes calls that may wait, or calls what does. */
  waits(func: Func): boolean {
    return this.#waiting.has(func);
  }

  callees(func: Func): readonly Func[] {
    return [...(this.#callees.get(func) ?? [])];
  }

  #calleesOf(func: Func): Set<Func> {
    const found = new Set<Func>();
    walk(func.body, (node) => {
      if (!isControl(node)) for (const callee of this.calls(node)) found.add(callee);
    });
    return found;
  }

  #findSuspended(own: readonly Func[], access: boolean): Set<Func> {
    const found = new Set<Func>();
    const callers = this.#callers(own);
    const queue: Func[] = [];
    const add = (func: Func) => {
      if (found.has(func)) return;
      found.add(func);
      queue.push(func);
    };
    for (const func of own) {
      // A runtime that waits is cut, as any other code.
      if (isCritical(func) && !this.#waiting.has(func)) continue;
      const waits = this.callees(func).some(isCall);
      if (waits || this.recurses(func) || has(func, isLooping) || (access && has(func, isAccess))) add(func);
    }
    // So is one that calls what is cut, through the table: else separate() has seen to it.
    for (let func = queue.pop(); func; func = queue.pop()) for (const caller of callers.get(func) ?? []) add(caller);
    return found;
  }

  #findWaiting(own: readonly Func[]): Set<Func> {
    const found = new Set<Func>();
    const callers = this.#callers(own);
    const reach = own.filter((func) => this.callees(func).some(isCall));
    for (let func = reach.pop(); func; func = reach.pop()) {
      if (found.has(func)) continue;
      found.add(func);
      reach.push(...(callers.get(func) ?? []));
    }
    return found;
  }

  #callers(own: readonly Func[]): Map<Func, Func[]> {
    const callers = new Map<Func, Func[]>();
    for (const func of own) {
      for (const callee of this.callees(func)) callers.set(callee, [...(callers.get(callee) ?? []), func]);
    }
    return callers;
  }
}

/** What the runtime calls is of the runtime: of functions that others call too, and that are cut, it gets copies that are not. */
export function separate(tree: Tree): void {
  const graph = new Graph(tree, false);
  const copies = new Map<Func, Func>();
  const copyOf = (func: Func): Func => {
    const known = copies.get(func);
    if (known) return known;
    const copy = new Func(RUNTIME + func.name, func.type);
    copies.set(func, copy);
    tree.funcs.push(copy);
    copy.locals = [...func.locals];
    copy.body = copied(func.body);
    redirect(copy);
    return copy;
  };
  const redirect = (func: Func) =>
    walk(func.body, (node) => {
      if (isControl(node) || node.op !== Op.CALL) return;
      const callee = node.func as Func;
      if (!callee.imported && !isCritical(callee)) node.func = copyOf(callee);
    });
  for (const func of [...tree.funcs]) if (isCritical(func) && !graph.waits(func)) redirect(func);
}

/** Whether nothing may preempt the function. */
export function isCritical(func: Func): boolean {
  return CRITICAL.test(func.name);
}

/** Whether it is a call of the kernel or the board, which may make its caller wait. */
export function isCall(func: Func): boolean {
  return func.imported?.module === CALLS && func.imported.name !== "random";
}

function has(func: Func, wanted: (node: Node) => boolean): boolean {
  let found = false;
  walk(func.body, (node) => {
    found ||= wanted(node);
  });
  return found;
}

function isLooping({ op }: Node): boolean {
  return op === Op.LOOP;
}

function isAccess({ op }: Node): boolean {
  return isLoad(op) || isStore(op);
}

/** The nodes of a graph that lie on a cycle (Tarjan's strongly connected components, without recursion). */
function cycles(nodes: readonly Func[], next: (node: Func) => readonly Func[]): Set<Func> {
  const found = new Set<Func>();
  const number = new Map<Func, number>();
  const low = new Map<Func, number>();
  const path: Func[] = [];
  const onPath = new Set<Func>();
  for (const root of nodes) {
    if (number.has(root)) continue;
    const work: { node: Func; rest: Func[] }[] = [];
    const open = (node: Func) => {
      number.set(node, number.size);
      low.set(node, number.get(node) as number);
      path.push(node);
      onPath.add(node);
      work.push({ node, rest: [...next(node)] });
    };
    open(root);
    while (work.length > 0) {
      const { node, rest } = work[work.length - 1] as { node: Func; rest: Func[] };
      const callee = rest.pop();
      if (callee) {
        if (callee === node) found.add(node);
        if (!number.has(callee)) open(callee);
        else if (onPath.has(callee)) low.set(node, Math.min(low.get(node) as number, number.get(callee) as number));
        continue;
      }
      work.pop();
      const above = work[work.length - 1]?.node;
      if (above) low.set(above, Math.min(low.get(above) as number, low.get(node) as number));
      if (low.get(node) !== number.get(node)) continue;
      const component = path.splice(path.indexOf(node));
      for (const each of component) {
        onPath.delete(each);
        if (component.length > 1) found.add(each);
      }
    }
  }
  return found;
}
