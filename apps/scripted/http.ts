/**
 * An HTTP/1.1 server of RTOS tasks: `npx talea run apps/scripted/http.ts --forward 127.0.0.1:8080=10.0.0.1:80`, then
 * `curl http://127.0.0.1:8080/`. It runs until Ctrl-C.
 *
 *     http/server.ts       the tasks: acceptor, workers, binder
 *     http/connection.ts   a connection, request by request
 *     http/request.ts      the parser, with fields.ts, body.ts and syntax.ts
 *     http/answer.ts       heads of answers
 *     http/pages.ts        what there is to see
 */
import type { System } from "talea";
import { serve } from "./http/server.js";

export default function http(system: System): void {
  serve(system);
}
