export { openJetStreamRecordSink as openStreamSink } from "@cortexos/stores";
