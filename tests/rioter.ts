/** A task that does with sockets whatever comes to its mind. */
import { parseAddress, type Self, Socket, type View } from "../hal/host/index.js";
import type { Stream } from "../hal/host/oracle.js";
import { layout, Poll } from "../kernel/abi/host.js";
import { raw } from "./probe.js";
import type { Steps } from "./talk.js";

/** What they bind and connect to. */
export const PORTS = [80, 81, 82];

/** Polls the first three of them for anything. */
function* polled({ machine }: Self, items: View, own: readonly Socket[], timeout: number): Steps<void> {
  const I = layout.PollItem;
  for (const [i, { handle }] of own.slice(0, 3).entries()) {
    items.setWord(i * I.bytes + I.handle, handle);
    items.setWord(i * I.bytes + I.events, Poll.READ | (i === 1 ? Poll.WRITE : 0));
  }
  yield* raw(machine, "object_poll", items.address, Math.min(own.length, 3), timeout);
}

/** Makes so many calls on sockets at random: within the machine, and with the other one. */
export function* riot(self: Self, dice: Stream, count: number, other: string): Steps<void> {
  const far = parseAddress(other);
  const view = self.buffer(300);
  const own: Socket[] = [];
  const polls = self.buffer(3 * layout.PollItem.bytes);
  const to = self.endpoint();
  for (let i = 0; i < count; i++) {
    const socket = own[dice.below(own.length || 1)];
    const timeout = dice.below(3) === 0 ? 0 : dice.below(6);
    if (socket === undefined || (own.length < 6 && dice.below(6) === 0)) {
      const type = dice.below(4) === 0 ? "datagram" : "stream";
      const made = yield* raw(self.machine, "socket_create", 0, type === "stream" ? 1 : 2, 9 + dice.below(60), 9 + dice.below(60), 3, 0);
      if (made > 0) own.push(new Socket(self.machine, made));
      yield* self.sleep(1);
      continue;
    }
    const { machine } = self;
    const { handle } = socket;
    const away = dice.below(2) === 0 ? far : 0x7f000001;
    const port = PORTS[dice.below(PORTS.length)] as number;
    switch (dice.below(10)) {
      case 0:
        yield* raw(machine, "socket_bind", handle, 0, dice.below(2) * port);
        break;
      case 1:
        yield* raw(machine, "socket_listen", handle, 1 + dice.below(3));
        break;
      case 2: {
        const accepted = yield* raw(machine, "socket_accept", handle, 0, timeout);
        if (accepted > 0) own.push(new Socket(machine, accepted));
        break;
      }
      case 3:
        yield* raw(machine, "socket_connect", handle, away, port, timeout);
        break;
      case 4:
      case 5:
        to.set(away === far ? other : "127.0.0.1", port);
        yield* raw(machine, "socket_send", handle, view.address, dice.below(90), dice.below(4) === 0 ? to.source : 0, timeout);
        break;
      case 6:
      case 7:
        yield* raw(machine, "socket_receive", handle, view.address, dice.below(90), 0, timeout);
        break;
      case 8: {
        const kind = dice.below(4);
        if (kind === 0) yield* raw(machine, "socket_shutdown", handle, 1 + dice.below(3));
        else if (kind === 1) yield* self.sleep(1);
        else yield* polled(self, polls, own, timeout);
        break;
      }
      default:
        if (dice.below(3) > 0) break;
        yield* raw(machine, dice.below(4) === 0 ? "object_delete" : "object_close", handle, 3);
        own.splice(own.indexOf(socket), 1);
    }
  }
}
