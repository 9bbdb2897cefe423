export { decisionRefusal as toRefusal } from "@cortexos/wire";
