/** The debug kernel: the face, and what only tests ask for. */

export { layoutHolds as layout_holds } from "./abi/offsets";
export { check, pollsHold as polls_hold } from "./check";
export * from "./index";
