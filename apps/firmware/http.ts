/**
 * An HTTP/1.1 server as firmware, the sister of apps/scripted/http.ts:
 * `npx talea run apps/firmware/http.ts --forward 127.0.0.1:8080=10.0.0.1:80`, then `curl http://127.0.0.1:8080/`. It runs until Ctrl-C.
 *
 *     http/server.ts       the tasks: acceptor, workers, binder
 *     http/connection.ts   a connection, request by request
 *     http/worker.ts       what a worker has of its own
 *     http/request.ts      the parser, with syntax.ts
 *     http/answer.ts       heads of answers
 *     http/pages.ts        what there is to see, with tasks.ts
 */
import { task } from "talea/firmware";
import { ACCEPTOR, acceptAll, daemon, free, listener } from "./http/server";

task("acceptor", { priority: ACCEPTOR, daemon, reads: [listener, free] }, () => acceptAll());
