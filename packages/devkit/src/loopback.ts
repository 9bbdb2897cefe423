/** Everything here listens on and connects to this address, and no other. */
export const LOOPBACK = "127.0.0.1";
