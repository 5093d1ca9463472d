/** The counters of the HTTP load: one row of doubles that the controller reads while the load runs. */
import { counterPlaces } from '../../base/counters.ts';

export const HTTP_LOAD_COUNTERS = [
  'due', // requests whose intended time has come
  'sent',
  'answers2xx',
  'answers4xx',
  'answers5xx',
  'errors', // connections that broke or timed out with a request open
  'open', // gauge: sent and not answered
  'answersRead', // with 201, whose message is in the digest
  'answersUnreadable', // with 201, but without a message
  'digestAnsweredLow', // see base/message-digest
  'digestAnsweredHigh',
] as const;

/** Place of each counter in the row. */
export const HttpLoadCounter = counterPlaces(HTTP_LOAD_COUNTERS);
