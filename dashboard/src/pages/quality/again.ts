/**
 * How often the page is read again while it is looked at, milliseconds. It asks by the clock: silence, a lag and
 * what could not be read are no events that anybody would tell.
 */
export const AGAIN_MS = 15_000;
