export { createSystemClock as createClock, systemTimers as timers } from "@cortexos/stores";
