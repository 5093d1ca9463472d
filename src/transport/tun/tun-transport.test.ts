import { transportCompliance } from '../transport-compliance.test-suite.ts';
import { tunEnds } from './tun-ends.test-suite.ts';

transportCompliance('tun', (slots) => tunEnds({ slots, phones: { storeBytesMax: 2 ** 18 } }), {
  reasonsTravel: false,
  refusesBeforeOpening: false,
  alwaysHasRoom: false,
  hasPhonesOnly: true,
});
