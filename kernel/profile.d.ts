/** Defined by `asc --use SMALL_PROFILE=true`, for editors and tsc; asc itself does not read this file. */
declare const SMALL_PROFILE: bool;
